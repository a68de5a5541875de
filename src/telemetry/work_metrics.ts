// How long batches are in a component, and how much of its time it works. Counted by the loops of the topology, once
// per batch; a component knows nothing of it.

import type { Clock, Timer } from '../std/clock.ts';
import { DEFAULT_SMOOTHING, MovingMean, type Smoothing } from './averages.ts';
import {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Gauge,
  type Histogram,
  type Recorder,
} from './telemetry.ts';

const componentLatency = defineHistogram({
  name: 'component_latency_seconds',
  doc: 'Time that a batch spends in the transform: waiting for it, and being processed.',
});
const componentLatencyMean = defineGauge({
  name: 'component_latency_mean_seconds',
  doc: 'The mean of `component_latency_seconds`, in which a new batch has the weight `latency_ewma_alpha`.',
});
const utilization = defineGauge({
  name: 'utilization',
  doc: 'The part of its time that the component works rather than waits for input, from 0 to 1, as a moving mean.',
});
const workSeconds = defineCounter({
  name: 'sluice_component_work_seconds_total',
  doc: 'Time on a thread within calls of the component, without what these gave to others.',
  hasFractions: true,
});

/** How long batches are in one transform. */
export class Latency {
  readonly #histogram: Histogram;
  readonly #gauge: Gauge;
  readonly #mean: MovingMean;

  constructor(recorder: Recorder, { latencyAlpha }: Smoothing = DEFAULT_SMOOTHING) {
    this.#histogram = recorder.histogram(componentLatency);
    this.#gauge = recorder.gauge(componentLatencyMean);
    this.#mean = new MovingMean(latencyAlpha);
  }

  /** A batch has been in it for so long. */
  record(ms: number): void {
    this.#histogram.record(ms / 1000);
    this.#gauge.set(this.#mean.add(ms / 1000));
  }
}

/** How often the utilization is told, and the weight of the newest interval in it. */
const INTERVAL_MS = 5_000;
const NEW_PART = 0.9;

/** Measures one transform or sink from its start to its end. */
export class Utilization {
  readonly #clock: Clock;
  readonly #gauge: Gauge;
  readonly #work: Counter;
  readonly #mean = new MovingMean(NEW_PART);
  #timer: Timer;
  #intervalMs: number;
  #workedMs = 0;
  /** What the counter does not know of yet. */
  #untoldMs = 0;
  #busySinceMs: number | undefined;

  constructor(recorder: Recorder, clock: Clock) {
    this.#clock = clock;
    this.#gauge = recorder.gauge(utilization);
    this.#work = recorder.counter(workSeconds);
    this.#intervalMs = clock.monotonic();
    this.#timer = clock.after(INTERVAL_MS, () => this.#tell());
  }

  /** It worked so long, on a thread. */
  worked(ms: number): void {
    this.#workedMs += ms;
    this.#untoldMs += ms;
  }

  /** From now on it is busy, for a sink with a write, whatever thread or peer it waits for. */
  busy(nowMs: number): void {
    this.#busySinceMs ??= nowMs;
  }

  idle(nowMs: number): void {
    if (this.#busySinceMs === undefined) return;
    this.#workedMs += nowMs - this.#busySinceMs;
    this.#busySinceMs = undefined;
  }

  close(): void {
    this.#timer.cancel();
    this.#tellWork();
  }

  #tell(): void {
    const nowMs = this.#clock.monotonic();
    if (this.#busySinceMs !== undefined) {
      this.#workedMs += nowMs - this.#busySinceMs;
      this.#busySinceMs = nowMs;
    }
    const lengthMs = nowMs - this.#intervalMs;
    // Threads may work on one component at the same time: more than all of its time is all of it.
    if (lengthMs > 0) this.#gauge.set(this.#mean.add(Math.min(1, this.#workedMs / lengthMs)));
    this.#tellWork();
    this.#workedMs = 0;
    this.#intervalMs = nowMs;
    this.#timer = this.#clock.after(INTERVAL_MS, () => this.#tell());
  }

  #tellWork(): void {
    this.#work.add(this.#untoldMs / 1000);
    this.#untoldMs = 0;
  }
}
