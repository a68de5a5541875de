// References (`&amp;`, `&#65;`) and line ends in text and attribute values.

import { isNameChar, isNameStart, isXmlChar } from './characters.ts';
import { type Position, XmlProblem } from './problem.ts';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['amp', '&'],
  ['apos', "'"],
  ['lt', '<'],
  ['gt', '>'],
]);

/** Text with references replaced and every line end a `\n`. */
export function normalText(raw: string, position: (offset: number) => Position): string {
  if (!raw.includes('&')) return raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
  const plain = raw.includes('\r') ? undefined : withReferences(raw, position);
  if (plain !== undefined) return plain;
  let text = '';
  // A carriage return is settled by the character after it, unless a reference stands there.
  let pending = false;
  let asIs = false;
  for (let at = 0; at < raw.length; ) {
    const char = raw[at]!;
    if (char === '&') {
      const reference = readReference(raw, at, position);
      if (pending) text += '\r';
      text += reference.text;
      pending = reference.text === '\r';
      if (pending) text = text.slice(0, -1);
      asIs = true;
      at = reference.end;
      continue;
    }
    at++;
    if (asIs) {
      asIs = false;
      if (pending) text += '\r';
      pending = char === '\r';
      if (!pending) text += char;
    } else if (pending) {
      text += '\n';
      if (at >= raw.length && char === '\r') text += '\n';
      pending = false;
      if (char === '\r' && at < raw.length) pending = true;
      else if (char !== '\n' && char !== '\r') text += char;
    } else if (char === '\r') {
      if (at >= raw.length) text += '\n';
      else pending = true;
    } else text += char;
  }
  return pending ? `${text}\r` : text;
}

/** Text without line ends that need care; undefined when a reference makes one. */
function withReferences(raw: string, position: (offset: number) => Position): string | undefined {
  let text = '';
  let from = 0;
  for (let at = raw.indexOf('&'); at !== -1; at = raw.indexOf('&', from)) {
    const reference = readReference(raw, at, position);
    if (reference.text === '\r') return undefined;
    text += raw.slice(from, at) + reference.text;
    from = reference.end;
  }
  return text + raw.slice(from);
}

/** A value with references replaced and its line ends and tabs made spaces. */
export function normalAttribute(raw: string, position: (offset: number) => Position): string {
  if (!/[&\t\n\r]/.test(raw)) return raw;
  let text = '';
  for (let at = 0; at < raw.length; ) {
    const char = raw[at]!;
    if (char === '&') {
      const reference = readReference(raw, at, position);
      text += reference.text;
      at = reference.end;
      continue;
    }
    at++;
    if (char === '\r' && raw[at] === '\n') continue;
    text += char === '\n' || char === '\r' || char === '\t' ? ' ' : char;
  }
  return text;
}

const NUMBER = /^&#(?:x([0-9A-Fa-f]+)|([0-9]+));/;

function readReference(
  raw: string,
  start: number,
  position: (offset: number) => Position,
): { text: string; end: number } {
  const malformed = () => new XmlProblem(`malformed entity reference at ${position(start)}`);
  const number = raw[start + 1] === '#' ? NUMBER.exec(raw.slice(start, start + 64)) : null;
  if (number) {
    const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
    if (code > 0xffff_ffff) throw malformed();
    const isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    const valid = isScalar ? code > 0xffff || isXmlChar(code) : true;
    if (!valid) throw malformed();
    return { text: isScalar ? String.fromCodePoint(code) : '\ufffd', end: start + number[0].length };
  }
  let end = start + 1;
  for (let first = true; end < raw.length; first = false) {
    const code = raw.codePointAt(end)!;
    if (!(first ? isNameStart(code) : isNameChar(code))) break;
    end += code > 0xffff ? 2 : 1;
  }
  if (end === start + 1 || raw[end] !== ';') throw malformed();
  const name = raw.slice(start + 1, end);
  const text = NAMED.get(name);
  if (text === undefined) throw new XmlProblem(`unknown entity reference '${name}' at ${position(start)}`);
  return { text, end: end + 1 };
}
