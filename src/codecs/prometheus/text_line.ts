// One line of Prometheus' text format:
//
//   # TYPE name counter          a family's type
//   # HELP name what it is       a comment, like every other line that begins with `#`
//   name{label="value",} 1.5 1600000000000 # {trace_id="x"} 1
//                                a sample, with a timestamp in milliseconds; an exemplar behind it is ignored

import { parseNumber } from './numbers.ts';
import { FormatProblem } from './problem.ts';

export type FamilyKind = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

export type TextLine =
  | { readonly kind: 'type'; readonly name: string; readonly type: FamilyKind }
  | {
      readonly kind: 'sample';
      readonly name: string;
      readonly labels: Map<string, string>;
      readonly value: number;
      readonly timestampMs: number | undefined;
    };

const KINDS: Readonly<Record<string, FamilyKind>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'untyped',
  // Types of OpenMetrics that have no counterpart here.
  unknown: 'untyped',
  info: 'untyped',
  stateset: 'untyped',
  gaugehistogram: 'untyped',
};

const TYPE = /^#[ \t]*TYPE[ \t]+([A-Za-z_:][A-Za-z0-9_:]*)[ \t]+(\S+)[ \t]*$/;
const NAME = /[ \t]*([A-Za-z_:][A-Za-z0-9_:]*)[ \t]*/y;
const LABEL = /[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*/y;
const REST = /[ \t]*([^\s#]+)(?:[ \t]+([+-]?\d+))?[ \t]*(?:#.*)?$/y;

/** Characters of a line: patterns are never tried on more. */
const LINE_MAX = 262_144;

/** Labels of one sample; more than this are no labels. */
const LABELS_MAX = 1_000;

/** The meaning of a line; nothing for one that is empty or a comment. Throws `FormatProblem`. */
export function parseTextLine(line: string): TextLine | undefined {
  const first = line.trimStart();
  if (first === '') return undefined;
  if (line.length > LINE_MAX) throw new FormatProblem(`the line is longer than ${LINE_MAX} characters`);
  if (first.startsWith('#')) return typeOf(first);
  const name = matchAt(NAME, line, 0)?.[1];
  if (name === undefined) throw new FormatProblem(`a metric name is expected at ${excerpt(line)}`);
  let at = NAME.lastIndex;
  const labels = new Map<string, string>();
  if (line[at] === '{') at = labelsOf(line, at + 1, labels);
  const rest = matchAt(REST, line, at);
  const value = rest ? parseNumber(rest[1]!) : undefined;
  if (rest === null || value === undefined)
    throw new FormatProblem(`a number is expected at ${excerpt(line.slice(at))}`);
  return { kind: 'sample', name, labels, value, timestampMs: timestampOf(rest[2]) };
}

function typeOf(line: string): TextLine | undefined {
  const match = TYPE.exec(line);
  if (!match) {
    if (/^#[ \t]*TYPE[ \t]/.test(line)) throw new FormatProblem(`a name and a type are expected at ${excerpt(line)}`);
    return undefined;
  }
  const type = Object.hasOwn(KINDS, match[2]!) ? KINDS[match[2]!] : undefined;
  if (type === undefined) throw new FormatProblem(`${excerpt(match[2]!)} is not the type of a metric`);
  return { kind: 'type', name: match[1]!, type };
}

/** Reads labels up to the closing brace; where the line goes on. */
function labelsOf(line: string, from: number, labels: Map<string, string>): number {
  let at = from;
  for (;;) {
    const match = matchAt(LABEL, line, at);
    if (match) {
      labels.set(match[1]!, unescaped(match[2]!));
      at = LABEL.lastIndex;
      if (labels.size > LABELS_MAX) throw new FormatProblem(`a sample has more than ${LABELS_MAX} labels`);
    }
    while (line[at] === ' ' || line[at] === '\t') at++;
    if (line[at] === '}') return at + 1;
    if (!match || line[at] !== ',') throw new FormatProblem(`a label is expected at ${excerpt(line.slice(at))}`);
    at += 1;
  }
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

/** An escape that is none stands for itself. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gs, (whole, letter: string) =>
    letter === 'n' ? '\n' : letter === '"' || letter === '\\' ? letter : whole,
  );
}

/** Times beyond what dates can say are no times. */
const TIMESTAMP_MS_MAX = 8_640_000_000_000_000;

function timestampOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timestampMs = Number(text);
  if (Math.abs(timestampMs) > TIMESTAMP_MS_MAX)
    throw new FormatProblem(`the timestamp ${excerpt(text)} is out of range`);
  return timestampMs;
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
