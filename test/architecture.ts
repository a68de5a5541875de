// The rules of the tree: which module may import which. Pure: file contents in, violations out.

import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path/posix';
import { findImports } from './imports.ts';

/** Folders of src/ from the bottom to the top; a module imports from its own row and from rows above it in this list. */
export const LAYERS: readonly (readonly string[])[] = [
  ['std'],
  ['event'],
  ['schema'],
  ['telemetry'],
  ['vrl'],
  ['engine'],
  ['net'],
  ['buffers'],
  ['codecs'],
  ['component'],
  ['sources', 'transforms', 'sinks', 'enrichment_tables', 'secrets'],
  ['config'],
  ['topology'],
  ['api'],
  ['cli'],
];

/** One folder per component below these. */
const COMPONENT_KINDS = LAYERS[10];

/** Folders that are entered through the file of their own name. */
export const DOORS: readonly string[] = ['vrl', 'schema', 'buffers', 'config', 'topology'];

/** Further doors: what not everybody who comes in by the first can have. */
const SIDE_DOORS: readonly string[] = ['src/vrl/outside.gen.ts'];

/** The language stands on values alone, so that it can be used without the rest. */
const NARROW: Readonly<Record<string, readonly string[]>> = { vrl: ['std', 'event'] };

export interface Tree {
  /** Path from the repository (`src/std/clock.ts`) to content. */
  readonly files: ReadonlyMap<string, string>;
  /** Package to the one file that imports it. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages that only tests import. */
  readonly testPackages: readonly string[];
}

/** Everything in a tree that breaks a rule, as `file:line: what is wrong: what to do`. */
export function violations(tree: Tree): string[] {
  const found: string[] = [];
  const imported = new Map<string, Set<string>>();
  for (const [path, source] of tree.files) {
    const edges = new Set<string>();
    for (const one of findImports(source)) {
      const target = resolveImport(path, one.specifier);
      const wrong = target === undefined ? wrongPackage(tree, path, one.specifier) : wrongModule(tree, path, target);
      if (wrong !== undefined) found.push(`${path}:${one.line}: ${wrong}`);
      if (target !== undefined && !one.typeOnly) edges.add(target);
    }
    imported.set(path, edges);
  }
  return [...found, ...unusedPackages(tree), ...cycles(imported)];
}

/** The path a relative import leads to; undefined for packages and Node's own modules. */
function resolveImport(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? join(dirname(path), specifier) : undefined;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('src/testing/');
}

function wrongPackage(tree: Tree, path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return `imports '${specifier}': write 'node:${specifier}'`;
  const name = packageName(specifier);
  if (tree.testPackages.includes(name)) {
    return isTest(path) ? undefined : `imports '${name}', which is a development dependency: only tests may`;
  }
  const owner = Object.hasOwn(tree.packages, name) ? tree.packages[name] : undefined;
  // A test beside the owner may compare it with the package itself.
  if (owner === path || (owner !== undefined && path.endsWith('.test.ts') && dirname(path) === dirname(owner)))
    return undefined;
  return owner === undefined
    ? `imports '${name}', which has no owner: name its one file in PACKAGES of test/architecture.test.ts`
    : `imports '${name}': import what you need from ${owner}, its only door`;
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function wrongModule(tree: Tree, path: string, target: string): string | undefined {
  if (!target.startsWith('src/')) {
    return target.endsWith('.json') ? undefined : `imports ${target}, outside of src/: move it in, or pass it in`;
  }
  if (target.endsWith('.ts') && !tree.files.has(target)) return `imports ${target}, which does not exist`;
  if (isTest(path)) return undefined;
  if (isTest(target)) return `imports ${target}: only tests may import tests and src/testing/`;
  const [from, to] = [folderOf(path), folderOf(target)];
  if (COMPONENT_KINDS.includes(from) && COMPONENT_KINDS.includes(to)) return wrongComponent(path, target);
  return from === to ? undefined : wrongFolder(from, to, target);
}

function wrongFolder(from: string, to: string, target: string): string | undefined {
  if (rowOf(from) === -1) return `is in src/${from}/, which is not in LAYERS of test/architecture.ts`;
  if (rowOf(to) === -1) return `imports from src/${to}/, which is not in LAYERS of test/architecture.ts`;
  if (rowOf(to) >= rowOf(from)) {
    return `imports ${target}: ${to}/ is above ${from}/; move what both need down to ${from}/ or below, or pass it in`;
  }
  if (Object.hasOwn(NARROW, from) && !NARROW[from].includes(to)) {
    return `imports ${target}: ${from}/ imports from ${NARROW[from].join('/, ')}/ only`;
  }
  if (DOORS.includes(to) && target !== `src/${to}/${to}.ts` && !SIDE_DOORS.includes(target)) {
    return `imports ${target}: src/${to}/ has one door; import from src/${to}/${to}.ts and export there what is missing`;
  }
  return undefined;
}

function wrongComponent(path: string, target: string): string | undefined {
  const [, kind, name, file] = target.split('/');
  if (file === undefined) {
    return `imports ${target}: a component is a folder; what components share belongs in src/component/ or below`;
  }
  if (path.startsWith(`src/${kind}/${name}/`)) return undefined;
  return `imports ${target}, another component: move what both need to src/component/, src/codecs/ or src/net/`;
}

/** The folder directly below src/; for a file there, its own name. */
function folderOf(path: string): string {
  return path.split('/')[1];
}

function rowOf(folder: string): number {
  return LAYERS.findIndex((row) => row.includes(folder));
}

function unusedPackages({ files, packages }: Tree): string[] {
  const unused = Object.entries(packages).filter(([name, owner]) => {
    const source = files.get(owner);
    return source === undefined || !findImports(source).some(({ specifier }) => packageName(specifier) === name);
  });
  return unused.map(
    ([name, owner]) =>
      `${owner}: does not import '${name}', whose only door it is: correct PACKAGES of test/architecture.test.ts`,
  );
}

/** Circles of files that need each other at run time; each is named once, from the file that sorts first. */
function cycles(imported: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Map<string, string>();
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const circle = trail.slice(trail.indexOf(path));
      const first = circle.indexOf([...circle].sort()[0]);
      const named = [...circle.slice(first), ...circle.slice(0, first)];
      found.set(named.join(' → '), named[0]);
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const target of imported.get(path) ?? []) visit(target);
    trail.pop();
    state.set(path, 'done');
  };
  for (const path of [...imported.keys()].sort()) visit(path);
  return [...found].map(
    ([circle, first]) =>
      `${first}: files import each other in a circle (${circle} → ${first}): move what they share to a third`,
  );
}
