// `sluice test`: runs the unit tests of a configuration and says what failed.

import { writeFileSync } from 'node:fs';
import type { ProgramCoverage } from '../component/context.ts';
import { type Config, renderProblems } from '../config/config.ts';
import { buildUnitTests } from '../topology/topology.ts';
import { EXIT } from './exit_codes.ts';
import { junitReport } from './junit.ts';
import { load } from './load.ts';
import { wantsColour } from './log_writer.ts';
import { type ConfigFlags, collect, environmentValue } from './options.ts';
import type { Surroundings } from './program.ts';
import { type LogFlags, makeLogger } from './run.ts';
import { makeRuntime } from './runtime.ts';
import { Coverage } from './test_coverage.ts';

export interface TestFlags extends ConfigFlags, LogFlags {
  readonly junitReport?: readonly string[];
  readonly coverage: boolean;
}

/** What became of a test. */
export interface TestResult {
  readonly name: string;
  readonly errors: readonly string[];
  readonly seconds: number;
}

export async function test(paths: readonly string[], flags: TestFlags, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  const fromEnvironment = collect(environmentValue(env, 'VECTOR_CONFIG') ?? '', []);
  const config = paths.length > 0 ? paths : fromEnvironment;
  const loaded = await load({ ...flags, config, allowEmptyConfig: true }, env, { forTests: true });
  stdout.write('Running tests\n');
  if (!loaded.config) {
    stderr.write(renderProblems(loaded.problems, { colour: wantsColour(flags.color, stderr, env) }));
    return EXIT.config;
  }
  return runTests(loaded.config, flags, surroundings);
}

async function runTests(config: Config, flags: TestFlags, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  const paint = painter(wantsColour(flags.color, stdout, env));
  const coverage = flags.coverage ? new Coverage() : undefined;
  const built = buildUnitTests(config, testRuntime(config, flags, surroundings, coverage));
  if ('errors' in built) {
    stderr.write(`error: the tests cannot be run\n${built.errors.join('\n')}\n`);
    return EXIT.config;
  }
  if (built.tests.length === 0) stdout.write(`${paint('33', 'No tests found.')}\n`);
  const results: TestResult[] = [];
  for (const one of built.tests) {
    const start = performance.now();
    const errors = await one.run();
    results.push({ name: one.name, errors, seconds: (performance.now() - start) / 1000 });
    stdout.write(`test ${one.name} ... ${errors.length === 0 ? paint('32', 'passed') : paint('31', 'failed')}\n`);
  }
  for (const path of flags.junitReport ?? []) writeFileSync(path, junitReport(results));
  const failed = results.filter(({ errors }) => errors.length > 0);
  if (failed.length > 0) stdout.write(`\nfailures:\n${failed.map(failureText).join('')}`);
  if (coverage) stdout.write(coverage.report());
  return failed.length > 0 ? EXIT.config : EXIT.ok;
}

function failureText({ name, errors }: TestResult): string {
  return `\ntest ${name}:\n\n${errors.map((error) => `${error}\n\n`).join('')}`;
}

/** Tests log nothing unless they are told to: what they say is the result. */
export function testRuntime(
  config: Config,
  flags: LogFlags,
  surroundings: Pick<Surroundings, 'env' | 'stderr'>,
  coverage?: Coverage,
) {
  const log = makeLogger({ ...flags, quiet: flags.quiet + 3 }, surroundings);
  const limits = { chunkSizeEvents: 1000, maxDecompressedSizeBytes: 1 << 20 };
  return {
    ...makeRuntime(config, limits, log, surroundings.env, 0),
    ...(coverage ? { coverage: (id: string, program: ProgramCoverage) => coverage.add(id, program) } : {}),
  };
}

function painter(colour: boolean): (code: string, text: string) => string {
  return (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}
