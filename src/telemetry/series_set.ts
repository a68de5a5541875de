// All series of a registry, those that are read and those that are asleep, with the limits of their labels.
//
// Bound: `seriesMax` series, awake or held while asleep. Beyond it nothing is counted but that it was so. A label whose
// values come from data has as many values per component as its definition says, counted over the series that are awake.

import type { Clock } from '../std/clock.ts';
import type { Identity, LabelLimit, Series } from './series.ts';
import type { Labels, SeriesDefinition } from './telemetry.ts';

/** When series fall asleep. */
export interface Expiry {
  /** Seconds without a record; undefined or below 0: never. */
  readonly secs?: number | undefined;
  /** Others for some series: the first that matches counts. */
  readonly sets?: readonly ExpirySet[];
}

export interface ExpirySet {
  matches(name: string, labels: Labels): boolean;
  readonly secs: number;
}

/** Distinct values of a label that comes from data, unless its definition says otherwise. */
const LABEL_LIMIT = 100;

/** Series are put to sleep when some are made, but not more often than this. */
const SWEEP_MIN_MS = 10_000;

/** What one series takes in the heap beside its texts: series, identity, cell, labels, entries of maps. Measured. */
const SERIES_BYTES = 600;

export class SeriesSet {
  readonly #awake = new Map<string, Series>();
  readonly #asleep = new Map<string, WeakRef<Series>>();
  /** Those of labels that have values. */
  readonly #limits = new Map<string, LabelLimit>();
  /** Cells of series that nobody has any more go back. */
  readonly #gone = new FinalizationRegistry<{ readonly key: string; readonly cell: Series['cell'] }>((gone) =>
    this.#forget(gone),
  );
  readonly #clock: Clock;
  readonly #seriesMax: number;
  #expiry: Expiry;
  #sweptMs: number;
  #textBytes = 0;

  constructor(clock: Clock, seriesMax: number, expiry: Expiry) {
    this.#clock = clock;
    this.#seriesMax = seriesMax;
    this.#expiry = expiry;
    this.#sweptMs = clock.monotonic();
  }

  /** In the heap; the storage has its own figure. */
  get bytes(): number {
    return (this.#awake.size + this.#asleep.size) * SERIES_BYTES + this.#textBytes;
  }

  get isFull(): boolean {
    return this.#awake.size + this.#asleep.size >= this.#seriesMax;
  }

  expire(expiry: Expiry): void {
    this.#expiry = expiry;
    for (const { identity } of this.held()) identity.timeoutMs = this.timeoutMs(identity.definition, identity.labels);
  }

  timeoutMs({ name }: SeriesDefinition, labels: Labels): number | undefined {
    const secs = this.#expiry.sets?.find((set) => set.matches(name, labels))?.secs ?? this.#expiry.secs;
    return secs !== undefined && secs > 0 ? secs * 1000 : undefined;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  /** The series with this key, also when it was asleep: it is not any more. */
  find(key: string): Series | undefined {
    const awake = this.#awake.get(key);
    if (awake) return awake;
    const asleep = this.#asleep.get(key)?.deref();
    if (asleep) this.#wake(asleep);
    return asleep;
  }

  add(series: Series): void {
    const { key } = series.identity;
    this.#awake.set(key, series);
    this.#textBytes += key.length;
    this.#use(series.identity);
    if (this.now() - this.#sweptMs >= SWEEP_MIN_MS) this.sweep();
  }

  /** Whether a label may have this value: it has it already, or its limit is not reached. */
  hasRoomFor({ values }: LabelLimit, value: string, most = LABEL_LIMIT): boolean {
    return values.size < most || values.has(value);
  }

  /** The limit of this key; it is remembered once a series counts for it. */
  limit(key: string, label: string): LabelLimit {
    return this.#limits.get(key) ?? { key, label, values: new Map() };
  }

  /** Every series that is read, after those that had no record for their time were put to sleep, and others woken. */
  awake(): Iterable<Series> {
    this.sweep();
    return this.#awake.values();
  }

  /** Those that are asleep as well, which somebody may still record to. */
  *held(): Generator<Series> {
    yield* this.#awake.values();
    for (const reference of this.#asleep.values()) {
      const series = reference.deref();
      if (series) yield series;
    }
  }

  sweep(): void {
    const now = this.now();
    this.#sweptMs = now;
    for (const reference of this.#asleep.values()) {
      const series = reference.deref();
      if (series?.isRecent) this.#wake(series);
    }
    for (const series of this.#awake.values()) {
      const { identity } = series;
      if (series.isRecent) {
        series.isRecent = false;
        identity.seenMs = now;
      } else if (isOver(identity, now)) this.#sleep(series);
    }
  }

  #wake(series: Series): void {
    const { identity } = series;
    this.#asleep.delete(identity.key);
    this.#gone.unregister(series);
    this.#awake.set(identity.key, series);
    identity.seenMs = this.now();
    this.#use(identity);
  }

  #sleep(series: Series): void {
    const { identity } = series;
    this.#awake.delete(identity.key);
    this.#asleep.set(identity.key, new WeakRef(series));
    this.#gone.register(series, { key: identity.key, cell: series.cell }, series);
    for (const lookUp of identity.lookUps) lookUp.deref()?.clear();
    identity.lookUps = [];
    this.#use(identity, -1);
  }

  #forget({ key, cell }: { readonly key: string; readonly cell: Series['cell'] }): void {
    cell.free();
    this.#textBytes -= key.length;
    // Another series may have taken its place since.
    if (this.#asleep.get(key)?.deref() === undefined) this.#asleep.delete(key);
  }

  #use(identity: Identity, change = 1): void {
    // A limit that had no values for a while may have been replaced.
    const now = ({ key }: LabelLimit): LabelLimit | undefined => this.#limits.get(key);
    if (identity.limits.some((one) => (now(one) ?? one) !== one))
      identity.limits = identity.limits.map((one) => now(one) ?? one);
    for (const limit of identity.limits) {
      const { key, label, values } = limit;
      const value = identity.labels[label]!;
      const count = (values.get(value) ?? 0) + change;
      if (count > 0) values.set(value, count);
      else values.delete(value);
      if (values.size > 0) this.#limits.set(key, limit);
      else this.#limits.delete(key);
    }
  }
}

function isOver({ timeoutMs, seenMs, isShared = false }: Identity, now: number): boolean {
  return timeoutMs !== undefined && !isShared && now - seenMs >= timeoutMs;
}
