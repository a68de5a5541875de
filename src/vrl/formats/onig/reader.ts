// Reads the characters of a pattern, and the escapes that mean the same inside of brackets and outside.

import type { CharSet } from '../regex/char_set.ts';
import { propertyClass } from './classes.ts';
import { OnigProblem } from './node.ts';

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

type Complaint = readonly [code: number, message: string];

const AT_CONTROL: Complaint = [-106, 'end pattern at control'];
const AT_META: Complaint = [-105, 'end pattern at meta'];

export class PatternReader {
  readonly source: string;
  at = 0;

  constructor(source: string) {
    this.source = source;
  }

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  get char(): string {
    return this.source[this.at] ?? '';
  }

  /** The next character, which must be there. */
  next(): string {
    const char = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += char.length;
    return char;
  }

  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** `p{Name}`, `P{Name}`, `p{^Name}` behind a backslash. */
  property(): CharSet {
    const match = /^([pP])\{(\^?)([^}]*)\}/.exec(this.source.slice(this.at, this.at + 80));
    const set = match && propertyClass(match[3]!);
    if (!match || !set) throw new OnigProblem(-223, `invalid character property name {${match?.[3] ?? this.char}}`);
    this.at += match[0].length;
    return (match[1] === 'P') !== (match[2] === '^') ? set.negated() : set;
  }

  /** The character that an escape stands for, from behind its backslash. */
  escapedCode(): number {
    const rest = this.source.slice(this.at, this.at + 16);
    const hex = /^x\{([0-9A-Fa-f]{1,8})\}|^x([0-9A-Fa-f]{1,2})|^u([0-9A-Fa-f]{4})/.exec(rest);
    if (hex) {
      this.at += hex[0].length;
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
      if (code > 0x10ffff) throw new OnigProblem(-401, 'too big wide-char value');
      return code;
    }
    const octal = /^[0-7]{1,3}/.exec(rest);
    if (octal) {
      this.at += octal[0].length;
      return Number.parseInt(octal[0], 8);
    }
    const control = CONTROLS[rest[0]!];
    if (control !== undefined) {
      this.at++;
      return control;
    }
    if (this.take('c')) return this.#controlled();
    if (this.take('C'))
      return this.#dashed(() => this.#controlled(), AT_CONTROL, [-109, 'invalid control-code syntax']);
    if (this.take('M')) return this.#dashed(() => this.#meta(), AT_META, [-108, 'invalid meta-code syntax']);
    return this.next().codePointAt(0)!;
  }

  /** What stands behind a dash. */
  #dashed(read: () => number, atEnd: Complaint, withoutDash: Complaint): number {
    if (this.atEnd) throw new OnigProblem(...atEnd);
    if (!this.take('-')) throw new OnigProblem(...withoutDash);
    return read();
  }

  #controlled(): number {
    if (this.take('?')) return 0x7f;
    return this.#modified(AT_CONTROL) & 0x9f;
  }

  #meta(): number {
    return (this.#modified(AT_META) & 0xff) | 0x80;
  }

  #modified(atEnd: Complaint): number {
    if (this.atEnd) throw new OnigProblem(...atEnd);
    if (!this.take('\\')) return this.next().codePointAt(0)!;
    if (this.atEnd) throw new OnigProblem(-104, 'end pattern at escape');
    if (/[cCM]/.test(this.char)) return this.escapedCode();
    const char = this.next();
    return CONTROLS[char] ?? char.codePointAt(0)!;
  }
}
