// Loads configurations made of small components. For tests only.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgements, sourceAcknowledgements } from '../component/common_options.ts';
import { defineSink, defineSource, defineTransform } from '../component/define.ts';
import { type LoadRequest, type LoadResult, loadConfig } from '../config/load.ts';
import { type LocatedProblem, locationOf } from '../config/problems.ts';
import type { Registry } from '../config/registry.ts';
import { formatConfigPath, map, object, string, uint } from '../schema/schema.ts';
import { temporaryFolder } from './component.ts';

/** Builds nothing: configurations are only checked here. */
const build = (): never => {
  throw new Error('this component is not for running');
};

const described = { status: 'stable', summary: 'For tests.', examples: [] } as const;

export const testRegistry: Registry = {
  sources: {
    /** Logs, from an address that it alone may use. */
    listener: defineSource({
      ...described,
      type: 'listener',
      options: { address: string('Where.', { optional: true }), acknowledgements: sourceAcknowledgements() },
      acknowledges: true,
      outputs: () => [{ port: undefined, types: ['log'] }],
      resources: ({ address }) => (address === undefined ? [] : [`tcp:${address}`]),
      build,
    }),
    /** Metrics, which nobody waits for. */
    gauge: defineSource({
      ...described,
      type: 'gauge',
      options: {},
      acknowledges: false,
      outputs: () => [{ port: undefined, types: ['metric'] }],
      build,
    }),
    /** Any type. */
    all: defineSource({
      ...described,
      type: 'all',
      options: {},
      acknowledges: true,
      outputs: () => [{ port: undefined, types: ['log', 'metric', 'trace'] }],
      build,
    }),
  },
  transforms: {
    /** Passes on what comes in, after a program. */
    program: defineTransform({
      ...described,
      type: 'program',
      options: {
        source: string('The program.', { program: true, syntax: 'vrl' }),
        note: string('Text.', { optional: true }),
      },
      inputs: () => ['log', 'metric', 'trace'],
      outputs: (_, types) => [{ port: undefined, types }],
      build,
    }),
    /** Logs only, to the outputs `left` and `right`. */
    split: defineTransform({
      ...described,
      type: 'split',
      options: {},
      inputs: () => ['log'],
      outputs: () => [
        { port: 'left', types: ['log'] },
        { port: 'right', types: ['log'] },
      ],
      build,
    }),
  },
  sinks: {
    /** Takes logs. */
    logs: defineSink({
      ...described,
      type: 'logs',
      options: {
        acknowledgements: acknowledgements(),
        port: uint('A number.', { optional: true }),
        password: string('Hidden.', { optional: true, sensitive: true }),
        node: string('A default from outside.', { default: '${TEST_NODE}', placeholder: true }),
        headers: map(string('A value.'), 'Headers.', { optional: true }),
        compression: object(
          'Compression.',
          { algorithm: string('How.', { default: 'none' }) },
          { expand: (value) => (typeof value === 'string' ? { algorithm: value } : value) },
        ),
      },
      inputs: () => ['log'],
      build,
    }),
    /** Ignores options that it does not know, with a warning. */
    lenient: defineSink({
      ...described,
      type: 'lenient',
      options: object('For tests.', { acknowledgements: acknowledgements() }, { unknown: 'warn' }),
      inputs: () => ['log', 'metric', 'trace'],
      build,
    }),
    /** Takes everything. */
    any: defineSink({
      ...described,
      type: 'any',
      options: { acknowledgements: acknowledgements() },
      inputs: () => ['log', 'metric', 'trace'],
      build,
    }),
  },
};

export type Shown = readonly [severity: string, where: string, message: string, hint?: string];

/** A problem as `[severity, 'file:line:column path', message, hint]`; files by their last part. */
export function shown(problem: LocatedProblem): Shown {
  const { severity, message, hint, path } = problem;
  const at = locationOf(problem);
  const place = at ? `${at.file.split('/').at(-1)}:${at.line}:${at.column}` : '';
  const where = [place, formatConfigPath(path)].filter((part) => part !== '').join(' ');
  return hint === undefined ? [severity, where, message] : [severity, where, message, hint];
}

export interface LoadedText extends LoadResult {
  readonly shown: readonly Shown[];
  /** The messages alone. */
  readonly messages: readonly string[];
}

type Request = Partial<Omit<LoadRequest, 'config'>>;

/** Loads files given as text by name, in a folder of their own; `@DIR@` in them is that folder. */
export async function loadTexts(texts: Readonly<Record<string, string>>, request: Request = {}): Promise<LoadedText> {
  using folder = temporaryFolder();
  const config = Object.entries(texts).map(([name, text]) => {
    const path = join(folder.path, name);
    writeFileSync(path, text.replaceAll('@DIR@', folder.path), { mode: name.endsWith('.yaml') ? 0o600 : 0o700 });
    return path;
  });
  // Without `await`, the folder would be gone before it is read.
  return await loadPaths({ config: config.filter((path) => /\.(yaml|toml|json)$/.test(path)), ...request });
}

/** Loads one YAML text. */
export function loadYaml(text: string, request: Request = {}): Promise<LoadedText> {
  return loadTexts({ 'c.yaml': text }, request);
}

export async function loadPaths(request: Partial<LoadRequest>): Promise<LoadedText> {
  const result = await loadConfig({
    config: [],
    configYaml: [],
    configToml: [],
    configJson: [],
    configDirs: [],
    env: { PATH: process.env['PATH'] },
    interpolation: 'default',
    allowEmpty: false,
    registry: testRegistry,
    ...request,
  });
  return { ...result, shown: result.problems.map(shown), messages: result.problems.map(({ message }) => message) };
}
