// YAML text as tokens. Indentation becomes tokens of its own, and a key is only known to be one when its colon comes, so
// tokens wait in a queue until it is clear whether a key begins before them.

import { type ScannedScalar, scanBlock, scanPlain, scanQuoted } from './scalar_scan.ts';
import { scanAnchor, scanDirective, scanTag, type TagDirective } from './tag_scan.ts';
import { END, isBlank, isBreak, isSpaceOrEnd, type Mark, problemAt, YamlText } from './text.ts';

export type TokenType =
  | 'stream end'
  | 'version'
  | 'tag directive'
  | 'document start'
  | 'document end'
  | 'block sequence start'
  | 'block mapping start'
  | 'block end'
  | 'flow sequence start'
  | 'flow sequence end'
  | 'flow mapping start'
  | 'flow mapping end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly start: Mark;
  readonly end: Mark;
  /** Of scalars, anchors and aliases their text, of tags what follows the handle, of directives the version. */
  readonly text: string;
  /** Of tags. */
  readonly handle?: string;
  /** Of scalars: whether they are without quotes, and no block. */
  readonly isPlain?: boolean;
  readonly directive?: TagDirective;
}

/** A place where a key may have begun. */
interface KeyPlace {
  readonly mark: Mark;
  /** The number of the token that it would stand before. */
  readonly token: number;
  /** Only a key can stand there. */
  readonly isRequired: boolean;
}

/** A key without `?` is on one line, and no longer than this. */
const KEY_LENGTH_MAX = 1024;

export class YamlScanner {
  readonly #text: YamlText;
  readonly #queue: Token[] = [];
  /** Tokens that left the queue. */
  #taken = 0;
  #isAtEnd = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #keyAllowed = true;
  /** Of each level of brackets, the outermost first. */
  readonly #keys: (KeyPlace | undefined)[] = [undefined];

  constructor(text: string) {
    this.#text = new YamlText(text);
  }

  /** The next token, which stays. */
  peek(): Token {
    while (this.#needsMore() && !this.#isAtEnd) this.#scanToken();
    return this.#queue[0]!;
  }

  /** Takes the token that was peeked at. */
  skip(): void {
    this.#queue.shift();
    this.#taken += 1;
  }

  get #flowLevel(): number {
    return this.#keys.length - 1;
  }

  #needsMore(): boolean {
    if (this.#queue.length === 0) return true;
    this.#dropOldKeys();
    return this.#keys.some((key) => key?.token === this.#taken);
  }

  #scanToken(): void {
    this.#skipToToken();
    this.#dropOldKeys();
    this.#unrollIndent(this.#text.column);
    const text = this.#text;
    const char = text.peek();
    if (char === END) this.#streamEnd();
    else if (text.column === 0 && char === '%') this.#directive();
    else if (text.isDocumentIndicator()) this.#documentIndicator(char === '-' ? 'document start' : 'document end');
    else if (char === '[') this.#openFlow('flow sequence start');
    else if (char === '{') this.#openFlow('flow mapping start');
    else if (char === ']') this.#closeFlow('flow sequence end');
    else if (char === '}') this.#closeFlow('flow mapping end');
    else if (char === ',') this.#flowEntry();
    else if (char === '-' && isSpaceOrEnd(text.peek(1))) this.#blockEntry();
    else if (char === '?' && this.#isIndicator()) this.#key();
    else if (char === ':' && this.#isIndicator()) this.#value();
    else this.#content(char);
  }

  #isIndicator(): boolean {
    return this.#flowLevel > 0 || isSpaceOrEnd(this.#text.peek(1));
  }

  #content(char: string): void {
    const text = this.#text;
    const isBlock = (char === '|' || char === '>') && this.#flowLevel === 0;
    if (char === '*' || char === '&') {
      this.#named(char === '*' ? 'alias' : 'anchor');
    } else if (char === '!') {
      this.#saveKey();
      this.#keyAllowed = false;
      const start = text.mark;
      const { handle, suffix } = scanTag(text, this.#flowLevel > 0);
      this.#push({ type: 'tag', start, end: text.mark, text: suffix, handle });
    } else if (isBlock) {
      this.#dropKey();
      this.#keyAllowed = true;
      this.#scalar(false, () => scanBlock(text, this.#indent));
    } else if (char === "'" || char === '"') {
      this.#saveKey();
      this.#keyAllowed = false;
      this.#scalar(false, () => scanQuoted(text));
    } else if (this.#startsPlain(char)) {
      this.#saveKey();
      this.#keyAllowed = false;
      this.#scalar(true, () => scanPlain(text, this.#indent + 1, this.#flowLevel > 0));
    } else {
      const context = 'while scanning for the next token';
      throw problemAt('found character that cannot start any token', text.mark, context, text.mark);
    }
  }

  #startsPlain(char: string): boolean {
    if (char === '-') return !isBlank(this.#text.peek(1));
    if (char === '?' || char === ':') return this.#flowLevel === 0 && !isSpaceOrEnd(this.#text.peek(1));
    return !isSpaceOrEnd(char) && !',[]{}#&*!|>\'"%@`'.includes(char);
  }

  #scalar(isPlain: boolean, scan: () => ScannedScalar): void {
    const start = this.#text.mark;
    const { value, endedLine } = scan();
    this.#push({ type: 'scalar', start, end: this.#text.mark, text: value, isPlain });
    if (endedLine) this.#keyAllowed = true;
  }

  #named(type: 'alias' | 'anchor'): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#text.mark;
    this.#push({ type, start, end: this.#text.mark, text: scanAnchor(this.#text, type) });
  }

  #push(token: Token): void {
    this.#queue.push(token);
  }

  #pushSigns(type: TokenType, length: number): void {
    const start = this.#text.mark;
    this.#text.skip(length);
    this.#push({ type, start, end: this.#text.mark, text: '' });
  }

  #skipToToken(): void {
    const text = this.#text;
    for (;;) {
      if (text.column === 0 && text.peek() === '\ufeff') text.skip();
      // A tab may stand where no indentation is asked for.
      const takesTabs = this.#flowLevel > 0 || !this.#keyAllowed;
      while (text.peek() === ' ' || (takesTabs && text.peek() === '\t')) text.skip();
      text.skipComment();
      if (!isBreak(text.peek())) return;
      text.takeBreak();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  #dropOldKeys(): void {
    const { line, at } = this.#text.mark;
    for (let i = 0; i < this.#keys.length; i++) {
      const key = this.#keys[i];
      if (key === undefined || (key.mark.line >= line && key.mark.at + KEY_LENGTH_MAX >= at)) continue;
      this.#refuseRequired(key);
      this.#keys[i] = undefined;
    }
  }

  #refuseRequired(key: KeyPlace): void {
    if (key.isRequired)
      throw problemAt("could not find expected ':'", this.#text.mark, 'while scanning a simple key', key.mark);
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    const isRequired = this.#flowLevel === 0 && this.#indent === this.#text.column;
    this.#dropKey();
    this.#keys[this.#flowLevel] = {
      mark: this.#text.mark,
      token: this.#taken + this.#queue.length,
      isRequired,
    };
  }

  #dropKey(): void {
    const key = this.#keys[this.#flowLevel];
    if (key !== undefined) this.#refuseRequired(key);
    this.#keys[this.#flowLevel] = undefined;
  }

  /** Begins a block at a deeper column, before a token that may be in the queue. */
  #rollIndent(column: number, type: TokenType, mark: Mark, token?: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    const at = token === undefined ? this.#queue.length : token - this.#taken;
    this.#queue.splice(at, 0, { type, start: mark, end: mark, text: '' });
  }

  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      const { mark } = this.#text;
      this.#push({ type: 'block end', start: mark, end: mark, text: '' });
      this.#indent = this.#indents.pop()!;
    }
  }

  #streamEnd(): void {
    this.#text.endLine();
    this.#unrollIndent(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#isAtEnd = true;
    this.#pushSigns('stream end', 0);
  }

  #directive(): void {
    this.#unrollIndent(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    const start = this.#text.mark;
    const directive = scanDirective(this.#text);
    const end = this.#text.mark;
    if (typeof directive === 'string') this.#push({ type: 'version', start, end, text: directive });
    else this.#push({ type: 'tag directive', start, end, text: '', directive });
  }

  #documentIndicator(type: TokenType): void {
    this.#unrollIndent(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#pushSigns(type, 3);
  }

  #openFlow(type: TokenType): void {
    this.#saveKey();
    this.#keys.push(undefined);
    this.#keyAllowed = true;
    this.#pushSigns(type, 1);
  }

  #closeFlow(type: TokenType): void {
    this.#dropKey();
    if (this.#flowLevel > 0) this.#keys.pop();
    this.#keyAllowed = false;
    this.#pushSigns(type, 1);
  }

  #flowEntry(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#pushSigns('flow entry', 1);
  }

  #blockEntry(): void {
    const { mark } = this.#text;
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw problemAt('block sequence entries are not allowed in this context', mark);
      this.#rollIndent(mark.column, 'block sequence start', mark);
    }
    this.#dropKey();
    this.#keyAllowed = true;
    this.#pushSigns('block entry', 1);
  }

  #key(): void {
    const { mark } = this.#text;
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw problemAt('mapping keys are not allowed in this context', mark);
      this.#rollIndent(mark.column, 'block mapping start', mark);
    }
    this.#dropKey();
    this.#keyAllowed = this.#flowLevel === 0;
    this.#pushSigns('key', 1);
  }

  #value(): void {
    const { mark } = this.#text;
    const key = this.#keys[this.#flowLevel];
    if (key !== undefined) {
      this.#queue.splice(key.token - this.#taken, 0, { type: 'key', start: key.mark, end: key.mark, text: '' });
      this.#rollIndent(key.mark.column, 'block mapping start', key.mark, key.token);
      this.#keys[this.#flowLevel] = undefined;
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) throw problemAt('mapping values are not allowed in this context', mark);
        this.#rollIndent(mark.column, 'block mapping start', mark);
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    this.#pushSigns('value', 1);
  }
}
