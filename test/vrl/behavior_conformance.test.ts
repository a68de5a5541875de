// The unit tests of configurations that Vector ships and passes, where they are at hand: SLUICE_CONFORMANCE names a
// folder that holds `conformance/`. `npm run conformance` runs them too, with everything else that is recorded.

import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { NODE, ROOT, run } from '../../scripts/command.ts';
import { runUnitTestCases } from '../../scripts/conformance_batches.ts';

const path = process.env['SLUICE_CONFORMANCE'];
const corpus = path === undefined || path === '' ? undefined : join(resolve(path), 'conformance');
const skip = corpus === undefined ? 'set SLUICE_CONFORMANCE to the folder that holds `conformance/`' : false;

/** Files whose tests need transforms that are not there yet. */
const NEEDS: Readonly<Record<string, string>> = {
  'dedupe.yaml': 'dedupe',
  'lua_v2.yaml': 'lua',
  'reduce.yaml': 'reduce',
  'task_transform.yaml': 'dedupe',
};

test('configurations with unit tests pass, fail and do not build as they do in Vector', { skip }, async () => {
  const { names, failures } = await runUnitTestCases(corpus!);
  assert.ok(names.length > 0);
  assert.deepEqual([...failures], []);
});

const cwd = corpus === undefined ? '' : join(corpus, 'vector/behavior/root');
const files = corpus === undefined ? [] : globSync('tests/behavior/transforms/*.yaml', { cwd }).sort();
for (const file of files) {
  const needed = NEEDS[file.split('/').at(-1)!];
  const why = needed === undefined ? false : `it needs the transform \`${needed}\``;
  test(`${file} passes`, { skip: why }, async () => {
    const { code, output } = await run(NODE, [join(ROOT, 'src/cli/main.ts'), 'test', file], { cwd, limitMs: 60_000 });
    assert.equal(code, 0, output);
  });
}
