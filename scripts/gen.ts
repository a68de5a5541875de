// `npm run gen`: writes what is made from the components: the registry, the reference and the JSON Schema.
// `--check` writes nothing and fails when something is not as it would be written.

import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './command.ts';
import { type Component, findComponents, KINDS, modulePath, renderRegistry } from './components.ts';
import { type AnyDefinition, type Defined, pagePath, renderIndex, renderPage } from './reference.ts';

const REGISTRY = 'src/config/registry.gen.ts';

/** Files that nobody writes by hand: one that is found here and not made is left over. */
const GENERATED = ['docs/reference/**/*.{md,json}', 'src/**/*.gen.ts'];

export interface Difference {
  readonly path: string;
  readonly what: 'missing' | 'different' | 'left over';
}

/** How files on disk (path to content) differ from those that were made. */
export function compare(made: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): Difference[] {
  const differences: Difference[] = [];
  for (const [path, text] of made) {
    if (!found.has(path)) differences.push({ path, what: 'missing' });
    else if (found.get(path) !== text) differences.push({ path, what: 'different' });
  }
  for (const path of found.keys()) if (!made.has(path)) differences.push({ path, what: 'left over' });
  return differences;
}

/** What is on disk of generated files. */
function existing(): Map<string, string> {
  const paths = GENERATED.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

/** Everything that is made from the definitions. The registry has to be on disk already: modules import it. */
async function documents(components: readonly Component[]): Promise<Map<string, string>> {
  const common = await import('../src/component/common_options.ts');
  const { configurationSchema } = await import('../src/config/config.ts');
  const defined: Defined[] = [];
  for (const component of components) {
    const module = (await import(join(ROOT, modulePath(component)))) as Record<string, AnyDefinition | undefined>;
    const definition = module[component.kind.word];
    if (definition === undefined) throw new Error(`${modulePath(component)} exports no \`${component.kind.word}\``);
    if (definition.type !== component.name) {
      throw new Error(`${modulePath(component)} defines \`${definition.type}\`: the folder has to have that name`);
    }
    defined.push({ ...component, definition });
  }
  const index = renderIndex(defined, KINDS, {
    sources: common.sourceOptions,
    transforms: common.transformOptions,
    sinks: { ...common.sinkOptions, buffer: common.bufferStage() },
  });
  return new Map([
    ...defined.map((one): [string, string] => [pagePath(one), renderPage(one)]),
    ['docs/reference/README.md', index],
    ['docs/reference/configuration.schema.json', `${JSON.stringify(configurationSchema(), null, 1)}\n`],
  ]);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}

/** Writes all generated files; returns what changed. */
export async function generate(): Promise<Difference[]> {
  const components = findComponents(ROOT);
  const registry = renderRegistry(components);
  const found = existing();
  // Modules read the registry, so it is written first; modules that need a fresh one see it from the next process on.
  if (found.get(REGISTRY) !== registry) write(REGISTRY, registry);
  const made = new Map([[REGISTRY, registry], ...(await documents(components))]);
  const differences = compare(made, found);
  for (const { path, what } of differences) {
    if (what === 'left over') rmSync(join(ROOT, path));
    else if (path !== REGISTRY) write(path, made.get(path)!);
  }
  return differences;
}

/** How the generated files on disk differ from what would be written. */
export async function check(): Promise<Difference[]> {
  const components = findComponents(ROOT);
  const registry = renderRegistry(components);
  const found = existing();
  if (found.get(REGISTRY) !== registry) {
    return [{ path: REGISTRY, what: existsSync(join(ROOT, REGISTRY)) ? 'different' : 'missing' }];
  }
  return compare(new Map([[REGISTRY, registry], ...(await documents(components))]), found);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const differences = values.check ? await check() : await generate();
  for (const { path, what } of differences) {
    console.log(
      values.check
        ? `${path} is ${what}: run \`npm run gen\``
        : `${what === 'left over' ? 'removed' : 'wrote'} ${path}`,
    );
  }
  if (!values.check && differences.length === 0) console.log('all generated files are as they should be');
  if (values.check && differences.length > 0) process.exitCode = 1;
}
