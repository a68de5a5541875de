// TOML to a document tree, and back to text. The only user of the library, which gives values without positions: those
// come from a scan of the text that the library has found to be valid.

import { parse, stringify, TomlDate, TomlError } from 'smol-toml';
import {
  type ConfigFile,
  type DocumentNode,
  type FileProblem,
  integerOf,
  isParseText,
  type MapNode,
  type Member,
  NESTING_MAX,
  type ParsedFile,
  type Place,
  type Scalar,
  TOO_DEEP,
} from './document.ts';
import { type Mark, scanToml } from './toml_places.ts';

/** A value of a configuration as TOML, which has no null: such members are left out. */
export function renderToml(value: unknown): string {
  return `${stringify(withoutNulls(value)).trimEnd()}\n`;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}

export function parseToml(file: ConfigFile): ParsedFile {
  let value: unknown;
  try {
    value = parse(file.text, { integersAsBigInt: true, unsafeKeyBehaviour: 'keep', maxDepth: NESTING_MAX });
  } catch (error) {
    return { root: undefined, problems: [faultOf(file, error)] };
  }
  const problems: FileProblem[] = [];
  const marks = scanToml(file.text);
  if (typeof marks === 'string') {
    const place = { file, start: 0, end: 0 };
    return { root: undefined, problems: [{ severity: 'error', message: marks, place }] };
  }
  const root = nodeOf({ file, problems }, value, marks);
  return problems.length > 0 ? { root: undefined, problems } : { root: root as MapNode, problems };
}

function faultOf(file: ConfigFile, error: unknown): FileProblem {
  if (error instanceof RangeError) return { severity: 'error', message: TOO_DEEP, place: { file, start: 0, end: 0 } };
  if (!(error instanceof TomlError)) throw error;
  const message = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
  const start = offsetOf(file.text, error.line, error.column);
  const line = file.text.split('\n')[error.line - 1] ?? '';
  const hint = /=\s*\$/.test(line)
    ? 'put variables in quotes: the value takes the type that its option wants'
    : looksLikeYaml(file.text)
      ? 'it looks like YAML: give the file the extension `.yaml`, or use `--config-yaml`'
      : undefined;
  const place = { file, start, end: start + 1 };
  return { severity: 'error', message: `this is not TOML: ${message}`, place, ...(hint ? { hint } : {}) };
}

/** Any other name than `.yaml` and `.json` means TOML, which surprises people. */
function looksLikeYaml(text: string): boolean {
  return /^(?:sources|transforms|sinks|data_dir):/m.test(text) && !/^\s*\[/m.test(text);
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let current = 1; current < line; current++) start = text.indexOf('\n', start) + 1;
  return Math.min(start + Math.max(column - 1, 0), text.length);
}

interface Builder {
  readonly file: ConfigFile;
  readonly problems: FileProblem[];
}

/** The value with the places of its marks; a part that the scan did not see stands where what holds it stands. */
function nodeOf(builder: Builder, value: unknown, mark: Mark): DocumentNode {
  const place: Place = { file: builder.file, start: mark.start, end: mark.end };
  if (Array.isArray(value)) {
    const items = value.map((item, index) => nodeOf(builder, item, mark.items[index] ?? { ...mark, items: [] }));
    return { kind: 'list', place, items };
  }
  if (typeof value === 'object' && value !== null && !(value instanceof TomlDate)) {
    const members = new Map<string, Member>();
    for (const [key, member] of Object.entries(value)) {
      const inner = mark.members.get(key);
      const at = inner?.key ?? { start: mark.start, end: mark.end };
      members.set(key, {
        key: { file: builder.file, ...at },
        value: nodeOf(builder, member, inner ?? { ...mark, members: new Map() }),
      });
    }
    return { kind: 'map', place, members };
  }
  return { kind: 'scalar', place, value: scalarOf(builder, value, place) };
}

function scalarOf(builder: Builder, value: unknown, place: Place): Scalar {
  const { text } = builder.file;
  if (value instanceof TomlDate) return text.slice(place.start, place.end).replace(/^(\S+) (?=\d)/, '$1T');
  if (typeof value === 'bigint') {
    const integer = integerOf(`${value}`);
    if (!isParseText(integer)) return integer;
    builder.problems.push({ severity: 'error', message: integer.problem, place });
    return null;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const message = `\`${text.slice(place.start, place.end)}\` is not a finite number`;
    builder.problems.push({ severity: 'error', message, place });
    return null;
  }
  return value as Scalar;
}
