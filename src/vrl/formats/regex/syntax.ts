// The syntax tree of a regular expression, and the report of what is wrong with one. Places are counted in characters
// of the pattern.

/** From, up to (not including). */
export type Place = readonly [number, number];

export type FlagName = 'i' | 'm' | 's' | 'U' | 'u' | 'R' | 'x';

/** What a group of flags turns on or off. */
export type FlagChanges = ReadonlyMap<FlagName, boolean>;

export type AssertionName =
  | 'line start'
  | 'line end'
  | 'text start'
  | 'text end'
  | 'word boundary'
  | 'no word boundary'
  | 'word start'
  | 'word end'
  | 'word start half'
  | 'word end half';

export interface Literal {
  readonly type: 'literal';
  readonly place: Place;
  readonly code: number;
  /** Written as `\xNN`, which means a byte where Unicode is off. */
  readonly byte: boolean;
}

export interface PerlClass {
  readonly type: 'perl';
  readonly place: Place;
  readonly letter: 'd' | 's' | 'w';
  readonly negated: boolean;
}

export interface UnicodeClass {
  readonly type: 'unicode';
  readonly place: Place;
  readonly negated: boolean;
  readonly name: string;
  readonly value: string | undefined;
}

export interface Bracket {
  readonly type: 'bracket';
  place: Place;
  readonly negated: boolean;
  set: SetNode;
}

/** What a bracket holds. */
export type SetNode =
  | Literal
  | PerlClass
  | UnicodeClass
  | Bracket
  | { readonly type: 'empty'; readonly place: Place }
  | { readonly type: 'range'; readonly place: Place; readonly from: Literal; readonly to: Literal }
  | { readonly type: 'ascii'; readonly place: Place; readonly name: string; readonly negated: boolean }
  | { readonly type: 'union'; readonly place: Place; readonly items: readonly SetNode[] }
  | {
      readonly type: 'operation';
      readonly place: Place;
      readonly operator: '&&' | '--' | '~~';
      readonly left: SetNode;
      readonly right: SetNode;
    };

export interface Group {
  readonly type: 'group';
  place: Place;
  /** The number of the capture; undefined for groups that do not capture. */
  readonly index: number | undefined;
  readonly name: string | undefined;
  readonly flags: FlagChanges;
  body: Syntax;
}

export type Syntax =
  | Literal
  | PerlClass
  | UnicodeClass
  | Bracket
  | Group
  | { readonly type: 'empty'; readonly place: Place }
  | { readonly type: 'flags'; readonly place: Place; readonly flags: FlagChanges }
  | { readonly type: 'dot'; readonly place: Place }
  | { readonly type: 'assertion'; readonly place: Place; readonly name: AssertionName }
  | {
      readonly type: 'repeat';
      readonly place: Place;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
      readonly body: Syntax;
    }
  | { readonly type: 'alternation'; readonly place: Place; readonly branches: readonly Syntax[] }
  | { readonly type: 'concat'; readonly place: Place; readonly parts: readonly Syntax[] };

/** Thrown by the parser and the translator, and caught where a pattern is compiled. */
export class RegexProblem extends Error {
  readonly places: readonly Place[];
  constructor(message: string, place: Place, other?: Place) {
    super(message);
    this.name = 'RegexProblem';
    this.places = other ? [place, other] : [place];
  }
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** The report of a problem: the pattern, marks under the places, the message. Programs can read this text. */
export function reportOf(problem: RegexProblem, chars: readonly string[]): string {
  const pattern = chars.join('');
  const lines = pattern.split('\n').map((line) => line.replace(/\r$/, ''));
  const count = lines.length;
  if (lines.at(-1) === '') lines.pop();
  const width = count <= 1 ? 0 : String(count).length;
  const spans = problem.places
    .map(([start, end]) => ({ start: positionOf(chars, start), end: positionOf(chars, end) }))
    .sort((a, b) => a.start.line - b.start.line || a.start.column - b.start.column);
  let shown = '';
  for (const [i, line] of lines.entries()) {
    shown += `${width > 0 ? `${String(i + 1).padStart(width)}: ` : '    '}${line}\n`;
    const here = spans.filter(({ start, end }) => start.line === end.line && start.line === i + 1);
    if (here.length > 0) shown += `${' '.repeat(width > 0 ? width + 2 : 4)}${marksOf(here)}\n`;
  }
  if (!pattern.includes('\n')) return `regex parse error:\n${shown}error: ${problem.message}`;
  const divider = '~'.repeat(79);
  const long = spans.filter(({ start, end }) => start.line !== end.line);
  const notes = long.map(
    ({ start, end }) =>
      `on line ${start.line} (column ${start.column}) through line ${end.line} (column ${end.column - 1})`,
  );
  const note = notes.length > 0 ? `${notes.join('\n')}\n` : '';
  return `regex parse error:\n${divider}\n${shown}${divider}\n${note}error: ${problem.message}`;
}

function marksOf(spans: readonly { readonly start: Position; readonly end: Position }[]): string {
  let marks = '';
  for (const { start, end } of spans) {
    marks = marks.padEnd(start.column - 1) + '^'.repeat(Math.max(1, end.column - start.column));
  }
  return marks;
}

function positionOf(chars: readonly string[], at: number): Position {
  let line = 1;
  let column = 1;
  for (let i = 0; i < at; i++) {
    if (chars[i] === '\n') {
      line += 1;
      column = 1;
    } else column += 1;
  }
  return { line, column };
}
