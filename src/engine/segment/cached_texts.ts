// Short texts of fields, found again instead of made: fields of logs have few values (levels, methods, names of
// services), and taking a text out of memory costs three times what finding it costs. A field whose values are always
// new is found out and left alone.

import { latin1Text } from '../../std/bytes.ts';

/** Texts kept for a field. */
const KEPT = 256;

/** After so many texts a field is judged: more new ones than this share, and its texts are not looked for any more. */
const JUDGED_AFTER = 2_000;
const NEW_MAX = 1_000;

/** A text with its place, and a place without one. */
const TEXT_BYTES = 48;
const PLACE_BYTES = 8;

/** All there are: segments end without a word when a graph is cut anew. */
const all = new Set<WeakRef<CachedTexts>>();

/** Estimated bytes of the texts of all segments of this thread. */
export function keptTextBytes(): number {
  let bytes = 0;
  for (const reference of all) {
    const texts = reference.deref();
    if (texts) bytes += texts.sizeBytes;
    else all.delete(reference);
  }
  return bytes;
}

interface Field {
  readonly texts: (string | undefined)[];
  asked: number;
  new: number;
}

export class CachedTexts {
  /** Longer texts are not kept. */
  static readonly LENGTH_MAX = 24;
  readonly #bytes: Buffer;
  readonly #fields: (Field | undefined)[];

  constructor(bytes: Buffer, fields: number) {
    this.#bytes = bytes;
    this.#fields = Array.from({ length: fields }, () => ({ texts: new Array(KEPT).fill(undefined), asked: 0, new: 0 }));
    all.add(new WeakRef(this));
  }

  get sizeBytes(): number {
    let bytes = 0;
    for (const field of this.#fields)
      for (const text of field?.texts ?? []) bytes += PLACE_BYTES + (text === undefined ? 0 : TEXT_BYTES);
    return bytes;
  }

  /** The ASCII text in memory at [start, end), as a value of a field. */
  at(index: number, start: number, end: number): string {
    const field = this.#fields[index];
    if (!field) return latin1Text(this.#bytes, start, end);
    const bytes = this.#bytes;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const place = (hash ^ (hash >>> 11)) & (KEPT - 1);
    const known = field.texts[place];
    field.asked += 1;
    if (known !== undefined && this.#is(known, start, end)) return known;
    field.new += 1;
    if (field.asked >= JUDGED_AFTER) this.#judge(index, field);
    const text = latin1Text(bytes, start, end);
    field.texts[place] = text;
    return text;
  }

  #is(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== this.#bytes[start + i]) return false;
    return true;
  }

  #judge(index: number, field: Field): void {
    if (field.new > NEW_MAX) this.#fields[index] = undefined;
    field.asked = 0;
    field.new = 0;
  }
}
