// Sets of characters as sorted ranges `[from, to, from, to, …]` that neither overlap nor touch, and what is done with
// them. Surrogates are in no set: text never holds a lone one.

export type Ranges = readonly number[];

export const CODE_MAX = 0x10ffff;

const SURROGATE_FIRST = 0xd800;
const SURROGATE_LAST = 0xdfff;

/** Brings pairs in any order, overlapping or not, into shape. */
export function normalized(pairs: readonly number[]): Ranges {
  let inOrder = true;
  for (let i = 2; inOrder && i < pairs.length; i += 2) inOrder = pairs[i]! > pairs[i - 1]! + 1;
  if (inOrder) return pairs;
  const sorted: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) sorted.push([pairs[i]!, pairs[i + 1]!]);
  sorted.sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [from, to] of sorted) {
    const last = result.length - 1;
    if (last > 0 && from <= result[last]! + 1) result[last] = Math.max(result[last]!, to);
    else result.push(from, to);
  }
  return result;
}

export function union(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  return b.length === 0 ? a : normalized([...a, ...b]);
}

export function intersection(a: Ranges, b: Ranges): Ranges {
  const result: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]!, b[j]!);
    const to = Math.min(a[i + 1]!, b[j + 1]!);
    if (from <= to) result.push(from, to);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return result;
}

/** All characters up to `limit` that are not in the set. */
export function complement(ranges: Ranges, limit: number): Ranges {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length && ranges[i]! <= limit; i += 2) {
    if (ranges[i]! > next) result.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= limit) result.push(next, limit);
  return withoutSurrogates(result);
}

export function upTo(ranges: Ranges, limit: number): Ranges {
  if (ranges.length === 0 || ranges.at(-1)! <= limit) return ranges;
  return intersection(ranges, [0, limit]);
}

export function withoutSurrogates(ranges: Ranges): Ranges {
  const result: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]!;
    const to = ranges[i + 1]!;
    if (to < SURROGATE_FIRST || from > SURROGATE_LAST) result.push(from, to);
    else {
      if (from < SURROGATE_FIRST) result.push(from, SURROGATE_FIRST - 1);
      if (to > SURROGATE_LAST) result.push(SURROGATE_LAST + 1, to);
    }
  }
  return result;
}

export function includes(ranges: Ranges, code: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < ranges[middle * 2]!) high = middle - 1;
    else if (code > ranges[middle * 2 + 1]!) low = middle + 1;
    else return true;
  }
  return false;
}

export function equal(a: Ranges, b: Ranges): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
