// Whether what came out of a program is what should have: nothing lost, doubled, wrong or out of order.
//
// Lines carry a number, so each is looked up by itself. A line that equals the last right one of its shape but for the
// number is right without parsing: a gigabyte is checked in a second or two, outside of what is measured.

import { closeSync, openSync, readSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { FIRST_NUMBER, type InputFile, Template } from './inputs.ts';

/** What a job makes of its lines. */
export interface Expectation {
  /**
   * What a line of input becomes, to be compared with `read`'s result; undefined when it is dropped. `next` is the line
   * after it.
   */
  readonly expected: (line: string, next: string) => unknown;
  /** The value of a line of output; the parsed JSON unless given. */
  readonly read?: (text: string) => unknown;
  /** Compares both; deeply unless given. */
  readonly isRight?: (output: unknown, expected: unknown) => boolean;
  /** Whether the text of a line differs from run to run, as a time of ingestion does. */
  readonly isVolatile?: boolean;
}

export interface Verdict {
  readonly lines: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly disordered: number;
  /** The first thing that was not right. */
  readonly example: string | undefined;
}

/** The number of a line, in whatever form it is written, quoted or not; the last zeros of a time may be missing. */
const NUMBER = /(?:(?:seq\\*"\s?:\s?"?|\/shop\\?\/items\\?\/)(\d{9})|T00:00:00\.(\d{3,9}))(?!\d)/;

export class LineCheck {
  readonly #template: Template;
  readonly #input: InputFile;
  readonly #expectation: Expectation;
  readonly #seen: Uint8Array;
  /** Per shape, whether its lines are kept: 0 unknown, 1 no, 2 yes. */
  readonly #kept = new Uint8Array(20_000);
  /** Per shape, the text of a right line before and after its number. */
  readonly #right: ({ head: Buffer; tail: Buffer } | undefined)[] = [];
  #lines = 0;
  #wrong = 0;
  #disordered = 0;
  #example: string | undefined;

  constructor(input: InputFile, expectation: Expectation, template: Template = new Template(input.kind)) {
    this.#template = template;
    this.#input = input;
    this.#expectation = expectation;
    this.#seen = new Uint8Array(input.lines);
  }

  /** How many lines must come out. */
  get linesExpected(): number {
    let count = 0;
    for (let index = 0; index < this.#input.lines; index++) if (this.#isKept(index)) count++;
    return count;
  }

  /**
   * A place where lines come in an order of their own: one connection, or the body of one request. Lines that went in
   * by different requests have no order among them; `sourceOf` says which belong together.
   */
  stream(sourceOf?: (index: number) => number): LineStream {
    let previous = -1;
    const lasts = new Map<number, number>();
    return new LineStream((line) => {
      const index = this.#take(line, previous + 1);
      if (index === undefined) return;
      previous = index;
      const source = sourceOf ? sourceOf(index) : 0;
      const last = lasts.get(source) ?? -1;
      if (index < last) this.#fault(line, `line ${index} after line ${last}`, () => this.#disordered++);
      else lasts.set(source, index);
    });
  }

  /** The first `count` lines came out as they went in. */
  markFirst(count: number): void {
    this.#lines += count;
    for (let index = 0; index < count; index++) this.#seen[index]!++;
  }

  verdict(): Verdict {
    let lost = 0;
    let doubled = 0;
    for (const [index, times] of this.#seen.entries()) {
      if (times > 1) doubled += times - 1;
      if (times > 0 || !this.#isKept(index)) continue;
      if (lost++ === 0) this.#example ??= `lost: ${this.#template.line(index)}`;
    }
    return {
      lines: this.#lines,
      lost,
      doubled,
      wrong: this.#wrong,
      disordered: this.#disordered,
      example: this.#example,
    };
  }

  #take(line: Buffer, likely: number): number | undefined {
    this.#lines++;
    const next = this.#nextKept(likely);
    if (next !== undefined && this.#equalsRightOne(line, next)) {
      this.#seen[next]!++;
      return next;
    }
    const text = line.toString('utf8');
    const match = NUMBER.exec(text);
    const index = match ? Number((match[1] ?? match[2]!).padEnd(9, '0')) - FIRST_NUMBER : -1;
    if (!match || index < 0 || index >= this.#input.lines) {
      this.#fault(line, 'no line of the input', () => this.#wrong++);
      return undefined;
    }
    const expected = this.#expected(index);
    if (expected === undefined || !this.#isRight(text, expected)) {
      this.#fault(line, expected === undefined ? 'should have been dropped' : 'wrong', () => this.#wrong++);
      return index;
    }
    this.#seen[index]!++;
    if (!this.#expectation.isVolatile) this.#remember(line, index);
    return index;
  }

  #isRight(text: string, expected: unknown): boolean {
    const { read = JSON.parse, isRight = isDeepStrictEqual } = this.#expectation;
    try {
      return isRight(read(text), expected);
    } catch {
      return false;
    }
  }

  #equalsRightOne(line: Buffer, index: number): boolean {
    const right = this.#right[this.#template.shapeOf(index)];
    if (!right) return false;
    const { head, tail } = right;
    const tailAt = head.length + 9;
    return (
      line.length === tailAt + tail.length &&
      head.compare(line, 0, head.length) === 0 &&
      tail.compare(line, tailAt) === 0 &&
      Number(line.toString('latin1', head.length, tailAt)) === FIRST_NUMBER + index
    );
  }

  #remember(line: Buffer, index: number): void {
    const at = line.indexOf(String(FIRST_NUMBER + index));
    if (at === -1) return;
    this.#right[this.#template.shapeOf(index)] = {
      head: Buffer.from(line.subarray(0, at)),
      tail: Buffer.from(line.subarray(at + 9)),
    };
  }

  #nextKept(from: number): number | undefined {
    let index = from;
    while (index < this.#input.lines && !this.#isKept(index)) index++;
    return index < this.#input.lines ? index : undefined;
  }

  #isKept(index: number): boolean {
    const shape = this.#template.shapeOf(index);
    if (this.#kept[shape] === 0) {
      this.#kept[shape] = this.#expected(index) === undefined ? 1 : 2;
    }
    return this.#kept[shape] === 2;
  }

  #expected(index: number): unknown {
    return this.#expectation.expected(this.#template.line(index), this.#template.line(index + 1));
  }

  #fault(line: Buffer, what: string, count: () => void): void {
    count();
    this.#example ??= `${what}: ${line.toString('utf8', 0, 600)}`;
  }
}

/** The fewest bytes that lines of JSON without blanks can have, when all that is expected is in them. */
export function leastBytes(input: InputFile, { expected }: Expectation): number {
  const template = new Template(input.kind);
  const lengths: number[] = [];
  let bytes = 0;
  for (let index = 0; index < input.lines; index++) {
    const shape = template.shapeOf(index);
    if (lengths[shape] === undefined) {
      const value = expected(template.line(index), template.line(index + 1));
      lengths[shape] = value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)) + 1;
    }
    bytes += lengths[shape];
  }
  return bytes;
}

/** Compares the counters in the text of a scrape with the lines that went in; what is wrong, or nothing. */
export function checkCounters(input: InputFile, { expected }: Expectation, text: string): string | undefined {
  const template = new Template(input.kind);
  const wanted = new Map<string, number>();
  const keys: string[] = [];
  for (let index = 0; index < input.lines; index++) {
    const shape = template.shapeOf(index);
    const key = (keys[shape] ??= keyOf(expected(template.line(index), '') as Record<string, string>));
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
  }
  for (const [, labels, value] of text.matchAll(/^lines_total\{([^}]*)\} (\d+)/gm)) {
    const key = keyOf(
      Object.fromEntries([...labels!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, each]) => [name, each])),
    );
    if (wanted.get(key) !== Number(value)) return `${key} is ${value}, and not ${wanted.get(key)}`;
    wanted.delete(key);
  }
  return wanted.size === 0 ? undefined : `${wanted.size} series are missing, as ${[...wanted.keys()][0]}`;
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');
}

/** Cuts chunks into lines, leaving out empty ones. A part of a line waits for the rest of it, copied. */
export class LineStream {
  readonly #take: (line: Buffer) => void;
  #carry: Buffer | undefined;

  constructor(take: (line: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let at = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, at)) {
      const line = chunk.subarray(at, end);
      if (this.#carry || line.length > 0) this.#take(this.#carry ? Buffer.concat([this.#carry, line]) : line);
      this.#carry = undefined;
      at = end + 1;
    }
    if (at === chunk.length) return;
    const rest = chunk.subarray(at);
    this.#carry = this.#carry ? Buffer.concat([this.#carry, rest]) : Buffer.from(rest);
  }

  /** What is left without a newline is a line too. */
  end(): void {
    if (this.#carry) this.#take(this.#carry);
    this.#carry = undefined;
  }
}

/** Compares bytes with the input itself; from the first difference on, line by line. */
export class SameCheck {
  readonly #file: number;
  readonly #input: InputFile;
  readonly #buffer = Buffer.allocUnsafe(1 << 20);
  #position = 0;
  #lines: LineCheck | undefined;
  #stream: LineStream | undefined;

  constructor(input: InputFile) {
    this.#input = input;
    this.#file = openSync(input.path, 'r');
  }

  push(chunk: Buffer): void {
    if (this.#stream) {
      this.#stream.push(chunk);
      return;
    }
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.#buffer.length);
      const read = readSync(this.#file, this.#buffer, 0, part.length, this.#position);
      if (read !== part.length || part.compare(this.#buffer, 0, read) !== 0) {
        this.#goOnByLine().push(chunk.subarray(at));
        return;
      }
      at += part.length;
      this.#position += part.length;
    }
  }

  verdict(): Verdict {
    if (!this.#lines) this.#goOnByLine();
    this.#stream!.end();
    closeSync(this.#file);
    return this.#lines!.verdict();
  }

  #goOnByLine(): LineStream {
    const template = new Template(this.#input.kind);
    const same: Expectation = { expected: (line) => line, read: (text) => text };
    this.#lines = new LineCheck(this.#input, same, template);
    let whole = 0;
    while (whole < this.#input.lines && template.offsetOf(whole + 1) <= this.#position) whole++;
    this.#lines.markFirst(whole);
    this.#stream = this.#lines.stream();
    const begun = Buffer.alloc(this.#position - template.offsetOf(whole));
    readSync(this.#file, begun, 0, begun.length, template.offsetOf(whole));
    this.#stream.push(begun);
    return this.#stream;
  }
}
