// Tells which of many expressions could match a text, without trying them: each is filed under three characters that
// any text it matches has.

import type { Node } from '../regex/node.ts';
import { parsePattern } from '../regex/parse.ts';
import { translate } from '../regex/translate.ts';

/** Shorter texts are no use for filing. */
const KEY_LENGTH = 3;

/** Seven bits for each character, as keys are of ASCII. */
const KEY_MASK = 0x1fffff;

/** More alternatives than this are as good as none. */
const ALTERNATIVES_MAX = 128;

export class Prefilter {
  /** By the codes of the three characters, in one number. */
  readonly #byKey = new Map<number, number[]>();
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

  #file(text: string, index: number): void {
    const key = (text.charCodeAt(0) << 14) | (text.charCodeAt(1) << 7) | text.charCodeAt(2);
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
    let key = 0;
    for (let at = 0; at < lower.length; at++) {
      key = ((key << 7) | lower.charCodeAt(at)) & KEY_MASK;
      const filed = this.#byKey.get(key);
      if (filed) for (const index of filed) found.add(index);
    }
    return [...found].sort((a, b) => a - b);
  }
}

/** Keys of which any text that matches has at least one; undefined when there are none. */
function keysOf(source: string): ReadonlySet<string> | undefined {
  const texts = requiredTexts(translate(parsePattern(Array.from(source)).syntax));
  const keys = texts?.map((text) => rarestPart(text.toLowerCase()));
  return keys?.every((key) => /^[\0-\x7f]*$/.test(key)) ? new Set(keys) : undefined;
}

/** Words that nearly all user agents have would file everything in one place. */
const COMMON_WORDS = [
  'mozilla/5.0',
  'version/',
  'mobile',
  'linux',
  'android',
  '; ',
  ' build/',
  ') applewebkit',
  'safari',
  'windows nt',
  'khtml, like gecko',
  'chrome/',
  'http:',
  'compatible',
];

const COMMON = new Set(
  COMMON_WORDS.flatMap((word) =>
    Array.from({ length: Math.max(1, word.length - KEY_LENGTH + 1) }, (_, at) => word.slice(at, at + KEY_LENGTH)),
  ),
);

function rarestPart(text: string): string {
  for (let at = 0; at + KEY_LENGTH <= text.length; at++) {
    const part = text.slice(at, at + KEY_LENGTH);
    if (!COMMON.has(part) && !part.startsWith('; ')) return part;
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
  const isCommon = (text: string) => COMMON.has(rarestPart(text.toLowerCase()));
  const commonA = a.filter(isCommon).length;
  const commonB = b.filter(isCommon).length;
  if (commonA !== commonB) return commonA < commonB;
  return a.length < b.length || (a.length === b.length && a[0]!.length > b[0]!.length);
}
