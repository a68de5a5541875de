// Where a byte of a source is: line, character in the line, and column on a screen.

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
  text(line: number): string {
    return (this.#lines[line] ?? '').replace(/\r$/, '');
  }

  /** The place of a byte. One beyond the end is the end; one inside a character is that character. */
  position(byte: number): Position {
    const line = this.#lineOf(byte);
    let at = this.#starts[line]!;
    let character = 0;
    for (const char of this.text(line)) {
      at += byteLength(char);
      if (at > byte) break;
      character++;
    }
    return { line, character };
  }

  #lineOf(byte: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A surrogate pair is two units and four bytes.
    length += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return length;
}
