// What has come within one interval, by series. Owns the texts it keeps.
//
// Of a series it has one entry, for metrics of one kind (incremental or absolute). What cannot be joined to the entry
// takes its place where the mode adds up, and is left out where it counts or compares.

import { KEY_BYTES, textKey } from '../../component/state_key.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { joinedTimes, MetricSum, subtractValue } from '../../event/metric_arithmetic.ts';
import { seriesKey } from '../../event/metric_series.ts';
import { ownEvent } from '../../event/own_event.ts';
import { type Baseline, Baselines, type Limits } from './baselines.ts';
import type { Mode } from './modes.ts';
import { Moments } from './moments.ts';

/** What became of a metric: `failed` is recorded but does not go together with what was there. */
export type Outcome = 'passed' | 'refused' | 'recorded' | 'failed';

/** Stands in metrics whose value is kept apart. */
const ELSEWHERE: MetricValue = { type: 'counter', value: 0 };

interface Entry {
  /** The metric as it will be told, but for its value. */
  metric: MetricEvent;
  value: MetricSum;
  /** The values of gauges, where more than their sum is asked for. */
  readonly moments: Moments | undefined;
}

const ENTRY_BYTES = 360;

/** An entry as it is saved. */
interface SavedEntry {
  readonly key: string;
  readonly metric: MetricEvent;
  readonly value: MetricValue;
  readonly moments: unknown;
}

interface Flushed {
  readonly metrics: MetricEvent[];
  /** Series whose difference cannot be told. */
  readonly failed: number;
  /** Series of which is no longer remembered what they stood at. */
  readonly evicted: number;
}

export class Interval {
  readonly #mode: Mode;
  #entries = new Map<string, Entry>();
  readonly #baselines: Baselines;
  #bytes = 0;

  /** `limits` are those of what is remembered of the interval before. */
  constructor(mode: Mode, limits: Limits) {
    this.#mode = mode;
    this.#baselines = new Baselines(limits);
  }

  get size(): number {
    return this.#entries.size;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Estimated bytes of what is remembered of the interval before. */
  get baselineBytes(): number {
    return this.#baselines.sizeBytes;
  }

  save(): unknown {
    const entries = [...this.#entries].map(([key, { metric, value, moments }]): SavedEntry => {
      return { key, metric, value: value.value, moments: moments?.save() };
    });
    return { entries, baselines: this.#baselines.save() };
  }

  /**
   * Takes what was saved, of an interval that is not over. Of series that have come again meanwhile, what was saved came
   * first. Returns how many do not go together.
   */
  restore(saved: unknown): number {
    const { entries, baselines } = saved as { readonly entries: readonly SavedEntry[]; readonly baselines: unknown };
    this.#baselines.restore(baselines);
    let failed = 0;
    for (const { key, metric, value, moments } of entries) {
      const own = this.#entries.get(key);
      const sum = new MetricSum(value);
      const entry: Entry = {
        metric,
        value: sum,
        moments: moments === undefined ? undefined : Moments.restore(moments),
      };
      if (!own) this.#bytes += KEY_BYTES + ENTRY_BYTES + textBytes(metric);
      else this.#bytes -= own.value.sizeBytes + (own.moments?.sizeBytes ?? 0);
      this.#entries.set(key, entry);
      if (own && !this.#continue(entry, own)) failed += 1;
      this.#bytes += entry.value.sizeBytes + (entry.moments?.sizeBytes ?? 0);
    }
    return failed;
  }

  /** Joins to what was saved what has come since. */
  #continue(entry: Entry, { metric, value, moments }: Entry): boolean {
    if (this.#mode.join !== 'count' && !moments) return this.#join(entry, { ...metric, value: value.value });
    if (this.#mode.join === 'count' && entry.metric.kind === metric.kind) {
      setTimes(entry, metric);
      return entry.value.add(value.value);
    }
    if (moments) entry.moments?.addAll(moments);
    return moments !== undefined;
  }

  record(metric: MetricEvent): Outcome {
    const { kind, join } = this.#mode;
    if (kind !== 'any' && metric.kind !== kind) return 'passed';
    const hasMoments = join === 'mean' || join === 'stdev';
    if (hasMoments && metric.value.type !== 'gauge') return 'refused';
    const key = textKey(seriesKey(metric));
    const entry = this.#entries.get(key);
    if (!entry) {
      const value = new MetricSum(join === 'count' ? { type: 'counter', value: 1 } : metric.value);
      const moments = hasMoments ? new Moments(gaugeOf(metric)) : undefined;
      const kept = ownMetric(metric);
      this.#entries.set(key, { metric: kept, value, moments });
      this.#bytes += KEY_BYTES + ENTRY_BYTES + textBytes(kept) + value.sizeBytes;
      return 'recorded';
    }
    const before = entry.value.sizeBytes + (entry.moments?.sizeBytes ?? 0);
    const outcome = this.#join(entry, metric) ? 'recorded' : 'failed';
    this.#bytes += entry.value.sizeBytes + (entry.moments?.sizeBytes ?? 0) - before;
    return outcome;
  }

  /** Ends the interval. One that ends `early` leaves what is remembered of series that it has nothing of. */
  flush(isEarly: boolean): Flushed {
    const metrics: MetricEvent[] = [];
    const latest = new Map<string, Baseline>();
    let failed = 0;
    for (const [key, entry] of this.#entries) {
      let value = this.#valueOf(entry);
      if (this.#mode.isDifference) {
        latest.set(key, { value, sizeBytes: KEY_BYTES + entry.value.sizeBytes });
        const before = this.#baselines.get(key);
        const difference = before && subtractValue(value, before);
        if (before && !difference) failed += 1;
        value = difference ?? value;
      }
      metrics.push({ ...entry.metric, value });
    }
    this.#entries = new Map();
    this.#bytes = 0;
    return { metrics, failed, evicted: this.#baselines.replace(latest, isEarly) };
  }

  #join(entry: Entry, metric: MetricEvent): boolean {
    const isSameKind = entry.metric.kind === metric.kind;
    switch (this.#mode.join) {
      case 'auto':
        return metric.kind === 'absolute' ? replace(entry, metric) : add(entry, metric, isSameKind);
      case 'sum':
        return add(entry, metric, isSameKind);
      case 'latest':
        return replace(entry, metric);
      case 'count':
        if (!isSameKind) return false;
        entry.value.add({ type: 'counter', value: 1 });
        setTimes(entry, metric);
        return true;
      case 'max':
        return compare(entry, metric, (one, other) => one > other);
      case 'min':
        return compare(entry, metric, (one, other) => one < other);
      case 'mean':
      case 'stdev':
        entry.moments!.add(gaugeOf(metric));
        setTimes(entry, metric);
        return true;
    }
  }

  #valueOf({ value, moments }: Entry): MetricValue {
    if (this.#mode.join === 'mean') return { type: 'gauge', value: moments!.mean };
    if (this.#mode.join === 'stdev') return { type: 'gauge', value: moments!.standardDeviation };
    return value.value;
  }
}

function add(entry: Entry, metric: MetricEvent, isSameKind: boolean): boolean {
  if (!isSameKind || !entry.value.add(metric.value)) {
    replace(entry, metric);
    return false;
  }
  setTimes(entry, metric);
  return true;
}

/** Puts a metric in the place of the entry. */
function replace(entry: Entry, metric: MetricEvent): true {
  entry.metric = ownMetric(metric);
  entry.value = new MetricSum(metric.value);
  return true;
}

/** Only gauges are compared; of what is none the first one stays. */
function compare(entry: Entry, metric: MetricEvent, isBetter: (one: number, other: number) => boolean): boolean {
  const { value } = entry.value;
  if (value.type !== 'gauge' || metric.value.type !== 'gauge') return false;
  if (isBetter(metric.value.value, value.value)) replace(entry, metric);
  return true;
}

function setTimes(entry: Entry, metric: MetricEvent): void {
  if (metric.timestamp !== undefined || metric.intervalMs !== undefined)
    Object.assign(entry.metric, joinedTimes(entry.metric, metric));
}

function gaugeOf({ value }: MetricEvent): number {
  return value.type === 'gauge' ? value.value : Number.NaN;
}

/** A copy of a metric but for its value, with texts of its own. */
function ownMetric(metric: MetricEvent): MetricEvent {
  return ownEvent('metric', { ...metric, value: ELSEWHERE }) as MetricEvent;
}

const TAG_BYTES = 80;

function textBytes({ name, namespace, tags }: MetricEvent): number {
  let bytes = 2 * (name.length + (namespace?.length ?? 0));
  for (const [tag, value] of tags ?? []) {
    bytes += TAG_BYTES + 2 * tag.length;
    for (const one of Array.isArray(value) ? value : [value]) bytes += 2 * (one?.length ?? 0);
  }
  return bytes;
}
