// Metrics for programs that use this package as a library (`sluice/metrics`): a recorder for the whole process that can
// be changed, and everything that recorders are made of.
//
// What is declared and bound before a recorder is there records nothing until then; handles follow each change.

import { nothing, silentRecorder } from './recorders.ts';
import type { Counter, Gauge, Histogram, Labels, Recorder, SeriesDefinition } from './telemetry.ts';

export { AttachedStorage } from './attached_storage.ts';
export {
  BoundedStorage,
  type BoundedStorageOptions,
  COUNTER_BYTES,
  GAUGE_BYTES,
  HISTOGRAM_BYTES,
} from './bounded_storage.ts';
export { BUCKET_LIMITS, BUCKETS, bucketOf } from './buckets.ts';
export { fannedOut, filtered, labelled, prefixed, silentRecorder } from './recorders.ts';
export { Registry, type RegistryOptions } from './registry.ts';
export type { Expiry, ExpirySet } from './series_set.ts';
export type {
  CellDescription,
  CounterCell,
  GaugeCell,
  HistogramCell,
  HistogramReading,
  Storage,
  StorageDescription,
} from './storage.ts';
export {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Gauge,
  type Histogram,
  type LabelDefinition,
  type Labels,
  type Reading,
  type Recorder,
  type SeriesDefinition,
} from './telemetry.ts';

let current: Recorder = silentRecorder;
let changes = 0;

/** Everything is recorded there from now on. Returns what it was before. */
export function install(recorder: Recorder): Recorder {
  const before = current;
  current = recorder;
  changes += 1;
  return before;
}

/** The handle of what is installed, found again after a change. */
class Following<H> {
  readonly #find: (recorder: Recorder) => H;
  #handle: H;
  #changes = -1;

  constructor(find: (recorder: Recorder) => H, none: H) {
    this.#find = find;
    this.#handle = none;
  }

  get now(): H {
    if (this.#changes !== changes) {
      this.#handle = this.#find(current);
      this.#changes = changes;
    }
    return this.#handle;
  }
}

class FollowingCounter implements Counter {
  readonly #handle: Following<Counter>;

  constructor(definition: SeriesDefinition, labels?: Labels) {
    this.#handle = new Following<Counter>((recorder) => recorder.counter(definition, labels), nothing);
  }

  add(count: number): void {
    this.#handle.now.add(count);
  }
}

class FollowingGauge implements Gauge {
  readonly #handle: Following<Gauge>;

  constructor(definition: SeriesDefinition, labels?: Labels) {
    this.#handle = new Following<Gauge>((recorder) => recorder.gauge(definition, labels), nothing);
  }

  set(value: number): void {
    this.#handle.now.set(value);
  }

  add(change: number): void {
    this.#handle.now.add(change);
  }
}

class FollowingHistogram implements Histogram {
  readonly #handle: Following<Histogram>;

  constructor(definition: SeriesDefinition, labels?: Labels) {
    this.#handle = new Following<Histogram>((recorder) => recorder.histogram(definition, labels), nothing);
  }

  record(value: number): void {
    this.#handle.now.record(value);
  }
}

/** The recorder of the process: what is installed, whenever it is. */
export const recorder: Recorder = {
  counter: (definition, labels) => new FollowingCounter(definition, labels),
  gauge: (definition, labels) => new FollowingGauge(definition, labels),
  histogram: (definition, labels) => new FollowingHistogram(definition, labels),
};
