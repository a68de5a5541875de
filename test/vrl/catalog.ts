// What the generator knows of each function: its declaration, and realistic arguments taken apart from the examples.

import { parseRfc3339 } from '../../src/event/timestamp.ts';
import { float, integer, type ObjectValue, Regex, type Value } from '../../src/event/value.ts';
import type { Example, FunctionDefinition } from '../../src/vrl/vrl.ts';
import { MORE_EXAMPLES } from './more_examples.ts';

export interface RecipeArgument {
  readonly parameter: string;
  readonly isNamed: boolean;
  readonly text: string;
}

/** A call that an example makes, with what it needs of the event. */
export interface Recipe {
  readonly arguments: readonly RecipeArgument[];
  readonly closure: string | undefined;
  readonly event: ObjectValue | undefined;
  /** Whether it is there to show a failure. */
  readonly fails: boolean;
}

export interface Entry {
  readonly definition: FunctionDefinition;
  readonly recipes: readonly Recipe[];
  /** Whole programs, as the examples have them. */
  readonly programs: readonly { readonly source: string; readonly event: Value }[];
  /** Texts of arguments by parameter. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
}

/** They give something else each time, by the clock, by chance or by the machine. */
export const VARYING: ReadonlySet<string> = new Set([
  'now',
  'random_bool',
  'random_bytes',
  'random_float',
  'random_int',
  'uuid_v4',
  'uuid_v7',
  'get_hostname',
  'get_timezone_name',
  'get_env_var',
]);

/** Their result is right when it can be undone, whatever its bytes are. */
export const COMPRESSORS: ReadonlySet<string> = new Set([
  'encode_gzip',
  'encode_zlib',
  'encode_zstd',
  'encode_lz4',
  'encode_snappy',
]);

/** They reach outside: what is asked must be chosen with care. */
export const OUTSIDE: ReadonlySet<string> = new Set(['dns_lookup', 'reverse_dns', 'http_request']);

/** @param withOutside whether there are servers that may be asked. */
export function catalogOf(functions: readonly FunctionDefinition[], withOutside = false): readonly Entry[] {
  return functions
    .filter(({ name }) => withOutside || !OUTSIDE.has(name))
    .map((definition) =>
      OUTSIDE.has(definition.name) ? { definition, recipes: [], programs: [], pools: new Map() } : entryOf(definition),
    );
}

function entryOf(definition: FunctionDefinition): Entry {
  const recipes: Recipe[] = [];
  const programs: { source: string; event: Value }[] = [];
  const pools = new Map<string, string[]>();
  const more = (MORE_EXAMPLES[definition.name] ?? []).map((source): Example => ({ title: '', source }));
  for (const { source, event, compileOnly, error } of [...definition.examples, ...more]) {
    if (!compileOnly) programs.push({ source, event: event ?? {} });
    const recipe = recipeOf(definition, source, event);
    if (recipe === undefined || compileOnly) continue;
    recipes.push({ ...recipe, fails: error !== undefined });
    for (const { parameter, text } of recipe.arguments) {
      const pool = pools.get(parameter) ?? [];
      if (!pool.includes(text)) pool.push(text);
      pools.set(parameter, pool);
    }
  }
  for (const { name, values } of definition.parameters) {
    if (values !== undefined) pools.set(name, [...(pools.get(name) ?? []), ...Object.keys(values).map(quotedName)]);
  }
  return { definition, recipes, programs, pools };
}

function quotedName(text: string): string {
  return JSON.stringify(text);
}

/** The function's call in a program, taken apart; undefined when its arguments need the program around it. */
function recipeOf(
  definition: FunctionDefinition,
  source: string,
  event: Value | undefined,
): Omit<Recipe, 'fails'> | undefined {
  const start = callStart(source, definition.name);
  if (start === undefined) return undefined;
  const end = closingBracket(source, start);
  if (end === undefined) return undefined;
  // What it reads may have been written before.
  if (
    /[\n;]/.test(source.slice(0, start).trim()) &&
    /(?<![\w\])])[.%]/.test(withoutLiterals(source.slice(start, end)))
  ) {
    return undefined;
  }
  const taken: RecipeArgument[] = [];
  let position = 0;
  for (const text of splitTop(source.slice(start + 1, end), ',')) {
    if (text.trim() === '') continue;
    const named = /^\s*([a-z_]+)\s*:(?!:)\s*([\s\S]*)$/.exec(text);
    const index = named ? definition.parameters.findIndex(({ name }) => name === named[1]) : position++;
    const parameter = definition.parameters[index];
    if (parameter === undefined || needsContext(named?.[2] ?? text)) return undefined;
    taken.push({ parameter: parameter.name, isNamed: named !== null, text: (named?.[2] ?? text).trim() });
  }
  const isPlainEvent = event === undefined || (typeof event === 'object' && event !== null && !Array.isArray(event));
  if (!isPlainEvent) return undefined;
  return { arguments: taken, closure: closureAfter(source, end + 1), event: event as ObjectValue | undefined };
}

function callStart(source: string, name: string): number | undefined {
  const match = new RegExp(`(?<![\\w.])${name}!?\\(`).exec(withoutLiterals(source));
  return match ? match.index + match[0].length - 1 : undefined;
}

/** Whether a text uses variables or comments. */
function needsContext(text: string): boolean {
  const bare = withoutLiterals(text);
  if (bare.includes('#')) return true;
  return [...bare.matchAll(/(?<![\w.%@])([a-z_][a-z0-9_]*)\b(?!\s*[!(:])/gi)].some(
    ([word]) => !['true', 'false', 'null'].includes(word),
  );
}

function closureAfter(source: string, position: number): string | undefined {
  const match = /^\s*->\s*\|[^|]*\|\s*\{/.exec(source.slice(position));
  if (!match) return undefined;
  const end = closingBracket(source, position + match[0].length - 1);
  return end === undefined ? undefined : source.slice(position, end + 1).trim();
}

/** The end (exclusive) of the string, regex, timestamp or comment that starts at `i`; `i` where none does. */
export function literalEnd(source: string, i: number): number {
  const char = source[i]!;
  if (char === '#') {
    const end = source.indexOf('\n', i);
    return end === -1 ? source.length : end;
  }
  const isQuoted = char === '"';
  if (!isQuoted && !/^[srt]'/.test(source.slice(i, i + 2))) return i;
  if (!isQuoted && i > 0 && /\w/.test(source[i - 1]!)) return i;
  const quote = isQuoted ? '"' : "'";
  for (let j = i + (isQuoted ? 1 : 2); j < source.length; j++) {
    if (source[j] === '\\') j++;
    else if (source[j] === quote) return j + 1;
  }
  return source.length;
}

/** The text with the insides of literals blanked, so that positions stay. */
export function withoutLiterals(source: string): string {
  let result = '';
  for (let i = 0; i < source.length; ) {
    const end = literalEnd(source, i);
    result += end > i ? (source[i] === '#' ? '#' : '"').padEnd(end - i, ' ') : source[i]!;
    i = Math.max(end, i + 1);
  }
  return result;
}

/** The position of the bracket that closes the one at `start`. */
export function closingBracket(source: string, start: number): number | undefined {
  const bare = withoutLiterals(source);
  let depth = 0;
  for (let i = start; i < bare.length; i++) {
    if ('([{'.includes(bare[i]!)) depth++;
    else if (')]}'.includes(bare[i]!) && --depth === 0) return i;
  }
  return undefined;
}

/** Splits at separators outside of literals and brackets. */
export function splitTop(source: string, separator: string): string[] {
  const bare = withoutLiterals(source);
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < bare.length; i++) {
    if ('([{'.includes(bare[i]!)) depth++;
    else if (')]}'.includes(bare[i]!)) depth--;
    else if (bare[i] === separator && depth === 0) {
      parts.push(source.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, source.slice(start)];
}

const UNESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** The value of a literal; undefined when the text is none, or one this reader does not know. */
export function literalValue(text: string): Value | undefined {
  const trimmed = text.trim();
  if (trimmed === 'null') return null;
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^-?\d[\d_]*$/.test(trimmed)) return integerValue(trimmed);
  if (/^-?\d[\d_]*\.\d+$/.test(trimmed)) return float(Number(trimmed.replaceAll('_', '')));
  const prefixed = /^([srt])'((?:[^'\\]|\\[\s\S])*)'$/.exec(trimmed);
  if (prefixed) return prefixedValue(prefixed[1]!, prefixed[2]!.replaceAll("\\'", "'"));
  if (/^"(?:[^"\\]|\\[\s\S])*"$/.test(trimmed)) return quotedValue(trimmed.slice(1, -1));
  if (/^[[{]/.test(trimmed) && closingBracket(trimmed, 0) === trimmed.length - 1) return containerValue(trimmed);
  return undefined;
}

function integerValue(text: string): Value | undefined {
  const number = BigInt(text.replaceAll('_', ''));
  return BigInt.asIntN(64, number) === number ? integer(number) : undefined;
}

function prefixedValue(prefix: string, inner: string): Value | undefined {
  if (prefix === 's') return inner;
  return prefix === 'r' ? new Regex(inner) : parseRfc3339(inner);
}

function quotedValue(inner: string): Value | undefined {
  if (/\{\{|\\\n/.test(inner)) return undefined;
  const text = inner.replace(/\\(?:u\{([0-9a-fA-F]+)\}|([\s\S]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (UNESCAPES[char] ?? char) : String.fromCodePoint(Number.parseInt(hex, 16)),
  );
  return text;
}

function containerValue(text: string): Value | undefined {
  const parts = splitTop(text.slice(1, -1), ',').filter((part) => part.trim() !== '');
  if (text.startsWith('[')) {
    const items = parts.map(literalValue);
    return items.some((item) => item === undefined) ? undefined : (items as Value[]);
  }
  const object: ObjectValue = {};
  for (const part of parts) {
    const [key, ...rest] = splitTop(part, ':');
    const name = literalValue(key!);
    const value = literalValue(rest.join(':'));
    if (typeof name !== 'string' || value === undefined) return undefined;
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}
