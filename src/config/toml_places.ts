// Where the keys and values of a TOML document stand. It reads text that is known to be valid, so it only looks for the
// ends of things.

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
  readonly depthMax: number;
  at: number;
}

interface Part extends Span {
  readonly name: string;
}

class TooDeep extends Error {}

/** The places of a valid document; undefined when it nests deeper than `depthMax`. */
export function scanToml(text: string, depthMax: number): Mark | undefined {
  const scanner: Scanner = { text, depthMax, at: 0 };
  const root = markAt({ start: 0, end: 0 });
  let table = root;
  let tableDepth = 0;
  try {
    for (;;) {
      skipSpace(scanner);
      if (scanner.at >= text.length) return root;
      if (text[scanner.at] === '[') {
        const isList = text[scanner.at + 1] === '[';
        scanner.at += isList ? 2 : 1;
        const parts = readKey(scanner);
        scanner.at += isList ? 2 : 1;
        if (parts.length > depthMax) return undefined;
        table = openTable(root, parts, isList);
        tableDepth = parts.length;
      } else readEntry(scanner, table, tableDepth);
    }
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    throw error;
  }
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
  if (depth + parts.length > scanner.depthMax) throw new TooDeep();
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
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/gs, (_, short, long, byte, char) =>
    char === undefined ? String.fromCodePoint(Number.parseInt(short ?? long ?? byte, 16)) : (ESCAPES[char] ?? char),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };

function readValue(scanner: Scanner, mark: Mark, depth: number): void {
  if (depth > scanner.depthMax) throw new TooDeep();
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
  const quote = scanner.text[scanner.at]!;
  const isLong = scanner.text.startsWith(quote.repeat(3), scanner.at);
  const pattern = isLong
    ? quote === '"'
      ? /"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}/sy
      : /'''(?:[^']|'{1,2}(?!'))*'{3,5}/sy
    : quote === '"'
      ? /"(?:[^"\\\n]|\\.)*"/y
      : /'[^'\n]*'/y;
  pattern.lastIndex = scanner.at;
  pattern.exec(scanner.text);
  scanner.at = Math.max(pattern.lastIndex, scanner.at + 1);
}
