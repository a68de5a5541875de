// Loads a configuration: files, then documents, then values, then components and how they are connected. Every step
// goes on as far as it can, so that one run shows everything that is wrong.

import { hostname } from 'node:os';
import { check, type Problem } from '../schema/schema.ts';
import { assemble } from './assemble.ts';
import type { Config } from './checked.ts';
import { readComponents } from './components.ts';
import { readConfigDirectory } from './directory.ts';
import { emptyMap, type MapNode, memberOf, plainValue } from './document.ts';
import { parseText, readConfigFile } from './files.ts';
import { type FoundPath, findFiles, type NamedPaths } from './find_files.ts';
import { globalOption, globalOptions, secretBackend } from './global_options.ts';
import type { Environment, Interpolation } from './interpolate.ts';
import { mergeFiles } from './merge.ts';
import { type LocatedProblem, locate, locatedInFile, redacted, sorted, withoutFollowers } from './problems.ts';
import type { Registry } from './registry.ts';
import { retrieveSecrets, type SecretBackendConfig, type SecretValues } from './secrets.ts';
import { type Findings, noFindings, rawValue, type Substitution } from './substitute.ts';
import { unknownTopLevelKeys } from './top_level.ts';

export interface LoadRequest extends NamedPaths {
  readonly env: Environment;
  readonly interpolation: Interpolation;
  /** Whether a configuration without sources or sinks is fine. */
  readonly allowEmpty: boolean;
  readonly registry: Registry;
  /** Whether only transforms and tests are wanted: sources and sinks are left out, and inputs may lead nowhere. */
  readonly forTests?: boolean;
  /** The configuration itself, in place of files. */
  readonly text?: { readonly text: string; readonly format: 'yaml' | 'toml' | 'json' };
}

export interface LoadResult {
  /** Undefined when there is an error among the problems. */
  readonly config: Config | undefined;
  readonly problems: readonly LocatedProblem[];
}

/**
 * All that the files say together, as a plain value in which variables and secrets stay as they are written. For
 * configurations that load without errors.
 */
export async function readConfigValue(request: LoadRequest): Promise<Readonly<Record<string, unknown>>> {
  const problems: LocatedProblem[] = [];
  const read = request.text
    ? readText(request.text, problems)
    : await readAll((await findFiles(request)).paths, problems);
  const merged = mergeFiles(read.roots.length > 0 ? read.roots : [emptyRoot()], request.env, request.interpolation);
  return plainValue(merged.root) as Record<string, unknown>;
}

/** Never rejects for what users, files or secret backends do. */
export async function loadConfig(request: LoadRequest): Promise<LoadResult> {
  const { paths, problems: unfound } = request.text ? { paths: [], problems: [] } : await findFiles(request);
  const problems: LocatedProblem[] = unfound.map((problem) => ({
    severity: 'error',
    path: [],
    place: undefined,
    ...problem,
  }));
  if (paths.length === 0 && problems.length === 0 && !request.text)
    problems.push({ severity: 'error', path: [], place: undefined, message: 'no configuration file is named' });
  const read = request.text ? readText(request.text, problems) : await readAll(paths, problems);
  const isWhole = problems.every(({ severity }) => severity !== 'error');
  const { env, interpolation } = request;
  const roots = read.roots.map((root) => {
    const { known, problems: unknown } = unknownTopLevelKeys(root);
    problems.push(...unknown.map(locatedInFile));
    return request.forTests ? withoutEnds(known) : known;
  });
  const merged = mergeFiles(roots.length > 0 ? roots : [emptyRoot()], env, interpolation);
  problems.push(...merged.problems.map(locatedInFile));
  // A part that could not be read would only be missed everywhere.
  const checked = await checkDocument(merged.root, { ...request, isWhole, files: read.files });
  const all = redacted([...problems, ...checked.problems], checked.confidential);
  const result = sorted(all);
  const failed = result.some(({ severity }) => severity === 'error');
  return { config: failed ? undefined : checked.config, problems: result };
}

/** The document without its sources and sinks. */
function withoutEnds(root: MapNode): MapNode {
  return { ...root, members: new Map([...root.members].filter(([key]) => key !== 'sources' && key !== 'sinks')) };
}

function readText({ text, format }: NonNullable<LoadRequest['text']>, problems: LocatedProblem[]): ReadAll {
  const { root, problems: found } = parseText(text, format, `<${format}>`);
  problems.push(...found.map(locatedInFile));
  return { roots: root ? [root] : [], files: [] };
}

function emptyRoot(): MapNode {
  return emptyMap({ path: '', text: '', hidden: [] });
}

interface ReadAll {
  readonly roots: readonly MapNode[];
  readonly files: readonly string[];
}

async function readAll(paths: readonly FoundPath[], problems: LocatedProblem[]): Promise<ReadAll> {
  const read = await Promise.all(
    paths.map(async ({ path, format }) =>
      format === 'directory'
        ? readConfigDirectory(path)
        : { ...(await readConfigFile(path, format)), files: [path] as readonly string[] },
    ),
  );
  for (const one of read) problems.push(...one.problems.map(locatedInFile));
  return {
    roots: read.map(({ root }) => root).filter((root) => root !== undefined),
    files: read.flatMap(({ files }) => files),
  };
}

interface Checking extends LoadRequest {
  readonly isWhole: boolean;
  readonly files: readonly string[];
}

interface CheckedDocument {
  readonly config: Config | undefined;
  readonly problems: readonly LocatedProblem[];
  readonly confidential: ReadonlySet<string>;
}

async function checkDocument(root: MapNode, checking: Checking): Promise<CheckedDocument> {
  const env = { ...checking.env, HOSTNAME: checking.env['HOSTNAME'] ?? hostname() };
  const secrets = await secretsOf(root, checking, env);
  const findings = noFindings();
  const problems: Problem[] = [];
  const substitution = substitutionOf(checking, env, secrets.values, findings);
  const config = assemble(root, checking, substitution, problems);
  const causes = [...secrets.problems, ...findings.problems];
  const known = [...withoutFollowers(problems, findings.broken), ...causes];
  return {
    config: findings.broken.length > 0 ? undefined : config,
    problems: locate(withUnset(known, findings, env), root),
    confidential: findings.confidential,
  };
}

function substitutionOf(
  { interpolation }: LoadRequest,
  env: Environment,
  values: SecretValues,
  findings: Findings,
): Substitution {
  return { env, mode: interpolation, findings, secret: (backend, key) => values.get(backend)?.get(key) };
}

/** Looks through the whole document for secrets, and asks the backends. */
async function secretsOf(
  root: MapNode,
  checking: Checking,
  env: Environment,
): Promise<{ readonly values: SecretValues; readonly problems: readonly Problem[] }> {
  const findings = noFindings();
  const substitution = substitutionOf(checking, env, new Map(), findings);
  for (const [key, { value }] of root.members) {
    const option = Object.hasOwn(globalOptions, key) ? globalOption.info.fields![key] : undefined;
    if (key !== 'secret' && option) rawValue(substitution, value, option, [key]);
  }
  readComponents(root, checking.registry, substitution);
  if (findings.secrets.length === 0) return { values: new Map(), problems: [] };
  const backends = new Map<string, SecretBackendConfig | undefined>();
  const section = memberOf(root, 'secret');
  const own = substitutionOf(checking, env, new Map(), noFindings());
  for (const [name, { value }] of section?.kind === 'map' ? section.members : []) {
    const path = ['secret', name];
    backends.set(name, check(secretBackend, rawValue(own, value, secretBackend, path), path).value);
  }
  return retrieveSecrets(findings.secrets, backends, env);
}

/**
 * Adds what is to be said about variables without a value: in place of the hint where the text that stayed is an error,
 * and otherwise one warning for each, at the first leaf that names it.
 */
function withUnset(problems: readonly Problem[], { unset }: Findings, env: Environment): Problem[] {
  const result = [...problems];
  for (const [name, paths] of unset) {
    const guess = nearestVariable(name, env);
    const advice =
      guess === undefined ? `set it, or give a default: \`\${${name}:-…}\`` : `did you mean \`\${${guess}}\`?`;
    const quiet = paths.filter((path) => {
      const index = result.findIndex((problem) => problem.severity === 'error' && isAt(problem, path));
      if (index === -1) return true;
      result[index] = { ...result[index]!, hint: `the environment variable \`${name}\` is not set; ${advice}` };
      return false;
    });
    if (quiet.length === 0) continue;
    const places = quiet.length > 1 ? ` (${quiet.length} places)` : '';
    const message = `the environment variable \`${name}\` is not set: \`\${${name}}\` stays as it is${places}`;
    result.push({ severity: 'warning', path: quiet[0]!, message, hint: advice });
  }
  return result;
}

function isAt({ path }: Problem, other: Problem['path']): boolean {
  return path.length === other.length && path.every((part, index) => part === other[index]);
}

/** The same name in other letters: near names would be guesses among things that have nothing to do with this. */
function nearestVariable(name: string, env: Environment): string | undefined {
  const upper = name.toUpperCase();
  return Object.keys(env).find((other) => other !== name && other.toUpperCase() === upper);
}
