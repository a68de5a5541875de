// Texts in quotes: where they end, and what they hold.

import { isSpace } from './characters.ts';
import { Refusal } from './refusal.ts';

const NEWLINE = 10;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** The index after the closing quote of a `"…"` whose content begins at `from`. `blame` is where a missing one is told. */
export function endOfString(source: string, from: number, blame: number): number {
  let i = from;
  while (i < source.length) {
    const code = source.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    i = code === BACKSLASH ? endOfEscape(source, i) : i + 1;
  }
  throw new Refusal(207, 'invalid string literal', { start: blame, end: blame + 1 }, 'this string has no closing `"`');
}

const SIMPLE_ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ "'": "'", '"': '"', '\\': '\\', n: '\n', r: '\r', t: '\t', '{': '{', '}': '}', 0: '\0' }).map(
    ([letter, text]) => [letter.charCodeAt(0), text],
  ),
);

/** The index after an escape that begins at `start`; refuses unknown ones. */
function endOfEscape(source: string, start: number): number {
  const code = source.charCodeAt(start + 1);
  if (code === NEWLINE || SIMPLE_ESCAPES.has(code)) return start + 2;
  if (code !== 117) throw badEscape(source, start + 1, start);
  if (source.charCodeAt(start + 2) !== OPEN_BRACE) throw badEscape(source, start + 2, start);
  let i = start + 3;
  while (/[0-9a-fA-F]/.test(source.charAt(i))) i++;
  if (source.charCodeAt(i) !== CLOSE_BRACE) throw badEscape(source, i, start);
  const end = i + 1;
  const digits = source.slice(start + 3, i).replace(/^0+(?=.)/, '');
  const point = digits.length > 6 ? Infinity : Number.parseInt(digits, 16);
  if (point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)) return end;
  const label =
    digits === ''
      ? 'an escape `\\u{…}` needs hexadecimal digits between the braces'
      : `\`${digits}\` is not the number of a character (0 to 10FFFF, without D800 to DFFF)`;
  throw new Refusal(211, 'invalid unicode escape sequence', { start, end }, label);
}

/** E209: the character at `at`, in an escape that begins at `start`. */
function badEscape(source: string, at: number, start: number): Refusal {
  const point = source.codePointAt(at);
  if (point === undefined) {
    const place = { start, end: start + 1 };
    return new Refusal(209, 'invalid escape character: \\', place, 'the program ends inside this escape');
  }
  const character = String.fromCodePoint(point);
  const place = { start: at, end: at + character.length };
  const title = `invalid escape character: \\${character}`;
  if (at === start + 1) {
    return new Refusal(209, title, place, `\`\\${character}\` is not an escape`, { notes: escapeNotes(character) });
  }
  const label = at === start + 2 ? '`\\u` must be followed by `{`' : `\`${character}\` is not a hexadecimal digit`;
  return new Refusal(209, title, place, label, { notes: ['example: "\\u{1F600}"'] });
}

function escapeNotes(character: string): string[] {
  const known =
    '`\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\"`, `\\\'`, `\\{`, `\\}`, `\\u{…}`, and `\\` at the end of a line';
  const notes = [`the escapes are ${known}`];
  if (/[dDwWsSbB.()[\]*+?|^$]/.test(character)) {
    notes.push("hint: in a raw string s'…' and in a regular expression r'…' backslashes are left alone");
  } else notes.push('hint: write `\\\\` for a backslash');
  return notes;
}

/** The index after the closing quote of an `s'…'`, `r'…'` or `t'…'` whose opening quote is at `quote`. */
export function endOfQuoted(source: string, quote: number, blame: number): number {
  let i = quote + 1;
  while (i < source.length) {
    const code = source.charCodeAt(i);
    if (code === APOSTROPHE) return i + 1;
    i += code === BACKSLASH ? 2 : 1;
  }
  throw new Refusal(208, 'invalid literal', { start: blame, end: blame + 1 }, "this literal has no closing `'`");
}

/** The text that the content of a string, free of faults, stands for. */
export function unescapeString(content: string): string {
  let i = content.indexOf('\\');
  if (i < 0) return content;
  let text = '';
  let done = 0;
  while (i >= 0) {
    text += content.slice(done, i);
    const code = content.charCodeAt(i + 1);
    if (code === NEWLINE) {
      done = i + 2;
      while (done < content.length && isSpace(content.charCodeAt(done))) done++;
    } else if (code === 117) {
      const close = content.indexOf('}', i);
      text += String.fromCodePoint(Number.parseInt(content.slice(i + 3, close), 16));
      done = close + 1;
    } else {
      text += SIMPLE_ESCAPES.get(code) ?? '';
      done = i + 2;
    }
    i = content.indexOf('\\', done);
  }
  return text + content.slice(done);
}

export type Part =
  | { readonly type: 'text'; readonly start: number; readonly end: number; readonly value: string }
  | { readonly type: 'variable'; readonly start: number; readonly end: number; readonly name: string };

/**
 * The content of a string cut into texts and `{{ variables }}`. Places count from the start of the content.
 * `\{{` and `\}}` stand for the braces; nothing between braces, and braces that are not closed, stand for nothing.
 */
export function templateParts(content: string): readonly Part[] {
  const parts: Part[] = [];
  let start = 0;
  let text = '';
  let i = 0;
  const flush = () => {
    if (text !== '') parts.push({ type: 'text', start, end: i, value: unescapeString(text) });
    text = '';
  };
  while (i < content.length) {
    if (content.startsWith('\\{{', i) || content.startsWith('\\}}', i)) {
      text += content.slice(i + 1, i + 3);
      i += 3;
    } else if (content.startsWith('{{', i)) {
      flush();
      const close = content.indexOf('}}', i + 2);
      if (close < 0) return parts;
      const name = content.slice(i + 2, close);
      if (name !== '') parts.push({ type: 'variable', start: i, end: close + 2, name: name.trim() });
      i = start = close + 2;
    } else text += content.charAt(i++);
  }
  flush();
  return parts;
}
