// Makes one event of several that belong together.

import { buildCondition, type Condition, condition, conditionProblems } from '../../component/condition.ts';
import type { TransformContext } from '../../component/context.ts';
import { defineTransform, type Emit, type Transform } from '../../component/define.ts';
import { eventPaths, valueAt } from '../../component/event_paths.ts';
import { type Keeps, type StateKeeper, stateKeeper } from '../../component/state/state_keeper.ts';
import { keptState } from '../../component/state/state_option.ts';
import { valuesKey } from '../../component/state_key.ts';
import { staleEventsFlushed, stateEvictions } from '../../component/state_metrics.ts';
import { joined, type Step } from '../../engine/segment/step.ts';
import { decode, finish, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import { mergedFinalizer } from '../../event/merged_finalizer.ts';
import { formatPath, type Path, parsePath } from '../../event/path.ts';
import { type ConfigOf, map, object, oneOf, uint } from '../../schema/schema.ts';
import type { Timer } from '../../std/clock.ts';
import { Group, type SavedGroup, Strategies } from './group.ts';
import { Groups } from './groups.ts';
import { MERGE_STRATEGIES, type MergeStrategy } from './merge_strategies.ts';
import { type Place, reduceStep, type Sides } from './reduce_step.ts';

const STRATEGY_NAMES = Object.keys(MERGE_STRATEGIES) as MergeStrategy[];

interface Checked {
  readonly ends_when: unknown;
  readonly starts_when: unknown;
  readonly merge_strategies: ReadonlyMap<string, MergeStrategy>;
}

const options = object(
  'Collapse multiple log events into a single event based on a set of conditions and merge strategies.',
  {
    expire_after_ms: uint(
      'How long a group waits for another event. Groups that are open take up to 64 MiB, 16 MiB each, and are up to 50000: beyond it, the one that has waited longest ends early, counted by `sluice_state_evictions_total`.',
      { default: 30_000, unit: 'milliseconds' },
    ),
    end_every_period_ms: uint('How long a group is open at most, however many events come.', {
      optional: true,
      unit: 'milliseconds',
      min: 1,
    }),
    flush_period_ms: uint('How often groups are looked at that may have waited long enough.', {
      default: 1_000,
      unit: 'milliseconds',
      min: 1,
    }),
    max_events: uint('Most events of a group.', { optional: true, min: 1 }),
    group_by: eventPaths(
      'The fields whose values tell groups apart; events without such a field are a group as well. None: all events are one group.',
      [['request_id', 'user_id']],
    ),
    merge_strategies: map(
      oneOf(STRATEGY_NAMES, `What the values of a field become: ${strategiesText()}.`),
      'How the values of fields become one, by the path of the field. Of others, numbers are added up, of timestamps the first stays and the last goes to a field of the same name with `_end`, and of anything else the first stays; objects are merged member by member.',
      { default: {}, examples: [{ message: 'concat_newline', 'http.codes': 'flat_unique' }] },
    ),
    ends_when: condition('An event that meets this is the last of its group.', { optional: true }),
    starts_when: condition('An event that meets this is the first of a new group.', { optional: true }),
    state: keptState(),
  },
  {
    checkAll: ({ ends_when, starts_when, merge_strategies }: Checked) => [
      ...(ends_when && starts_when
        ? [[['starts_when'], 'only one of `ends_when` and `starts_when` can be provided'] as const]
        : []),
      ...[...merge_strategies.keys()].flatMap((path) => {
        const problem = pathProblem(path);
        return problem === undefined ? [] : [[['merge_strategies', path], problem] as const];
      }),
    ],
  },
);

type Config = ConfigOf<typeof options>;

export const transform = defineTransform({
  type: 'reduce',
  status: 'stable',
  summary: 'Collapse multiple log events into a single event based on a set of conditions and merge strategies.',
  options,
  examples: [
    {
      title: 'Lines of an exception become one event',
      config: `starts_when: match(string!(.message), r'^\\d{4}-\\d{2}-\\d{2}')\nmerge_strategies:\n  message: concat_newline`,
    },
    {
      title: 'One event for each request',
      config: `group_by: [request_id]\nends_when: .message == "done"\nmerge_strategies:\n  message: array`,
    },
  ],
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  verify: (config, setting) =>
    (['ends_when', 'starts_when'] as const).flatMap((name) => {
      const one = config[name];
      return one ? conditionProblems(one, setting, [name]) : [];
    }),
  build: (config, context) => new Reduce(config, context),
});

function strategiesText(): string {
  return Object.entries(MERGE_STRATEGIES)
    .map(([name, text]) => `\`${name}\` is ${text}`)
    .join('; ');
}

function pathProblem(text: string): string | undefined {
  const path = parsePath(text);
  if (typeof path === 'string') return path;
  if (path.segments.length === 0) return 'a strategy is for a field, not for the whole event';
  if (path.segments.every((segment) => typeof segment === 'string')) return undefined;
  return 'a strategy is for a field, not for an element of a list';
}

/** Groups as they are saved, with what they were made by: where that is another, they cannot go on. */
interface SavedGroups {
  readonly by: string;
  readonly strategies: readonly (readonly [path: string, strategy: MergeStrategy])[];
  readonly groups: readonly (readonly [key: string, group: SavedGroup])[];
}

class Reduce implements Transform, Keeps {
  readonly #config: Config;
  readonly #context: TransformContext;
  readonly #strategies: Strategies;
  readonly #starts: Condition | undefined;
  readonly #ends: Condition | undefined;
  readonly #groups: Groups;
  readonly #keeper: StateKeeper | undefined;
  #emit: Emit | undefined;
  #timer: Timer | undefined;
  /** What was emitted by the timer has not been taken yet. */
  #isWaiting = false;

  constructor(config: Config, context: TransformContext) {
    this.#config = config;
    this.#context = context;
    this.#groups = new Groups(context.stateBytesMax);
    context.owns('state', { bytes: () => this.#groups.sizeBytes, shrink: (bytes) => this.#shrink(bytes) });
    this.#keeper = stateKeeper(config.state, context, this);
    this.#starts = config.starts_when && buildCondition(config.starts_when, context);
    this.#ends = config.ends_when && buildCondition(config.ends_when, context);
    this.#strategies = strategiesOf([...config.merge_strategies]);
  }

  /** Memory is short: groups that have waited longest are made their events early. */
  #shrink(bytes: number): number {
    if (!this.#emit) return 0;
    const before = this.#groups.sizeBytes;
    const evicted = this.#groups.shrinkTo(before - bytes);
    if (evicted.length === 0) return 0;
    this.#context.counter(stateEvictions).add(evicted.length);
    this.#emit(this.#batchOf(evicted));
    return before - this.#groups.sizeBytes;
  }

  start(emit: Emit): void {
    this.#emit = emit;
    this.#keeper?.start(emit);
    this.#flushLater(emit);
  }

  #flushLater(emit: Emit): void {
    this.#timer = this.#context.clock.after(this.#config.flush_period_ms, () => {
      if (!this.#isWaiting) this.#flushStale(emit);
      this.#flushLater(emit);
    });
  }

  process(...[given, emit]: Parameters<Transform['process']>): void {
    const batch = decode(given);
    const nowMs = this.#context.clock.monotonic();
    const ended: Group[] = [];
    for (const event of batch.events as readonly LogEvent[]) this.#add(event, batch.finalizer, nowMs, ended);
    if (ended.length > 0) emit(this.#batchOf(ended));
    finish(batch);
  }

  end(emit: Emit): void {
    this.#timer?.cancel();
    if (this.#keeper?.end()) return;
    const all = this.#groups.takeAll();
    if (all.length > 0) emit(this.#batchOf(all));
  }

  save(nowMs: number): unknown {
    const saved: SavedGroups = {
      by: this.#by,
      strategies: [...this.#config.merge_strategies],
      groups: [...this.#groups].map(([key, group]) => [key, group.save(nowMs)]),
    };
    return saved;
  }

  restore(saved: unknown, nowMs: number, awayMs: number): void {
    const { by, strategies, groups } = saved as SavedGroups;
    const ended: Group[] = [];
    const made = by === this.#by ? this.#strategies : strategiesOf(strategies);
    for (const [key, one] of groups) {
      const group = Group.restore(one, made, this.#onUnmergeable, nowMs - awayMs);
      // Of a group that has begun anew meanwhile, this is the part before.
      if (by !== this.#by || this.#groups.get(key)) ended.push(group);
      else ended.push(...this.#groups.put(key, group, () => {}));
    }
    // Those behind may not have started yet.
    if (ended.length > 0) queueMicrotask(() => void this.#emit?.(this.#batchOf(ended)));
  }

  onSaved(): void {
    for (const [, group] of this.#groups) group.saved();
    this.#groups.measure();
  }

  /** What makes groups what they are. */
  get #by(): string {
    return JSON.stringify([this.#config.group_by.map(formatPath), [...this.#config.merge_strategies]]);
  }

  step(): Step {
    const conditions = [this.#starts, this.#ends].flatMap((condition) => condition?.needs ?? []);
    const groups = this.#groups;
    return reduceStep({
      needs: joined([{ reads: this.#config.group_by, writes: [] }, ...conditions]),
      strategies: this.#strategies,
      maxEvents: this.#config.max_events,
      sidesOf: (event) => this.#sidesOf(event),
      keyOf: (event) => this.#keyOf(event),
      get hasGroups() {
        return groups.size > 0;
      },
      hasGroup: (key) => groups.get(key) !== undefined,
      put: (place, event, finalizer, ended) =>
        this.#put(place, event, finalizer, this.#context.clock.monotonic(), ended),
      resultsOf: (ended) => this.#resultsOf(ended),
      emit: (ended) => void this.#emit?.(this.#batchOf(ended)),
    });
  }

  #add(event: LogEvent, finalizer: Finalizer, nowMs: number, ended: Group[]): void {
    this.#put({ key: this.#keyOf(event), ...this.#sidesOf(event) }, event, finalizer, nowMs, ended);
  }

  #sidesOf(event: LogEvent): Sides {
    const isFirst = this.#starts?.check('log', event) ?? false;
    const isLast = this.#ends?.check('log', event) ?? false;
    return { isFirst, isLast: isLast || this.#config.max_events === 1 };
  }

  #keyOf(event: LogEvent): string {
    return valuesKey(this.#config.group_by.map((path) => valueAt(event, path)));
  }

  #put(place: Place, event: LogEvent, finalizer: Finalizer, nowMs: number, ended: Group[]): void {
    const groups = this.#groups;
    const { key, isFirst } = place;
    let { isLast } = place;
    if (isFirst) {
      const before = groups.take(key);
      if (before) ended.push(before);
    }
    const known = groups.get(key);
    if ((known?.events ?? 0) + 1 === this.#config.max_events) isLast = true;
    const group = known ?? new Group(this.#strategies, this.#onUnmergeable, nowMs);
    const add = (): void => group.add(event, finalizer, nowMs);
    if (isLast) {
      groups.take(key);
      add();
      ended.push(group);
      return;
    }
    const evicted = groups.put(key, group, add);
    if (evicted.length === 0) return;
    this.#context.counter(stateEvictions).add(evicted.length);
    ended.push(...evicted);
  }

  #flushStale(emit: Emit): void {
    const { expire_after_ms, end_every_period_ms } = this.#config;
    const nowMs = this.#context.clock.monotonic();
    const stale = this.#groups.takeStale(nowMs - expire_after_ms, nowMs - (end_every_period_ms ?? Infinity));
    if (stale.length === 0) return;
    this.#context.counter(staleEventsFlushed).add(stale.length);
    const wait: unknown = emit(this.#batchOf(stale));
    if (!(wait instanceof Promise)) return;
    this.#isWaiting = true;
    void wait.then(() => {
      this.#isWaiting = false;
    });
  }

  /** The events that groups have come to, under the finalizers of all that went into them. */
  #batchOf(groups: readonly Group[]): ReturnType<typeof logBatch> {
    const { events, holds } = this.#resultsOf(groups);
    return logBatch(events, mergedFinalizer(holds));
  }

  #resultsOf(groups: readonly Group[]): { readonly events: readonly LogEvent[]; readonly holds: readonly Finalizer[] } {
    const keeper = this.#keeper;
    const events = groups.map((group) => group.result());
    const holds = groups.flatMap(({ holds, isSaved }, index) =>
      keeper && isSaved ? [keeper.depart('log', [events[index]!], mergedFinalizer(holds))] : holds,
    );
    return { events, holds };
  }

  readonly #onUnmergeable = (path: string, { message }: { readonly message: string }): void => {
    this.#context.log.warn('Failed to merge value.', { path, error: message });
  };
}

function strategiesOf(written: readonly (readonly [path: string, strategy: MergeStrategy])[]): Strategies {
  return new Strategies(written.map(([path, strategy]) => ({ path: parsePath(path) as Path, strategy })));
}
