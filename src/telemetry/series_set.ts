// All series of a registry, those that are read and those that are asleep, with the limits of their labels.
//
// Bound: `seriesMax` series, awake or held while asleep. Beyond it nothing is counted but that it was so. A label whose
// values come from data has as many values per component as its definition says, counted over the series that are awake.

import type { Clock } from '../std/clock.ts';
import type { Identity, Series } from './series.ts';
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
  /** Values of labels in use, with the number of series that have them. */
  readonly #values = new Map<string, Map<string, number>>();
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
    this.#gone.register(series, { key, cell: series.cell }, series);
    this.#use(series.identity);
    if (this.now() - this.#sweptMs >= SWEEP_MIN_MS) this.sweep();
  }

  /** Whether a label may have this value: it has it already, or the limit is not reached. `key` tells which limit. */
  hasRoomFor(key: string, value: string, limit = LABEL_LIMIT): boolean {
    const values = this.#values.get(key);
    return values === undefined || values.size < limit || values.has(value);
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
      } else if (identity.timeoutMs !== undefined && now - identity.seenMs >= identity.timeoutMs) this.#sleep(series);
    }
  }

  #wake(series: Series): void {
    const { identity } = series;
    this.#asleep.delete(identity.key);
    this.#awake.set(identity.key, series);
    identity.seenMs = this.now();
    this.#use(identity);
  }

  #sleep(series: Series): void {
    const { identity } = series;
    this.#awake.delete(identity.key);
    this.#asleep.set(identity.key, new WeakRef(series));
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

  #use({ limited }: Identity, change = 1): void {
    for (const [key, value] of limited) {
      const values = this.#values.get(key) ?? new Map<string, number>();
      const count = (values.get(value) ?? 0) + change;
      if (count > 0) values.set(value, count);
      else values.delete(value);
      if (values.size > 0) this.#values.set(key, values);
      else this.#values.delete(key);
    }
  }
}
