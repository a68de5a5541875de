// `sluice convert-config`: rewrites configuration files in another format, one file or a folder of them.

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { readPlain, renderConfig, type WrittenFormat } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.toml', '.json']);

/** Folders deeper than this are not walked, which is said. */
const DEPTH_MAX = 32;

/** Files of a folder beyond this many are refused. */
const FILES_MAX = 10_000;

interface Flags {
  readonly outputFormat: WrittenFormat;
}

export function convertConfig(
  input: string,
  output: string,
  flags: Flags,
  { stderr }: Pick<Surroundings, 'stderr'>,
): number {
  let problems: readonly string[];
  try {
    problems = converted(input, output, flags.outputFormat);
  } catch (error) {
    problems = [(error as Error).message];
  }
  for (const problem of problems) stderr.write(`error: ${problem}\n`);
  return problems.length > 0 ? EXIT.software : EXIT.ok;
}

/** What went wrong. A file that could not be converted does not keep the others from it. */
function converted(input: string, output: string, format: WrittenFormat): readonly string[] {
  const stats = statSync(input, { throwIfNoEntry: false });
  if (!stats) return [`${input} does not exist`];
  if (existsSync(output)) return [`${output} exists already; name a path that does not`];
  const isFile = extname(output) !== '';
  if (!stats.isDirectory()) {
    if (!isFile) return [`${input} is a file, so ${output} must be one too, with an extension`];
    return convert(input, output, format);
  }
  if (isFile) return [`${input} is a folder, so ${output} must be one too, without an extension`];
  const problems: string[] = [];
  const files = filesBelow(input, problems);
  for (const file of files) {
    const target = join(output, dirname(relative(input, file)), `${basename(file, extname(file))}.${format}`);
    problems.push(...convert(file, target, format));
  }
  return problems;
}

function filesBelow(root: string, problems: string[]): string[] {
  const files: string[] = [];
  const walk = (folder: string, depth: number): void => {
    if (depth > DEPTH_MAX)
      return void problems.push(`${folder} lies deeper than ${DEPTH_MAX} folders; it was left out`);
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path, depth + 1);
      else if (EXTENSIONS.has(extname(entry.name))) files.push(path);
    }
  };
  walk(root, 0);
  if (files.length > FILES_MAX) problems.push(`${root} has more than ${FILES_MAX} files; the rest was left out`);
  return files.slice(0, FILES_MAX);
}

function convert(file: string, target: string, format: WrittenFormat): readonly string[] {
  const read = readPlain(file);
  if (read.problems.length > 0) return read.problems;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, renderConfig(read.value, format), { flag: 'wx' });
    return [];
  } catch (error) {
    return [`${target} cannot be written: ${(error as Error).message}`];
  }
}
