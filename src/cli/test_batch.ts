// `sluice test --batch`: runs the unit tests of configurations that come as text, for tools that compare
// implementations.

import { createInterface } from 'node:readline';
import { isPlainObject } from '../schema/schema.ts';
import { buildUnitTests } from '../topology/topology.ts';
import { EXIT } from './exit_codes.ts';
import { load } from './load.ts';
import type { Surroundings } from './program.ts';
import { testRuntime } from './test.ts';

/** Requests `{id, config, format}`, one a line; replies `{id, tests: […]}` or `{id, build_errors: […]}`. */
export async function testBatch(surroundings: Surroundings): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    surroundings.stdout.write(`${JSON.stringify(await testReply(line, surroundings))}\n`);
  }
  return EXIT.ok;
}

const FORMATS = ['yaml', 'toml', 'json'] as const;

/** The reply to one request; one that is none is answered as well. */
export async function testReply(line: string, surroundings: Pick<Surroundings, 'env' | 'stderr'>): Promise<unknown> {
  let id: unknown = null;
  try {
    const request: unknown = JSON.parse(line);
    if (!isPlainObject(request)) return { id, build_errors: ['a request is an object'] };
    id = request['id'] ?? null;
    const { config: text } = request;
    const format = FORMATS.find((one) => one === (request['format'] ?? 'yaml'));
    if (typeof text !== 'string' || !format) throw new Error('a request has a `config` and a `format`');
    return { id, ...(await answer(text, format, surroundings)) };
  } catch (error) {
    return { id, build_errors: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
}

async function answer(
  text: string,
  format: (typeof FORMATS)[number],
  surroundings: Pick<Surroundings, 'env' | 'stderr'>,
): Promise<Record<string, unknown>> {
  const flags = {
    dangerouslyAllowEnvVarInterpolation: false,
    disableEnvVarInterpolation: false,
    allowEmptyConfig: true,
  };
  const loaded = await load(flags, surroundings.env, { forTests: true, text: { text, format } });
  if (!loaded.config)
    return {
      build_errors: loaded.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    };
  const quiet = { verbose: 0, quiet: 0, logFormat: 'text', color: 'never' } as const;
  const built = buildUnitTests(loaded.config, testRuntime(loaded.config, quiet, surroundings));
  if ('errors' in built) return { build_errors: built.errors };
  const tests: Record<string, unknown>[] = [];
  for (const one of built.tests) {
    const errors = await one.run();
    tests.push({ name: one.name, pass: errors.length === 0, errors });
  }
  return { tests };
}
