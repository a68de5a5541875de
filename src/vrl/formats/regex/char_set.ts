// A set of characters of a pattern, worked out only up to the highest character that the text at hand has: `\w` has
// 770 ranges in Unicode and nine below U+0100.

import {
  CODE_MAX,
  complement,
  intersection,
  normalized,
  type Ranges,
  union,
  upTo,
  withoutSurrogates,
} from './ranges.ts';
import { charactersOf, folded, foldedAscii } from './unicode.ts';
import { DIGIT_CONTENT, SPACE_CONTENT, WORD_CONTENT } from './usual_classes.ts';

/** The highest character of the set's part that is worked out: of Latin-1, of the basic plane, or of all. */
export type Limit = 0xff | 0xffff | 0x10ffff;

export class CharSet {
  readonly #compute: (limit: Limit) => Ranges;
  /** Whether it holds each of its characters in all cases. */
  readonly isFolded: boolean;
  /** Whether all its characters are known to be of Latin-1. */
  readonly isSmall: boolean;
  readonly #parts: readonly CharSet[] | undefined;
  readonly #known = new Map<Limit, Ranges>();

  private constructor(
    compute: (limit: Limit) => Ranges,
    isFolded: boolean,
    parts?: readonly CharSet[],
    isSmall = false,
  ) {
    this.#compute = compute;
    this.isFolded = isFolded;
    this.isSmall = isSmall;
    this.#parts = parts;
  }

  static of(pairs: readonly number[]): CharSet {
    const ranges = withoutSurrogates(normalized(pairs));
    return new CharSet((limit) => upTo(ranges, limit), false, undefined, (ranges.at(-1) ?? 0) <= 0xff);
  }

  /** The characters of a JavaScript class, written as its inside. */
  static named(content: string, isFolded: boolean): CharSet {
    return new CharSet((limit) => upTo(charactersOf(content, limit), limit), isFolded);
  }

  static union(parts: readonly CharSet[]): CharSet {
    if (parts.length === 1) return parts[0]!;
    return new CharSet(
      (limit) => normalized(parts.flatMap((part) => part.ranges(limit))),
      parts.every((part) => part.isFolded),
      parts,
      parts.every((part) => part.isSmall),
    );
  }

  /** The characters up to `limit`, sorted and without surrogates. */
  ranges(limit: Limit): Ranges {
    let ranges = this.#known.get(limit);
    if (ranges === undefined) {
      ranges = this.#compute(limit);
      this.#known.set(limit, ranges);
    }
    return ranges;
  }

  /** With all characters that differ from one of its only by case. */
  folded(): CharSet {
    if (this.isFolded) return this;
    if (this.#parts) return CharSet.union(this.#parts.map((part) => part.folded()));
    return new CharSet((limit) => upTo(folded(this.ranges(CODE_MAX)), limit), true);
  }

  foldedAscii(): CharSet {
    return new CharSet((limit) => foldedAscii(this.ranges(limit)), true);
  }

  /** All other characters; where Unicode is off, all other bytes. */
  negated(highest: number = CODE_MAX): CharSet {
    return new CharSet((limit) => complement(this.ranges(limit), Math.min(limit, highest)), this.isFolded);
  }

  combined(operator: '&&' | '--' | '~~', other: CharSet): CharSet {
    return new CharSet((limit) => {
      const a = this.ranges(limit);
      const b = other.ranges(limit);
      if (operator === '&&') return intersection(a, b);
      const onlyA = intersection(a, complement(b, limit));
      return operator === '--' ? onlyA : union(onlyA, intersection(b, complement(a, limit)));
    }, this.isFolded && other.isFolded);
  }
}

export const WORD = CharSet.named(WORD_CONTENT, true);
export const DIGIT = CharSet.named(DIGIT_CONTENT, true);
export const SPACE = CharSet.named(SPACE_CONTENT, true);

/** The same where Unicode is off, and the classes that are written `[:name:]`. */
export const ASCII: Readonly<Record<string, CharSet>> = Object.fromEntries(
  Object.entries({
    alnum: '09AZaz',
    alpha: 'AZaz',
    ascii: '\0\x7f',
    blank: '\t\t  ',
    cntrl: '\0\x1f\x7f\x7f',
    digit: '09',
    graph: '!~',
    lower: 'az',
    print: ' ~',
    punct: '!/:@[`{~',
    space: '\t\r  ',
    upper: 'AZ',
    word: '09AZ__az',
    xdigit: '09AFaf',
  }).map(([name, pairs]) => [name, CharSet.of([...pairs].map((char) => char.charCodeAt(0)))]),
);
