// Runs inside the context: all examples that need no host. Gives what failed, as text.

import { cloneValue, kindOf, type Value } from '../../../src/event/value.ts';
import { equalsExact } from '../../../src/vrl/4_run/compare.ts';
import { compile, type Environment, type Example, Failure, stdlib, type Target } from '../../../src/vrl/vrl.ts';

declare const readFixture: (path: string) => Uint8Array | string;

const environment: Partial<Environment> = {
  enrichment: { names: ['test'], prepareIndex: () => ({ index: 0 }), find: () => [{ id: 1, name: 'a' }] },
  metrics: { find: () => [] },
  readFile: (path) => readFixture(path),
};

export function runExamples(): string {
  const failed: string[] = [];
  let ran = 0;
  for (const { name, examples } of stdlib) {
    for (const example of examples) {
      ran++;
      const problem = problemOf(example);
      if (problem !== undefined) failed.push(`${name}: ${example.title}: ${problem}`);
    }
  }
  return JSON.stringify({ ran, failed });
}

function problemOf({ source, event = {}, result, error, varies, compileOnly }: Example): string | undefined {
  const compiled = compile(source, { environment });
  if ('diagnostics' in compiled) return compiled.diagnostics.map(({ message }) => message).join('; ');
  if (compileOnly) return undefined;
  const secrets = new Map([['api_key', 'secret']]);
  const target: Target = {
    value: cloneValue(event),
    metadata: {},
    secrets: {
      get: (key) => secrets.get(key),
      set: (key, value) => void secrets.set(key, value),
      remove: (key) => void secrets.delete(key),
    },
  };
  const got = compiled.program.run(target);
  if (got instanceof Failure) return got.message === error ? undefined : got.message;
  const isRight = varies ? kindOf(got) === kindOf(result as Value) : equalsExact(got, result as Value);
  return isRight ? undefined : `gave ${JSON.stringify(got)}`;
}
