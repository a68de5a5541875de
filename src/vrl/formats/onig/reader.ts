// Reads the characters of a pattern, and the escapes that mean the same inside of brackets and outside.

import type { CharSet } from '../regex/char_set.ts';
import { propertyClass } from './classes.ts';
import { OnigProblem } from './node.ts';

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

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
    const withControl = /^(?:c|C-)([ -~])/.exec(rest);
    if (withControl) {
      this.at += withControl[0].length;
      return withControl[1] === '?' ? 0x7f : withControl[1]!.charCodeAt(0) & 0x1f;
    }
    return this.next().codePointAt(0)!;
  }
}
