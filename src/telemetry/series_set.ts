// All series of a registry, those that are read and those that are asleep.
//
// Bound: `seriesMax` series, awake or held while asleep. Beyond it nothing is counted but that it was so. A label whose
// values come from data has as many values per component as its definition says, counted over the series that are awake.

import type { Clock } from '../std/clock.ts';
import { chosen, Families, type Family } from './families.ts';
import { keyOf, labelsOf, NEVER, RECENT, type Series } from './series.ts';
import type { Labels } from './telemetry.ts';

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

/** Series are put to sleep when some are made, but not more often than this. */
const SWEEP_MIN_MS = 10_000;

/** In these, a year of times is small integers. */
const TICK_MS = 20;

/** What one series takes in the heap beside its texts: series, labels, cell, its places in trees. Measured. */
const SERIES_BYTES = 280;

/** What one family takes more, with what its series share. */
const FAMILY_BYTES = 140;

/** What is left of a series that nobody has any more. */
interface Remains {
  readonly key: string;
  readonly cell: Series['cell'];
  readonly textBytes: number;
}

export class SeriesSet {
  readonly families = new Families();
  /** In the order in which they were made, or woke. */
  #awake: Series[] = [];
  readonly #asleep = new Map<string, WeakRef<Series>>();
  /** Other threads may record to them, which nobody hears of: they never fall asleep. */
  readonly #shared = new Set<Series>();
  /** Cells of series that nobody has any more go back. */
  readonly #gone = new FinalizationRegistry<Remains>((remains) => this.#forget(remains));
  readonly #clock: Clock;
  readonly #madeMs: number;
  readonly #seriesMax: number;
  #expiry: Expiry;
  #sweptMs: number;
  #textBytes = 0;

  constructor(clock: Clock, seriesMax: number, expiry: Expiry) {
    this.#clock = clock;
    this.#seriesMax = seriesMax;
    this.#expiry = expiry;
    this.#madeMs = clock.monotonic();
    this.#sweptMs = this.#madeMs;
  }

  /** In the heap; the storage has its own figure. */
  get bytes(): number {
    const series = this.#awake.length + this.#asleep.size;
    return series * SERIES_BYTES + this.families.size * FAMILY_BYTES + this.#textBytes;
  }

  get isFull(): boolean {
    return this.#awake.length + this.#asleep.size >= this.#seriesMax;
  }

  expire(expiry: Expiry): void {
    this.#expiry = expiry;
    for (const series of this.held()) series.timeoutMs = this.#timeoutMs(series);
  }

  /** The series of a family with these labels of its own, also when it was asleep: it is not any more. */
  find(family: Family, own: Labels): Series | undefined {
    const awake = family.find(own);
    if (awake || this.#asleep.size === 0) return awake;
    const { definition, fixed } = family;
    const asleep = this.#asleep.get(keyOf(definition.name, { ...fixed, ...own }))?.deref();
    if (asleep) this.#wake(asleep);
    return asleep;
  }

  add(series: Series): void {
    series.timeoutMs = this.#timeoutMs(series);
    this.#textBytes += textBytesOf(series);
    this.#begin(series);
    if (this.#clock.monotonic() - this.#sweptMs >= SWEEP_MIN_MS) this.sweep();
  }

  /** From now on it never falls asleep. */
  keepAwake(series: Series): void {
    this.#shared.add(series);
  }

  /** Every series that is read, after those that had no record for their time were put to sleep, and others woken. */
  awake(): readonly Series[] {
    this.sweep();
    return this.#awake;
  }

  /** Those that are asleep as well, which somebody may still record to. */
  *held(): Generator<Series> {
    yield* this.#awake;
    for (const reference of this.#asleep.values()) {
      const series = reference.deref();
      if (series) yield series;
    }
  }

  sweep(): void {
    this.#sweptMs = this.#clock.monotonic();
    const tick = Math.floor((this.#sweptMs - this.#madeMs) / TICK_MS);
    for (const reference of this.#asleep.values()) {
      const series = reference.deref();
      if (series?.seen === RECENT) this.#wake(series);
    }
    let tired: Set<Series> | undefined;
    for (const series of this.#awake) {
      if (series.seen === RECENT) series.seen = tick;
      else if (this.#isOver(series, tick)) (tired ??= new Set()).add(series);
    }
    if (!tired) return;
    this.#awake = this.#awake.filter((series) => !tired.has(series));
    for (const series of tired) this.#sleep(series);
  }

  #isOver(series: Series, tick: number): boolean {
    const { timeoutMs, seen } = series;
    return timeoutMs !== NEVER && (tick - seen) * TICK_MS >= timeoutMs && !this.#shared.has(series);
  }

  #timeoutMs(series: Series): number {
    const { secs, sets = [] } = this.#expiry;
    const { name } = series.family.definition;
    // Only where somebody asks for them are labels put together.
    const set = sets.length > 0 && sets.find((one) => one.matches(name, labelsOf(series)));
    const wanted = set ? set.secs : secs;
    return wanted !== undefined && wanted > 0 ? wanted * 1000 : NEVER;
  }

  #begin(series: Series): void {
    this.#awake.push(series);
    series.family.add(series);
  }

  #wake(series: Series): void {
    const labels = labelsOf(series);
    const { definition, scope } = series.family;
    this.#asleep.delete(keyOf(definition.name, labels));
    this.#gone.unregister(series);
    // Its family may have gone meanwhile, and another may have taken its place.
    series.family = this.families.of(definition, scope, series.own);
    series.own = chosen(labels, series.family.names);
    series.seen = RECENT;
    this.#begin(series);
  }

  #sleep(series: Series): void {
    const { family } = series;
    const key = keyOf(family.definition.name, labelsOf(series));
    this.#asleep.set(key, new WeakRef(series));
    this.#gone.register(series, { key, cell: series.cell, textBytes: textBytesOf(series) }, series);
    family.remove(series);
    if (family.size === 0) this.families.drop(family);
  }

  #forget({ key, cell, textBytes }: Remains): void {
    cell.free();
    this.#textBytes -= textBytes;
    // Another series may have taken its place since.
    if (this.#asleep.get(key)?.deref() === undefined) this.#asleep.delete(key);
  }
}

function textBytesOf({ own }: Series): number {
  let bytes = 0;
  for (const name in own) bytes += own[name]!.length;
  return bytes;
}
