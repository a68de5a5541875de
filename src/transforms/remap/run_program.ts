// Runs a program on the events of a batch, and sorts them by what became of them.

import { reasonOf } from '../../component/condition.ts';
import type { TransformContext } from '../../component/context.ts';
import { EventSecrets } from '../../component/event_secrets.ts';
import { MetricTarget } from '../../component/metric_target.ts';
import { portBatches } from '../../component/sort_events.ts';
import { type DecodedBatch, finish, type LogBatch, type MetricBatch, type TraceBatch } from '../../event/batch.ts';
import type { Event, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { Metadata } from '../../event/metadata.ts';
import { cloneMetric, type MetricEvent, writableTags } from '../../event/metric.ts';
import { getField, removeField, setField } from '../../event/object.ts';
import { formatPath, getPath, setPath } from '../../event/path.ts';
import { cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Failure, type Program, type Target } from '../../vrl/vrl.ts';

export interface RemapOptions {
  readonly drop_on_error: boolean;
  readonly drop_on_abort: boolean;
  readonly reroute_dropped: boolean;
  readonly fullTags: boolean;
}

/** Events on which the program stopped early, and what the first of them said. */
interface Stopped {
  readonly count: number;
  readonly reason: string;
}

export interface Outcome {
  /** What goes on, by output. */
  readonly batches: readonly (readonly [port: string | undefined, batch: DecodedBatch])[];
  readonly failed: Stopped;
  readonly aborted: Stopped;
}

/** One array may become this many events. */
const EVENTS_OF_ONE_MAX = 200_000;

export class RemapRunner {
  readonly #program: Program;
  readonly #options: RemapOptions;
  readonly #context: TransformContext;
  /** Whether an event may have to go on as it was before the program ran. */
  readonly #keepsOriginal: boolean;
  readonly #onEvents: EventProgram;
  readonly #undo: Undo;
  readonly #fates: Fates;
  #passed: Event[] = [];
  #dropped: Event[] = [];

  constructor(program: Program, options: RemapOptions, context: TransformContext) {
    this.#program = program;
    this.#options = options;
    this.#context = context;
    this.#keepsOriginal = keepsOriginal(program, options);
    this.#onEvents = new EventProgram(program);
    this.#undo = new Undo(program);
    this.#fates = new Fates(options);
  }

  /** Takes the hold of `batch`, whose events are the caller's own. */
  run(batch: DecodedBatch): Outcome {
    this.#passed = [];
    this.#dropped = [];
    if (batch.type === 'metric') this.#runMetrics(batch);
    else this.#runLogs(batch);
    const sorted = new Map([
      [undefined, this.#passed],
      ['dropped', this.#dropped],
    ]);
    // The events were changed, so their size is another: a batch of the same events would keep the old one.
    const batches = portBatches({ ...batch, count: -1 }, sorted);
    if (batches.length === 0) finish(batch);
    return { batches, ...this.#fates.take() };
  }

  #runLogs({ type, events }: LogBatch | TraceBatch): void {
    for (const event of events as readonly LogEvent[]) {
      if (this.#keepsOriginal) this.#undo.save(event.value, cloneValue);
      const failure = this.#onEvents.apply(event);
      if (!failure) {
        if (isObject(event.value)) this.#passed.push(event);
        else this.#passed.push(...eventsOf(event, this.#context));
        continue;
      }
      const fate = this.#fates.of(failure);
      if (fate === 'gone') continue;
      event.value = this.#undo.restored(event.value);
      if (fate === 'passed') this.#passed.push(event);
      else this.#dropped.push(annotated(event, failure, this.#context, type));
    }
  }

  #runMetrics({ events }: MetricBatch): void {
    for (const event of events) {
      const original = this.#keepsOriginal ? cloneMetric(event) : undefined;
      const target = new MetricTarget(event, this.#options.fullTags);
      const result = this.#program.runOnPaths(target);
      if (!(result instanceof Failure)) {
        target.finish();
        this.#passed.push(event);
        continue;
      }
      const fate = this.#fates.of(result);
      if (fate === 'passed') this.#passed.push(original!);
      else if (fate === 'dropped') this.#dropped.push(annotatedMetric(original!, result, this.#context));
    }
  }
}

/** Whether an event may have to go on as it was before the program ran. */
export function keepsOriginal(
  { fallible, abortable }: Program,
  { drop_on_error, drop_on_abort, reroute_dropped }: RemapOptions,
): boolean {
  return (fallible && (!drop_on_error || reroute_dropped)) || (abortable && (!drop_on_abort || reroute_dropped));
}

/**
 * What a program may have to take back: the top-level members that it writes, as they were before. Nothing else of an
 * event changes under a program, and the order of members means nothing.
 */
export class Undo {
  readonly #names: readonly string[] | undefined;
  readonly #values: (Value | undefined)[] = [];
  #whole: Value = null;

  constructor({ writes }: Program) {
    const roots = writes.filter(({ target }) => target === 'event').map(({ segments }) => segments[0]);
    const names = roots.filter((root): root is string => typeof root === 'string' && root !== '__proto__');
    this.#names = names.length === roots.length ? [...new Set(names)] : undefined;
  }

  /** Keeps what is to be restored, with copies made by `clone`. */
  save(value: Value, clone: (value: Value) => Value): void {
    if (!this.#names || !isObject(value)) {
      this.#whole = clone(value);
      return;
    }
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      const now = name in Object.prototype ? getField(value, name) : value[name];
      this.#values[i] = typeof now === 'object' && now !== null ? clone(now) : now;
    }
  }

  /** The value as it was saved, of the one it has become. */
  restored(value: Value): Value {
    if (!this.#names || !isObject(value)) return this.#whole;
    for (let i = 0; i < this.#names.length; i++) {
      const before = this.#values[i];
      if (before === undefined) removeField(value, this.#names[i]!);
      else setField(value, this.#names[i]!, before);
    }
    return value;
  }
}

/** A program with room for what it runs on. */
export class EventProgram {
  readonly #program: Program;
  readonly #writesMetadata: boolean;
  readonly #secrets = new EventSecrets();
  readonly #target: Target;

  constructor(program: Program) {
    this.#program = program;
    this.#writesMetadata = program.writes.some(({ target }) => target === 'metadata');
    this.#target = { value: null, metadata: null, secrets: this.#secrets };
  }

  /** Runs on an event whose value nobody else can see. After a failure its value may be anything. */
  apply(event: LogEvent): Failure | undefined {
    const { metadata } = event;
    const target = this.#target;
    target.value = event.value;
    target.metadata = this.#writesMetadata ? cloneValue(metadata.value) : metadata.value;
    this.#secrets.reset(metadata.secrets);
    const result = this.#program.run(target);
    if (result instanceof Failure) return result;
    event.value = target.value;
    event.metadata = this.#metadataAfter(metadata);
    return undefined;
  }

  #metadataAfter(metadata: Metadata): Metadata {
    const secrets = this.#secrets.written;
    const { metadata: value } = this.#target;
    if (secrets === undefined && value === metadata.value) return metadata;
    return { ...metadata, ...(isObject(value) ? { value } : {}), ...(secrets ? { secrets } : {}) };
  }
}

/** The events that a program made of one whose value is no object any more: several of an array. */
export function eventsOf({ value, metadata }: LogEvent, { faults, globals }: TransformContext): readonly LogEvent[] {
  const isVector = Object.hasOwn(metadata.value, 'vector');
  const values = Array.isArray(value) ? value : [value];
  faults.discarded(Math.max(values.length - EVENTS_OF_ONE_MAX, 0), 'An array became too many events', false);
  const wrapped = (one: Value): Value => (isVector || isObject(one) ? one : asMessage(one, globals.logSchema));
  return values.slice(0, EVENTS_OF_ONE_MAX).map((one) => ({ value: wrapped(one), metadata }));
}

/** A value that is no object where events are objects. */
function asMessage(value: Value, { message }: LogSchema): ObjectValue {
  const object: ObjectValue = {};
  if (message) setPath(object, message.segments, value);
  return object;
}

/** Counts failures and says where their events go. */
export class Fates {
  readonly #options: RemapOptions;
  #failed = { count: 0, reason: '' };
  #aborted = { count: 0, reason: '' };

  constructor(options: RemapOptions) {
    this.#options = options;
  }

  of(failure: Failure): 'passed' | 'dropped' | 'gone' {
    const { drop_on_abort, drop_on_error, reroute_dropped } = this.#options;
    const isAbort = failure.kind === 'abort';
    const stopped = isAbort ? this.#aborted : this.#failed;
    if (stopped.count === 0) stopped.reason = reasonOf(failure);
    stopped.count += 1;
    if (!(isAbort ? drop_on_abort : drop_on_error)) return 'passed';
    return reroute_dropped ? 'dropped' : 'gone';
  }

  /** What was counted since the last call. */
  take(): { readonly failed: Stopped; readonly aborted: Stopped } {
    const taken = { failed: this.#failed, aborted: this.#aborted };
    this.#failed = { count: 0, reason: '' };
    this.#aborted = { count: 0, reason: '' };
    return taken;
  }
}

/** An event with the reason why it was dropped. */
export function annotated(
  event: LogEvent,
  failure: Failure,
  { id, type, globals }: TransformContext,
  kind: 'log' | 'trace',
): LogEvent {
  const reason = failure.kind === 'abort' ? 'abort' : 'error';
  const message = reasonOf(failure);
  const dropped = { reason, message, component_id: id, component_type: type, component_kind: 'transform' };
  const { metadata } = event;
  if (kind === 'log' && Object.hasOwn(metadata.value, 'vector')) {
    const vector = getPath(metadata.value, ['vector']);
    return {
      value: event.value,
      metadata: { ...metadata, value: { ...metadata.value, vector: { ...(isObject(vector) ? vector : {}), dropped } } },
    };
  }
  const key = globals.logSchema.metadata;
  if (key && isObject(event.value)) setPath(event.value, [...key.segments, 'dropped'], dropped);
  return event;
}

function annotatedMetric(event: MetricEvent, failure: Failure, { id, type, globals }: TransformContext): MetricEvent {
  const key = globals.logSchema.metadata;
  if (!key) return event;
  const tags = writableTags(event);
  const prefix = `${formatPath(key)}.dropped`;
  tags.set(`${prefix}.reason`, failure.kind === 'abort' ? 'abort' : 'error');
  tags.set(`${prefix}.component_id`, id);
  tags.set(`${prefix}.component_type`, type);
  tags.set(`${prefix}.component_kind`, 'transform');
  return event;
}
