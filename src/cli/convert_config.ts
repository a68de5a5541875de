// `sluice convert-config`: rewrites configuration files in another format, one file or a folder of them.

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { readPlain, renderConfig, type WrittenFormat } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.toml', '.json']);

/** Folders deeper than this are not walked. */
const DEPTH_MAX = 32;

export async function convertConfig(
  input: string,
  output: string,
  flags: { outputFormat: WrittenFormat },
  { stderr }: Surroundings,
): Promise<number> {
  const problems: string[] = [];
  if (!existsSync(input)) problems.push(`${input} does not exist`);
  else if (existsSync(output)) problems.push(`${output} exists already; name a path that does not`);
  else {
    const isFolder = statSync(input).isDirectory();
    if (isFolder && extname(output) !== '') problems.push(`${input} is a folder, so ${output} must be one too`);
    else if (!isFolder && extname(output) === '')
      problems.push(`${input} is a file, so ${output} must be one too, with an extension`);
    else {
      for (const file of isFolder ? filesBelow(input, 0) : [input]) {
        const stem = basename(file, extname(file));
        const target = isFolder
          ? join(output, dirname(relative(input, file)), `${stem}.${flags.outputFormat}`)
          : output;
        convert(file, target, flags.outputFormat, problems);
      }
    }
  }
  for (const problem of problems) stderr.write(`error: ${problem}\n`);
  return problems.length > 0 ? EXIT.software : EXIT.ok;
}

function filesBelow(folder: string, depth: number): string[] {
  if (depth > DEPTH_MAX) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, depth + 1);
      return EXTENSIONS.has(extname(entry.name)) ? [path] : [];
    });
}

function convert(file: string, target: string, format: WrittenFormat, problems: string[]): void {
  const read = readPlain(file);
  if (read.problems.length > 0) {
    problems.push(...read.problems);
    return;
  }
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, renderConfig(read.value, format), { flag: 'wx' });
  } catch (error) {
    problems.push(`${target} cannot be written: ${(error as Error).message}`);
  }
}
