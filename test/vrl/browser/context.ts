// Loads the language into a context without Node: no `process`, no `Buffer`, no modules of Node's. Packages are
// resolved as bundlers do it, by their entries for browsers.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';

const ROOT = join(import.meta.dirname, '../../..');
const FIXTURES = join(import.meta.dirname, '../fixtures');
const WEB = ['URL', 'URLSearchParams', 'crypto', 'atob', 'btoa', 'structuredClone', 'performance'];

const sandbox: Record<string, unknown> = {
  ...Object.fromEntries(WEB.map((name) => [name, (globalThis as Record<string, unknown>)[name]])),
  // In browsers these are native, which packages look at; a bound function looks like that.
  TextEncoder: TextEncoder.bind(undefined),
  TextDecoder: TextDecoder.bind(undefined),
  readFixture,
};
const context = vm.createContext(sandbox);
// Bytes of the host are of another realm; what the language sees has to be its own.
vm.runInContext(
  '{ const read = readFixture; globalThis.readFixture = (path) => Uint8Array.from(read(path)); }',
  context,
);
const modules = new Map<string, vm.Module>();
const commonModules = new Map<string, { exports: unknown }>();

function readFixture(path: string): number[] {
  return [...readFileSync(path.startsWith('/') ? path : join(FIXTURES, path.replace(/^.*fixtures\//, '')))];
}

/** Whether a file is a module of the old kind. Packages do not always tell, so its text is asked, as bundlers do. */
function isCommon(path: string): boolean {
  return /\.c?js$/.test(path) && !/^(?:import|export)\b/m.test(readFileSync(path, 'utf8'));
}

/** A module of the old kind, run inside the context. */
function requireCommon(path: string): { exports: unknown } {
  const known = commonModules.get(path);
  if (known) return known;
  const module = { exports: {} as unknown };
  commonModules.set(path, module);
  if (path.endsWith('.json')) module.exports = vm.runInContext(`(${readFileSync(path, 'utf8')})`, context);
  else {
    const wrap = vm.runInContext(
      `(function (module, exports, require) {${readFileSync(path, 'utf8')}\n})`,
      context,
    ) as (module: object, exports: unknown, require: (name: string) => unknown) => void;
    wrap(module, module.exports, (name) => requireCommon(createRequire(path).resolve(name)).exports);
  }
  return module;
}

async function load(path: string): Promise<vm.Module> {
  const known = modules.get(path);
  if (known) return known;
  const module = isCommon(path) || path.endsWith('.json') ? wrapCommon(path) : sourceModule(path);
  modules.set(path, module);
  return module;
}

function wrapCommon(path: string): vm.Module {
  const { exports } = requireCommon(path);
  const names = Object.keys(exports as object).filter((name) => name !== 'default');
  return new vm.SyntheticModule(
    ['default', ...names],
    function () {
      this.setExport('default', exports);
      for (const name of names) this.setExport(name, (exports as Record<string, unknown>)[name]);
    },
    { context, identifier: path },
  );
}

function sourceModule(path: string): vm.Module {
  const text = readFileSync(path, 'utf8');
  const source = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  return new vm.SourceTextModule(source, { context, identifier: path });
}

function resolveFrom(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return resolve(dirname(path), specifier);
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(specifier)!;
  const folder = join(ROOT, 'node_modules', name!);
  if (!existsSync(folder)) throw new Error(`${path} imports ${specifier}, which is no package`);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const entry = rest === '' ? '.' : `./${rest}`;
  const file = manifest.exports ? pick(exported(manifest.exports, entry)) : undefined;
  return join(folder, file ?? (entry === '.' ? (manifest.module ?? manifest.main ?? 'index.js') : rest!));
}

type Entry = string | { readonly [condition: string]: Entry };

interface Manifest {
  readonly exports?: Entry;
  readonly module?: string;
  readonly main?: string;
}

function exported(entries: Entry, entry: string): Entry | undefined {
  if (typeof entries === 'string') return entries;
  return Object.hasOwn(entries, '.') || Object.keys(entries).some((key) => key.startsWith('./'))
    ? entries[entry]
    : entries;
}

/** The file of an entry for browsers. */
function pick(entry: Entry | undefined): string | undefined {
  if (entry === undefined || typeof entry === 'string') return entry;
  for (const [condition, inner] of Object.entries(entry)) {
    if (['browser', 'import', 'module', 'default'].includes(condition)) return pick(inner);
  }
  return undefined;
}

const entry = await load(join(import.meta.dirname, 'examples.ts'));
await entry.link((specifier, from) => load(resolveFrom(from.identifier, specifier)));
await entry.evaluate();
console.log((entry.namespace as { runExamples(): string }).runExamples());
