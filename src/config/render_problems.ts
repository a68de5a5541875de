// Problems as a person reads them: by file, each with its line and a caret below what is meant.

import { formatConfigPath } from '../schema/schema.ts';
import { lineAt, type Place, positionOf } from './document.ts';
import type { LocatedProblem } from './problems.ts';
import { CONFIDENTIAL_KEY, ONLY_NAMES_SOURCE } from './substitute.ts';

/** More problems than this are only counted. */
const SHOWN_MAX = 200;

/** Lines are cut to this many columns around what is meant. */
const LINE_COLUMNS_MAX = 100;

/** A file may be one line of megabytes: no more of it than this is looked at around each problem. */
const UNITS_BEFORE_MAX = 4096;
const UNITS_AFTER_MAX = 1024;

/** A hint this short stands beside the caret. */
const BESIDE_COLUMNS_MAX = 60;

export interface RenderOptions {
  readonly colour: boolean;
}

type Style = 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

const CODES: Readonly<Record<Style, string>> = { red: '31', yellow: '33', cyan: '36', dim: '2', bold: '1' };

type Paint = (text: string, ...styles: readonly Style[]) => string;

/** All problems as text that ends in a line of counts. */
export function renderProblems(problems: readonly LocatedProblem[], { colour }: RenderOptions): string {
  if (problems.length === 0) return '';
  const paint: Paint = (text, ...styles) =>
    colour && text !== '' ? `\u001b[${styles.map((style) => CODES[style]).join(';')}m${text}\u001b[0m` : text;
  const shown = problems.slice(0, SHOWN_MAX);
  const blocks: string[] = [];
  const groups = Map.groupBy(shown, ({ place }) => place?.file.path);
  const files = [...groups.keys()].filter((file) => file !== undefined);
  for (const [file, group] of groups) {
    if (file !== undefined && files.length > 1) blocks.push(paint(`── ${visible(file)} ──`, 'bold'));
    for (const problem of group) blocks.push(renderProblem(problem, paint));
  }
  if (problems.length > shown.length) blocks.push(`… and ${problems.length - shown.length} more`);
  return `${blocks.join('\n\n')}\n\n${summary(problems, paint)}\n`;
}

function summary(problems: readonly LocatedProblem[], paint: Paint): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const parts: string[] = [];
  if (errors > 0) parts.push(paint(count(errors, 'error'), 'red', 'bold'));
  if (warnings > 0) parts.push(paint(count(warnings, 'warning'), 'yellow', 'bold'));
  return parts.join(', ');
}

function renderProblem(problem: LocatedProblem, paint: Paint): string {
  const { severity, message, hint, path, place, picture } = problem;
  if (picture && place) return renderPicture(problem, place, paint);
  const style = severity === 'error' ? 'red' : 'yellow';
  const lines = [`${paint(`${severity}:`, style, 'bold')} ${paint(visible(message), 'bold')}`];
  const where = path.length > 0 ? paint(visible(formatConfigPath(path)), 'cyan') : '';
  if (!place || place.file.text === '') {
    const file = place ? visible(place.file.path) : '';
    const header = [file, where].filter((part) => part !== '').join('  ');
    if (header !== '') lines.push(`  ${header}`);
    if (hint !== undefined) lines.push(hintLine(hint, '', paint));
    return lines.join('\n');
  }
  const { line, column } = positionOf(place);
  lines.push(`  ${visible(place.file.path)}:${line}:${column}${where === '' ? '' : `  ${where}`}`);
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const excerpt = excerptOf(place);
  const isBeside = hint !== undefined && [...hint].length <= BESIDE_COLUMNS_MAX;
  const caret = `${' '.repeat(excerpt.column)}${paint('^'.repeat(excerpt.width), style, 'bold')}`;
  lines.push(`  ${paint(`${number} │`, 'dim')} ${excerpt.text}`);
  lines.push(`  ${margin} ${paint('│', 'dim')} ${caret}${isBeside ? ` ${visible(hint)}` : ''}`);
  if (hint !== undefined && !isBeside) lines.push(hintLine(hint, margin, paint));
  return lines.join('\n');
}

/** A problem that shows itself, and the path of the option that it is in. */
function renderPicture({ picture, path, at }: LocatedProblem, place: Place, paint: Paint): string {
  const { line } = positionOf(place);
  const text = picture!({
    text: at ? place.file.text : undefined,
    at: at ?? ((offset) => offset),
    name: visible(place.file.path),
    colour: paint('x', 'bold') !== 'x',
  });
  const where = at ? '' : `${visible(place.file.path)}:${line}  `;
  return `${text.trimEnd()}\n  ${where}${paint(`in ${visible(formatConfigPath(path))}`, 'cyan')}`;
}

function hintLine(hint: string, margin: string, paint: Paint): string {
  return `  ${margin === '' ? '' : `${margin} `}${paint('hint:', 'cyan')} ${visible(hint)}`;
}

interface Excerpt {
  readonly text: string;
  /** Columns in front of what is meant. */
  readonly column: number;
  /** Columns that it takes. */
  readonly width: number;
}

const MASK = '●●●●●●';

/** A stretch of a line: as it is written, or covered. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Where its text begins in what is shown. */
  readonly shownAt: number;
}

/** The line of a place with confidential parts covered, cut to what fits, and where the place lies in it. */
function excerptOf(place: Place): Excerpt {
  const whole = lineAt(place.file.text, place.start);
  const line = {
    start: Math.max(whole.start, place.start - UNITS_BEFORE_MAX),
    end: Math.min(whole.end, place.start + UNITS_AFTER_MAX),
  };
  const pieces = cover(place, line.start, line.end);
  const shownAt = (offset: number, isEnd: boolean): number => {
    const piece = pieces.findLast(({ start, end }) => offset >= start && (isEnd ? offset <= end : offset < end));
    if (!piece) return pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (piece.text.length === piece.end - piece.start) return piece.shownAt + offset - piece.start;
    return piece.shownAt + (isEnd ? piece.text.length : 0);
  };
  const from = shownAt(place.start, false);
  const until = Math.min(place.end, line.end);
  const to = until > place.start ? shownAt(until, true) : from;
  return cut(pieces.map(({ text }) => text).join(''), from, Math.max(to, from));
}

function cover(place: Place, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let at = start;
  let shownAt = 0;
  const add = (to: number, text: string): void => {
    if (to <= at) return;
    pieces.push({ start: at, end: to, text, shownAt });
    at = to;
    shownAt += text.length;
  };
  for (const [from, to] of hiddenParts(place, start, end)) {
    add(from, place.file.text.slice(at, from));
    add(to, MASK);
  }
  add(end, place.file.text.slice(at, end));
  return pieces;
}

/** The ranges of a line that are not shown: confidential values, and passwords inside of URLs. */
function hiddenParts(place: Place, start: number, end: number): [number, number][] {
  const parts = place.file.hidden
    .filter(([from, to]) => to > start && from < end)
    .map(([from, to]): [number, number] => [Math.max(from, start), Math.min(to, end)]);
  for (const match of place.file.text.slice(start, end).matchAll(/:\/\/[^/\s:@]*:([^/\s@]+)@/dg)) {
    const [from, to] = match.indices![1]!;
    parts.push([start + from, start + to]);
  }
  return [...parts, ...confidentialPairs(place.file.text.slice(start, end), start)].sort((a, b) => a[0] - b[0]);
}

const PAIR =
  /["']?([\w-]+)["']?\s*[:=]\s*("(?:[^"\\]|\\.)*"?|'[^']*'?|(?![\s"'{[|>])(?:\$\{[^}]*\}|SECRET\[[^\]]*\]|[^,}\]#])+)/dg;

/** Values below keys such as `password`, for files that could not be read and whose options are not known. */
function confidentialPairs(line: string, start: number): [number, number][] {
  return [...line.matchAll(PAIR)]
    .filter(([, key, value]) => CONFIDENTIAL_KEY.test(key!) && !ONLY_NAMES_SOURCE.test(value!.trim()))
    .map(({ indices }) => [start + indices![2]![0], start + indices![2]![1]]);
}

function cut(text: string, from: number, to: number): Excerpt {
  const start = from > LINE_COLUMNS_MAX - 30 ? from - 30 : 0;
  const end = Math.min(text.length, start + LINE_COLUMNS_MAX);
  const before = start > 0 ? '…' : '';
  const column = columns(before) + columns(visible(text.slice(start, from)));
  const width = columns(visible(text.slice(from, Math.min(to, end))));
  return {
    text: `${before}${visible(text.slice(start, end))}${end < text.length ? '…' : ''}`,
    column,
    width: Math.max(width, 1),
  };
}

/** Text without control characters, which could steer the terminal. */
function visible(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** Columns on a terminal: characters of East Asian scripts take two, marks on others none. */
function columns(text: string): number {
  let count = 0;
  for (const char of text) count += /\p{Mn}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return count;
}
