// Which files a configuration is made of: what the flags name, with patterns expanded, each file once, in order.

import { stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import { parseGlob, walkGlob } from '../std/glob.ts';
import { type Format, formatOf } from './files.ts';

export interface NamedPaths {
  /** `--config`: the format comes from the extension. */
  readonly config: readonly string[];
  readonly configYaml: readonly string[];
  readonly configToml: readonly string[];
  readonly configJson: readonly string[];
  /** `--config-dir`. */
  readonly configDirs: readonly string[];
}

export interface FoundPath {
  readonly path: string;
  readonly format: Format | 'directory';
}

export interface FoundPaths {
  readonly paths: readonly FoundPath[];
  /** What is wrong, as clauses with hints. */
  readonly problems: readonly { readonly message: string; readonly hint?: string }[];
}

/** Directory entries looked at for one pattern. */
const ENTRIES_MAX = 1_000_000;

export async function findFiles(named: NamedPaths): Promise<FoundPaths> {
  const found = new Map<string, Format | 'directory'>();
  const problems: { message: string; hint?: string }[] = [];
  const add = async (paths: readonly string[], formatFor: (path: string) => FoundPath['format']): Promise<void> => {
    for (const path of paths) {
      const matches = await expand(path, problems);
      for (const match of matches) if (!found.has(match)) found.set(match, formatFor(match));
    }
  };
  await add(named.configYaml, () => 'yaml');
  await add(named.configToml, () => 'toml');
  await add(named.configJson, () => 'json');
  await add(named.configDirs, () => 'directory');
  // Vector takes a file that is named, whatever its extension, for TOML.
  await add(named.config, (path) => formatOf(path) ?? 'toml');
  const paths = [...found]
    .map(([path, format]) => ({ path, format }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { paths, problems };
}

async function expand(path: string, problems: { message: string; hint?: string }[]): Promise<string[]> {
  const isPattern = /[*?[]/.test(path);
  if (!isPattern || (await stat(path).catch(() => undefined))) return [normalize(path)];
  const glob = parseGlob(path);
  if (typeof glob === 'string') {
    problems.push({ message: glob });
    return [];
  }
  const matches = await walkGlob(glob, {
    entriesMax: ENTRIES_MAX,
    onError: (folder, error) => problems.push({ message: `\`${folder}\` cannot be read: ${error.message}` }),
    onLimit: () => problems.push({ message: `\`${path}\` leads through more than ${ENTRIES_MAX} directory entries` }),
  });
  if (matches.length === 0) problems.push({ message: `no file matches \`${path}\`` });
  return matches.map((match) => normalize(match));
}
