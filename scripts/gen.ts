// `npm run gen`: writes what is made from the components, the functions of the language and the engine: the registry, the
// lists of functions, characters of classes, the reference and the JSON Schema.
// `--check` writes nothing and fails when something is not as it would be written.

import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FunctionDefinition } from '../src/vrl/function.ts';
import { ROOT } from './command.ts';
import {
  type Component,
  findComponents,
  KINDS,
  modulePath,
  renderRegistry,
  renderWorkerTransforms,
} from './components.ts';
import { METRICS_PAGE, renderMetrics } from './metrics_reference.ts';
import { type AnyDefinition, type Defined, pagePath, renderGlobals, renderIndex, renderPage } from './reference.ts';
import { renderUsualRanges, USUAL_RANGES_PATH } from './usual_ranges.ts';
import { findFunctions, functionPath, LISTS, listPath, renderList } from './vrl_functions.ts';
import { ERRORS_PAGE, FUNCTIONS_PAGE, renderErrors, renderFunctions } from './vrl_reference.ts';

const REGISTRY = 'src/config/registry.gen.ts';
const WORKER_TRANSFORMS = 'src/topology/worker/transforms.gen.ts';

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

/** The definitions of all components; those that cannot be had are told in `problems`. */
async function definitions(components: readonly Component[], problems: string[]): Promise<Defined[]> {
  const defined: Defined[] = [];
  for (const component of components) {
    const path = modulePath(component);
    try {
      const module = (await import(join(ROOT, path))) as Record<string, AnyDefinition | undefined>;
      const definition = module[component.kind.word];
      if (definition === undefined) problems.push(`${path} exports no \`${component.kind.word}\``);
      else if (definition.type !== component.name) {
        problems.push(`${path} defines \`${definition.type}\`: the folder and the module have to have that name`);
      } else defined.push({ ...component, definition });
    } catch (error) {
      problems.push(
        `${path} cannot be loaded: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  return defined;
}

/** Everything that is made from the definitions. The registry has to be on disk already: modules import it. */
async function documents(defined: readonly Defined[]): Promise<Map<string, string>> {
  const common = await import('../src/component/common_options.ts');
  const { configurationSchema } = await import('../src/config/json_schema.ts');
  const { globalOptions } = await import('../src/config/global_options.ts');
  // What the process as a whole counts is loaded with the command.
  await import('../src/cli/run.ts');
  const { definedSeries } = await import('../src/telemetry/telemetry.ts');
  const index = renderIndex(defined, KINDS, {
    sources: common.sourceOptions,
    transforms: common.transformOptions,
    sinks: common.sinkOptions,
  });
  return new Map([
    ...defined.map((one): [string, string] => [pagePath(one), renderPage(one)]),
    ['docs/reference/README.md', index],
    ['docs/reference/global_options.md', renderGlobals(globalOptions)],
    [METRICS_PAGE, renderMetrics(definedSeries())],
    ['docs/reference/configuration.schema.json', `${JSON.stringify(configurationSchema(), null, 1)}\n`],
  ]);
}

/** The pages of the language. A function that cannot be loaded is told in `problems` and left out. */
async function languagePages(problems: string[]): Promise<Map<string, string>> {
  const functions: FunctionDefinition[] = [];
  for (const file of LISTS.flatMap(({ folder }) => findFunctions(ROOT, folder))) {
    const path = functionPath(file);
    try {
      const module = (await import(join(ROOT, path))) as Record<string, FunctionDefinition>;
      const definition = module[file.identifier]!;
      if (definition.name === file.name) functions.push(definition);
      else problems.push(`${path} defines \`${definition.name}\`: the file has to have that name`);
    } catch (error) {
      problems.push(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const { CODES } = await import('../src/vrl/diagnostics/codes.ts');
  return new Map([
    [FUNCTIONS_PAGE, renderFunctions(functions)],
    [ERRORS_PAGE, renderErrors(CODES)],
  ]);
}

export interface Generated {
  readonly differences: readonly Difference[];
  /** What keeps the rest from being made. */
  readonly problems: readonly string[];
}

/** Compares the generated files with what they should be, and with `write` makes them so. */
export async function generate({ write }: { readonly write: boolean }): Promise<Generated> {
  const { components, problems: missing } = findComponents(ROOT);
  const problems = [...missing];
  const found = existing();
  const lists = new Map([
    [REGISTRY, renderRegistry(components)],
    [WORKER_TRANSFORMS, renderWorkerTransforms(components)],
    [USUAL_RANGES_PATH, renderUsualRanges()],
    ...LISTS.map((list): [string, string] => [listPath(list), renderList(list, findFunctions(ROOT, list.folder))]),
  ]);
  const differences = compare(lists, new Map([...found].filter(([path]) => lists.has(path))));
  // Modules that are imported from here on read the lists, so they come first.
  if (write) apply(differences, lists);
  else if (differences.length > 0) return { differences, problems };
  const defined = await definitions(components, problems);
  if (problems.length > 0) return { differences, problems };
  const made = new Map([...lists, ...(await documents(defined)), ...(await languagePages(problems))]);
  const others = compare(made, found).filter(({ path }) => !lists.has(path));
  if (write) apply(others, made);
  return { differences: [...differences, ...others], problems };
}

function apply(differences: readonly Difference[], made: ReadonlyMap<string, string>): void {
  for (const { path, what } of differences) {
    const target = join(ROOT, path);
    if (what === 'left over') {
      rmSync(target);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, made.get(path)!);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const { differences, problems } = await generate({ write: !values.check });
  for (const { path, what } of differences) {
    if (values.check) console.log(`${path} is ${what}: run \`npm run gen\``);
    else console.log(`${what === 'left over' ? 'removed' : 'wrote'} ${path}`);
  }
  for (const problem of problems) console.log(problem);
  if (differences.length + problems.length === 0) console.log('all generated files are as they should be');
  if (problems.length > 0 || (values.check && differences.length > 0)) process.exitCode = 1;
}
