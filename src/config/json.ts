// JSON to a document tree, and back to text. Node's own parser knows no positions and keeps the last of two equal keys.

import {
  type ConfigFile,
  type DocumentNode,
  integerOf,
  isParseText,
  lineAt,
  type Member,
  NESTING_MAX,
  type ParsedFile,
  type Place,
  type Scalar,
  TOO_DEEP,
  TOO_MANY,
  VALUES_MAX,
} from './document.ts';

/** A value of a configuration as JSON; bigints as the integers they are. */
export function renderJson(value: unknown): string {
  const exact = (_: string, member: unknown): unknown =>
    typeof member === 'bigint' ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(`${member}`) : member;
  return `${JSON.stringify(value, exact, 2)}\n`;
}

/** What the text breaks, and where. Thrown inside this file only. */
class JsonFault extends Error {
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;
  constructor(message: string, start: number, end: number, hint?: string) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}

interface Reader {
  readonly file: ConfigFile;
  readonly text: string;
  at: number;
  values: number;
}

export function parseJson(file: ConfigFile): ParsedFile {
  const reader: Reader = { file, text: file.text, at: 0, values: 0 };
  try {
    const root = readValue(reader, 0);
    skipSpace(reader);
    if (reader.at < reader.text.length) throw fault(reader, 'there is more text after the end of the document');
    if (root.kind === 'map') return { root, problems: [] };
    throw new JsonFault(
      'a configuration is an object with keys such as `sources` and `sinks`',
      root.place.start,
      root.place.end,
    );
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const { message, start, end, hint } = error;
    const problem = { severity: 'error' as const, message, place: { file, start, end } };
    return { root: undefined, problems: [hint === undefined ? problem : { ...problem, hint }] };
  }
}

function fault(reader: Reader, message: string, hint?: string): JsonFault {
  return new JsonFault(`this is not JSON: ${message}`, reader.at, reader.at + 1, hint);
}

function skipSpace(reader: Reader): void {
  while (/[ \t\r\n]/.test(reader.text[reader.at] ?? '')) reader.at += 1;
  if (/^(?:\/[/*]|#)/.test(reader.text.slice(reader.at, reader.at + 2)))
    throw fault(reader, 'it has no comments', 'write the configuration in YAML to comment it');
}

function readValue(reader: Reader, depth: number): DocumentNode {
  skipSpace(reader);
  if (depth > NESTING_MAX) throw new JsonFault(TOO_DEEP, reader.at, reader.at + 1);
  reader.values += 1;
  if (reader.values > VALUES_MAX) throw new JsonFault(TOO_MANY, reader.at, reader.at + 1);
  const start = reader.at;
  const char = reader.text[start];
  if (char === '{') return readObject(reader, depth);
  if (char === '[') return readArray(reader, depth);
  const value = char === '"' ? readString(reader) : readWord(reader);
  return { kind: 'scalar', place: placeFrom(reader, start), value };
}

function placeFrom(reader: Reader, start: number): Place {
  return { file: reader.file, start, end: reader.at };
}

function readObject(reader: Reader, depth: number): DocumentNode {
  const start = reader.at++;
  const members = new Map<string, Member>();
  for (let isFirst = true; !closes(reader, '}', isFirst); isFirst = false) {
    if (reader.text[reader.at] !== '"')
      throw fault(reader, 'expected a key in double quotes', reader.text[reader.at] === '}' ? TRAILING : undefined);
    const keyStart = reader.at;
    const name = readString(reader);
    const key = placeFrom(reader, keyStart);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') throw fault(reader, 'expected `:` after the key');
    reader.at += 1;
    const value = readValue(reader, depth + 1);
    const first = members.get(name);
    if (first) {
      const { line } = lineAt(reader.text, first.key.start);
      throw new JsonFault(`the key \`${name}\` is written twice`, key.start, key.end, `the first is on line ${line}`);
    }
    members.set(name, { key, value });
  }
  return { kind: 'map', place: placeFrom(reader, start), members };
}

function readArray(reader: Reader, depth: number): DocumentNode {
  const start = reader.at++;
  const items: DocumentNode[] = [];
  for (let isFirst = true; !closes(reader, ']', isFirst); isFirst = false) {
    if (reader.text[reader.at] === ']') throw fault(reader, 'expected a value', TRAILING);
    items.push(readValue(reader, depth + 1));
  }
  return { kind: 'list', place: placeFrom(reader, start), items };
}

const TRAILING = 'there must be no comma after the last entry';

/** Moves past the end of a list or object, or to its next entry. */
function closes(reader: Reader, bracket: string, isFirst: boolean): boolean {
  skipSpace(reader);
  const char = reader.text[reader.at];
  if (char === bracket) {
    reader.at += 1;
    return true;
  }
  if (char === undefined) throw fault(reader, `the end of the file comes before \`${bracket}\``);
  if (isFirst) return false;
  if (char !== ',') throw fault(reader, `expected \`,\` or \`${bracket}\``);
  reader.at += 1;
  skipSpace(reader);
  return false;
}

function readString(reader: Reader): string {
  const { text } = reader;
  let end = reader.at + 1;
  while (end < text.length && text[end] !== '"' && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
  if (text[end] !== '"') throw fault(reader, 'this text has no closing quote on its line');
  const written = text.slice(reader.at, end + 1);
  try {
    const value = JSON.parse(written) as string;
    reader.at = end + 1;
    return value;
  } catch {
    const problem = 'this is not JSON: this text holds a control character or an escape that JSON does not know';
    throw new JsonFault(problem, reader.at, end + 1);
  }
}

const WORDS: Readonly<Record<string, Scalar>> = { true: true, false: false, null: null };

function readWord(reader: Reader): Scalar {
  const word = /^[^\s,:[\]{}"]*/.exec(reader.text.slice(reader.at, reader.at + 400))![0];
  const value = wordValue(word);
  if (value === undefined) {
    if (reader.at >= reader.text.length) throw fault(reader, 'the end of the file comes before a value');
    const place = [reader.at, reader.at + Math.max(word.length, 1)] as const;
    const hint = word.startsWith('$') || word.startsWith("'") ? 'put it in double quotes' : undefined;
    throw new JsonFault(`this is not JSON: expected a value`, ...place, hint);
  }
  if (isParseText(value)) throw new JsonFault(value.problem, reader.at, reader.at + word.length);
  reader.at += word.length;
  return value;
}

function wordValue(word: string) {
  if (Object.hasOwn(WORDS, word)) return WORDS[word]!;
  if (/^-?(?:0|[1-9]\d*)$/.test(word)) return integerOf(word);
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) return undefined;
  const number = Number(word);
  return Number.isFinite(number) ? number : { problem: `the number ${word} is too large` };
}
