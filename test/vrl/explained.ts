// Differences that are no fault of ours: each is recognized by what both sides replied, as narrowly as it can be told,
// and counted by its reason.

import type { Case } from './generate.ts';
import { type Described, type Difference, isSameTagged, phaseOf, primariesOf, type Reply } from './reply.ts';

export interface Explanation {
  /** One sentence: why the two differ, and why ours stays as it is. */
  readonly reason: string;
  readonly applies: (request: Case, ours: Reply, theirs: Reply) => boolean;
}

/** Why the two replies may differ; undefined when nothing says so. */
export function explanationOf(request: Case, ours: Reply, theirs: Reply, found: Difference): string | undefined {
  if (found.aspect === 'crash') return undefined;
  return EXPLANATIONS.find(({ applies }) => applies(request, ours, theirs))?.reason;
}

export const ORIGINAL_BROKE = 'the original panics, runs out of memory or never ends';

type Span = readonly [number, number] | null;

/** Whether both refuse to compile with the same codes, and every place that differs passes the test. */
function onlyPlacesDiffer(ours: Reply, theirs: Reply, isExplained: (mine: Span, other: Span, i: number) => boolean) {
  const [mine, other] = [ours.compile_error, theirs.compile_error];
  if (mine === undefined || other === undefined || !isSameTagged(mine.codes, other.codes)) return false;
  const [places, originals] = [primariesOf(mine) ?? [], primariesOf(other) ?? []];
  return places.every((span, i) => isSameTagged(span, originals[i]) || isExplained(span, originals[i] ?? null, i));
}

function bytesAt(source: string, span: Span): string {
  return span === null ? '' : new TextDecoder().decode(new TextEncoder().encode(source).subarray(...span));
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    reason: 'a complaint of a function has no place in the original; ours points at the call',
    applies: (_request, ours, theirs) =>
      onlyPlacesDiffer(
        ours,
        theirs,
        (mine, other, i) => other === null && mine !== null && theirs.compile_error!.codes[i] === 610,
      ),
  },
  {
    reason: 'the original counts characters instead of bytes for templates in texts that are not ASCII',
    applies: ({ source }, ours, theirs) =>
      onlyPlacesDiffer(
        ours,
        theirs,
        (mine) => /[^\x00-\x7f]/.test(source) && /^\{\{.*\}\}$/s.test(bytesAt(source, mine)),
      ),
  },
  {
    reason: 'the original underlines one byte of a character that has several',
    applies: ({ source }, ours, theirs) =>
      onlyPlacesDiffer(
        ours,
        theirs,
        (mine, other, i) =>
          [203, 207, 209].includes(ours.compile_error!.codes[i]!) &&
          mine !== null &&
          mine[0] === other?.[0] &&
          other[1] === other[0] + 1 &&
          new TextEncoder().encode(source)[mine[0]]! >= 0x80,
      ),
  },
  {
    reason: 'the original adds up the terms of an entropy in the order of a hash table, so that the last bit varies',
    applies: ({ source }, ours, theirs) =>
      /\bshannon_entropy\b/.test(source) &&
      /\b(?:codepoint|grapheme)\b/.test(source) &&
      phaseOf(ours) === phaseOf(theirs) &&
      isNearly(ours.ok, theirs.ok) &&
      isNearly(ours.event, theirs.event),
  },
  {
    reason: 'a path of more than 128 parts that is made while the program runs is refused: values could not be encoded',
    applies: (_request, ours) =>
      /path has more than 128 segments/.test(`${ours.runtime_error}${JSON.stringify([ours.ok, ours.event])}`),
  },
  {
    reason: 'after a complaint of a function the original forgets which paths are read-only',
    applies: ({ read_only: readOnly }, ours, theirs) =>
      readOnly !== undefined &&
      phaseOf(ours) === 'compile_error' &&
      phaseOf(theirs) === 'compile_error' &&
      isWithoutLaterReadOnly(ours.compile_error!, theirs.compile_error!),
  },
];

/** Whether only complaints about read-only paths behind the first E610 are missing in the original. */
function isWithoutLaterReadOnly(ours: Described, theirs: Described): boolean {
  const first = ours.codes.indexOf(610);
  if (first === -1 || !/error\[E315\]/.test(ours.text)) return false;
  if (!isSameTagged(ours.codes.slice(0, first + 1), theirs.codes.slice(0, first + 1))) return false;
  return isThinned(ours.codes.slice(first + 1), theirs.codes.slice(first + 1));
}

/** Whether the other list is the first without some E315, or E610 that stand for them. */
function isThinned([head, ...rest]: readonly number[], other: readonly number[]): boolean {
  if (head === undefined) return other.length === 0;
  if (head === other[0] && isThinned(rest, other.slice(1))) return true;
  return (head === 315 || head === 610) && isThinned(rest, other);
}

/** Whether two values are the same but for the last digits of floats. */
function isNearly(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-14 * Math.abs(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isNearly((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
