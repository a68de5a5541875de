// Unicode's classes of characters and its simple case folding, taken from the JavaScript engine's own tables: only what
// a pattern names is looked up, and only as far as the text at hand needs it.

import { CODE_MAX, normalized, type Ranges } from './ranges.ts';
import { CATEGORIES, PROPERTIES, SCRIPTS } from './unicode_names.ts';
import { scanAll, scanUpTo } from './unicode_scan.ts';
import { CASED_CONTENT, rangesFrom } from './usual_classes.ts';
import { USUAL_RANGES } from './usual_ranges.gen.ts';

/** Most property tables that are kept; there are about 300 of them. */
const TABLES_MAX = 64;

const tables = new Map<string, Ranges>();

/** The characters up to `limit`, or all, that match `[content]`, the inside of a JavaScript class under the flag `u`. */
export function charactersOf(content: string, limit: number): Ranges {
  const kept = tables.get(content);
  if (kept) return kept;
  const usual = USUAL_RANGES.get(content);
  if (!usual && limit < 0xffff) return scanUpTo(content, limit);
  const all = usual === undefined ? scanAll(content) : rangesFrom(usual);
  if (tables.size >= TABLES_MAX) tables.clear();
  tables.set(content, all);
  return all;
}

/** The loose form of a name, for comparing. */
function loose(name: string): string {
  const isPrefixed = /^is/i.test(name);
  let plain = '';
  for (const char of isPrefixed ? name.slice(2) : name) if (char <= '\x7f' && !/[ _-]/.test(char)) plain += char;
  plain = plain.toLowerCase();
  return isPrefixed && plain === 'c' ? 'isc' : plain;
}

function directory(names: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const entry of names.trim().split(/\s+/)) {
    const [name, ...aliases] = entry.split('/');
    for (const alias of [loose(name!), ...aliases]) map.set(alias, name!);
  }
  return map;
}

let directories:
  | {
      readonly categories: ReadonlyMap<string, string>;
      readonly scripts: ReadonlyMap<string, string>;
      readonly properties: ReadonlyMap<string, string>;
    }
  | undefined;

function names() {
  directories ??= {
    categories: directory(CATEGORIES),
    scripts: directory(SCRIPTS),
    properties: directory(PROPERTIES),
  };
  return directories;
}

export type ClassProblem = 'Unicode property not found' | 'Unicode property value not found';

/** What to write inside of a JavaScript class for `\p{name}` or `\p{name=value}`. */
export function classContent(
  name: string,
  value: string | undefined,
): { readonly content: string } | { readonly problem: ClassProblem } {
  const wanted = loose(value ?? name);
  if (value === undefined) {
    // `cf`, `sc` and `lc` are also short for properties, but mean the categories.
    const property = /^(?:cf|sc|lc)$/.test(wanted) ? undefined : names().properties.get(wanted);
    if (property !== undefined) return { content: `\\p{${property}}` };
    const found = categoryContent(wanted) ?? scriptContent('Script', wanted);
    return found === undefined ? { problem: 'Unicode property not found' } : { content: found };
  }
  const property = loose(name);
  let content: string | undefined;
  if (property === 'gc' || property === 'generalcategory') content = categoryContent(wanted);
  else if (property === 'sc' || property === 'script') content = scriptContent('Script', wanted);
  else if (property === 'scx' || property === 'scriptextensions') content = scriptContent('Script_Extensions', wanted);
  else return { problem: 'Unicode property not found' };
  return content === undefined ? { problem: 'Unicode property value not found' } : { content };
}

function categoryContent(wanted: string): string | undefined {
  if (wanted === 'any') return '\\p{Any}';
  if (wanted === 'assigned') return '\\p{Assigned}';
  if (wanted === 'ascii') return '\\p{ASCII}';
  const category = names().categories.get(wanted);
  return category === undefined ? undefined : `\\p{General_Category=${category}}`;
}

function scriptContent(property: string, wanted: string): string | undefined {
  const script = names().scripts.get(wanted);
  return script === undefined ? undefined : `\\p{${property}=${script}}`;
}

/** Characters that are the same but for their case, each list with all of them. */
type Orbits = ReadonlyMap<number, readonly number[]>;

let orbits: Orbits | undefined;

function caseOrbits(): Orbits {
  if (orbits) return orbits;
  const groups = new Map<string, number[]>();
  const candidates = charactersOf(CASED_CONTENT, CODE_MAX);
  for (let i = 0; i < candidates.length; i += 2) {
    for (let code = candidates[i]!; code <= candidates[i + 1]!; code++) {
      const key = single(single(String.fromCodePoint(code), 'toUpperCase'), 'toLowerCase');
      const group = groups.get(key);
      if (group) group.push(code);
      else groups.set(key, [code]);
    }
  }
  const map = new Map<number, readonly number[]>();
  for (const group of groups.values())
    for (const orbit of confirmed(group)) for (const code of orbit) map.set(code, orbit);
  orbits = map;
  return map;
}

function single(char: string, change: 'toUpperCase' | 'toLowerCase'): string {
  const changed = char[change]();
  return changed.length === String.fromCodePoint(changed.codePointAt(0)!).length ? changed : char;
}

/** A group split into those that the engine's case folding really takes for the same. */
function confirmed(group: readonly number[]): number[][] {
  const found: number[][] = [];
  let rest = [...group];
  while (rest.length > 1) {
    const pattern = new RegExp(`^\\u{${rest[0]!.toString(16)}}$`, 'iu');
    const same = rest.filter((code) => pattern.test(String.fromCodePoint(code)));
    if (same.length > 1) found.push(same);
    rest = rest.filter((code) => !same.includes(code));
  }
  return found;
}

const KELVIN = 0x212a;
const LONG_S = 0x17f;

/** A set with all characters that differ from one of it only by case. */
export function folded(ranges: Ranges): Ranges {
  const pairs = [...ranges];
  if (ranges.length > 0 && ranges.at(-1)! <= 0x7f) {
    foldAscii(ranges, pairs);
    if (contains(ranges, 'k')) pairs.push(KELVIN, KELVIN);
    if (contains(ranges, 's')) pairs.push(LONG_S, LONG_S);
    return normalized(pairs);
  }
  const all = caseOrbits();
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]!;
    const to = ranges[i + 1]!;
    if (to - from > all.size) {
      for (const [code, orbit] of all)
        if (code >= from && code <= to) for (const other of orbit) pairs.push(other, other);
    } else {
      for (let code = from; code <= to; code++) for (const other of all.get(code) ?? []) pairs.push(other, other);
    }
  }
  return normalized(pairs);
}

/** The same for ASCII letters alone, where Unicode is off. */
export function foldedAscii(ranges: Ranges): Ranges {
  const pairs = [...ranges];
  foldAscii(ranges, pairs);
  return normalized(pairs);
}

function foldAscii(ranges: Ranges, pairs: number[]): void {
  for (let i = 0; i < ranges.length; i += 2) {
    for (const [first, last, shift] of [
      [0x41, 0x5a, 32],
      [0x61, 0x7a, -32],
    ] as const) {
      const from = Math.max(first, ranges[i]!);
      const to = Math.min(last, ranges[i + 1]!);
      if (from <= to) pairs.push(from + shift, to + shift);
    }
  }
}

function contains(ranges: Ranges, lower: string): boolean {
  const code = lower.charCodeAt(0);
  for (let i = 0; i < ranges.length; i += 2) {
    if ((ranges[i]! <= code && code <= ranges[i + 1]!) || (ranges[i]! <= code - 32 && code - 32 <= ranges[i + 1]!))
      return true;
  }
  return false;
}
