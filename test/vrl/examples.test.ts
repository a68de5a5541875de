// Every example of every function does what its page says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cloneValue, kindOf, type Value } from '../../src/event/value.ts';
import { equalsExact } from '../../src/vrl/4_run/compare.ts';
import { outside } from '../../src/vrl/outside.gen.ts';
import { compile, type Environment, type Example, Failure, stdlib, type Target } from '../../src/vrl/vrl.ts';

const functions = [...stdlib, ...outside];

/** Surroundings that examples may count on. */
const environment: Partial<Environment> = {
  enrichment: {
    names: ['test'],
    prepareIndex: () => ({ index: 0 }),
    find: () => [{ id: 1, name: 'a' }],
  },
  metrics: { find: () => [] },
  readFile: (path) => new Uint8Array(readFileSync(new URL(`fixtures/${path}`, import.meta.url))),
};

function targetOf(event: Value): Target {
  const secrets = new Map([['api_key', 'secret']]);
  return {
    value: cloneValue(event),
    metadata: {},
    secrets: {
      get: (key) => secrets.get(key),
      set: (key, value) => void secrets.set(key, value),
      remove: (key) => void secrets.delete(key),
    },
  };
}

function check({ source, event = {}, result, error, varies, compileOnly }: Example): void {
  const compiled = compile(source, { functions, environment });
  if ('diagnostics' in compiled) {
    assert.fail(compiled.diagnostics.map(({ code, message }) => `E${code} ${message}`).join('\n'));
  }
  if (compileOnly) return;
  const got = compiled.program.run(targetOf(event));
  if (error !== undefined) {
    assert.ok(got instanceof Failure, `it gave ${JSON.stringify(got)}`);
    assert.equal(got.message, error);
    return;
  }
  assert.ok(!(got instanceof Failure), got instanceof Failure ? got.message : '');
  assert.ok(result !== undefined, 'an example without `compileOnly` has a `result` or an `error`');
  if (varies) assert.equal(kindOf(got), kindOf(result));
  else if (!equalsExact(got, result)) assert.deepEqual(got, result);
}

for (const { name, examples } of functions) {
  test(`examples of ${name}`, () => {
    assert.ok(examples.length > 0, 'a function has an example');
    for (const example of examples) {
      try {
        check(example);
      } catch (cause) {
        throw new Error(`${example.title}: ${example.source}`, { cause });
      }
    }
  });
}
