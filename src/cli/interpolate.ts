// `sluice interpolate --batch`: substitutes environment variables in texts, for tools that compare implementations.

import { createInterface } from 'node:readline';
import { interpolate } from '../config/config.ts';
import { isPlainObject } from '../schema/schema.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

/** Requests `{id, text, env}` on standard input, one a line; replies `{id, ok}` or `{id, error: […]}`. */
export async function interpolateBatch({ stdout }: Pick<Surroundings, 'stdout'>): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    stdout.write(`${JSON.stringify(interpolationReply(line))}\n`);
  }
  return EXIT.ok;
}

/** The reply to one request; one that is none is answered as well. */
export function interpolationReply(line: string): unknown {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch (error) {
    return { id: null, error: [(error as Error).message] };
  }
  const { id = null, text, env = {} } = isPlainObject(request) ? request : {};
  if (typeof text !== 'string' || !isEnvironment(env))
    return { id, error: ['a request is an object with `id`, `text` and, where variables are set, `env`'] };
  const result = interpolate(text, env, 'dangerous');
  return result.problems.length > 0 ? { id, error: result.problems } : { id, ok: result.text };
}

function isEnvironment(env: unknown): env is Record<string, string> {
  return isPlainObject(env) && Object.values(env).every((value) => typeof value === 'string');
}
