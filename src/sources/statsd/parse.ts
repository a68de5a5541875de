// One line of StatsD or DogStatsD as a metric.
//
//   name:value|type                  c  counter, incremental
//   name:value|type|@rate            g  gauge, absolute; with a sign in front, a change
//   name:value|type|#tag:value,bare  ms, h, d  distribution
//   name:value|type|@rate|#…         s  set

import { DecodeError } from '../../codecs/decoding/decoding.ts';
import type { Metadata } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue, Tags, TagValue } from '../../event/metric.ts';

export interface StatsdOptions {
  /** Whether characters that are unusual in names are replaced or left out. */
  readonly sanitize: boolean;
  /** The unit of times, which arrive in milliseconds. */
  readonly convert_to: 'seconds' | 'milliseconds';
}

/** The metric of a line. Throws `DecodeError`. */
export function parseStatsd(line: string, { sanitize, convert_to }: StatsdOptions, metadata: Metadata): MetricEvent {
  const colon = line.indexOf(':');
  if (colon === -1) throw new DecodeError('there is no `:` between a name and a value');
  const [value, type, ...rest] = line.slice(colon + 1).split('|');
  if (type === undefined) throw new DecodeError('there is no `|` between the value and the type');
  const rate = rest[0]?.startsWith('@') ? parseRate(rest[0]) : undefined;
  const tagText = rest[rate === undefined ? 0 : 1];
  const tags = tagText?.startsWith('#') ? parseTags(tagText) : undefined;
  const name = line.slice(0, colon);
  return {
    name: sanitize ? sanitized(name) : name,
    ...(tags ? { tags } : {}),
    ...read(value!, type, 1 / (rate || 1), convert_to),
    metadata,
  };
}

function read(
  text: string,
  type: string,
  weight: number,
  unit: StatsdOptions['convert_to'],
): { readonly kind: MetricEvent['kind']; readonly value: MetricValue } {
  switch (type) {
    case 'c':
      return { kind: 'incremental', value: { type: 'counter', value: parseNumber(text) * weight } };
    case 'g':
      return readGauge(text);
    case 'ms': {
      const value = parseNumber(text);
      return distribution(unit === 'seconds' ? value / 1000 : value, weight, 'histogram');
    }
    case 'h':
      return distribution(parseNumber(text), weight, 'histogram');
    case 'd':
      return distribution(parseNumber(text), weight, 'summary');
    case 's':
      return { kind: 'incremental', value: { type: 'set', values: [text] } };
    default:
      throw new DecodeError(`the type \`${type.slice(0, 32)}\` is unknown`);
  }
}

/** A value with a sign is a change of the gauge, so that it cannot be set to a value below 0. */
function readGauge(text: string): { readonly kind: MetricEvent['kind']; readonly value: MetricValue } {
  const first = text[0] ?? '';
  if (first === '+' || first === '-') {
    const change = parseNumber(text.slice(1)) * (first === '-' ? -1 : 1);
    return { kind: 'incremental', value: { type: 'gauge', value: change } };
  }
  if (!/\d/.test(first)) throw new DecodeError('a gauge begins with a digit or a sign');
  return { kind: 'absolute', value: { type: 'gauge', value: parseNumber(text) } };
}

const U32_MAX = 2 ** 32 - 1;

function distribution(value: number, weight: number, statistic: 'histogram' | 'summary') {
  const rate = Math.min(Math.max(Math.trunc(weight), 1), U32_MAX);
  return { kind: 'incremental', value: { type: 'distribution', samples: [{ value, rate }], statistic } } as const;
}

/** A sample rate as written, `@0.1`; 0 stands for none. */
function parseRate(text: string): number {
  const rate = parseNumber(text.slice(1));
  if (rate < 0 || Object.is(rate, -0)) throw new DecodeError('a sample rate is not below 0');
  return rate;
}

function parseTags(text: string): Tags {
  if (text.length < 2) throw new DecodeError('there are no tags behind `#`');
  const tags: Tags = new Map();
  for (const tag of text.slice(1).split(',')) {
    const colon = tag.indexOf(':');
    if (colon === -1) addTag(tags, tag, null);
    else addTag(tags, tag.slice(0, colon), tag.slice(colon + 1));
  }
  return tags;
}

/** A tag given more than once has several values, each of them once. */
function addTag(tags: Tags, name: string, value: string | null): void {
  const known: TagValue | undefined = tags.get(name);
  if (known === undefined) tags.set(name, value);
  else if (!Array.isArray(known)) {
    if (known !== value) tags.set(name, [known, value]);
  } else if (!known.includes(value)) known.push(value);
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

function parseNumber(text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  const sign = INFINITE.exec(text)?.[1];
  if (sign === undefined) throw new DecodeError(`\`${text.slice(0, 32)}\` is no number`);
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const UNUSUAL = /[^a-zA-Z_\-0-9.]/;

/** As the first StatsD server did it: slashes become dashes, white space underscores, and what is left is left out. */
function sanitized(name: string): string {
  if (!UNUSUAL.test(name)) return name;
  return name
    .replaceAll('/', '-')
    .replace(/\s+/gu, '_')
    .replace(/[^a-zA-Z_\-0-9.]/g, '');
}
