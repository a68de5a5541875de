// How many requests may be under way at once: a fixed number, or one that follows the other side's response times, as
// Vector's adaptive request concurrency does.
//
//   each interval of one average response time:
//     nobody pushed back, the limit was reached, and answers came no later than on average   limit + 1
//     somebody pushed back, or answers came later than average + deviation × scale           limit × decrease_ratio
//
// A request counts from its start until its last retry is answered, so a struggling peer shows as a long response time.

import type { Clock } from '../std/clock.ts';
import { defineHistogram, type Histogram, type Recorder } from '../telemetry/telemetry.ts';

const observedRtt = defineHistogram({
  name: 'adaptive_concurrency_observed_rtt',
  doc: 'Seconds from the start of a request to its answer.',
});
const averagedRtt = defineHistogram({
  name: 'adaptive_concurrency_averaged_rtt',
  doc: 'Seconds from start to answer, averaged over one interval.',
});
const pastRttMean = defineHistogram({
  name: 'adaptive_concurrency_past_rtt_mean',
  doc: 'Moving average of the seconds from start to answer.',
});
const inFlight = defineHistogram({
  name: 'adaptive_concurrency_in_flight',
  doc: 'Requests that wait for their answer.',
});
const concurrencyLimit = defineHistogram({
  name: 'adaptive_concurrency_limit',
  doc: 'Requests that may be under way at once.',
});
const reachedLimit = defineHistogram({
  name: 'adaptive_concurrency_reached_limit',
  doc: 'Whether the limit was reached in an interval: 1 or 0.',
});
const backPressure = defineHistogram({
  name: 'adaptive_concurrency_back_pressure',
  doc: 'Whether the other side pushed back in an interval: 1 or 0.',
});

export interface AdaptiveSettings {
  readonly initial_concurrency: number;
  readonly max_concurrency_limit: number;
  /** Above 0 and below 1. */
  readonly decrease_ratio: number;
  /** Weight of the newest interval in the moving average, above 0 and below 1. */
  readonly ewma_alpha: number;
  readonly rtt_deviation_scale: number;
}

/**
 * How a request ended. `answered`: with success. `pushed_back`: with an answer or silence that asks for less.
 * `failed`: in a way that says nothing about load.
 */
export type RequestEnd = 'answered' | 'pushed_back' | 'failed';

export class ConcurrencyLimit {
  readonly #adaptive: AdaptiveSettings | undefined;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #past: MovingAverage;
  #limit: number;
  #inFlight = 0;
  #current = { sum: 0, count: 0 };
  #nextUpdateMs: number;
  #pushedBack = false;
  #reached = false;

  /** `limit` is a number of requests, or the settings of an adaptive one. */
  constructor(limit: number | AdaptiveSettings, clock: Clock, recorder: Recorder) {
    this.#adaptive = typeof limit === 'number' ? undefined : limit;
    this.#limit = typeof limit === 'number' ? limit : limit.initial_concurrency;
    this.#past = new MovingAverage(typeof limit === 'number' ? 0.4 : limit.ewma_alpha);
    this.#clock = clock;
    this.#metrics = bind(recorder);
    this.#nextUpdateMs = clock.monotonic();
  }

  /** Requests that may be under way at once, now. */
  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a place for one request; false when all are taken. Must be answered by `end`. */
  start(): boolean {
    if (this.#inFlight >= this.#limit) return false;
    this.#inFlight += 1;
    if (this.#inFlight >= this.#limit) this.#reached = true;
    this.#metrics.inFlight.record(this.#inFlight);
    return true;
  }

  /** Gives the place back. `startedMs` is the clock's `monotonic()` at `start`. */
  end(startedMs: number, end: RequestEnd): void {
    const now = this.#clock.monotonic();
    this.#inFlight -= 1;
    this.#metrics.inFlight.record(this.#inFlight);
    if (end === 'pushed_back') this.#pushedBack = true;
    if (end === 'answered') {
      const seconds = (now - startedMs) / 1000;
      this.#metrics.observedRtt.record(seconds);
      this.#current.sum += seconds;
      this.#current.count += 1;
    }
    this.#update(now);
  }

  #update(now: number): void {
    const { sum, count } = this.#current;
    // Rounded, so that a perfectly even peer is not taken for one that slows down by an epsilon.
    const current = count > 0 ? Math.round((sum / count) * 1e6) / 1e6 : undefined;
    if (this.#past.count === 0) {
      if (current === undefined) return;
      this.#past.add(current);
      this.#nextUpdateMs = now + current * 1000;
      return;
    }
    if (now < this.#nextUpdateMs) return;
    if (current !== undefined) this.#metrics.averagedRtt.record(current);
    if (this.#adaptive) this.#adjust(this.#adaptive, current);
    if (current !== undefined) this.#past.add(current);
    this.#nextUpdateMs = now + this.#past.mean * 1000;
    this.#current = { sum: 0, count: 0 };
    this.#pushedBack = false;
    this.#reached = false;
  }

  #adjust(settings: AdaptiveSettings, current: number | undefined): void {
    const { mean, variance } = this.#past;
    this.#metrics.pastRttMean.record(mean);
    this.#metrics.reachedLimit.record(this.#reached ? 1 : 0);
    this.#metrics.backPressure.record(this.#pushedBack ? 1 : 0);
    const late = mean + Math.sqrt(variance) * settings.rtt_deviation_scale;
    if (
      this.#limit < settings.max_concurrency_limit &&
      this.#reached &&
      !this.#pushedBack &&
      current !== undefined &&
      current <= mean
    ) {
      this.#limit += 1;
    } else if (this.#limit > 1 && (this.#pushedBack || (current ?? 0) >= late)) {
      // Cut towards zero, so that a limit of 2 or more always shrinks, and never below 1.
      this.#limit = Math.max(1, Math.floor(this.#limit * settings.decrease_ratio));
    }
    this.#metrics.limit.record(this.#limit);
  }
}

/** Exponentially weighted moving average and variance. */
class MovingAverage {
  readonly #alpha: number;
  mean = 0;
  variance = 0;
  count = 0;

  constructor(alpha: number) {
    this.#alpha = alpha;
  }

  add(value: number): void {
    this.count += 1;
    if (this.count === 1) {
      this.mean = value;
      return;
    }
    const difference = value - this.mean;
    const increment = this.#alpha * difference;
    this.mean += increment;
    this.variance = (1 - this.#alpha) * (this.variance + difference * increment);
  }
}

interface Metrics {
  readonly observedRtt: Histogram;
  readonly averagedRtt: Histogram;
  readonly pastRttMean: Histogram;
  readonly inFlight: Histogram;
  readonly limit: Histogram;
  readonly reachedLimit: Histogram;
  readonly backPressure: Histogram;
}

function bind(recorder: Recorder): Metrics {
  return {
    observedRtt: recorder.histogram(observedRtt),
    averagedRtt: recorder.histogram(averagedRtt),
    pastRttMean: recorder.histogram(pastRttMean),
    inFlight: recorder.histogram(inFlight),
    limit: recorder.histogram(concurrencyLimit),
    reachedLimit: recorder.histogram(reachedLimit),
    backPressure: recorder.histogram(backPressure),
  };
}
