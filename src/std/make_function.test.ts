import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { makeFunction } from './make_function.ts';

test('functions that nobody holds leave no memory behind', () => {
  const script = `
    const { makeFunction } = await import(${JSON.stringify(new URL('make_function.ts', import.meta.url).href)});
    const make = (from, to) => {
      for (let i = from; i < to; i++) makeFunction(['a'], 'return (b) => a + b + ' + i, 'test')(1)(2);
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = make(0, 2000);
    console.log((make(2000, 22000) - before) / 20000);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.ok(Number(stdout) < 100, `${stdout} bytes stay of each${stderr}`);
});

test('a function is told by its name in a stack trace, whatever is in the name', () => {
  const thrower = makeFunction([], 'throw new Error("x");', 'a b/program\n};') as () => void;
  assert.throws(thrower, (error: Error) => error.stack?.includes('sluice/a_b/program___:') === true);
});
