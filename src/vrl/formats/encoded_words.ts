// MIME encoded words (`=?utf-8?q?caf=C3=A9?=`), and a bare inside of one (`utf-8?q?caf=C3=A9`).

import { decodePaddedBase64 } from './base64.ts';
import { bytesOf } from './bytes.ts';
import { decodeCharset, encodingOf, REPLACEMENT } from './charset.ts';
import { debugText } from './debug_text.ts';

/** Why a text cannot be decoded, as programs can read it. */
export class EncodedWordProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The text with its encoded words read. Words that follow each other with nothing after the last are as many as fit. */
export function decodeEncodedWords(text: string): string | EncodedWordProblem {
  let decoded = '';
  let at = 0;
  let problem: EncodedWordProblem | undefined;
  for (;;) {
    const start = text.indexOf('=?', at);
    const word = start < 0 ? undefined : readInside(text, start + 2);
    if (word === undefined || !text.startsWith('?=', word.end)) break;
    const read = decodeWord(word);
    // A later word decides whether the text is taken at all, so the first problem waits.
    if (typeof read === 'string') decoded += text.slice(at, start) + read;
    else problem ??= read;
    at = word.end + 2;
  }
  if (problem !== undefined) return problem;
  if (at > 0) return decoded + text.slice(at);
  const bare = readInside(text, 0);
  const read = bare === undefined ? undefined : decodeWord(bare);
  return typeof read === 'string' ? read + text.slice(bare!.end) : text;
}

interface EncodedWord {
  readonly charset: string | undefined;
  readonly encoding: string;
  readonly input: string;
  readonly end: number;
}

/** `charset?encoding?text` up to `?=`, the charset being optional. Without `?=` all the rest is the text. */
function readInside(text: string, start: number): EncodedWord | undefined {
  const first = text.indexOf('?', start);
  const second = first < 0 ? -1 : text.indexOf('?', first + 1);
  if (second < 0) return undefined;
  const end = text.indexOf('?=', second + 1);
  return {
    charset: first === start ? undefined : text.slice(start, first),
    encoding: text.slice(first + 1, second),
    input: text.slice(second + 1, end < 0 ? text.length : end),
    end: end < 0 ? text.length : end,
  };
}

function decodeWord({ charset = 'utf-8', encoding, input }: EncodedWord): string | EncodedWordProblem {
  let bytes: Uint8Array | undefined;
  if (encoding === 'B' || encoding === 'b') {
    bytes = decodePaddedBase64(bytesOf(input), 'standard');
    if (bytes === undefined) return new EncodedWordProblem('Unable to decode base64 value');
  } else if (encoding === 'Q' || encoding === 'q') {
    bytes = decodeQuotedPrintable(input.replaceAll('_', ' '));
  } else return new EncodedWordProblem(`Invalid encoding: ${debugText(encoding)}`);
  if (/^[\t\n\f\r ]*(?:unicode-1-1-utf-7|utf-7|x-unicode-2-0-utf-7|csunicode11utf7|utf7)[\t\n\f\r ]*$/i.test(charset))
    return decodeUtf7(bytes);
  const name = encodingOf(charset);
  if (name === undefined || name === REPLACEMENT)
    return new EncodedWordProblem(`Unable to decode ${debugText(charset)} value`);
  // The two are read alike, and the larger set is safe for the smaller.
  return decodeCharset(bytes, name === 'gbk' ? 'gb18030' : name);
}

/** Quoted-printable as forgiving readers take it; what cannot be printed is left out, white space at the end kept. */
function decodeQuotedPrintable(text: string): Uint8Array {
  const trimmed = text.trimEnd();
  const bytes: number[] = [];
  const lines = trimmed.replace(/[^\t\n\r -~]/g, '').split(/\r?\n/);
  // A line break at the very end is none of its own.
  if (lines.at(-1) === '') lines.pop();
  let isBroken = false;
  for (const line of lines) {
    if (isBroken) bytes.push(13, 10);
    isBroken = decodeLine(line.trimEnd(), bytes);
  }
  return trimmed.length === text.length
    ? Uint8Array.from(bytes)
    : Uint8Array.from([...bytes, ...bytesOf(text.slice(trimmed.length))]);
}

/** Decodes a line; false when it ends in `=`, and so goes on in the next. */
function decodeLine(line: string, out: number[]): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code !== 61) {
      out.push(code);
      continue;
    }
    const pair = line.slice(i + 1, i + 3);
    if (pair === '') return false;
    if (/^[0-9A-Fa-f]{2}$/.test(pair)) out.push(Number.parseInt(pair, 16));
    else out.push(61, ...bytesOf(pair));
    i += 2;
  }
  return true;
}

/** UTF-7: Base64 of UTF-16 between `+` and `-`. */
function decodeUtf7(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, UTF7_MAX));
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_, digits: string) => {
    if (digits === '') return '+';
    const code = decodePaddedBase64(bytesOf(digits.padEnd(Math.ceil(digits.length / 4) * 4, 'A')), 'standard');
    const units = code?.subarray(0, Math.floor((digits.length * 6) / 16) * 2);
    return units === undefined ? '\ufffd' : decodeCharset(units, 'utf-16be');
  });
}

/** Longer words of this set, which mail has given up, are cut. */
const UTF7_MAX = 10_000;
