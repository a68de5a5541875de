// Writes metrics in Prometheus' text format: families in the order of their names, each with its HELP and TYPE once.

import { type Exposed, type FamilyType, labelsBeside, samplesOf } from './exposition.ts';
import { formatNumber } from './numbers.ts';

/** What a scraper is told the text is. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4';

/** A series to write. Names are those that `names.ts` gives. */
export interface WrittenSeries {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Milliseconds since the epoch. */
  readonly timestampMs: number | undefined;
  readonly value: Exposed;
}

/** Characters of a piece, give or take a series. */
const PIECE_CHARACTERS = 65_536;

/**
 * The text of all series, in pieces. A family has one type, that of its first series; a series keeps its place within
 * it, and is looked at when it is written.
 */
export function* writeText<S extends { readonly name: string }>(
  series: Iterable<S>,
  writtenOf: (series: S) => WrittenSeries,
): Generator<string> {
  const families = new Map<string, S[]>();
  for (const one of series) {
    const family = families.get(one.name);
    if (family) family.push(one);
    else families.set(one.name, [one]);
  }
  let piece = '';
  for (const name of [...families.keys()].sort()) {
    for (const [i, one] of families.get(name)!.entries()) {
      const shown = writtenOf(one);
      piece += i === 0 ? headerOf(shown) + linesOf(shown) : linesOf(shown);
      if (piece.length < PIECE_CHARACTERS) continue;
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

function headerOf({ name, help, value }: WrittenSeries): string {
  const type: FamilyType = value.type;
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}

function linesOf({ name, labels, timestampMs, value }: WrittenSeries): string {
  const stamp = timestampMs === undefined ? '\n' : ` ${timestampMs}\n`;
  const own = labelsBeside(labels, value.type)
    .map(([label, text]) => `${label}="${escapeLabel(text)}"`)
    .join(',');
  const plain = own === '' ? '' : `{${own}}`;
  const before = own === '' ? '' : `${own},`;
  let lines = '';
  samplesOf(value, (suffix, number, label, text) => {
    const all = label === undefined ? plain : `{${before}${label}="${text}"}`;
    lines += `${name}${suffix}${all} ${formatNumber(number)}${stamp}`;
  });
  return lines;
}

function escapeLabel(text: string): string {
  return /["\\\n]/.test(text) ? text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : text;
}

function escapeHelp(text: string): string {
  return /[\\\n]/.test(text) ? text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n') : text;
}
