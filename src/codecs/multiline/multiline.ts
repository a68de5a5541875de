// Merges lines that belong together (a stack trace, a wrapped message) into one, by patterns. Shared by the sources
// that read lines.
//
//   no group open:   start_pattern matches ─► a group is open          else ─► the line goes out as it is
//   group open:      continue_through   joins while condition_pattern matches; the first other line is a new line
//                    continue_past      joins while it matches, and one line more, which ends the group
//                    halt_before        joins while it does not match; the matching line is a new line
//                    halt_with          joins up to and with the matching line
//   timeout_ms after the group's last line, or at the end of the input: it goes out as it is
//
// Invariant: what is held is bounded by `GROUP_MAX_BYTES` per stream and the budget that all streams of a source share.

import { object, oneOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { compilePattern, PatternProblem } from '../../std/pattern.ts';

const pattern = (doc: string, examples: readonly string[]) =>
  parsed(string(doc, { syntax: 'regex', examples }), (source) => {
    const compiled = compilePattern(source);
    return compiled instanceof PatternProblem ? new ParseProblem(compiled.message) : compiled;
  });

/** The option `multiline`. */
export function multiline() {
  return object(
    'Merges several lines into one event, as stack traces and wrapped messages need it. Without it every line is an event.',
    {
      start_pattern: pattern('A regular expression that the first line of a message matches.', [
        '^[\\s]+',
        '\\\\$',
        '^(INFO|ERROR) ',
        ';$',
      ]),
      condition_pattern: pattern(
        'A regular expression that tells whether a line goes on, ends or begins a message; `mode` says which.',
        ['^[\\s]+', '\\\\$', '^(INFO|ERROR) ', ';$'],
      ),
      mode: oneOf(
        ['continue_through', 'continue_past', 'halt_before', 'halt_with'],
        'How lines are gathered: all further lines that match (`continue_through`), those and one more (`continue_past`), all up to a line that matches (`halt_before`), or with it (`halt_with`).',
      ),
      timeout_ms: uint('How long to wait for a further line before the message goes out as it is.', {
        unit: 'milliseconds',
        examples: [1000, 600000],
      }),
    },
    { optional: true },
  );
}

export interface MultilineConfig {
  readonly start_pattern: RegExp;
  readonly condition_pattern: RegExp;
  readonly mode: 'continue_through' | 'continue_past' | 'halt_before' | 'halt_with';
  readonly timeout_ms: number;
}

/** The same for a message that begins with a line matching `start` and goes on to the next such line. */
export function startsWith(start: RegExp, timeoutMs: number): MultilineConfig {
  return { start_pattern: start, condition_pattern: start, mode: 'halt_before', timeout_ms: timeoutMs };
}

/** Text, or bytes where they are not valid UTF-8. */
export type LineText = string | Uint8Array;

/** A line or a merged message, with where it began and ended in its stream. */
export interface Merged {
  readonly text: LineText;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** A message larger than this goes out in pieces. */
export const GROUP_MAX_BYTES = 1_048_576;

/** What the open groups of all streams of one source may hold together; beyond it the group at hand goes out. */
export const HELD_MAX_BYTES = 33_554_432;

/** What the mergers of one source share: the bytes they hold, and who is told that a limit was reached. */
export interface MergeBudget {
  heldBytes: number;
  readonly onLimit: (reason: 'group' | 'held') => void;
}

/** Whether a line behind an open group joins it, by whether it matches the condition. */
const JOINS: Record<MultilineConfig['mode'], (matches: boolean) => boolean> = {
  continue_through: (matches) => matches,
  continue_past: () => true,
  halt_before: (matches) => !matches,
  halt_with: () => true,
};

/** Whether a line that joined the group is its last. */
const ENDS: Record<MultilineConfig['mode'], (matches: boolean) => boolean> = {
  continue_through: () => false,
  continue_past: (matches) => !matches,
  halt_before: () => false,
  halt_with: (matches) => matches,
};

export class LineMerger {
  readonly #config: MultilineConfig;
  readonly #budget: MergeBudget;
  readonly #emit: (merged: Merged) => void;
  #lines: LineText[] = [];
  #bytes = 0;
  #startOffset = 0;
  #endOffset = 0;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** `emit` is called in the order of the lines, from within `add` and `flush`. */
  constructor(config: MultilineConfig, budget: MergeBudget, emit: (merged: Merged) => void) {
    this.#config = config;
    this.#budget = budget;
    this.#emit = emit;
  }

  /** When the open group is due, on the clock of `add`'s `nowMs`; infinity when none is open. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Takes the next line. */
  add(text: LineText, startOffset: number, endOffset: number, nowMs: number): void {
    const { mode, condition_pattern } = this.#config;
    const isOpen = this.#lines.length > 0;
    const matches = isOpen && test(condition_pattern, text);
    const joins = isOpen && JOINS[mode](matches);
    if (joins) {
      this.#join(text, startOffset, endOffset, nowMs);
      if (ENDS[mode](matches)) this.flush();
    } else {
      this.flush();
      this.#begin(text, startOffset, endOffset, nowMs);
    }
  }

  /** Sends the open group on as it is: its time is over, or the stream is. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const text = joined(this.#lines);
    this.#lines = [];
    this.#budget.heldBytes -= this.#bytes;
    this.#bytes = 0;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#emit({ text, startOffset: this.#startOffset, endOffset: this.#endOffset });
  }

  #begin(text: LineText, startOffset: number, endOffset: number, nowMs: number): void {
    if (test(this.#config.start_pattern, text)) this.#hold(text, startOffset, endOffset, nowMs);
    else this.#emit({ text, startOffset, endOffset });
  }

  /** Adds a line to the open group; when there is no room for it, the group goes out and the line opens the next. */
  #join(text: LineText, startOffset: number, endOffset: number, nowMs: number): void {
    if (this.#bytes + sizeOf(text) > GROUP_MAX_BYTES) {
      this.#budget.onLimit('group');
      this.flush();
    }
    this.#hold(text, startOffset, endOffset, nowMs);
  }

  #hold(text: LineText, startOffset: number, endOffset: number, nowMs: number): void {
    const bytes = sizeOf(text);
    if (this.#budget.heldBytes + bytes > HELD_MAX_BYTES) {
      this.#budget.onLimit('held');
      this.flush();
      if (this.#budget.heldBytes + bytes > HELD_MAX_BYTES) {
        this.#emit({ text, startOffset, endOffset });
        return;
      }
    }
    if (this.#lines.length === 0) this.#startOffset = startOffset;
    this.#lines.push(text);
    this.#endOffset = endOffset;
    this.#bytes += bytes;
    this.#budget.heldBytes += bytes;
    this.#deadlineMs = nowMs + this.#config.timeout_ms;
  }
}

/** What a held line takes: its text (counted as one byte per character) and its place in the list. */
const LINE_OVERHEAD_BYTES = 32;

function sizeOf(text: LineText): number {
  return text.length + LINE_OVERHEAD_BYTES;
}

function test(expression: RegExp, text: LineText): boolean {
  return expression.test(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
}

/** Lines are joined by a newline, whatever divided them in the stream. */
function joined(lines: readonly LineText[]): LineText {
  if (lines.length === 1) return lines[0]!;
  if (lines.every((line) => typeof line === 'string')) return lines.join('\n');
  return Buffer.concat(
    lines.flatMap((line, index) => [Buffer.from(index === 0 ? '' : '\n'), Buffer.from(line as string)]),
  );
}
