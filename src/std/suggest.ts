// "Did you mean …": the known name nearest to a mistyped one.

/**
 * Edits from `a` to `b`: letters added, left out or changed, and neighbours swapped (no letter is edited twice).
 * More than `limit` of them are reported as `limit + 1`, which is found out early.
 */
export function editDistance(a: string, b: string, limit: number): number {
  const over = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return over;
  let [beforeLast, last, row] = scratch(b.length + 1);
  for (let j = 0; j <= b.length; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    // Cells further than `limit` from the diagonal cannot be part of an answer.
    const first = Math.max(1, i - limit);
    const end = Math.min(b.length, i + limit);
    let lowest = (row[first - 1] = first === 1 ? i : over);
    for (let j = first; j <= end; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1))
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row[j] = best;
      if (best < lowest) lowest = best;
    }
    // A swap reaches two rows back, but is no cheaper than the change of a letter that the row between has counted.
    if (lowest > limit) return over;
    if (end < b.length) row[end + 1] = over;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return Math.min(last[b.length]!, over);
}

type Rows = [Uint16Array, Uint16Array, Uint16Array];

let rows: Rows | undefined;

/** Rows to work in: fresh ones would cost more than the work itself, names being short and many. */
function scratch(width: number): Rows {
  if (!rows || rows[0].length < width) rows = [new Uint16Array(width), new Uint16Array(width), new Uint16Array(width)];
  return rows;
}

/** Names longer than this are not compared: the work is quadratic. */
const NAME_LENGTH_MAX = 80;

/** Known names that are looked at. */
const KNOWN_MAX = 2_000;

/** Beginnings shorter than this say nothing about the whole name. */
const BEGINNING_MIN = 3;

/**
 * The name in `known` nearest to `name`: a few edits away, else the first that begins like it or that it begins with.
 * Undefined when none is near. Upper and lower case do not matter.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return undefined;
  const wanted = name.toLowerCase();
  let distanceMax = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let beginning: string | undefined;
  let count = 0;
  for (const candidate of known) {
    if (++count > KNOWN_MAX) break;
    const text = candidate.toLowerCase();
    const distance = editDistance(wanted, text, distanceMax);
    // With every letter changed, nothing is left that would be alike.
    if (distance <= distanceMax && distance < Math.max(wanted.length, text.length)) {
      best = candidate;
      if (distance === 0) return best;
      distanceMax = distance - 1;
    }
    if (beginning === undefined && Math.min(wanted.length, text.length) >= BEGINNING_MIN) {
      if (text.startsWith(wanted) || wanted.startsWith(text)) beginning = candidate;
    }
  }
  return best ?? beginning;
}
