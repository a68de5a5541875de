// Tags by the texts of their values, so that logs of one series get the same tags and nothing is made for them again.
//
//   texts  "a"  "x"  none  ──► a number for each, by place ──► 3 0 7 ──► table ──► tags
//
// The numbers lie together in one array, since with thousands of series what takes time is to fetch what lies scattered.

import { SharedTags } from '../../event/metric.ts';
import { own } from '../../event/value.ts';

/** Texts of all places together, and series; with more of either, all is forgotten and begins anew. */
const TEXTS_MAX = 8_192;
const SERIES_MAX = 8_192;

/** Longer texts are not remembered, so that all of it stays below 10 MiB. */
const TEXT_LENGTH_MAX = 200;

/** Places in the table: twice as many as there are series, so that searches stay short. */
const TABLE_MAX = 2 * SERIES_MAX;
const TABLE_LEAST = 64;

/** What a text takes besides its characters, and a series besides its numbers: measured. */
const TEXT_BYTES = 90;
const TAGS_BYTES = 260;

export class TagCache {
  readonly #names: readonly string[];
  /** For each place the numbers of its texts. */
  #numbers: Map<string | undefined, number>[];
  /** For each place its texts by their numbers. */
  #words: (string | undefined)[][];
  #texts = 0;
  #textBytes = 0;
  /** The numbers of the texts that are asked for. */
  readonly #asked: Int32Array;
  /** Of each series the numbers of its texts, behind each other, and its tags. */
  #known: Int32Array;
  #tags: SharedTags[] = [];
  /** Where a series is, by the hash of its numbers: its index and one, 0 for nothing. */
  #table = new Int32Array(TABLE_LEAST);

  /** @param names the names of the tags, in order and each once */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#numbers = names.map(() => new Map());
    this.#words = names.map(() => []);
    this.#asked = new Int32Array(names.length);
    this.#known = new Int32Array((TABLE_LEAST / 2) * names.length);
  }

  /** Estimated bytes of what is remembered. */
  get sizeBytes(): number {
    return this.#textBytes + TAGS_BYTES * this.#tags.length + this.#known.byteLength + this.#table.byteLength;
  }

  /** The tags with these values, one for each name; a tag without a value is left out. */
  get(texts: readonly (string | undefined)[]): SharedTags {
    const numbers = this.#numbers;
    let hash = 0;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!.get(texts[i]);
      if (number === undefined) return this.#learn(texts);
      this.#asked[i] = number;
      hash = (Math.imul(hash, 31) + number) | 0;
    }
    const place = this.#placeOf(hash);
    const index = this.#table[place]! - 1;
    return index < 0 ? this.#add(texts, hash) : this.#tags[index]!;
  }

  /** Where the series that is asked for is in the table, or would be. */
  #placeOf(hash: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let place = (Math.imul(hash, 0x9e37_79b1) >>> 7) & mask;
    for (let index = table[place]!; index !== 0 && !this.#isAsked(index - 1); index = table[place]!)
      place = (place + 1) & mask;
    return place;
  }

  #isAsked(index: number): boolean {
    const asked = this.#asked;
    const start = index * asked.length;
    for (let i = 0; i < asked.length; i++) if (this.#known[start + i] !== asked[i]) return false;
    return true;
  }

  /** Gives numbers to the texts that have none. */
  #learn(texts: readonly (string | undefined)[]): SharedTags {
    for (const text of texts) if (text !== undefined && text.length > TEXT_LENGTH_MAX) return this.#tagsOf(texts);
    if (this.#texts + texts.length > TEXTS_MAX) this.#forget();
    for (const [i, text] of texts.entries()) {
      const numbers = this.#numbers[i]!;
      if (numbers.has(text)) continue;
      const word = text === undefined ? undefined : own(text);
      numbers.set(word, numbers.size);
      this.#words[i]!.push(word);
      this.#texts += 1;
      this.#textBytes += TEXT_BYTES + (text?.length ?? 0);
    }
    return this.get(texts);
  }

  /** Remembers the series that is asked for. */
  #add(texts: readonly (string | undefined)[], hash: number): SharedTags {
    if (this.#tags.length === SERIES_MAX) {
      this.#forget();
      return this.get(texts);
    }
    if (2 * this.#tags.length >= this.#table.length) this.#grow();
    const tags = this.#tagsOf(this.#words.map((words, i) => words[this.#asked[i]!]));
    this.#known.set(this.#asked, this.#tags.length * this.#asked.length);
    this.#tags.push(tags);
    this.#table[this.#placeOf(hash)] = this.#tags.length;
    return tags;
  }

  #grow(): void {
    const width = this.#asked.length;
    const size = Math.min(2 * this.#table.length, TABLE_MAX);
    const known = new Int32Array((size / 2) * width);
    known.set(this.#known);
    const asked = this.#asked.slice();
    this.#table = new Int32Array(size);
    this.#known = known;
    for (let index = 0; index < this.#tags.length; index++) {
      this.#asked.set(known.subarray(index * width, (index + 1) * width));
      this.#table[this.#placeOf(hashOf(this.#asked))] = index + 1;
    }
    this.#asked.set(asked);
  }

  #forget(): void {
    this.#numbers = this.#names.map(() => new Map());
    this.#words = this.#names.map(() => []);
    this.#texts = 0;
    this.#textBytes = 0;
    this.#tags = [];
    this.#table.fill(0);
  }

  #tagsOf(texts: readonly (string | undefined)[]): SharedTags {
    const tags = new SharedTags();
    for (const [index, text] of texts.entries()) if (text !== undefined) tags.set(this.#names[index]!, text);
    return tags;
  }
}

function hashOf(numbers: Int32Array): number {
  let hash = 0;
  for (const number of numbers) hash = (Math.imul(hash, 31) + number) | 0;
  return hash;
}
