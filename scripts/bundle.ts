// The command as it is published: modules joined into few files, so that it starts fast and holds little memory.
//
//   cli/main.js ──► chunks/*.js             what each run needs, in few files
//        │
//        └─ when it is used ─► sources/file/file.js, vrl/stdlib/parse_json.js, config/yaml.js, …
//
// A module is about 30 KiB of memory and 0.3 ms; a component, a function of the language or a format that nobody uses
// is not loaded at all. The sources name all of them with plain imports: the lists that `npm run gen` writes and the
// doors in `LATE_DOORS` are exchanged here for ones that load their modules on first use, without waiting (`require` of
// an ES module). A module keeps its place relative to the others, so what it finds by `import.meta.url` is there.

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { type CodeSplittingGroup, type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { findComponents, modulePath } from './components.ts';
import { findFunctions, functionPath, LISTS, listPath } from './vrl_functions.ts';

export interface BundleOptions {
  /** The repository. */
  readonly root: string;
  /** Where the bundle goes. */
  readonly folder: string;
  /** Modules that are started by path: the command and the workers. */
  readonly entries: readonly string[];
  /** Further modules that much of the rest hangs on, loaded when they are wanted. */
  readonly shared: readonly string[];
}

/** Modules that export nothing but functions, and that not every run calls. */
const LATE_DOORS: readonly string[] = ['src/config/toml.ts', 'src/config/yaml.ts'];

/** HTTP/2, which few servers are asked to speak: a function that a package requires, and 7 MiB with what it needs of Node. */
const LATE_PACKAGE = 'node_modules/undici/lib/dispatcher/client-h2.js';

/** What is needed of a package whose own entry loads all of it. An import of anything else fails the build. */
const PARTS: ReadonlyMap<string, string> = new Map([
  [
    'undici',
    `import api from 'undici/lib/api/index.js';
    import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
    export { default as Agent } from 'undici/lib/dispatcher/agent.js';
    export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
    export { default as buildConnector } from 'undici/lib/core/connect.js';
    export { default as errors } from 'undici/lib/core/errors.js';
    Object.assign(Dispatcher.prototype, api);`,
  ],
]);

const REGISTRY = 'src/config/registry.gen.ts';

/** Stands in the code for the address of the bundle's folder until the place of its file is known. */
const FOLDER = '__BUNDLE_FOLDER__';

export interface Bundled {
  /** By their paths in the folder. */
  readonly files: readonly string[];
  /** The packages of which something is in them. */
  readonly packages: readonly string[];
}

/** Writes the bundle. */
export async function bundle({ root, folder, entries, shared }: BundleOptions): Promise<Bundled> {
  const late = lateModules(root);
  const inputs = [...entries, ...late.keys()].map((path) => [outputName(path), join(root, path)] as const);
  const graph: Graph = new Map();
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(inputs),
    platform: 'node',
    external: ['koffi'],
    plugins: [modulesOfNode(), placesOfModules(root), lateLoading(root, late), recordGraph(root, graph), inAscii()],
    preserveEntrySignatures: 'allow-extension',
    onLog: (level, { code, message }) => {
      // Which modules stand in one file is decided here, not by how they are imported.
      if (level === 'warn' && code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(message);
    },
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      comments: false,
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
      codeSplitting: { groups: groupsOf({ root, entries, ways: [...entries, ...shared], graph }) },
    });
    const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
    return { files: chunks.map(({ fileName }) => fileName), packages: packagesOf(chunks) };
  } finally {
    await build.close();
  }
}

/** The text of a script, in CommonJS, that is a module of the repository with all it imports. */
export async function bundleScript(root: string, entry: string): Promise<string> {
  const build = await rolldown({
    cwd: root,
    input: join(root, entry),
    platform: 'node',
    plugins: [modulesOfNode()],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  try {
    const { output } = await build.generate({ format: 'cjs', comments: false, codeSplitting: false });
    return output[0].code;
  } finally {
    await build.close();
  }
}

function packagesOf(chunks: readonly OutputChunk[]): readonly string[] {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const names = modules.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** A module's path in the repository; packages may be installed elsewhere. */
function pathIn(root: string, id: string): string {
  const at = id.lastIndexOf('/node_modules/');
  return at === -1 ? relative(root, id) : id.slice(at + 1);
}

/** `src/cli/main.ts` → `cli/main`. */
function outputName(path: string): string {
  return path
    .replace(/^src\//, '')
    .replace(/^node_modules\//, 'packages/')
    .replace(/\.[jt]s$/, '');
}

/** Module to the modules it imports, by their paths in the repository. */
type Graph = Map<string, readonly string[]>;

function recordGraph(root: string, graph: Graph): Plugin {
  return {
    name: 'record-graph',
    moduleParsed({ id, importedIds }) {
      graph.set(
        relative(root, id),
        importedIds.map((imported) => relative(root, imported)),
      );
    },
  };
}

interface Grouping {
  readonly root: string;
  readonly entries: readonly string[];
  /** The modules that others are grouped by. */
  readonly ways: readonly string[];
  readonly graph: Graph;
}

/**
 * One file for what exactly these modules need, for each set of them. What none of them needs is left to the bundler,
 * which makes a file for each set of entries: left to it altogether, the middle of the graph would fall into hundreds
 * of pieces, as each component and function uses other parts of it.
 */
function groupsOf({ root, entries, ways, graph }: Grouping): CodeSplittingGroup[] {
  let reached: ReadonlyMap<string, number> | undefined;
  // The graph is whole when the first module is asked for.
  const setOf = (id: string): number => {
    reached ??= reachedFrom(ways, graph);
    const path = relative(root, id);
    // A worker starts when it is loaded: nobody else may find something in its file.
    return entries.includes(path) ? 0 : (reached.get(path) ?? 0);
  };
  const sets = Array.from({ length: 2 ** ways.length - 1 }, (_, index) => index + 1);
  return sets.map((set) => ({
    name: `core${set}`,
    // What more of them need is imported by what fewer need, never the other way round.
    priority: bitsOf(set),
    test: (id) => setOf(id) === set,
  }));
}

function bitsOf(set: number): number {
  return set.toString(2).replaceAll('0', '').length;
}

/** For each module, which of `ways` lead to it, as bits. */
function reachedFrom(ways: readonly string[], graph: Graph): Map<string, number> {
  const reached = new Map<string, number>();
  for (const [index, way] of ways.entries()) {
    const bit = 2 ** index;
    const visit = (path: string): void => {
      const known = reached.get(path) ?? 0;
      if (known & bit) return;
      reached.set(path, known | bit);
      for (const imported of graph.get(path) ?? []) visit(imported);
    };
    visit(way);
  }
  return reached;
}

/**
 * Modules of Node, asked for by name: an import reads every export that one of them has, among them those that load
 * something big when they are read. `import 'node:http'` costs 19 MiB in place of 4, `node:process` 5 in place of none.
 */
function modulesOfNode(): Plugin {
  const names = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));
  return {
    name: 'modules-of-node',
    resolveId(source, importer, { kind }) {
      const name = source.replace(/^node:/, '');
      if (!names.has(name)) return undefined;
      if (kind === 'require-call') return `\0required:${name}`;
      // One for each that imports it: what one of them reads at once must not be read for another.
      return `\0imported:${name}:${importer}`;
    },
    load(id) {
      const [, kind, name] = /^\0(required|imported):([^:]*)/.exec(id) ?? [];
      if (name === undefined) return undefined;
      const module = `process.getBuiltinModule('node:${name}')`;
      if (kind === 'required') return `module.exports = ${module};`;
      return moduleOfNode(module, process.getBuiltinModule(`node:${name}` as 'node:fs'), LATE_MODULES.includes(name));
    },
  };
}

/** Modules of Node that a process which has nothing to do with them should not hold: 0.5 to 7 MiB each. */
const LATE_MODULES = [
  'child_process',
  'crypto',
  'dgram',
  'dns',
  'dns/promises',
  'http',
  'http2',
  'https',
  'readline',
].concat(['stream/consumers', 'tls', 'v8', 'worker_threads', 'zlib']);

/** The text of a module that exports what one of Node has; a late one loads it for the first call of a function. */
function moduleOfNode(module: string, members: object, isLate: boolean): string {
  const names = Object.keys(members).filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default');
  const exports = names.map((name) => {
    const value = (members as Record<string, unknown>)[name];
    if (isLate && typeof value === 'function' && /^[a-z]/.test(name))
      return `function ${name}_(...values) { return m().${name}(...values); } export { ${name}_ as ${name} };`;
    return `const ${name}_ = /* @__PURE__ */ (() => m${isLate ? '()' : ''}.${name})(); export { ${name}_ as ${name} };`;
  });
  const whole = isLate
    ? `const m = () => ${module}; export default new Proxy({}, { get: (_, name) => m()[name] });`
    : `const m = ${module}; export default m;`;
  return [whole, ...exports].join('\n');
}

/** Lets each module see the place it would have if it were a file of its own. */
function placesOfModules(root: string): Plugin {
  return {
    name: 'places-of-modules',
    transform(code, id) {
      const path = relative(root, id);
      if (!path.startsWith('src/') || !code.includes('import.meta.url')) return undefined;
      const built = code.replaceAll(
        /(['"])(\.{1,2}\/[\w./-]+)\.ts\1, import\.meta\.url/g,
        '$1$2.js$1, import.meta.url',
      );
      return built.replaceAll('import.meta.url', `new URL('${outputName(path)}.js', ${FOLDER}).href`);
    },
    renderChunk(code, { fileName }) {
      if (!code.includes(FOLDER)) return undefined;
      const up = '../'.repeat(fileName.split('/').length - 1);
      return code.replaceAll(FOLDER, `new URL(${JSON.stringify(up === '' ? './' : up)}, import.meta.url)`);
    },
  };
}

/**
 * One character beyond Latin-1 makes V8 keep two bytes for every character of a file. All of them stand in literals,
 * where an escape means the same; a file where it would not (raw text) stays as it is.
 */
function inAscii(): Plugin {
  return {
    name: 'in-ascii',
    // After everything else: the minifier writes characters where it finds escapes.
    generateBundle(_, files) {
      for (const file of Object.values(files)) if (file.type === 'chunk') file.code = escaped(file.code);
    },
  };
}

function escaped(code: string): string {
  if (/(?<!\\)(?:\\\\)*\\[\u0080-\uffff]|String\.raw`[^`]*[\u0080-\uffff]/.test(code)) return code;
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Modules that are loaded on first use, and the names of what is wanted of them. */
function lateModules(root: string): ReadonlyMap<string, string> {
  const components = findComponents(root).components.map((one) => [modulePath(one), one.kind.word] as const);
  const functions = LISTS.flatMap(({ folder }) => findFunctions(root, folder)).map(
    (one) => [functionPath(one), one.identifier] as const,
  );
  return new Map([...components, ...functions, ...[...LATE_DOORS, LATE_PACKAGE].map((path) => [path, ''] as const)]);
}

/** Exchanges the lists of components and functions, and the doors, for ones that load on first use. */
function lateLoading(root: string, late: ReadonlyMap<string, string>): Plugin {
  const texts = new Map([
    [REGISTRY, lateRegistry(root)],
    ...LISTS.map((list) => [listPath(list), lateFunctions(root, list.folder)] as const),
  ]);
  const doors = new Map(LATE_DOORS.map((path) => [path, lateDoor(root, path)]));
  doors.set(
    LATE_PACKAGE,
    `const load = process.getBuiltinModule('node:module').createRequire(${FOLDER});
    module.exports = (...values) => ${loading(LATE_PACKAGE)}.default(...values);`,
  );
  const entries = new Set(late.keys());
  return {
    name: 'late-loading',
    resolveId: {
      async handler(source, importer, options) {
        if (PARTS.has(source)) return `\0parts:${source}`;
        if (importer === undefined || !source.startsWith('.')) return undefined;
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        const path = found && pathIn(root, found.id);
        return path && doors.has(path) ? `\0door:${path}` : undefined;
      },
    },
    load(id) {
      if (id.startsWith('\0parts:')) return PARTS.get(id.slice('\0parts:'.length));
      if (id.startsWith('\0door:')) return doors.get(id.slice('\0door:'.length));
      const path = relative(root, id);
      return entries.has(path) ? undefined : texts.get(path);
    },
  };
}

const LOADER = `import { createRequire } from 'node:module';\nconst load = createRequire(${FOLDER});\n`;

function loading(path: string): string {
  return `load('./${outputName(path)}.js')`;
}

function lateRegistry(root: string): string {
  const { components } = findComponents(root);
  const kinds = Map.groupBy(components, ({ kind }) => kind.folder);
  const tables = [...kinds].map(([folder, own]) => {
    const members = own.map((one) => `get ${one.name}() { return ${loading(modulePath(one))}.${one.kind.word}; },`);
    return `export const ${folder} = {\n${members.join('\n')}\n};`;
  });
  return `${LOADER}${tables.join('\n')}\n`;
}

/** A definition that is looked at beyond its name is loaded. */
const LATE_FUNCTION = `
function late(name, definition) {
  return new Proxy({ name }, {
    get: (_, key) => key === 'name' ? name : definition()[key],
    has: (_, key) => key in definition(),
    ownKeys: () => Reflect.ownKeys(definition()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Object.getOwnPropertyDescriptor(definition(), key);
      return found && { ...found, configurable: true };
    },
  });
}
`;

function lateFunctions(root: string, folder: string): string {
  const items = findFunctions(root, folder).map(
    (one) => `late('${one.name}', () => ${loading(functionPath(one))}.${one.identifier}),`,
  );
  return `${LOADER}${LATE_FUNCTION}export const ${folder} = [\n${items.join('\n')}\n];\n`;
}

function lateDoor(root: string, path: string): string {
  const text = readFileSync(join(root, path), 'utf8');
  const values = [...text.matchAll(/^export (?!type |interface )(.*)$/gm)].map(([, rest]) => rest!);
  const functions = values.map((rest) => {
    const name = /^function (\w+)/.exec(rest)?.[1];
    if (name === undefined)
      throw new Error(`${path} can be loaded late only when it exports functions, not \`${rest}\``);
    return `export function ${name}(...values) { return ${loading(path)}.${name}(...values); }`;
  });
  return `${LOADER}${functions.join('\n')}\n`;
}
