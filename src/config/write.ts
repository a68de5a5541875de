// Configurations as plain values: read without looking at their meaning, and written in any format.

import { readFileSync } from 'node:fs';
import { plainValue } from './document.ts';
import { type Format, formatOf, parseText, reasonOf } from './files.ts';
import { renderJson } from './json.ts';
import { locatedInFile, locationOf } from './problems.ts';
import { renderToml } from './toml.ts';
import { renderYaml } from './yaml.ts';

export type WrittenFormat = Format;

/** A configuration as text. Integers that a number cannot hold are bigints. */
export function renderConfig(value: unknown, format: WrittenFormat): string {
  if (format === 'yaml') return renderYaml(value);
  return format === 'toml' ? renderToml(value) : renderJson(value);
}

export interface PlainFile {
  readonly value: unknown;
  /** What is wrong, each with file and line. */
  readonly problems: readonly string[];
}

/** The value of a file, whose format its extension tells; variables stay as they are written. */
export function readPlain(path: string): PlainFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const isText = !(error instanceof TypeError);
    const { problem } = reasonOf(error as NodeJS.ErrnoException);
    return { value: undefined, problems: [`${path}: ${isText ? problem : 'this file is not UTF-8 text'}`] };
  }
  const { root, problems } = parseText(text, formatOf(path) ?? 'toml', path);
  const messages = problems.map((problem) => {
    const { line, column } = locationOf(locatedInFile(problem))!;
    return `${path}:${line}:${column}: ${problem.message}`;
  });
  return { value: root && plainValue(root), problems: messages };
}

/** The value of YAML text that is known to be right, such as an example. */
export function readYamlValue(text: string): unknown {
  const { root, problems } = parseText(text, 'yaml', 'text');
  if (!root) throw new Error(problems.map(({ message }) => message).join('; '));
  return plainValue(root);
}
