// Diagnostics as text for people:
//
//   error[E630]: the title
//     ┌─ remap.vrl:2:8
//     │
//   2 │ to_int(5 / 0)
//     │        ^^^^^ the fault
//     │
//     = hint: a way out

import type { Diagnostic, Label, Span } from './diagnostic.ts';
import { type Colour, type Paint, painter } from './paint.ts';
import { plainText, showLine } from './shown_line.ts';
import { type Position, SourceLines } from './source_lines.ts';
import { type Mark, underline } from './underline.ts';

export interface RenderOptions {
  readonly color: boolean;
  /** Stands before the line and column. */
  readonly fileName?: string;
}

/** Diagnostics shown one by one; of the rest their number. */
const SHOWN_MAX = 100;

/** Blocks with an empty line between them, and no newline at the end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], source: string, options: RenderOptions): string {
  const lines = new SourceLines(source);
  const paint = painter(options.color);
  const blocks = diagnostics
    .slice(0, SHOWN_MAX)
    .map((diagnostic) => new Block(diagnostic, lines, paint, options.fileName ?? '').render());
  if (diagnostics.length > SHOWN_MAX) blocks.push(`… and ${diagnostics.length - SHOWN_MAX} more`);
  return blocks.join('\n\n');
}

interface Located {
  readonly label: Label;
  readonly start: Position;
  readonly end: Position;
}

class Block {
  readonly #diagnostic: Diagnostic;
  readonly #lines: SourceLines;
  readonly #paint: Paint;
  readonly #fileName: string;
  readonly #labels: readonly Located[];
  readonly #output: string[] = [];
  #margin = '';

  constructor(diagnostic: Diagnostic, lines: SourceLines, paint: Paint, fileName: string) {
    this.#diagnostic = diagnostic;
    this.#lines = lines;
    this.#paint = paint;
    this.#fileName = fileName;
    this.#labels = diagnostic.labels.map((label) => {
      const start = lines.position(label.span.start);
      return { label, start, end: endOf(label.span, start, lines) };
    });
  }

  render(): string {
    const { severity, code, message, notes } = this.#diagnostic;
    const head = `${severity}[E${String(code).padStart(3, '0')}]`;
    const colour = severity === 'error' ? 'boldRed' : 'boldYellow';
    this.#output.push(
      `${this.#paint(colour, head)}${this.#paint('bold', `: ${plainText(message).replaceAll('\n', ' ')}`)}`,
    );
    this.#snippet();
    for (const note of notes) this.#note(note);
    return this.#output.map((line) => line.trimEnd()).join('\n');
  }

  #snippet(): void {
    const main = this.#labels.find(({ label }) => label.primary) ?? this.#labels[0];
    if (!main) return;
    const shown = this.#shownLines();
    this.#margin = ' '.repeat(String(shown.at(-1)! + 1).length);
    const place = `${this.#fileName}:${main.start.line + 1}:${main.start.character + 1}`;
    this.#output.push(`${this.#margin} ${this.#paint('blue', '┌─')} ${place}`);
    this.#gutter('');
    let before: number | undefined;
    for (const line of shown) {
      if (before !== undefined && line > before + 1) {
        if (line === before + 2) this.#line(before + 1, main);
        else this.#output.push(`${this.#margin} ${this.#paint('blue', '·')}${this.#laneRow(before + 1)}`);
      }
      this.#line(line, main);
      before = line;
    }
    if (this.#diagnostic.notes.length > 0) this.#gutter('');
  }

  /** Lines with a beginning or an end of a label, and what leads on from the beginning of long ones. */
  #shownLines(): number[] {
    const lines = new Set<number>();
    for (const { start, end } of this.#labels) {
      lines.add(start.line);
      lines.add(end.line);
      if (end.line > start.line + 1) lines.add(start.line + 1);
    }
    return [...lines].sort((a, b) => a - b);
  }

  #gutter(text: string, number?: number): void {
    const left = number === undefined ? this.#margin : String(number).padStart(this.#margin.length);
    this.#output.push(`${this.#paint('blue', `${left} │`)} ${text}`);
  }

  /** Labels over several lines, each with a column of its own at the left. */
  get #multiLine(): readonly Located[] {
    return this.#labels.filter(({ start, end }) => end.line > start.line).slice(0, LANES_MAX);
  }

  /** The lanes at the left of a line, as they are above or below what begins and ends there. */
  #lanes(isOpen: (located: Located) => boolean): string {
    return this.#multiLine
      .map((located) => (isOpen(located) ? this.#paint(this.#colourOf(located.label), '│') : ' '))
      .join('')
      .concat(this.#multiLine.length > 0 ? ' ' : '');
  }

  #laneRow(line: number): string {
    const lanes = this.#lanes(({ start, end }) => start.line < line && line <= end.line);
    return lanes.trim() === '' ? '' : ` ${lanes}`;
  }

  get #faultColour(): Colour {
    return this.#diagnostic.severity === 'error' ? 'red' : 'yellow';
  }

  #colourOf(label: Label): Colour {
    return label.primary ? this.#faultColour : 'blue';
  }

  #line(line: number, main: Located): void {
    const own = this.#labels.filter(({ start, end }) => start.line === line || end.line === line);
    const focus = (own.find(({ label }) => label.primary) ?? own[0] ?? main).start;
    const at = focus.line === line ? focus.character : (own[0]?.end.character ?? 0);
    const shown = showLine(this.#lines.measure(line), at);
    this.#gutter(this.#lanes(({ start, end }) => start.line < line && line <= end.line) + shown.text, line + 1);
    const columnOf = (character: number) => shown.columnOf(character);
    const marks: Mark[] = own
      .filter((located) => located.start.line === located.end.line)
      .map(({ label, start, end }) => ({
        from: columnOf(start.character),
        to: Math.max(columnOf(start.character) + 1, columnOf(end.character)),
        messages: plainText(label.message).split('\n'),
        primary: label.primary,
      }));
    const blank = this.#lanes(({ start, end }) => start.line < line && line <= end.line);
    const colours = { primary: this.#faultColour, context: 'blue' } as const;
    for (const row of underline(marks, this.#paint, colours)) this.#gutter(blank + row);
    for (const located of this.#multiLine) {
      if (located.start.line === line) this.#connect(located, line, columnOf(located.start.character), '╭', '');
      if (located.end.line !== line) continue;
      const last = Math.max(0, columnOf(located.end.character) - 1);
      this.#connect(located, line, last, '╰', plainText(located.label.message));
    }
  }

  /** A line from a lane to the place where its label begins or ends. */
  #connect(located: Located, line: number, column: number, corner: '╭' | '╰', message: string): void {
    const lanes = this.#multiLine;
    const own = lanes.indexOf(located);
    const colour = this.#colourOf(located.label);
    const left = lanes
      .slice(0, own)
      .map((other) => {
        const isOpen = other.start.line <= line && (corner === '╭' ? line <= other.end.line : line < other.end.line);
        return isOpen ? this.#paint(this.#colourOf(other.label), '│') : ' ';
      })
      .join('');
    const reach = '─'.repeat(lanes.length - own + column);
    const sign = located.label.primary ? '^' : '-';
    const [first, ...more] = message.split('\n');
    this.#gutter(left + this.#paint(colour, `${corner}${reach}${sign}${first ? ` ${first}` : ''}`));
    for (const text of more) this.#gutter(`${' '.repeat(lanes.length + 1 + column)}  ${this.#paint(colour, text)}`);
  }

  #note(note: string): void {
    const [first = '', ...more] = plainText(note).split('\n');
    this.#output.push(`${this.#margin} ${this.#paint('blue', '=')} ${first}`);
    for (const line of more) this.#output.push(`${this.#margin}   ${line}`);
  }
}

/** Where a label ends; one that takes a newline along ends with the line. */
function endOf(span: Span, start: Position, lines: SourceLines): Position {
  if (span.end <= span.start) return start;
  const last = lines.position(span.end - 1);
  return lines.position(span.end).line > last.line
    ? { ...last, character: last.character + 1 }
    : lines.position(span.end);
}

/** Labels over several lines that are drawn; more would be unreadable. */
const LANES_MAX = 4;
