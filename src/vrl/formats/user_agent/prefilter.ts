// Tells which of many expressions could match a text, without trying them: each is filed under three characters that
// any text it matches has.

import { parsePattern } from '../regex/parse.ts';
import { translate } from '../regex/translate.ts';
import { KEY_LENGTH, requiredTexts } from './required_texts.ts';

/** Seven bits for each character, as keys are of ASCII. */
const KEY_MASK = 0x1fffff;

/** Keys have so many places, several times as many as there are keys; one whose place is taken goes to the next. */
const PLACE_BITS = 15;
const PLACES = 1 << PLACE_BITS;

export class Prefilter {
  readonly #keys = new Int32Array(PLACES);
  /** By the place of a key, the number of a list; 0 for none. */
  readonly #listAt = new Uint16Array(PLACES);
  readonly #lists: number[][] = [[]];
  readonly #always: number[] = [];
  readonly #count: number;
  /** One bit for each expression, those that could match in the text at hand. */
  readonly #marks: Int32Array;

  constructor(sources: readonly string[]) {
    this.#count = sources.length;
    this.#marks = new Int32Array((sources.length + 31) >> 5);
    for (const [index, source] of sources.entries()) {
      const keys = keysOf(source);
      if (!keys) this.#always.push(index);
      else for (const key of keys) this.#file(key, index);
    }
  }

  #file(text: string, index: number): void {
    const key = (text.charCodeAt(0) << 14) | (text.charCodeAt(1) << 7) | text.charCodeAt(2);
    const place = this.#placeOf(key);
    if (this.#listAt[place] === 0) {
      this.#keys[place] = key;
      this.#listAt[place] = this.#lists.push([]) - 1;
    }
    this.#lists[this.#listAt[place]!]!.push(index);
  }

  /** Where a key stands, or would. */
  #placeOf(key: number): number {
    let place = Math.imul(key, 0x9e3779b1) >>> (32 - PLACE_BITS);
    while (this.#listAt[place] !== 0 && this.#keys[place] !== key) place = (place + 1) & (PLACES - 1);
    return place;
  }

  /** The expressions that could match, in their order. */
  candidates(text: string): number[] {
    // Letters beyond ASCII may be other cases of letters within it, so nothing is known then.
    if (!/^[\0-\x7f]*$/.test(text)) return Array.from({ length: this.#count }, (_, index) => index);
    const marks = this.#marks;
    marks.fill(0);
    this.#mark(this.#always);
    let key = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      key = ((key << 7) | (code >= 65 && code <= 90 ? code + 32 : code)) & KEY_MASK;
      const list = this.#listAt[this.#placeOf(key)]!;
      if (list !== 0) this.#mark(this.#lists[list]!);
    }
    const found: number[] = [];
    for (let word = 0; word < marks.length; word++)
      for (let left = marks[word]!; left !== 0; left &= left - 1)
        found.push((word << 5) + (31 - Math.clz32(left & -left)));
    return found;
  }

  #mark(indexes: readonly number[]): void {
    for (const index of indexes) this.#marks[index >> 5]! |= 1 << (index & 31);
  }
}

/** Keys of which any text that matches has at least one; undefined when there are none. */
function keysOf(source: string): ReadonlySet<string> | undefined {
  const texts = requiredTexts(translate(parsePattern(Array.from(source)).syntax), costOf);
  return texts && new Set(texts.map(rarestPart));
}

/** What nearly all user agents have: filed under that, everything would be in one place. */
const COMMON_TEXTS = [
  'mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/1',
  'mozilla/5.0 (macintosh; intel mac os x 10_15_7)',
  'mozilla/5.0 (x11; linux x86_64; rv:1',
  'mozilla/5.0 (linux; android 1',
  'mozilla/5.0 (linux; u; android ',
  'mozilla/5.0 (iphone; cpu iphone os 1',
  'mozilla/5.0 (ipad; cpu os 1',
  'mozilla/5.0 (compatible; ',
  ' like mac os x) applewebkit/605.1.15 (khtml, like gecko) version/1',
  ' build/',
  ' mobile/15e148 safari/604.1',
  ' mobile safari/537.36',
  '.0.0.0 safari/537.36',
  ') gecko/20100101 firefox/1',
  'http://www.',
  'https://',
];

const COMMON = new Set(COMMON_TEXTS.flatMap(partsOf));

function partsOf(text: string): string[] {
  return Array.from({ length: text.length - KEY_LENGTH + 1 }, (_, at) => text.slice(at, at + KEY_LENGTH));
}

/** How many agents have a key, roughly. */
function frequencyOf(key: string): number {
  if (COMMON.has(key)) return 100;
  if (key.startsWith('; ') || key.startsWith(') ') || /[0-9.]{2}/.test(key)) return 4;
  return key.startsWith(' ') || key.endsWith(' ') ? 2 : 1;
}

function rarestPart(text: string): string {
  let rarest = '';
  let least = Infinity;
  for (let at = 0; at + KEY_LENGTH <= text.length && least > 1; at++) {
    const part = text.slice(at, at + KEY_LENGTH);
    const frequency = frequencyOf(part);
    if (frequency >= least) continue;
    least = frequency;
    rarest = part;
  }
  return rarest;
}

/** What a choice of texts costs: how many agents have one of them. */
function costOf(texts: readonly string[]): number {
  let cost = 0;
  for (const key of new Set(texts.map(rarestPart))) cost += frequencyOf(key);
  return cost;
}
