// Path patterns as users of Vector write them: `?`, `*`, `[a-z]`, `[!a]`, `**` as a whole part of the path. There are
// no braces and no escapes (a metacharacter is matched as `[*]`), names with a leading dot match, case matters.
//
// Matching is linear in pattern times text: only the last wildcard is ever tried again, which is enough because a
// later one reaches everything that an earlier one could have left to it. File names are hostile.

import { opendir, realpath, stat } from 'node:fs/promises';

type Token =
  | { readonly kind: 'text'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  /** Any characters. */
  | { readonly kind: 'star' }
  /** Nothing, or whole parts of a path with the slash behind them. */
  | { readonly kind: 'parts' };

export interface Glob {
  readonly source: string;
  /**
   * Whether the whole of `path` matches. `*`, `?` and `[…]` match slashes here as well, as they do in Vector's
   * `exclude`; while walking directories they never leave their part of the path.
   */
  matches(path: string): boolean;
  /** The parts between slashes, for walking: plain names, patterns, and `**`. */
  readonly parts: readonly GlobPart[];
  readonly absolute: boolean;
}

export type GlobPart =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'pattern'; matches(name: string): boolean }
  | { readonly kind: 'recursive' };

/** Patterns longer than this are refused. */
const PATTERN_MAX = 4096;

/** Reads a pattern; text that says what is wrong with it when it is none. */
export function parseGlob(source: string): Glob | string {
  if (source.length > PATTERN_MAX) return `the pattern is longer than ${PATTERN_MAX} characters`;
  const tokens = tokenize(source);
  if (typeof tokens === 'string') return tokens;
  const parts: GlobPart[] = [];
  for (const text of splitParts(source)) {
    if (text === '**') {
      if (parts.at(-1)?.kind !== 'recursive') parts.push({ kind: 'recursive' });
    } else if (/[?*[]/.test(text)) {
      const part = tokenize(text);
      if (typeof part === 'string') return part;
      parts.push({ kind: 'pattern', matches: (name) => matchTokens(part, [...name]) });
    } else parts.push({ kind: 'name', name: text });
  }
  return {
    source,
    matches: (path) => matchTokens(tokens, [...path]),
    parts,
    absolute: source.startsWith('/'),
  };
}

function splitParts(source: string): string[] {
  return source.split('/').filter((part) => part !== '');
}

function tokenize(source: string): Token[] | string {
  const tokens: Token[] = [];
  const chars = [...source];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at]!;
    if (char === '?') {
      tokens.push({ kind: 'any' });
      at += 1;
    } else if (char === '*') {
      let end = at;
      while (chars[end] === '*') end += 1;
      if (end - at > 2) return `\`${source}\` has more than two \`*\` in a row`;
      if (end - at === 2) {
        if ((at > 0 && chars[at - 1] !== '/') || (end < chars.length && chars[end] !== '/'))
          return `\`**\` must stand alone between two slashes, as in \`/var/log/**/*.log\``;
        tokens.push(end < chars.length ? { kind: 'parts' } : { kind: 'star' });
        end += 1;
      } else tokens.push({ kind: 'star' });
      at = end;
    } else if (char === '[') {
      const set = readSet(chars, at);
      if (!set) return `\`${source}\` has a \`[\` without its \`]\`; to match the character itself, write \`[[]\``;
      tokens.push(set.token);
      at = set.end;
    } else {
      tokens.push({ kind: 'text', char });
      at += 1;
    }
  }
  return tokens;
}

/** `[abc]`, `[a-z]`, `[!a]`; a `]` that comes first and a `-` that comes first or last stand for themselves. */
function readSet(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  const negated = chars[start + 1] === '!';
  const first = start + (negated ? 2 : 1);
  const close = chars.indexOf(']', first + 1);
  if (close === -1) return undefined;
  const ranges: [number, number][] = [];
  for (let at = first; at < close; ) {
    const low = chars[at]!.codePointAt(0)!;
    if (at + 2 < close && chars[at + 1] === '-') {
      ranges.push([low, chars[at + 2]!.codePointAt(0)!]);
      at += 3;
    } else {
      ranges.push([low, low]);
      at += 1;
    }
  }
  return { token: { kind: 'set', negated, ranges }, end: close + 1 };
}

function matchTokens(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let wildcard = -1;
  let retryAt = 0;
  for (;;) {
    const current = tokens[token];
    if (current?.kind === 'star' || current?.kind === 'parts') {
      wildcard = token;
      retryAt = at;
      token += 1;
      continue;
    }
    if (current === undefined ? at === text.length : at < text.length && matchOne(current, text[at]!)) {
      if (current === undefined) return true;
      token += 1;
      at += 1;
      continue;
    }
    if (wildcard === -1) return false;
    retryAt = nextStart(tokens[wildcard]!, text, retryAt);
    if (retryAt === -1) return false;
    token = wildcard + 1;
    at = retryAt;
  }
}

/** Where the text behind a wildcard may begin next; -1 when the text is used up. */
function nextStart(wildcard: Token, text: readonly string[], from: number): number {
  if (wildcard.kind === 'star') return from < text.length ? from + 1 : -1;
  const slash = text.indexOf('/', from);
  return slash === -1 ? -1 : slash + 1;
}

function matchOne(token: Token, char: string): boolean {
  if (token.kind === 'any') return true;
  if (token.kind === 'text') return token.char === char;
  if (token.kind !== 'set') return false;
  const code = char.codePointAt(0)!;
  return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
}

export interface WalkOptions {
  /** A directory could not be read. Directories that are not there are no error. */
  readonly onError: (path: string, error: NodeJS.ErrnoException) => void;
  /** Stops the walk after this many directory entries were looked at; `onLimit` is told. */
  readonly entriesMax: number;
  readonly onLimit: () => void;
}

/** `**` goes no deeper than this below the directory it stands in. */
const DEPTH_MAX = 64;

interface Walk extends WalkOptions {
  readonly found: string[];
  entries: number;
}

/**
 * Paths that match, in the order of their names, directory by directory. What is found may be a file, a directory or
 * gone again: the caller looks. A pattern that ends in `**` means directories and finds nothing.
 */
export async function walkGlob(glob: Glob, options: WalkOptions): Promise<string[]> {
  const walk: Walk = { ...options, found: [], entries: 0 };
  await descend(walk, glob.parts, glob.absolute ? '/' : '', []);
  if (walk.entries >= walk.entriesMax) options.onLimit();
  return walk.found;
}

/** `above` are the real paths of the directories that `**` came through, to notice a link that leads back. */
async function descend(
  walk: Walk,
  parts: readonly GlobPart[],
  folder: string,
  above: readonly string[],
): Promise<void> {
  const part = parts[0];
  if (part === undefined) return void walk.found.push(folder);
  const rest = parts.slice(1);
  if (part.kind === 'name') return descend(walk, rest, join(folder, part.name), []);
  if (part.kind === 'recursive') {
    if (rest.length > 0) await recurse(walk, parts, folder, above);
    return;
  }
  for (const entry of await list(walk, folder)) {
    if (part.matches(entry.name) && (rest.length === 0 || entry.mayBeFolder))
      await descend(walk, rest, join(folder, entry.name), []);
  }
}

/** `**`: what follows it is looked for here and in every folder below. */
async function recurse(
  walk: Walk,
  parts: readonly GlobPart[],
  folder: string,
  above: readonly string[],
): Promise<void> {
  const [next, ...after] = parts.slice(1);
  const here = above.length > 0 ? above : [await realpath(folder === '' ? '.' : folder).catch(() => folder)];
  for (const entry of await list(walk, folder)) {
    const path = join(folder, entry.name);
    const matches =
      next!.kind === 'name' ? next!.name === entry.name : next!.kind === 'pattern' && next!.matches(entry.name);
    if (matches && (after.length === 0 || entry.mayBeFolder)) await descend(walk, after, path, []);
    if (!entry.mayBeFolder || here.length >= DEPTH_MAX) continue;
    const real = entry.isLink ? await linkedFolder(path) : join(here.at(-1)!, entry.name);
    if (real !== undefined && !here.includes(real)) await recurse(walk, parts, path, [...here, real]);
  }
}

/** Where a link to a directory leads; undefined for any other link. */
async function linkedFolder(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? await realpath(path) : undefined;
  } catch {
    return undefined;
  }
}

interface Entry {
  readonly name: string;
  readonly isLink: boolean;
  readonly mayBeFolder: boolean;
}

/** Directory entries read at a time: each system call of this size costs the event loop a millisecond or less. */
const ENTRIES_AT_ONCE = 1024;

async function list(walk: Walk, folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of await opendir(folder === '' ? '.' : folder, { bufferSize: ENTRIES_AT_ONCE })) {
      if (walk.entries >= walk.entriesMax) break;
      walk.entries += 1;
      const isLink = entry.isSymbolicLink();
      entries.push({ name: entry.name, isLink, mayBeFolder: isLink || entry.isDirectory() });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') walk.onError(folder, error as NodeJS.ErrnoException);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function join(folder: string, name: string): string {
  if (folder === '' || folder.endsWith('/')) return folder + name;
  return `${folder}/${name}`;
}
