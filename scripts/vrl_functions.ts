// The functions of the language: which files define one, and the lists that name them all. A function is a file in
// src/vrl/stdlib/ or src/vrl/outside/ named as it is called; adding one needs no edit anywhere else.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FunctionList {
  /** The folder below src/vrl/, which is also the name of the list. */
  readonly folder: string;
  readonly doc: string;
}

export const LISTS: readonly FunctionList[] = [
  { folder: 'stdlib', doc: 'All functions that need nothing but what a program is given' },
  { folder: 'outside', doc: 'All functions that reach outside of the program' },
];

export interface FunctionFile {
  /** As programs call it. */
  readonly name: string;
  readonly folder: string;
  /** What the file exports. */
  readonly identifier: string;
}

/** The functions defined below `root`, by name. */
export function findFunctions(root: string, folder: string): readonly FunctionFile[] {
  const parent = join(root, 'src/vrl', folder);
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent).filter((name) => /^[a-z0-9_]+\.ts$/.test(name));
  return names
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
    .map((name) => ({ name, folder, identifier: camelCase(name) }))
    .filter(({ name, identifier }) =>
      new RegExp(`^export const ${identifier}\\b`, 'm').test(readFileSync(join(parent, `${name}.ts`), 'utf8')),
    );
}

/** `is_ipv4` → `isIpv4`. */
function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The path of a function's module from the repository. */
export function functionPath({ folder, name }: FunctionFile): string {
  return `src/vrl/${folder}/${name}.ts`;
}

/** The path of a list from the repository. */
export function listPath({ folder }: FunctionList): string {
  return `src/vrl/${folder}.gen.ts`;
}

/** The text of a list. */
export function renderList({ folder, doc }: FunctionList, functions: readonly FunctionFile[]): string {
  const imports = ["import type { FunctionDefinition } from './function.ts';"];
  for (const { name, identifier } of functions) imports.push(`import { ${identifier} } from './${folder}/${name}.ts';`);
  const items = functions.map(({ identifier }) => `\n  ${identifier},`).join('');
  return [
    `// ${doc}, by name. Written by \`npm run gen\`; do not edit.\n`,
    `${imports.join('\n')}\n`,
    `export const ${folder}: readonly FunctionDefinition[] = [${items === '' ? '' : `${items}\n`}];\n`,
  ].join('\n');
}
