// Encodes text in the character sets of the Encoding Standard. The table of a set is made by decoding all its codes once.
// What a set does not have is written as `&#8364;`.

import { decodeCharset } from './charset.ts';

/** Adds the bytes of a character to the output; false when the set does not have it, or what it does not have. */
type CharacterWriter = (code: number, out: number[]) => boolean | number;

interface Encoder {
  readonly write: CharacterWriter;
  /** What ends the text. */
  readonly finish?: (out: number[]) => void;
}

const encoders = new Map<string, () => Encoder>();

/** The bytes of text in an encoding. Sets that cannot be written are written as UTF-8. */
export function encodeCharset(text: string, encoding: string): Uint8Array {
  if (/^(?:utf-.*|replacement)$/.test(encoding)) return new TextEncoder().encode(text);
  let make = encoders.get(encoding);
  if (make === undefined) {
    make = encoderFor(encoding);
    encoders.set(encoding, make);
  }
  const { write, finish } = make();
  const out: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const written = write(code, out);
    if (written === true) continue;
    for (const digit of `&#${written === false ? code : written};`) write(digit.charCodeAt(0), out);
  }
  finish?.(out);
  return Uint8Array.from(out);
}

function encoderFor(encoding: string): () => Encoder {
  switch (encoding) {
    case 'x-user-defined':
      return stateless((code, out) => (code < 128 || (code >= 0xf780 && code <= 0xf7ff)) && out.push(code & 255) > 0);
    case 'gbk':
      return stateless(fromTable(gbTable(), (code) => (code === 0x20ac ? 0x80 : undefined)));
    case 'gb18030':
      return stateless(gb18030Writer());
    case 'big5':
      return stateless(fromTable(big5Table()));
    case 'euc-kr':
      return stateless(fromTable(pairTable('euc-kr')));
    case 'shift_jis':
      return stateless(fromTable(shiftJisTable(), japaneseSubstitute));
    case 'euc-jp':
      return stateless(fromTable(eucJpTable(), japaneseSubstitute));
    case 'iso-2022-jp':
      return () => iso2022JpEncoder();
    default:
      return stateless(fromTable(singleByteTable(encoding)));
  }
}

function stateless(write: CharacterWriter): () => Encoder {
  const encoder = { write };
  return () => encoder;
}

/** Codes by character: one byte, or two as `lead << 8 | trail`. */
type Table = Map<number, number>;

function fromTable(table: Table, special: (code: number) => number | undefined = () => undefined): CharacterWriter {
  return (code, out) => {
    if (code < 128) return out.push(code) > 0;
    const bytes = special(code) ?? table.get(code);
    if (bytes === undefined) return false;
    if (bytes > 255) out.push(bytes >> 8);
    return out.push(bytes & 255) > 0;
  };
}

function singleByteTable(encoding: string): Table {
  const table: Table = new Map();
  for (let byte = 128; byte < 256; byte++) {
    const text = decodeCharset(Uint8Array.of(byte), encoding);
    if (text !== '\ufffd') table.set(text.codePointAt(0)!, byte);
  }
  return table;
}

interface PairOptions {
  readonly leads?: readonly [number, number];
  /** Whether a pair is left out. */
  readonly skip?: (lead: number, trail: number) => boolean;
  /** Characters of which the last pair counts, not the first. */
  readonly lastOf?: ReadonlySet<number>;
}

/** The pairs of a set. Decoded in one go: a line break, which no pair holds, keeps them apart. */
function pairTable(encoding: string, { leads = [0x81, 0xfe], skip, lastOf }: PairOptions = {}): Table {
  const table: Table = new Map();
  for (let lead = leads[0]; lead <= leads[1]; lead++) {
    const bytes: number[] = [];
    for (let trail = 0x40; trail <= 0xfe; trail++) bytes.push(lead, trail, 10);
    const texts = decodeCharset(Uint8Array.from(bytes), encoding).split('\n');
    texts.slice(0, -1).forEach((text, i) => {
      const code = text.codePointAt(0)!;
      const isOne = String.fromCodePoint(code) === text && code !== 0xfffd;
      if (!isOne || skip?.(lead, 0x40 + i)) return;
      if (!table.has(code) || lastOf?.has(code)) table.set(code, (lead << 8) | (0x40 + i));
    });
  }
  return table;
}

/** The single bytes of the Japanese sets stand for themselves, but two of them once stood for these. */
function japaneseSubstitute(code: number): number | undefined {
  return code === 0xa5 ? 0x5c : code === 0x203e ? 0x7e : undefined;
}

/** The first row is that of an extension which is only read; these characters have their last code. */
function big5Table(): Table {
  const lastOf = new Set([0x2550, 0x255e, 0x2561, 0x256a, 0x5341, 0x5345]);
  return pairTable('big5', { leads: [0xa1, 0xfe], lastOf });
}

function gbTable(): Table {
  const table = pairTable('gbk');
  table.delete(0xe5e5);
  return table;
}

/** Four bytes count through what the pairs do not have, the rest of the characters at the end. */
function gb18030Writer(): CharacterWriter {
  const pairs = fromTable(gbTable());
  const pointers = new Map<number, number>();
  const bytes: number[] = [];
  for (let pointer = 0; pointer < FOUR_BYTE_COUNT; pointer++) bytes.push(...fourBytes(pointer));
  let pointer = 0;
  for (const char of decodeCharset(Uint8Array.from(bytes), 'gb18030')) {
    if (char !== '\ufffd' || pointer === FFFD_POINTER) pointers.set(char.codePointAt(0)!, pointer);
    pointer += 1;
  }
  return (code, out) => {
    if (code === 0xe5e5) return false;
    if (pairs(code, out)) return true;
    const found = code > 0xffff ? code - 0x10000 + SUPPLEMENT_POINTER : pointers.get(code);
    return found !== undefined && out.push(...fourBytes(found)) > 0;
  };
}

const FOUR_BYTE_COUNT = 39_420;
const FFFD_POINTER = 39_417;
const SUPPLEMENT_POINTER = 189_000;

function fourBytes(pointer: number): number[] {
  const tens = Math.floor(pointer / 10);
  const rows = Math.floor(tens / 126);
  return [Math.floor(rows / 10) + 0x81, (rows % 10) + 0x30, (tens % 126) + 0x81, (pointer % 10) + 0x30];
}

const HALF_WIDTH_FIRST = 0xff61;
const HALF_WIDTH_LAST = 0xff9f;

function shiftJisTable(): Table {
  // Single bytes, the second code of characters that have two, and the private area.
  const isNoLead = (lead: number): boolean => lead >= 0xa0 && lead < 0xe0;
  const isExtension = (lead: number): boolean => lead === 0xed || lead === 0xee || (lead >= 0xf0 && lead < 0xfa);
  const skip = (lead: number): boolean => isNoLead(lead) || isExtension(lead);
  const table = pairTable('shift_jis', { leads: [0x81, 0xfc], skip });
  for (let code = HALF_WIDTH_FIRST; code <= HALF_WIDTH_LAST; code++) table.set(code, code - HALF_WIDTH_FIRST + 0xa1);
  table.set(0x80, 0x80);
  return withMinus(table);
}

function eucJpTable(): Table {
  const table = pairTable('euc-jp', { leads: [0xa1, 0xfe], skip: (_, trail) => trail < 0xa1 });
  for (let code = HALF_WIDTH_FIRST; code <= HALF_WIDTH_LAST; code++)
    table.set(code, 0x8e00 | (code - HALF_WIDTH_FIRST + 0xa1));
  return withMinus(table);
}

/** The minus sign is written as its wide form. */
function withMinus(table: Table): Table {
  const wide = table.get(0xff0d);
  if (wide !== undefined) table.set(0x2212, wide);
  return table;
}

let iso2022Pairs: Table | undefined;

/** Escapes switch between ASCII, the old Roman set and pairs; the text ends in ASCII. */
function iso2022JpEncoder(): Encoder {
  iso2022Pairs ??= eucJpTable();
  const pairs = iso2022Pairs;
  let state: 'ascii' | 'roman' | 'pairs' = 'ascii';
  const escapes = { ascii: [0x1b, 0x28, 0x42], roman: [0x1b, 0x28, 0x4a], pairs: [0x1b, 0x24, 0x42] };
  const enter = (next: typeof state, out: number[]): void => {
    if (state !== next) out.push(...escapes[next]);
    state = next;
  };
  const write: CharacterWriter = (code, out) => {
    // These would be read as escapes.
    if (code === 0x0e || code === 0x0f || code === 0x1b) return 0xfffd;
    if (code < 128) {
      if (state !== 'roman' || code === 0x5c || code === 0x7e) enter('ascii', out);
      return out.push(code) > 0;
    }
    const roman = japaneseSubstitute(code);
    if (roman !== undefined) {
      enter('roman', out);
      return out.push(roman) > 0;
    }
    const isHalf = code >= HALF_WIDTH_FIRST && code <= HALF_WIDTH_LAST;
    const bytes = pairs.get(isHalf ? FULL_WIDTH.charCodeAt(code - HALF_WIDTH_FIRST) : code);
    if (bytes === undefined) return false;
    enter('pairs', out);
    return out.push((bytes >> 8) & 127, bytes & 127) > 0;
  };
  return { write, finish: (out) => enter('ascii', out) };
}

/** The full forms of the katakana that are half as wide, in order. */
const FULL_WIDTH =
  '。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜';
