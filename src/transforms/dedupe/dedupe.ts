// Drops events that are the same as one before, as far as it remembers.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { givenEventPaths, valueAt } from '../../component/event_paths.ts';
import { KeyedState } from '../../component/keyed_state.ts';
import { type KeptStateConfig, keptState } from '../../component/state/state_option.ts';
import { valuesKey } from '../../component/state_key.ts';
import { keptFilter, type StatefulFilter } from '../../component/stateful_filter.ts';
import type { LogEvent } from '../../event/event.ts';
import type { Status } from '../../event/finalizer.ts';
import { sortedKeys } from '../../event/object.ts';
import { formatPath, type Path, type Segment } from '../../event/path.ts';
import { isObject, type Value } from '../../event/value.ts';
import { bool, object, uint } from '../../schema/schema.ts';

export const transform = defineTransform({
  type: 'dedupe',
  status: 'stable',
  summary: 'Deduplicate logs passing through a topology.',
  options: {
    fields: object(
      'The fields that make two events the same; `timestamp`, `host` and `message` (as `log_schema` names them) unless given.',
      {
        match: givenEventPaths('The fields that are compared; one that both events lack is the same.', [
          ['field1', 'parent.child_field'],
        ]),
        ignore: givenEventPaths(
          'The fields that are not compared, while all others are. Each is a single value: of an object or a list, its members are named.',
          [['field1', 'parent.child_field', 'host', 'message']],
        ),
      },
      {
        optional: true,
        checkAll: ({ match, ignore }: { readonly match: unknown; readonly ignore: unknown }) =>
          (match === undefined) === (ignore === undefined)
            ? [[[], 'exactly one of `match` and `ignore` is to be given'] as const]
            : [],
      },
    ),
    cache: object('What is remembered.', {
      num_events: uint(
        'Most events that are remembered; beyond it, the one seen longest ago is forgotten, counted by `sluice_state_evictions_total`. Each takes up to 256 bytes, however large the event is.',
        { default: 5_000, min: 1, max: 10_000_000 },
      ),
    }),
    time_settings: object(
      'How long events are remembered; without it, as long as there is room.',
      {
        max_age_ms: uint('The time after which an event is not remembered any more.', { unit: 'milliseconds' }),
        refresh_on_drop: bool('Whether that time begins again when an event is dropped for it.', { default: false }),
      },
      { optional: true },
    ),
    state: keptState(),
  },
  examples: [
    { title: 'By two fields', config: `fields:\n  match: [message, request.id]` },
    {
      title: 'Once a minute at most',
      config: `fields:\n  ignore: [timestamp]\ntime_settings:\n  max_age_ms: 60000`,
    },
  ],
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  build(config, context) {
    const { match, ignore } = config.fields ?? {};
    const filter = ignore
      ? filterOf(new Others(ignore), config, context)
      : filterOf(new Chosen(match ?? defaultFields(context)), config, context);
    return keptFilter(filter, config.state, context);
  },
});

interface Limits {
  readonly cache: { readonly num_events: number };
  readonly time_settings: { readonly max_age_ms: number; readonly refresh_on_drop: boolean } | undefined;
  readonly state: KeptStateConfig;
}

function defaultFields({ globals: { logSchema } }: TransformContext): readonly Path[] {
  return [logSchema.timestamp, logSchema.message, logSchema.host].filter((path) => path !== undefined);
}

/** What of an event is compared. */
interface Compared {
  readonly reads: readonly Path[];
  keyOf(event: LogEvent): string;
}

/**
 * What passed and is not delivered yet must not be saved: after a crash it comes again, and would be dropped for what
 * never arrived. What could not be delivered is forgotten for the same reason.
 */
class Underway {
  readonly #counts = new Map<string, number>();
  #passed: string[] = [];

  has(key: string): boolean {
    return this.#counts.has(key);
  }

  pass(key: string): void {
    this.#passed.push(key);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  take(forget: (key: string) => void): ((status: Status) => void) | undefined {
    const keys = this.#passed;
    if (keys.length === 0) return undefined;
    this.#passed = [];
    return (status) => {
      for (const key of keys) {
        const count = this.#counts.get(key)! - 1;
        if (count > 0) this.#counts.set(key, count);
        else this.#counts.delete(key);
        if (status === 'errored') forget(key);
      }
    };
  }
}

function filterOf(
  compared: Compared,
  { cache, time_settings, state }: Limits,
  context: TransformContext,
): StatefulFilter {
  const underway = state && new Underway();
  const seen = new KeyedState<number>(context, cache.num_events);
  const { max_age_ms = Number.POSITIVE_INFINITY, refresh_on_drop = true } = time_settings ?? {};
  return {
    needs: [{ reads: compared.reads, writes: [] }],
    reason: 'Events have been found in cache for deduplication.',
    passes(event) {
      const key = compared.keyOf(event);
      const nowMs = time_settings ? context.clock.monotonic() : 0;
      const seenMs = seen.use(key);
      if (seenMs !== undefined && nowMs - seenMs < max_age_ms) {
        if (refresh_on_drop) seen.set(key, nowMs);
        return false;
      }
      seen.set(key, nowMs);
      underway?.pass(key);
      return true;
    },
    keeps: {
      save: (nowMs) =>
        [...seen]
          .filter(([key]) => !underway?.has(key))
          .map(([key, seenMs]) => [key, time_settings ? nowMs - seenMs : 0]),
      restore(saved, nowMs, awayMs) {
        const entries = (saved as [string, number][]).filter(([, ageMs]) => ageMs + awayMs < max_age_ms);
        seen.restore(entries.map(([key, ageMs]) => [key, time_settings ? nowMs - ageMs - awayMs : 0]));
      },
    },
    ...(underway ? { takeDelivery: () => underway.take((key) => seen.delete(key)) } : {}),
    settle: () => seen.settle(),
  };
}

class Chosen implements Compared {
  readonly reads: readonly Path[];

  constructor(fields: readonly Path[]) {
    this.reads = fields;
  }

  keyOf(event: LogEvent): string {
    return valuesKey(this.reads.map((path) => valueAt(event, path)));
  }
}

class Others implements Compared {
  readonly reads = (['event', 'metadata'] as const).map((target): Path => ({ target, segments: [] }));
  readonly #ignored: ReadonlySet<string>;

  constructor(ignored: readonly Path[]) {
    this.#ignored = new Set(ignored.map(formatPath));
  }

  keyOf({ value, metadata }: LogEvent): string {
    const parts: Value[] = [];
    this.#collect(value, 'event', [], parts);
    this.#collect(metadata.value, 'metadata', [], parts);
    return valuesKey(parts);
  }

  /** Names and values of what is neither an object nor a list, in order. */
  #collect(value: Value, target: Path['target'], segments: Segment[], parts: Value[]): void {
    const members = membersOf(value);
    if (members.length === 0) {
      const path = formatPath({ target, segments });
      if (!this.#ignored.has(path)) parts.push(path, value);
      return;
    }
    for (const [segment, member] of members) {
      segments.push(segment);
      this.#collect(member, target, segments, parts);
      segments.pop();
    }
  }
}

function membersOf(value: Value): readonly (readonly [Segment, Value])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  return isObject(value) ? sortedKeys(value).map((key) => [key, value[key]!] as const) : [];
}
