// Patterns of schemas, which are regular expressions of JavaScript. They run on the engine that is linear in the text;
// only what that does not know (look-around, references) runs on the platform's own.

import { compileRegex } from '../regex.ts';

/** A test for text in which the pattern occurs; undefined when it is not a pattern. */
export function patternTest(pattern: string): ((text: string) => boolean) | undefined {
  // References to groups by name are none to Vector's validator.
  if (pattern.includes('\\k<')) return undefined;
  let native: RegExp;
  try {
    native = new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
  const compiled = compileRegex(asRustPattern(pattern));
  return typeof compiled === 'string' ? (text) => native.test(text) : (text) => compiled.test(text);
}

const ASCII_CLASSES: Readonly<Record<string, readonly [outside: string, inside: string]>> = {
  d: ['[0-9]', '0-9'],
  D: ['[^0-9]', '[^0-9]'],
  w: ['[A-Za-z0-9_]', 'A-Za-z0-9_'],
  W: ['[^A-Za-z0-9_]', '[^A-Za-z0-9_]'],
};

/** Digits and word characters are those of ASCII in JavaScript, and `$` is the very end. */
export function asRustPattern(pattern: string): string {
  let inBrackets = false;
  return pattern.replace(/\\c([A-Za-z])|\\(.)|[[\]]/gsu, (all, control?: string, escaped?: string) => {
    if (control !== undefined) return `\\x{${(control.charCodeAt(0) % 32).toString(16)}}`;
    if (escaped !== undefined) return ASCII_CLASSES[escaped]?.[inBrackets ? 1 : 0] ?? (escaped === '/' ? '/' : all);
    if (all === '[' && inBrackets) return '\\[';
    inBrackets = all === '[';
    return all;
  });
}
