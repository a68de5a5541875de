// `sluice interpolate --batch`: substitutes environment variables in texts, for tools that compare implementations.

import { createInterface } from 'node:readline';
import { interpolate } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

interface Request {
  readonly id: string;
  readonly text: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Requests `{id, text, env}` on standard input, one a line; replies `{id, ok}` or `{id, error: […]}`. */
export async function interpolateBatch({ stdout }: Surroundings): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    stdout.write(`${JSON.stringify(reply(line))}\n`);
  }
  return EXIT.ok;
}

function reply(line: string): unknown {
  let request: Request;
  try {
    request = JSON.parse(line) as Request;
  } catch (error) {
    return { id: null, error: [(error as Error).message] };
  }
  const { text, problems } = interpolate(request.text, request.env ?? {}, 'dangerous');
  return problems.length > 0 ? { id: request.id, error: problems } : { id: request.id, ok: text };
}
