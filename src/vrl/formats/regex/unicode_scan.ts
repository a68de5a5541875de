// Which characters a class of the JavaScript engine holds, found by looking at all of them.

import { CODE_MAX, normalized, type Ranges, withoutSurrogates } from './ranges.ts';

const PLANE = 0x10000;

/** All characters that match `[content]`, the inside of a JavaScript class under the flag `u`. */
export function scanAll(content: string): Ranges {
  const pattern = patternOf(content);
  const pairs: number[] = [];
  for (let plane = 0; plane <= CODE_MAX; plane += PLANE) pairs.push(...scan(pattern, plane, plane + PLANE - 1));
  return withoutSurrogates(normalized(pairs));
}

/** Those up to `limit`, which is below the surrogates. */
export function scanUpTo(content: string, limit: number): Ranges {
  return scan(patternOf(content), 0, limit);
}

function patternOf(content: string): RegExp {
  return new RegExp(`[${content}]+`, 'gu');
}

/** One pass over all characters from `from` to `to`, in runs; they are all of one plane. */
function scan(pattern: RegExp, from: number, to: number): Ranges {
  const pairs: number[] = [];
  const width = unitsPerCharacter(from);
  for (const { 0: run, index } of textOf(from, to).matchAll(pattern)) {
    const first = from + index / width;
    pairs.push(first, first + run.length / width - 1);
  }
  return pairs;
}

function unitsPerCharacter(plane: number): 1 | 2 {
  return plane < PLANE ? 1 : 2;
}

/** As many arguments as a call takes anywhere. */
const UNITS_AT_ONCE = 4_096;

/**
 * Characters in a row as a text, made of large pieces: one by one, those of all planes leave 130 MiB of garbage.
 * Surrogates would pair up with each other: what stands in their place is taken out at the end.
 */
function textOf(from: number, to: number): string {
  const width = unitsPerCharacter(from);
  const units = new Uint16Array((to - from + 1) * width);
  for (let code = from, at = 0; code <= to; code++) {
    if (width === 2) units[at++] = 0xd800 + ((code - PLANE) >> 10);
    if (width === 2) units[at++] = 0xdc00 + (code & 0x3ff);
    else units[at++] = code >= 0xd800 && code <= 0xdfff ? 0 : code;
  }
  let text = '';
  for (let at = 0; at < units.length; at += UNITS_AT_ONCE)
    text += String.fromCharCode(...units.subarray(at, at + UNITS_AT_ONCE));
  return text;
}
