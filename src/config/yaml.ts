// YAML to a document tree, and back to text. The only user of the library. Scalars are read as Vector's parser reads
// them: `yes` and `0123` are text; tags and keys that are no text are refused.

import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  type ParsedNode,
  Parser,
  stringify,
  type YAMLMap,
} from 'yaml';
import {
  type ConfigFile,
  type DocumentNode,
  emptyMap,
  type FileProblem,
  integerOf,
  isParseText,
  lineAt,
  type MapNode,
  type Member,
  NESTING_MAX,
  type ParsedFile,
  type ParseText,
  type Place,
  type Scalar,
  TOO_DEEP,
  TOO_MANY,
  VALUES_MAX,
} from './document.ts';

/** Aliases may repeat at most this many values in all: a short text must not stand for gigabytes. */
const REPEATED_NODES_MAX = 100_000;

/** A value of a configuration as YAML. */
export function renderYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}

export function parseYaml(file: ConfigFile): ParsedFile {
  const { text } = file;
  const fail = (message: string, start: number, end = start, hint?: string): ParsedFile => ({
    root: undefined,
    problems: [{ severity: 'error', message, place: { file, start, end }, ...(hint === undefined ? {} : { hint }) }],
  });
  const tokens = tokenize(text);
  if ('problem' in tokens) return fail(tokens.problem, tokens.at);
  const options = { schema: 'failsafe', uniqueKeys: false, merge: false, resolveKnownTags: false } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  const [document, second] = documents;
  if (!document) return { root: emptyMap(file), problems: [] };
  const error = document.errors[0];
  if (error && error.code !== 'MULTIPLE_DOCS') {
    const [start, end] = error.pos;
    return fail(`this is not YAML: ${clause(error.message)}`, start, end, yamlHint(text, start, error.code));
  }
  if (second) {
    const start = text.indexOf('---', document.range[1]);
    return fail('there is more than one YAML document in this file', Math.max(start, 0), Math.max(start, 0) + 3);
  }
  const builder: Builder = { file, problems: [], anchors: new Map(), repeated: 0 };
  const root = document.contents ? build(builder, document.contents as ParsedNode, 0).node : undefined;
  if (builder.problems.some(({ severity }) => severity === 'error'))
    return { root: undefined, problems: builder.problems };
  if (!root || (root.kind === 'scalar' && root.value === null))
    return { root: emptyMap(file), problems: builder.problems };
  if (root.kind === 'map') return { root, problems: builder.problems };
  return fail('a configuration is an object with keys such as `sources` and `sinks`', root.place.start, root.place.end);
}

type Tokens = Parameters<Composer['next']>[0][];

/** Each value takes a few lexemes: itself, its key, and the white space and punctuation around them. */
const LEXEMES_MAX = VALUES_MAX * 8;

/** The concrete tokens, or what is too much and where. Composing is recursive: depth would overflow the stack there. */
function tokenize(text: string): Tokens | { readonly problem: string; readonly at: number } {
  const parser = new Parser();
  const tokens: Tokens = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // Each level takes at most two places on the parser's stack: the collection and its entry.
    if (parser.stack.length > NESTING_MAX * 2) return { problem: TOO_DEEP, at: parser.offset };
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) return { problem: TOO_MANY, at: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** A message of the library as one clause. */
function clause(message: string): string {
  const first = message.split('\n')[0]!.replace(/[.:]$/, '');
  return `${first[0]!.toLowerCase()}${first.slice(1)}`;
}

function yamlHint(text: string, offset: number, code: string): string | undefined {
  const { start, end } = lineAt(text, offset);
  const line = text.slice(start, end);
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(line)) return 'indent with spaces';
  if (/[:[{,-]\s*[^"'\s#]*(\$\{|\{\{|%\{)/.test(line)) return 'put text that holds braces in quotes';
  if (/: [^"'|>].*: /.test(line)) return 'put text that holds `: ` in quotes';
  return undefined;
}

interface Builder {
  readonly file: ConfigFile;
  readonly problems: FileProblem[];
  readonly anchors: Map<string, Built>;
  repeated: number;
}

interface Built {
  readonly node: DocumentNode;
  /** Values in it, itself included, with aliases written out. */
  readonly size: number;
  /** Levels below it. */
  readonly depth: number;
}

function build(builder: Builder, node: ParsedNode, depth: number): Built {
  const place = placeOf(builder.file, node.range);
  if (isAlias(node)) return aliased(builder, node.source, place, depth);
  if (node.tag !== undefined) {
    const tagPlace = { ...place, start: tagStart(builder.file.text, place.start) };
    report(builder, `tags are not supported: \`${node.tag.replace('tag:yaml.org,2002:', '!!')}\``, tagPlace);
  }
  const built = depth > NESTING_MAX ? tooDeep(builder, place) : buildValue(builder, node, place, depth);
  if (node.anchor !== undefined) builder.anchors.set(node.anchor, built);
  return built;
}

/** Where the tag in front of a value begins: the library does not keep it. */
function tagStart(text: string, valueStart: number): number {
  const before = text.slice(Math.max(0, valueStart - TAG_CHARS_MAX), valueStart);
  const at = before.search(/![^!\s]*!?[^!\s]*\s*$/);
  return at === -1 ? valueStart : valueStart - before.length + at;
}

/** Longer tags are pointed at by their value. */
const TAG_CHARS_MAX = 200;

function buildValue(builder: Builder, node: ParsedNode, place: Place, depth: number): Built {
  if (isMap(node)) return buildMap(builder, node as YAMLMap.Parsed, place, depth);
  if (isSeq(node)) {
    const items = node.items.map((item) => build(builder, item as ParsedNode, depth + 1));
    return { node: { kind: 'list', place, items: items.map((item) => item.node) }, ...sumOf(items) };
  }
  const text = isScalar(node) ? String(node.value) : '';
  const value = isScalar(node) && node.type === 'PLAIN' ? resolvePlain(text) : text;
  if (!isParseText(value)) return leaf(place, value);
  report(builder, value.problem, place);
  return leaf(place, null);
}

function leaf(place: Place, value: Scalar): Built {
  return { node: { kind: 'scalar', place, value }, size: 1, depth: 0 };
}

function tooDeep(builder: Builder, place: Place): Built {
  report(builder, TOO_DEEP, place);
  return leaf(place, null);
}

function sumOf(parts: readonly Built[]): { size: number; depth: number } {
  let size = 1;
  let depth = 0;
  for (const part of parts) {
    size += part.size;
    depth = Math.max(depth, part.depth + 1);
  }
  return { size, depth };
}

function aliased(builder: Builder, name: string, place: Place, depth: number): Built {
  const target = builder.anchors.get(name);
  if (!target) {
    report(builder, `the alias \`*${name}\` stands for nothing that was written before it`, place);
    return leaf(place, null);
  }
  builder.repeated += target.size;
  if (builder.repeated > REPEATED_NODES_MAX) {
    if (builder.repeated - target.size <= REPEATED_NODES_MAX)
      report(builder, `aliases repeat more than ${REPEATED_NODES_MAX} values`, place);
    return leaf(place, null);
  }
  return depth + target.depth > NESTING_MAX ? tooDeep(builder, place) : target;
}

function buildMap(builder: Builder, map: YAMLMap.Parsed, place: Place, depth: number): Built {
  const members = new Map<string, Member>();
  const merged: Member[] = [];
  const parts: Built[] = [];
  for (const pair of map.items as Pair<ParsedNode, ParsedNode | null>[]) {
    const key = placeOf(builder.file, pair.key.range);
    const built = pair.value
      ? build(builder, pair.value, depth + 1)
      : leaf({ file: builder.file, start: key.end, end: key.end }, null);
    parts.push(built);
    const name = keyOf(builder, pair.key, key);
    if (name === undefined) continue;
    if (name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') merged.push({ key, value: built.node });
    else if (members.has(name)) reportDuplicate(builder, name, key, members.get(name)!.key);
    else members.set(name, { key, value: built.node });
  }
  for (const one of merged) mergeInto(builder, members, one);
  return { node: { kind: 'map', place, members }, ...sumOf(parts) };
}

function keyOf(builder: Builder, key: ParsedNode, place: Place): string | undefined {
  const value = isScalar(key) ? (key.type === 'PLAIN' ? resolvePlain(String(key.value)) : String(key.value)) : key;
  if (key.tag !== undefined) report(builder, 'tags are not supported', place);
  if (typeof value === 'string') return value;
  const written = builder.file.text.slice(place.start, place.end);
  const isShort = isScalar(key) && written.length <= 60 && written !== '';
  const hint = isMap(key) ? 'put text that holds braces in quotes' : 'put it in quotes';
  report(builder, `${isShort ? `the key \`${written}\`` : 'this key'} is not text`, place, hint);
  return undefined;
}

function reportDuplicate(builder: Builder, name: string, key: Place, first: Place): void {
  const { line } = lineAt(builder.file.text, first.start);
  report(builder, `the key \`${name}\` is written twice`, key, `the first is on line ${line}`);
}

/** The members of `<<` count where the map itself does not have them; of several maps, the first counts. */
function mergeInto(builder: Builder, members: Map<string, Member>, { key, value }: Member): void {
  const maps = value.kind === 'list' ? value.items : [value];
  for (const map of maps) {
    if (map.kind !== 'map') {
      report(builder, '`<<` takes an object, or a list of objects', key);
      continue;
    }
    for (const [name, member] of (map as MapNode).members) if (!members.has(name)) members.set(name, member);
  }
}

function placeOf(file: ConfigFile, range: readonly [number, number, number] | null | undefined): Place {
  return { file, start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

function report(builder: Builder, message: string, place: Place, hint?: string): void {
  builder.problems.push({ severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) });
}

const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
const BASED = /^[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)$/;
const FLOAT = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

/** What a scalar without quotes stands for. Digits with a leading zero are text. */
export function resolvePlain(text: string): Scalar | ParseText {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (DECIMAL.test(text) || BASED.test(text)) return integerOf(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(text))
    return { problem: `\`${text}\` is not a finite number` };
  if (FLOAT.test(text) && !/^[-+]?0[0-9]+$/.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  }
  return text;
}
