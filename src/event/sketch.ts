// Two DDSketches as one, as the Datadog Agent merges them: bins of equal keys added, a bin never past 16 bits (what is
// more stands in further bins of the same key), the lowest bins folded together when there are too many.

import type { Sketch } from './metric.ts';

const BIN_COUNT_MAX = 65_535;
const BINS_MAX = 4_096;
const COUNT_MAX = 2 ** 32 - 1;

/** Bins in the order of their keys. */
interface Bins {
  readonly keys: number[];
  readonly counts: number[];
}

export function mergeSketches(one: Sketch, other: Sketch): Sketch {
  if (other.count === 0) return one;
  if (one.count === 0) return other;
  const count = Math.min(one.count + other.count, COUNT_MAX);
  return {
    ...foldLowest(mergeBins(one, other)),
    count,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    sum: one.sum + other.sum,
    avg: one.avg + ((other.avg - one.avg) * other.count) / count,
  };
}

function mergeBins(one: Bins, other: Bins): Bins {
  const merged: Bins = { keys: [], counts: [] };
  let at = 0;
  const copyUpTo = (key: number): void => {
    for (; at < one.keys.length && one.keys[at]! < key; at++) push(merged, one.keys[at]!, one.counts[at]!);
  };
  for (let i = 0; i < other.keys.length; i++) {
    const key = other.keys[i]!;
    copyUpTo(key);
    if (one.keys[at] === key) pushSplit(merged, key, other.counts[i]! + one.counts[at++]!);
    else push(merged, key, other.counts[i]!);
  }
  copyUpTo(Number.POSITIVE_INFINITY);
  return merged;
}

function foldLowest(bins: Bins): Bins {
  const surplus = bins.keys.length - BINS_MAX;
  if (surplus <= 0) return bins;
  const folded: Bins = { keys: [], counts: [] };
  let missing = 0;
  for (let i = 0; i < surplus; i++) {
    missing += bins.counts[i]!;
    if (missing > BIN_COUNT_MAX) {
      push(folded, bins.keys[i]!, BIN_COUNT_MAX);
      missing -= BIN_COUNT_MAX;
    }
  }
  pushSplit(folded, bins.keys[surplus]!, bins.counts[surplus]! + missing);
  for (let i = surplus + 1; i < bins.keys.length; i++) push(folded, bins.keys[i]!, bins.counts[i]!);
  // Bins that were full before they were folded may still be too many: the highest are what counts.
  const start = Math.max(0, folded.keys.length - BINS_MAX);
  return start === 0 ? folded : { keys: folded.keys.slice(start), counts: folded.counts.slice(start) };
}

function push({ keys, counts }: Bins, key: number, count: number): void {
  keys.push(key);
  counts.push(count);
}

function pushSplit(bins: Bins, key: number, count: number): void {
  if (count < BIN_COUNT_MAX) {
    push(bins, key, count);
    return;
  }
  const rest = count % BIN_COUNT_MAX;
  if (rest !== 0) push(bins, key, rest);
  for (let full = Math.floor(count / BIN_COUNT_MAX); full > 0; full--) push(bins, key, BIN_COUNT_MAX);
}
