// Tells which of many expressions could match a text, without trying them: each is filed under three characters that
// any text it matches has.

import type { Node } from '../regex/node.ts';
import { parsePattern } from '../regex/parse.ts';
import { translate } from '../regex/translate.ts';

/** Shorter texts are no use for filing. */
const KEY_LENGTH = 3;

/** More alternatives than this are as good as none. */
const ALTERNATIVES_MAX = 32;

export class Prefilter {
  readonly #byKey = new Map<string, number[]>();
  readonly #always: number[] = [];
  readonly #count: number;

  constructor(sources: readonly string[]) {
    this.#count = sources.length;
    for (const [index, source] of sources.entries()) {
      const keys = keysOf(source);
      if (!keys) this.#always.push(index);
      else for (const key of keys) this.#file(key, index);
    }
  }

  #file(key: string, index: number): void {
    const filed = this.#byKey.get(key);
    if (filed) filed.push(index);
    else this.#byKey.set(key, [index]);
  }

  /** The expressions that could match, in their order. */
  candidates(text: string): Iterable<number> {
    // Letters beyond ASCII may be other cases of letters within it, so nothing is known then.
    if (!/^[\0-\x7f]*$/.test(text)) return Array.from({ length: this.#count }, (_, index) => index);
    const lower = text.toLowerCase();
    const found = new Set(this.#always);
    for (let at = 0; at + KEY_LENGTH <= lower.length; at++) {
      const filed = this.#byKey.get(lower.slice(at, at + KEY_LENGTH));
      if (filed) for (const index of filed) found.add(index);
    }
    return [...found].sort((a, b) => a - b);
  }
}

/** Keys of which any text that matches has at least one; undefined when there are none. */
function keysOf(source: string): ReadonlySet<string> | undefined {
  const texts = requiredTexts(translate(parsePattern(Array.from(source)).syntax));
  return texts && new Set(texts.map((text) => rarestPart(text.toLowerCase())));
}

/** Words that nearly all user agents have would file everything in one place. */
const COMMON =
  /moz|ozi|zil|ill|lla|la\/|a\/5|\/5\.|5\.0|ver|ers|rsi|sio|ion|on\/|mob|obi|bil|ile|lin|inu|nux|and|ndr|dro|roi|oid|(?:; )|bui|uil|ild|ld\/|saf|afa|far|ari|win|ind|ndo|dow|ows|khtml/;

function rarestPart(text: string): string {
  for (let at = 0; at + KEY_LENGTH <= text.length; at++) {
    const part = text.slice(at, at + KEY_LENGTH);
    if (!COMMON.test(part)) return part;
  }
  return text.slice(0, KEY_LENGTH);
}

/** Texts of which any match has at least one, each long enough to be a key. */
function requiredTexts(node: Node): readonly string[] | undefined {
  switch (node.type) {
    case 'concat':
      return ofConcat(node.parts);
    case 'capture':
      return requiredTexts(node.body);
    case 'repeat':
      return node.min > 0 ? requiredTexts(node.body) : undefined;
    case 'alternation': {
      const all: string[] = [];
      for (const branch of node.branches) {
        const texts = requiredTexts(branch);
        if (!texts || all.length + texts.length > ALTERNATIVES_MAX) return undefined;
        all.push(...texts);
      }
      return all;
    }
    default:
      return undefined;
  }
}

function ofConcat(parts: readonly Node[]): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  let run = '';
  const consider = (texts: readonly string[] | undefined) => {
    if (texts && (!best || isBetter(texts, best))) best = texts;
  };
  const endRun = () => {
    if (run.length >= KEY_LENGTH) consider([run]);
    run = '';
  };
  for (const part of flattened(parts)) {
    if (part.type === 'char') run += String.fromCodePoint(part.code);
    else {
      endRun();
      consider(requiredTexts(part));
    }
  }
  endRun();
  return best;
}

/** Parts with those of captures that hold nothing but a sequence, so that texts run across them. */
function flattened(parts: readonly Node[]): readonly Node[] {
  return parts.flatMap((part) => {
    if (part.type === 'capture') return flattened([part.body]);
    return part.type === 'concat' ? flattened(part.parts) : [part];
  });
}

function isBetter(a: readonly string[], b: readonly string[]): boolean {
  const commonA = a.filter((text) => COMMON.test(rarestPart(text.toLowerCase()))).length;
  const commonB = b.filter((text) => COMMON.test(rarestPart(text.toLowerCase()))).length;
  if (commonA !== commonB) return commonA < commonB;
  return a.length < b.length || (a.length === b.length && a[0]!.length > b[0]!.length);
}
