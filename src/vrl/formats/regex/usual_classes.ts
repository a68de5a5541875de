// The classes that patterns mostly name. Finding out which characters are of one takes 50 ms and 30 MiB of garbage, so for
// these it is written down, in `usual_ranges.gen.ts`.

import type { Ranges } from './ranges.ts';

/** `\w`, `\d` and `\s`, as the insides of JavaScript classes. */
export const WORD_CONTENT = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';
export const DIGIT_CONTENT = '\\p{Nd}';
export const SPACE_CONTENT = '\\p{White_Space}';
/** `\w` of Oniguruma. */
export const ONIG_WORD_CONTENT = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';
/** All that may be the same as another character but for its case. */
export const CASED_CONTENT = '\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}';

export const USUAL_CONTENTS: readonly string[] = [
  WORD_CONTENT,
  DIGIT_CONTENT,
  SPACE_CONTENT,
  ONIG_WORD_CONTENT,
  CASED_CONTENT,
];

/** Ranges as text: how far each bound is from the one before, in base 36. */
export function rangesText(ranges: Ranges): string {
  return ranges.map((code, index) => (code - (ranges[index - 1] ?? 0)).toString(36)).join(' ');
}

export function rangesFrom(text: string): Ranges {
  let code = 0;
  return text.split(' ').map((distance) => (code += Number.parseInt(distance, 36)));
}
