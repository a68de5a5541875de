// A place in a YAML text that moves forward, with the line and column that messages name.

/** Lines and columns count from 0; columns count characters. */
export interface Mark {
  readonly line: number;
  readonly column: number;
  /** In UTF-16 units. */
  readonly at: number;
}

function markText({ line, column }: Mark): string {
  return `line ${line + 1} column ${column + 1}`;
}

/** What is wrong with a text, in Vector's words. Thrown inside, made a failure at the edge. */
export class YamlProblem extends Error {}

/** A problem at a place, found while doing something that began at another. The very beginning goes without saying. */
export function problemAt(problem: string, mark: Mark, context?: string, contextMark?: Mark): YamlProblem {
  const isAtStart = mark.line === 0 && mark.column === 0;
  let text = isAtStart ? problem : `${problem} at ${markText(mark)}`;
  if (context !== undefined) text += `, ${context}`;
  if (contextMark !== undefined) {
    const isSame = contextMark.line === mark.line && contextMark.column === mark.column;
    if (!isSame && (contextMark.line !== 0 || contextMark.column !== 0)) text += ` at ${markText(contextMark)}`;
  }
  return new YamlProblem(text);
}

/** The end of the text, as a character. */
export const END = '';

export function isBreak(char: string): boolean {
  return char === '\n' || char === '\r' || char === '\x85' || char === '\u2028' || char === '\u2029';
}

export function isBlank(char: string): boolean {
  return char === ' ' || char === '\t';
}

export function isBreakOrEnd(char: string): boolean {
  return char === END || isBreak(char);
}

export function isSpaceOrEnd(char: string): boolean {
  return isBlank(char) || isBreakOrEnd(char);
}

export class YamlText {
  readonly #text: string;
  #at = 0;
  line = 0;
  column = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get mark(): Mark {
    return { line: this.line, column: this.column, at: this.#at };
  }

  /** The character here or further on; `END` behind the last one. Halves of a pair come one by one. */
  peek(offset = 0): string {
    return this.#text[this.#at + offset] ?? END;
  }

  /** Steps over a character that is no line break. */
  skip(count = 1): void {
    this.#at += count;
    this.column += count;
  }

  /** Steps over a line break; what it stands for in text. */
  takeBreak(): string {
    const char = this.peek();
    this.#at += char === '\r' && this.peek(1) === '\n' ? 2 : 1;
    this.line += 1;
    this.column = 0;
    return char === '\u2028' || char === '\u2029' ? char : '\n';
  }

  /** Takes characters until `stops` says so; never over a line break. */
  takeWhile(goesOn: (char: string) => boolean): string {
    const start = this.#at;
    while (this.peek() !== END && goesOn(this.peek())) this.#step();
    return this.#text.slice(start, this.#at);
  }

  /** Takes one character, both halves of a pair. */
  take(): string {
    const start = this.#at;
    this.#step();
    return this.#text.slice(start, this.#at);
  }

  #step(): void {
    this.#at += this.#text.codePointAt(this.#at)! > 0xffff ? 2 : 1;
    this.column += 1;
  }

  skipBlanks(): void {
    while (isBlank(this.peek())) this.skip();
  }

  skipComment(): void {
    if (this.peek() === '#') this.takeWhile((char) => !isBreak(char));
  }

  startsWith(word: string): boolean {
    return this.#text.startsWith(word, this.#at);
  }

  /** Whether a line `---` or `...` begins here. */
  isDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    return (this.startsWith('---') || this.startsWith('...')) && isSpaceOrEnd(this.peek(3));
  }

  /** The text ends a line, even where the line break is missing. */
  endLine(): void {
    if (this.column === 0) return;
    this.column = 0;
    this.line += 1;
  }
}
