// Where a byte of a source is: its line, and the character in the line.

import { byteLength, firstAtLeast, type MeasuredLine, measureLine } from './shown_line.ts';

/** A place in a source text. All count from 0. */
export interface Position {
  readonly line: number;
  /** In characters (code points). */
  readonly character: number;
}

export class SourceLines {
  readonly #lines: readonly string[];
  /** The byte at which each line begins. */
  readonly #starts: readonly number[];
  /** The line asked for last: labels come in crowds. */
  #measured: { readonly line: number; readonly measure: MeasuredLine } | undefined;

  constructor(source: string) {
    this.#lines = source.split('\n');
    const starts: number[] = [];
    let start = 0;
    for (const line of this.#lines) {
      starts.push(start);
      start += byteLength(line) + 1;
    }
    this.#starts = starts;
  }

  /** A line without its end. */
  measure(line: number): MeasuredLine {
    if (this.#measured?.line === line) return this.#measured.measure;
    const measure = measureLine((this.#lines[line] ?? '').replace(/\r$/, ''));
    this.#measured = { line, measure };
    return measure;
  }

  /** The place of a byte. One beyond the end is the end; one inside a character is that character. */
  position(byte: number): Position {
    const line = Math.max(0, firstAtLeast(this.#starts, byte + 1) - 1);
    const { bytes } = this.measure(line);
    const character = firstAtLeast(bytes, byte - this.#starts[line]! + 1) - 1;
    return { line, character: Math.max(0, character) };
  }
}
