// Makes one metric of all that come for a series within an interval.
//
// Bounds: series, bytes and batches that one interval holds. When it reaches one of them it ends before its time: what
// it has goes on at once, and `sluice_aggregate_early_flushes_total` counts it. What is remembered of the interval before
// has the same bounds; what is forgotten of it is counted in `sluice_state_evictions_total`.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform, type Emit, type Transform } from '../../component/define.ts';
import { type Keeps, type StateKeeper, stateKeeper } from '../../component/state/state_keeper.ts';
import { type KeptStateConfig, keptState } from '../../component/state/state_option.ts';
import { stateEvictions } from '../../component/state_metrics.ts';
import { type DecodedBatch, decode, decodedBatch, finish, type MetricBatch, metricBatch } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { mergedFinalizer } from '../../event/merged_finalizer.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { oneOf, uint } from '../../schema/schema.ts';
import type { Timer } from '../../std/clock.ts';
import { type Counter, defineCounter } from '../../telemetry/telemetry.ts';
import { Interval } from './interval.ts';
import { MODES } from './modes.ts';

const SERIES_MAX = 100_000;
const BYTES_MAX = 64 * 1024 * 1024;
const BATCHES_MAX = 100_000;

/** Batches that one interval becomes at most, so that none of them is too many to wait (`UNASKED_WAITING_MAX`). */
const FLUSHED_BATCHES_MAX = 50;

const eventsRecorded = defineCounter({
  name: 'aggregate_events_recorded_total',
  doc: 'Events that became part of an interval.',
});
const failedUpdates = defineCounter({
  name: 'aggregate_failed_updates',
  doc: 'Events whose value does not go together with what the interval had of their series.',
});
const flushes = defineCounter({ name: 'aggregate_flushes_total', doc: 'Intervals that ended.' });
const earlyFlushes = defineCounter({
  name: 'sluice_aggregate_early_flushes_total',
  doc: 'Intervals that ended before their time because they held as much as they may.',
});

export const transform = defineTransform({
  type: 'aggregate',
  status: 'stable',
  summary: 'Aggregate metrics passing through a topology.',
  options: {
    interval_ms: uint(
      `The time from one flush to the next. An interval that holds ${SERIES_MAX} series, ${BYTES_MAX} bytes or ${BATCHES_MAX} batches is flushed before its time and counted in \`sluice_aggregate_early_flushes_total\`.`,
      { default: 10_000, min: 1, unit: 'milliseconds' },
    ),
    mode: oneOf(
      ['Auto', 'Count', 'Diff', 'Latest', 'Max', 'Mean', 'Min', 'Stdev', 'Sum'],
      'What the metrics of a series become: `Auto` is the sum of increments and the last of absolute values, `Count` how many there were, `Diff` by how much the last absolute value differs from that of the interval before. `Sum` is about increments, the others are about absolute values, and `Max`, `Mean`, `Min` and `Stdev` about gauges. Metrics of the kind that a mode is not about pass as they are.',
      { default: 'Auto' },
    ),
    state: keptState(),
  },
  examples: [
    { title: 'Every 5 seconds', config: 'interval_ms: 5000' },
    { title: 'The mean of gauges', config: 'mode: Mean' },
  ],
  inputs: () => ['metric'],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  build: (config, context) => new Aggregation(config.interval_ms, config.mode, config.state, context),
});

class Aggregation implements Transform, Keeps {
  readonly #intervalMs: number;
  readonly #mode: keyof typeof MODES;
  readonly #context: TransformContext;
  readonly #interval: Interval;
  readonly #recorded: Counter;
  readonly #failed: Counter;
  readonly #flushes: Counter;
  readonly #early: Counter;
  readonly #evictions: Counter;
  /** Of the batches that the interval has something of, a hold each. */
  #held: Finalizer[] = [];
  /** Whether some of the interval is safe in a file, so that its batches are not held any more. */
  #isSaved = false;
  readonly #keeper: StateKeeper | undefined;
  #timer: Timer | undefined;
  #emit: Emit | undefined;
  readonly #bytesMax: number;

  constructor(intervalMs: number, mode: keyof typeof MODES, state: KeptStateConfig, context: TransformContext) {
    this.#intervalMs = intervalMs;
    this.#context = context;
    this.#bytesMax = Math.min(BYTES_MAX, context.stateBytesMax);
    this.#interval = new Interval(MODES[mode], { series: SERIES_MAX, bytes: this.#bytesMax });
    this.#mode = mode;
    this.#keeper = stateKeeper(state, context, this);
    this.#recorded = context.counter(eventsRecorded);
    this.#failed = context.counter(failedUpdates);
    this.#flushes = context.counter(flushes);
    this.#early = context.counter(earlyFlushes);
    this.#evictions = context.counter(stateEvictions);
    context.owns('state', {
      bytes: () => this.#interval.sizeBytes + this.#interval.baselineBytes,
      shrink: () => this.#flushForRoom(),
    });
  }

  start(emit: Emit): void {
    this.#emit = emit;
    this.#keeper?.start(emit);
    this.#wait(emit, this.#context.clock.monotonic() + this.#intervalMs);
  }

  process(given: DecodedBatch, emit: Emit): void {
    const batch = decode(given) as MetricBatch;
    const passed: MetricEvent[] = [];
    let recorded = 0;
    let failed = 0;
    let refused = 0;
    for (const metric of batch.events) {
      const outcome = this.#interval.record(metric);
      if (outcome === 'passed') passed.push(metric);
      else if (outcome === 'refused') refused += 1;
      else recorded += 1;
      if (outcome === 'failed') failed += 1;
    }
    this.#recorded.add(recorded);
    this.#failed.add(failed);
    this.#context.faults.discarded(refused, 'The mode of the aggregation has nothing to say of such a value.', true);
    if (recorded > 0) this.#held.push(batch.finalizer.retain());
    if (passed.length === 0) finish(batch);
    else emit(decodedBatch('metric', passed, batch.finalizer));
    if (this.#isFull) {
      this.#early.add(1);
      this.#flush(emit, true);
    }
  }

  /** Memory is short: what the interval has so far goes on now. Returns the bytes that it had. */
  #flushForRoom(): number {
    const { sizeBytes } = this.#interval;
    if (sizeBytes === 0 || !this.#emit) return 0;
    this.#early.add(1);
    this.#flush(this.#emit, true);
    return sizeBytes;
  }

  end(emit: Emit): void {
    this.#timer?.cancel();
    if (!this.#keeper?.end()) this.#flush(emit, false);
  }

  save(): unknown {
    return { mode: this.#mode, interval: this.#interval.save() };
  }

  /** What another mode has come to is nothing to go on from. */
  restore(saved: unknown): void {
    const { mode, interval } = saved as { readonly mode: string; readonly interval: unknown };
    if (mode !== this.#mode) throw new Error(`it is that of the mode ${mode}`);
    this.#failed.add(this.#interval.restore(interval));
    if (this.#interval.size === 0) return;
    this.#held.push(new Finalizer());
    this.#isSaved = true;
  }

  onSaved(): void {
    for (const hold of this.#held) hold.release();
    this.#held = this.#interval.size > 0 ? [new Finalizer()] : [];
    this.#isSaved = this.#interval.size > 0;
  }

  get #isFull(): boolean {
    const { size, sizeBytes } = this.#interval;
    return size >= SERIES_MAX || sizeBytes >= this.#bytesMax || this.#held.length >= BATCHES_MAX;
  }

  /** Waits until `dueMs`; intervals that a busy process missed are left out. */
  #wait(emit: Emit, dueMs: number): void {
    const { clock } = this.#context;
    this.#timer = clock.after(dueMs - clock.monotonic(), () => {
      this.#flush(emit, false);
      this.#wait(emit, Math.max(dueMs + this.#intervalMs, clock.monotonic()));
    });
  }

  #batchOf(metrics: MetricEvent[], hold: Finalizer, isSaved: boolean): ReturnType<typeof metricBatch> {
    const keeper = isSaved ? this.#keeper : undefined;
    return metricBatch(metrics, keeper ? keeper.depart('metric', metrics, hold) : hold);
  }

  #flush(emit: Emit, isEarly: boolean): void {
    const { metrics, failed, evicted } = this.#interval.flush(isEarly);
    const held = this.#held;
    this.#held = [];
    this.#failed.add(failed);
    this.#flushes.add(1);
    this.#evictions.add(evicted);
    if (metrics.length === 0) return;
    const isSaved = this.#isSaved;
    this.#isSaved = false;
    const finalizer = mergedFinalizer(held);
    const size = Math.max(this.#context.globals.chunkSizeEvents, Math.ceil(metrics.length / FLUSHED_BATCHES_MAX));
    for (let at = 0; at < metrics.length; at += size)
      emit(this.#batchOf(metrics.slice(at, at + size), finalizer.retain(), isSaved));
    finalizer.release();
  }
}
