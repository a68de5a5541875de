// Random cases: the same seed gives the same case.

import { programEnvironment } from '../../src/component/program_environment.ts';
import type { ProgramSurroundings } from '../../src/component/programs.ts';
import { SLOT_BYTES } from '../../src/engine/arena/arena.ts';
import { seededRandom } from '../../src/std/random.ts';
import { type Choose, NAMES } from '../../src/testing/json_texts.ts';
import { isObjectText, type LineKind, lineOf, longLine, objectOf } from './lines.ts';
import { type BatchPlan, type Case, type CommonPlan, type ComponentPlan, SOURCE_ID, type SourcePlan } from './plan.ts';
import { Programmer } from './programs.ts';

/** Slots of the arena that cases are run in. */
export const SLOTS = 24;

export function randomCase(seed: number): Case {
  const random = seededRandom(seed);
  const choose: Choose = (below) => Math.floor(random() * below);
  const source = randomSource(choose);
  const names = vocabulary(choose, source);
  const isJson = source.decoding === 'json';
  const kind = isJson ? 'json' : (['json', 'json', 'json', 'json', 'text', 'mixed'] as const)[choose(6)]!;
  const programmer = new Programmer(choose, names, surroundingsOf(source));
  return {
    source,
    components: new PipelineMaker(choose, programmer, !isJson && kind !== 'text').make(),
    batches: randomBatches(choose, isJson ? objectOf : lineOf, kind, names),
    // Too few for what is written, sometimes.
    freeSlots: choose(8) === 0 ? choose(4) : SLOTS,
  };
}

function surroundingsOf({ namespace }: SourcePlan): ProgramSurroundings {
  const environment = programEnvironment({ timezone: 'UTC', now: () => 0, random: () => 0.5, log: () => {} });
  return { logNamespaces: [namespace], environment: () => environment };
}

function randomSource(choose: Choose): SourcePlan {
  const common: Record<string, CommonPlan[string]> = {};
  const decoding = choose(5) === 0 ? 'json' : 'bytes';
  const kinds = ['text', 'text', 'text', 'object', 'bytes', 'offset'] as const;
  const count = choose(4);
  const kindsMax = decoding === 'bytes' && choose(3) === 0 ? 6 : 5;
  for (let i = 0; i < count; i++) common[COMMON_NAMES[choose(COMMON_NAMES.length)]!] = kinds[choose(kindsMax)]!;
  return {
    decoding,
    namespace: decoding === 'bytes' && choose(12) === 0 ? 'vector' : 'legacy',
    messageKey: choose(16) === 0 ? ['msg', 'a', 'log.text', 'constructor'][choose(4)]! : 'message',
    common,
  };
}

const COMMON_NAMES: readonly string[] = ['host', 'file', 'zone', 'a', 'b', 'level', 'status', 'é', 'constructor'];

/** Few names, so that they meet. */
function vocabulary(choose: Choose, { messageKey }: SourcePlan): readonly string[] {
  const names = new Set(['a', 'level', 'message', ...(messageKey.includes('.') ? [] : [messageKey])]);
  const count = 2 + choose(6);
  for (let i = 0; i < count; i++) names.add(choose(4) === 0 ? NAMES[choose(NAMES.length)]! : NAMES[choose(6)]!);
  if (choose(4) === 0) names.add('host');
  return [...names];
}

/** Transforms and sinks as a tree from the source on; some ways meet again. */
class PipelineMaker {
  readonly #choose: Choose;
  readonly #programmer: Programmer;
  /** Whether messages are mostly JSON. */
  readonly #parses: boolean;
  readonly #components: ComponentPlan[] = [];
  /** Outputs that nobody takes yet. */
  readonly #open: string[] = [SOURCE_ID];
  readonly #all: string[] = [SOURCE_ID];

  constructor(choose: Choose, programmer: Programmer, parses: boolean) {
    this.#choose = choose;
    this.#programmer = programmer;
    this.#parses = parses;
  }

  make(): readonly ComponentPlan[] {
    const transforms = this.#choose(16) === 0 ? 0 : 1 + this.#choose(this.#choose(2) === 0 ? 2 : 6);
    for (let i = 0; i < transforms; i++) this.#transform(`t${i}`, i === 0);
    for (let i = 0; this.#open.length > 0; i++) this.#sink(`k${i}`);
    if (this.#choose(4) === 0) this.#sink('more');
    return this.#components;
  }

  #inputs(): readonly string[] {
    const taken: string[] = [];
    const count = this.#choose(10) === 0 ? 2 : 1;
    for (let i = 0; i < count; i++) {
      const isOpen = this.#open.length > 0 && this.#choose(5) > 0;
      const from = isOpen ? this.#open : this.#all;
      const input = from[this.#choose(from.length)]!;
      const at = this.#open.indexOf(input);
      if (at >= 0) this.#open.splice(at, 1);
      taken.push(input);
    }
    return [...new Set(taken)];
  }

  #transform(id: string, isFirst: boolean): void {
    const inputs = this.#inputs();
    const { type, options, ports } = this.#anyTransform(isFirst);
    this.#components.push({ id, kind: 'transform', type, inputs, options });
    for (const port of ports) {
      const output = port === '' ? id : `${id}.${port}`;
      this.#open.push(output);
      this.#all.push(output);
    }
  }

  #anyTransform(isFirst: boolean): Pick<ComponentPlan, 'type' | 'options'> & { readonly ports: readonly string[] } {
    const choose = this.#choose;
    const condition = () => this.#programmer.condition();
    const kind = choose(isFirst ? 12 : 20);
    if (kind < 11) return this.#remap(isFirst);
    if (kind < 15) return { type: 'filter', options: { condition: condition() }, ports: [''] };
    if (kind === 19) return { type: choose(2) === 0 ? 'numbering' : 'passing', options: {}, ports: [''] };
    const names = ['one', 'two', 'three'].slice(0, 1 + choose(3));
    if (kind < 17) {
      const routes = names.map((name) => ({ name, condition: condition() }));
      return { type: 'exclusive_route', options: { routes }, ports: [...names, '_unmatched'] };
    }
    const reroute_unmatched = choose(3) > 0;
    const route = Object.fromEntries(names.map((name) => [name, condition()]));
    const ports = reroute_unmatched ? [...names, '_unmatched'] : names;
    return { type: 'route', options: { route, reroute_unmatched }, ports };
  }

  #remap(isFirst: boolean): Pick<ComponentPlan, 'type' | 'options'> & { readonly ports: readonly string[] } {
    const choose = this.#choose;
    const source = this.#programmer.program(this.#parses && (isFirst || choose(5) === 0));
    const reroute_dropped = choose(3) === 0;
    const options = { source, drop_on_error: choose(2) === 0, drop_on_abort: choose(2) === 0, reroute_dropped };
    return { type: 'remap', options, ports: reroute_dropped ? ['', 'dropped'] : [''] };
  }

  #sink(id: string): void {
    const inputs = this.#inputs();
    const [type, options] = this.#anySink();
    this.#components.push({ id, kind: 'sink', type, inputs, options });
  }

  #anySink(): readonly [type: string, options: ComponentPlan['options']] {
    const choose = this.#choose;
    const json = { codec: 'json' };
    switch (choose(18)) {
      case 0:
        return ['blackhole', {}];
      case 1:
      case 2:
        return ['events', {}];
      case 3:
        return ['stream', { encoding: { codec: choose(2) === 0 ? 'text' : 'raw_message' } }];
      case 4:
        return ['stream', { encoding: json, framing: comma(choose) }];
      case 5:
        return ['stream', { encoding: this.#oddEncoding() }];
      case 6:
        return ['requests', { encoding: json, ...limits(choose) }];
      case 7:
        return ['requests', { encoding: { codec: 'text' }, ...limits(choose) }];
      case 8:
        return ['requests', { encoding: json, framing: { method: 'newline_delimited' }, ...limits(choose) }];
      default:
        return ['stream', { encoding: json }];
    }
  }

  #oddEncoding(): unknown {
    return [
      { codec: 'json', only_fields: ['a', 'level'] },
      { codec: 'json', except_fields: ['message'] },
      { codec: 'json', json: { pretty: true } },
      { codec: 'json', timestamp_format: 'unix' },
      { codec: 'logfmt' },
      { codec: 'native_json' },
    ][this.#choose(6)];
  }
}

function comma(choose: Choose): unknown {
  return [
    { method: 'character_delimited', character_delimited: { delimiter: ',' } },
    { method: 'character_delimited', character_delimited: { delimiter: '\0' } },
    { method: 'length_delimited', length_delimited: {} },
    { method: 'bytes' },
  ][choose(4)];
}

function limits(choose: Choose): object {
  return [{ max_events: 500 }, { max_events: 1 + choose(9) }, { max_bytes: 50 + choose(2000) }][choose(3)]!;
}

function randomBatches(
  choose: Choose,
  make: typeof lineOf,
  kind: LineKind,
  names: readonly string[],
): readonly BatchPlan[] {
  const many = choose(400) === 0;
  const count = 1 + choose(5);
  return Array.from({ length: count }, () => {
    const delimiter = [10, 10, 10, 10, 10, -1, -1, 0][choose(8)]!;
    const frames = Array.from({ length: many ? 2000 + choose(3000) : 1 + choose(choose(2) === 0 ? 6 : 40) }, () =>
      make(choose, kind, names),
    );
    if (choose(100) === 0) {
      const long = longLine(choose, choose(2) === 0 ? SLOT_BYTES - choose(300) : choose(SLOT_BYTES * 2));
      if (make === lineOf || isObjectText(long)) frames.push(long);
    }
    return { frames, place: choose(16) === 0 ? 'heap' : 'slot', delimiter } as const;
  });
}
