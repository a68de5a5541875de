// Where the keys and values of a TOML document stand. It reads text that is known to be valid, so it only looks for the
// ends of things.

import { NESTING_MAX, TOO_DEEP, TOO_MANY, VALUES_MAX } from './document.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value's place, with those of its parts. */
export interface Mark {
  start: number;
  end: number;
  key: Span | undefined;
  readonly members: Map<string, Mark>;
  readonly items: Mark[];
}

interface Scanner {
  readonly text: string;
  at: number;
  values: number;
}

interface Part extends Span {
  readonly name: string;
}

/** Thrown inside this file only. */
class TooMuch extends Error {}

/** The places of a valid document; text that says what is too much when it is too deep or too large. */
export function scanToml(text: string): Mark | string {
  const scanner: Scanner = { text, at: 0, values: 0 };
  const root = markAt({ start: 0, end: 0 });
  try {
    scanDocument(scanner, root);
    return root;
  } catch (error) {
    if (error instanceof TooMuch) return error.message;
    throw error;
  }
}

function scanDocument(scanner: Scanner, root: Mark): void {
  let table = root;
  let depth = 0;
  for (;;) {
    skipSpace(scanner);
    if (scanner.at >= scanner.text.length) return;
    if (scanner.text[scanner.at] === '[') {
      const isList = scanner.text[scanner.at + 1] === '[';
      scanner.at += isList ? 2 : 1;
      const parts = readKey(scanner);
      scanner.at += isList ? 2 : 1;
      depth = parts.length;
      limit(scanner, depth);
      table = openTable(root, parts, isList);
    } else readEntry(scanner, table, depth);
  }
}

function limit(scanner: Scanner, depth: number): void {
  scanner.values += 1;
  if (depth > NESTING_MAX) throw new TooMuch(TOO_DEEP);
  if (scanner.values > VALUES_MAX) throw new TooMuch(TOO_MANY);
}

function markAt({ start, end }: Span): Mark {
  return { start, end, key: undefined, members: new Map(), items: [] };
}

/** The table that a header opens; of a list of tables, the last. */
function openTable(root: Mark, parts: readonly Part[], isList: boolean): Mark {
  let current = root;
  for (const [index, part] of parts.entries()) {
    current = memberMark(current, part);
    if (isList && index === parts.length - 1) {
      const item = markAt(part);
      current.items.push(item);
      return item;
    }
    current = current.items.at(-1) ?? current;
  }
  return current;
}

/** The mark of a member, made on the way when this is the first that is heard of it. */
function memberMark(parent: Mark, part: Part): Mark {
  const known = parent.members.get(part.name);
  if (known) return known;
  const mark = markAt(part);
  mark.key = { start: part.start, end: part.end };
  parent.members.set(part.name, mark);
  return mark;
}

function readEntry(scanner: Scanner, table: Mark, depth: number): void {
  const parts = readKey(scanner);
  limit(scanner, depth + parts.length);
  scanner.at += 1;
  let mark = table;
  for (const part of parts) mark = memberMark(mark, part);
  readValue(scanner, mark, depth + parts.length);
}

/** White space, line ends and comments. */
function skipSpace(scanner: Scanner): void {
  const space = /(?:[ \t\r\n]+|#[^\n]*)*/y;
  space.lastIndex = scanner.at;
  space.exec(scanner.text);
  scanner.at = space.lastIndex;
}

/** A dotted key; ends in front of `=` or `]`. */
function readKey(scanner: Scanner): Part[] {
  const parts: Part[] = [];
  for (;;) {
    skipSpace(scanner);
    const start = scanner.at;
    const quote = scanner.text[start];
    if (quote === '"' || quote === "'") skipString(scanner);
    else while (/[A-Za-z0-9_-]/.test(scanner.text[scanner.at] ?? '')) scanner.at += 1;
    const text = scanner.text.slice(start, scanner.at);
    parts.push({ name: quote === '"' || quote === "'" ? unquote(text) : text, start, end: scanner.at });
    skipSpace(scanner);
    if (scanner.text[scanner.at] !== '.') return parts;
    scanner.at += 1;
  }
}

function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("'")) return inner;
  return inner.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/gs,
    (_, short, long, byte, char) =>
      char === undefined ? String.fromCodePoint(Number.parseInt(short ?? long ?? byte, 16)) : (ESCAPES[char] ?? char),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };

function readValue(scanner: Scanner, mark: Mark, depth: number): void {
  limit(scanner, depth);
  skipSpace(scanner);
  mark.start = scanner.at;
  const char = scanner.text[scanner.at];
  if (char === '"' || char === "'") skipString(scanner);
  else if (char === '[') readArray(scanner, mark, depth);
  else if (char === '{') readInlineTable(scanner, mark, depth);
  else {
    const bare = /[^,\]}#\r\n]*/y;
    bare.lastIndex = scanner.at;
    const text = bare.exec(scanner.text)?.[0] ?? '';
    scanner.at += text.trimEnd().length;
  }
  mark.end = scanner.at;
}

function readArray(scanner: Scanner, mark: Mark, depth: number): void {
  scanner.at += 1;
  while (!isClosed(scanner, ']')) {
    const item = markAt({ start: scanner.at, end: scanner.at });
    mark.items.push(item);
    readValue(scanner, item, depth + 1);
  }
}

function readInlineTable(scanner: Scanner, mark: Mark, depth: number): void {
  scanner.at += 1;
  while (!isClosed(scanner, '}')) readEntry(scanner, mark, depth);
}

/** Moves to the next entry of a list or table, or past its end. */
function isClosed(scanner: Scanner, bracket: string): boolean {
  skipSpace(scanner);
  if (scanner.text[scanner.at] === ',') {
    scanner.at += 1;
    skipSpace(scanner);
  }
  if (scanner.text[scanner.at] !== bracket && scanner.at < scanner.text.length) return false;
  scanner.at += 1;
  return true;
}

/** A string of any of the four kinds. */
function skipString(scanner: Scanner): void {
  const { text } = scanner;
  const quote = text[scanner.at]!;
  const isLong = text.startsWith(quote.repeat(3), scanner.at);
  const close = isLong ? quote.repeat(3) : quote;
  let at = scanner.at + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1;
  at += close.length;
  // A long string may end in one or two quotes of its own.
  for (let more = 0; isLong && more < 2 && text[at] === quote; more++) at += 1;
  scanner.at = at;
}
