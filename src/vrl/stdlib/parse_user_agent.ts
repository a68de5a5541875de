import { cloneValue, type ObjectValue, own } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import {
  browserOf,
  deviceOf,
  systemOf,
  type UapBrowser,
  type UapDevice,
  type UapSystem,
} from '../formats/user_agent/uap.ts';
import { parseWoothee, UNKNOWN } from '../formats/user_agent/woothee.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const MODES = {
  fast: 'By the rules of the Woothee project: fastest, and least reliable.',
  reliable: 'The same, and by the expressions of the uap project where browser or system are missing.',
  enriched: 'By both, with all fields that either of them tells.',
};

export const parseUserAgent = defineFunction({
  name: 'parse_user_agent',
  category: 'Parse',
  doc: [
    'Parses a user agent, as far as that is possible: what cannot be told is null. `mode` decides which fields there',
    'are.',
  ].join('\n'),
  parameters: [
    required('value', 'bytes', 'The user agent.'),
    optional('mode', 'bytes', 'How to parse it.', { default: 'fast', values: MODES, compileTime: true }),
  ],
  notices: ['All values are strings or null.'],
  returns: { kinds: ['object'], fallible: false },
  hasLooseType: true,
  type: (call) => typeDef(kindFor(call.oneOf('mode', Object.keys(MODES)) === 'enriched')),
  examples: [
    {
      title: 'A browser',
      source: 'parse_user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0")',
      result: {
        browser: { family: 'Firefox', version: '120.0' },
        device: { category: 'pc' },
        os: { family: 'Linux', version: null },
      },
    },
    {
      title: 'All that is known',
      source: 'parse_user_agent("curl/8.1.2", mode: "enriched").browser',
      result: { family: 'curl', major: '8', minor: '1', patch: '2', version: 'curl' },
    },
  ],
  prepare(call) {
    const mode = call.oneOf('mode', Object.keys(MODES)) ?? 'fast';
    if (mode === 'fast') return (value: string | Uint8Array) => partial(ofWoothee(agentOf(value)));
    const parse = remembered(mode === 'reliable' ? reliable : enriched);
    return (value: string | Uint8Array) => parse(agentOf(value));
  },
});

/** No more of an agent is looked at: the time that some expressions take grows with the square of its length. */
const AGENT_LENGTH_MAX = 8192;

function agentOf(value: string | Uint8Array): string {
  const text = utf8Text(value);
  return text.length > AGENT_LENGTH_MAX ? text.slice(0, AGENT_LENGTH_MAX).toWellFormed() : text;
}

/** What is known of an agent, each part by the name that the result has. */
interface Agent {
  readonly browser: Readonly<Record<'family' | 'version' | 'major' | 'minor' | 'patch', string | null>>;
  readonly os: Readonly<Record<'family' | 'version' | 'major' | 'minor' | 'patch' | 'patch_minor', string | null>>;
  readonly device: Readonly<Record<'family' | 'category' | 'brand' | 'model', string | null>>;
}

function ofWoothee(text: string): Agent {
  const agent = parseWoothee(text);
  const known = (value: string | undefined) =>
    value === undefined || value === UNKNOWN || value === '' ? null : value;
  return {
    browser: { ...NO_VERSION, family: known(agent?.name), version: known(agent?.version) },
    os: { ...NO_VERSION, patch_minor: null, family: known(agent?.os), version: known(agent?.osVersion) },
    device: { family: null, brand: null, model: null, category: known(agent?.category) },
  };
}

const NO_VERSION = { major: null, minor: null, patch: null };

function reliable(text: string): ObjectValue {
  const agent = ofWoothee(text);
  if (agent.browser.family !== null && agent.os.family !== null) return partial(agent);
  return partial(merged(agent, browserOf(text), systemOf(text), deviceOf(text)));
}

function enriched(text: string): ObjectValue {
  const { browser, os, device } = merged(ofWoothee(text), browserOf(text), systemOf(text), deviceOf(text));
  return { browser, os, device };
}

/** What uap tells comes first. */
function merged(
  agent: Agent,
  browser: UapBrowser | undefined,
  system: UapSystem | undefined,
  device: UapDevice | undefined,
): Agent {
  return {
    browser: {
      family: browser?.family ?? agent.browser.family,
      version: agent.browser.version,
      major: browser?.major ?? null,
      minor: browser?.minor ?? null,
      patch: browser?.patch ?? null,
    },
    os: {
      family: system?.family ?? agent.os.family,
      version: agent.os.version,
      major: system?.major ?? null,
      minor: system?.minor ?? null,
      patch: system?.patch ?? null,
      patch_minor: system?.patchMinor ?? null,
    },
    device: {
      family: device?.family ?? null,
      category: agent.device.category,
      brand: device?.brand ?? null,
      model: device?.model ?? null,
    },
  };
}

function partial({ browser, os, device }: Agent): ObjectValue {
  return {
    browser: { family: browser.family, version: browser.version },
    os: { family: os.family, version: os.version },
    device: { category: device.category },
  };
}

/** Agents that are remembered: the same ones come again and again, and hundreds of expressions are slow. */
const AGENTS_MAX = 2048;

/** Longer agents are not remembered. */
const REMEMBERED_LENGTH_MAX = 1024;

function remembered(parse: (text: string) => ObjectValue): (text: string) => ObjectValue {
  const known = new Map<string, ObjectValue>();
  return (text) => {
    const found = known.get(text);
    if (found) return cloneValue(found) as ObjectValue;
    const parsed = parse(text);
    if (text.length <= REMEMBERED_LENGTH_MAX) {
      if (known.size >= AGENTS_MAX) known.delete(known.keys().next().value!);
      known.set(own(text), parsed);
    }
    return cloneValue(parsed) as ObjectValue;
  };
}

function kindFor(isEnriched: boolean): Kind {
  const texts = (...names: readonly string[]) =>
    Kind.objectOf(Object.fromEntries(names.map((name) => [name, Kind.of('bytes', 'null')])));
  if (!isEnriched)
    return Kind.objectOf({
      browser: texts('family', 'version'),
      os: texts('family', 'version'),
      device: texts('category'),
    });
  return Kind.objectOf({
    browser: texts('family', 'version', 'major', 'minor', 'patch'),
    os: texts('family', 'version', 'major', 'minor', 'patch', 'patch_minor'),
    device: texts('family', 'category', 'brand', 'model'),
  });
}
