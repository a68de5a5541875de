// Patterns of schemas, which are regular expressions of JavaScript. They run on the engine that is linear in the text;
// what that does not know (look-around, references) runs on one that gives up when a search becomes too costly.

import { LimitReached, OnigProblem, OnigRegex } from '../onig/onig.ts';
import { compileRegex } from '../regex.ts';

/** A test for text in which the pattern occurs; undefined when it is not a pattern. */
export function patternTest(pattern: string): ((text: string) => boolean) | undefined {
  // References to groups by name are none to Vector's validator.
  if (pattern.includes('\\k<')) return undefined;
  if (!isPattern(pattern)) return undefined;
  const compiled = compileRegex(asRustPattern(pattern));
  return typeof compiled === 'string' ? boundedTest(asOnigPattern(pattern)) : (text) => compiled.test(text);
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

/** A search that would take too long finds nothing. */
function boundedTest(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const regex = new OnigRegex(pattern);
    return (text) => {
      try {
        return regex.search(text) !== undefined;
      } catch (error) {
        if (error instanceof LimitReached) return false;
        throw error;
      }
    };
  } catch (error) {
    if (error instanceof OnigProblem) return undefined;
    throw error;
  }
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

const SPACES = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

/** What means something else in grok's expressions. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  s: `[${SPACES}]`,
  S: `[^${SPACES}]`,
  b: '(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))',
  B: '(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))',
  '^': '\\A',
  $: '\\z',
  '.': '[^\\n\\r\\u2028\\u2029]',
};

/** In the syntax of grok's expressions, which look at lines and at all of Unicode. */
export function asOnigPattern(pattern: string): string {
  let inBrackets = false;
  return pattern.replace(/\\u\{([0-9a-fA-F]+)\}|\\(.)|[[\]^$.]/gsu, (all, code?: string, escaped?: string) => {
    if (code !== undefined) return `\\x{${code}}`;
    if (escaped !== undefined) {
      if (inBrackets) return escaped === 's' ? SPACES : (ASCII_CLASSES[escaped]?.[1] ?? all);
      return ELSEWHERE[escaped.replace(/[^sSbB]/u, '')] ?? ASCII_CLASSES[escaped]?.[0] ?? all;
    }
    if (all === '[' && inBrackets) return '\\[';
    if (all === '[' || all === ']') inBrackets = all === '[';
    return inBrackets || all === ']' ? all : (ELSEWHERE[all] ?? all);
  });
}
