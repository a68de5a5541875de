// What no formatter or linter looks at: names of files, leftovers, things that tie the repository to one machine.
// Pure rules over file contents, and the walk that feeds them.

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './command.ts';

/** Largest file that belongs in the repository. */
export const FILE_BYTES_MAX = 1024 * 1024;

export interface Finding {
  readonly path: string;
  /** From 1; undefined when it is about the whole file. */
  readonly line?: number;
  readonly message: string;
}

interface LineRule {
  readonly files: RegExp;
  readonly pattern: RegExp;
  readonly message: string;
}

const CODE = /\.(ts|mjs|js)$/;
const TEXT = /./;

const LINE_RULES: readonly LineRule[] = [
  {
    files: CODE,
    pattern: /\b(test|it|describe|suite)\.only\(|\bonly: true\b/,
    message: 'runs one test only: remove `only`',
  },
  {
    files: CODE,
    pattern: /\b(test|it|describe|suite)\.(skip|todo)\(|\b(skip|todo): (true\b|['"`])/,
    message: 'is switched off: make the test pass or remove it; one that needs something absent may `skip: reason()`',
  },
  { files: CODE, pattern: /@ts-(ignore|nocheck)\b/, message: 'hides type errors: make the types right' },
  {
    files: TEXT,
    pattern: /\b(T[O]DO|FIX[M]E|X[X]X|HA[C]K)\b/,
    message: 'leaves work behind: do it, or describe the limit as it is',
  },
  {
    files: TEXT,
    pattern: /(?<![\w.$}*-])\/(work|home|root)\/[\w.-]/,
    message: 'names a folder of one machine: use a relative or temporary path',
  },
  {
    files: TEXT,
    pattern: /registry\.npmjs|registry\.yarnpkg|npm[m]irror|proxy\.golang|deb\.debian\.org|"resolved": "h[t]tp/,
    message: 'names a package registry: leave that to each machine’s own settings',
  },
  {
    files: /^src\/(?!testing\/|std\/own_files\.ts)(?!.*\.test\.ts$).*\.ts$/,
    pattern: /\bnew Worker\(|readFileSync\(new URL\(/,
    message: 'looks for a file beside the code: the single executable has it inside; see src/std/own_files.ts',
  },
];

/** Folders with our own sources, where names are snake_case. Elsewhere a name only has to be plain. */
const SOURCE_FOLDERS = /^(src|test|bench|scripts|bin)\//;
const SOURCE_NAME = /^([a-z0-9][a-z0-9_]*\/)*[a-z0-9][a-z0-9_]*(\.[a-z0-9]+){0,3}$/;
const PLAIN_NAME = /^[\w.\-/]+$/;
/** Names that are not ours to choose. */
const NAMED_BY_TOOLS = /(^|\/)(README\.md|COVERAGE\.md|NOTICE|Cargo\.(toml|lock)|\.gitignore)$/;
/** A function of the language: its declaration opens with what it does. */
const DECLARES_FUNCTION = /^src\/vrl\/(stdlib|outside)\/\w+\.ts$/;
/** Data that tests read keeps the bytes and names it needs. */
const FIXTURES = /(^|\/)fixtures\//;

/** Everything untidy in one file. `others` tells whether a path of the repository exists. */
export function tidyFile(path: string, content: Buffer, exists: (path: string) => boolean): Finding[] {
  const findings: Finding[] = [];
  if (content.length > FILE_BYTES_MAX) {
    findings.push({ path, message: `has ${content.length} bytes: nothing above ${FILE_BYTES_MAX} belongs here` });
  }
  if (FIXTURES.test(path)) return findings;
  const wanted = SOURCE_FOLDERS.test(path) && !NAMED_BY_TOOLS.test(path) ? SOURCE_NAME : PLAIN_NAME;
  if (!wanted.test(path)) {
    findings.push({ path, message: 'is not named in snake_case' });
  }
  if (content.includes(0)) return findings;
  const text = content.toString('utf8');
  if (text.includes('\r')) findings.push({ path, message: 'has carriage returns: lines end with a line feed' });
  if (text !== '' && !text.endsWith('\n')) findings.push({ path, message: 'does not end with a line feed' });
  const isDeclaration = DECLARES_FUNCTION.test(path) && text.includes('defineFunction({');
  if (/^src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts') && !isDeclaration && !/^(#!.*\n)?\/[/*]/.test(text)) {
    findings.push({ path, message: 'does not open with a comment: say what it is and the invariant it keeps' });
  }
  findings.push(...lineFindings(path, text));
  if (path.endsWith('.md')) findings.push(...deadLinks(path, text, exists));
  return findings;
}

function lineFindings(path: string, text: string): Finding[] {
  const rules = LINE_RULES.filter(({ files }) => files.test(path));
  return text
    .split('\n')
    .flatMap((line, index) =>
      rules.filter(({ pattern }) => pattern.test(line)).map(({ message }) => ({ path, line: index + 1, message })),
    );
}

/** Links of a Markdown page to files that are not there. Code blocks hold no links. */
function deadLinks(path: string, text: string, exists: (path: string) => boolean): Finding[] {
  const findings: Finding[] = [];
  let isCode = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    if (isCode) continue;
    for (const [, target] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!exists(join(dirname(path), target))) {
        findings.push({ path, line: index + 1, message: `links to ${target}, which is not there` });
      }
    }
  }
  return findings;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, Manifest & { readonly version?: string }>>;
}

/**
 * What in package.json and its lock would make installations differ or fail: versions that are not exact, and packages
 * for other platforms that npm left out of the lock, without which `npm ci` refuses to run.
 */
export function tidyPackages(manifest: Manifest, lock: Lock): Finding[] {
  const findings: Finding[] = [];
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    for (const [name, version] of Object.entries(manifest[group] ?? {})) {
      if (!/^\d+\.\d+\.\d+$/.test(version)) {
        findings.push({ path: 'package.json', message: `has ${name} at \`${version}\`: pin one version` });
      }
    }
  }
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      if (
        lock.packages[`node_modules/${name}`] === undefined &&
        lock.packages[`${path}/node_modules/${name}`] === undefined
      ) {
        findings.push({ path: 'package-lock.json', message: `lacks ${name}, which ${path || 'package.json'} names` });
      }
    }
  }
  return findings;
}

/** Component folders without a test beside the component. */
export function untestedComponents(paths: readonly string[]): Finding[] {
  const folders = new Map<string, boolean>();
  for (const path of paths) {
    const folder = /^src\/(?:sources|transforms|sinks|enrichment_tables|secrets)\/[^/]+(?=\/)/.exec(path)?.[0];
    if (folder !== undefined) folders.set(folder, (folders.get(folder) ?? false) || path.endsWith('.test.ts'));
  }
  return [...folders]
    .filter(([, isTested]) => !isTested)
    .map(([path]) => ({ path, message: 'has no test: every component has one beside it' }));
}

/** Everything untidy in the repository. */
export function tidy(): Finding[] {
  const paths = repositoryFiles();
  const exists = (path: string): boolean => existsSync(join(ROOT, path));
  const findings = paths.flatMap((path) => tidyFile(path, readFileSync(join(ROOT, path)), exists));
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  return [...findings, ...untestedComponents(paths), ...tidyPackages(manifest, lock)];
}

/** The files that are or would be committed; in a copy without git, all but what is never committed. */
function repositoryFiles(): string[] {
  let paths: string[];
  try {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
    paths = listed.split('\0').filter((path) => path !== '');
  } catch {
    paths = globSync('**', { cwd: ROOT, exclude: ['node_modules', 'dist', '.cache', 'coverage', '.git'] });
  }
  return paths.filter((path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile()).sort();
}

/** A finding as people and editors read it. */
export function formatFinding({ path, line, message }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`}: ${message}`;
}
