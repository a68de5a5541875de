// The named classes of characters of Oniguruma, which are Unicode's.

import { CharSet, DIGIT, SPACE } from '../regex/char_set.ts';
import { classContent } from '../regex/unicode.ts';
import { ONIG_WORD_CONTENT } from '../regex/usual_classes.ts';

export { DIGIT, SPACE };

export const WORD = CharSet.named(ONIG_WORD_CONTENT, true);
export const HEX = CharSet.of([0x30, 0x39, 0x41, 0x46, 0x61, 0x66]);
export const ALL = CharSet.of([0, 0x10ffff]);
export const NOT_NEWLINE = CharSet.of([10, 10]).negated();

/** What stands in `[:name:]`. */
export const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: CharSet.named('\\p{Alphabetic}\\p{Nd}', true),
  alpha: CharSet.named('\\p{Alphabetic}', true),
  ascii: CharSet.of([0, 0x7f]),
  blank: CharSet.named('\\p{Zs}\\t', true),
  cntrl: CharSet.named('\\p{Cc}', true),
  digit: DIGIT,
  graph: CharSet.named('\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}', true),
  lower: CharSet.named('\\p{Lowercase}', false),
  print: CharSet.named('\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\p{Zs}', true),
  punct: CharSet.named('\\p{P}$+<=>^`|~', true),
  space: SPACE,
  upper: CharSet.named('\\p{Uppercase}', false),
  word: WORD,
  xdigit: HEX,
};

/** The class of `\p{name}`, or undefined when there is none. */
export function propertyClass(name: string): CharSet | undefined {
  const posix = POSIX[name.toLowerCase()];
  if (posix) return posix;
  if (/^any$/i.test(name)) return ALL;
  const found = classContent(name, undefined);
  return 'content' in found ? CharSet.named(found.content, false) : undefined;
}
