import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresOf, judge } from './conformance.ts';

test('reads the failed cases and what was printed about each', () => {
  const output = '--- cli/a\n  expected 1\n  got 2\ncli: 1 of 2\ngolden: 1 of 2\n';
  assert.deepEqual([...failuresOf(output, /^--- (\S.*)$/)], [['cli/a', '  expected 1\n  got 2\n']]);
  const lines = 'FAIL x/y exit 1, wanted 0\nvalidate: 3 of 4\n';
  assert.deepEqual([...failuresOf(lines, /^FAIL (\S+) .*$/)], [['x/y', 'FAIL x/y exit 1, wanted 0']]);
});

test('an excused case is skipped while it fails, and a failure once it passes', () => {
  const exceptions = { families: {}, cases: { excused: 'a reason', stale: 'an old reason', 'vrl/*': 'later' } };
  const failures = new Map([
    ['excused', 'x'],
    ['bad', 'y'],
    ['vrl/1', 'z'],
    [
      'needy',
      "  stderr   error: transform type `remap` is one of Vector's that this version of Sluice does not have yet\n",
    ],
  ]);
  const names = ['good', 'bad', 'excused', 'vrl/1', 'vrl/2', 'needy', 'stale'];
  assert.deepEqual(judge(names, failures, exceptions), [
    { name: 'good', outcome: 'passed' },
    { name: 'bad', outcome: 'failed', detail: 'y' },
    { name: 'excused', outcome: 'skipped', detail: 'a reason' },
    { name: 'vrl/1', outcome: 'skipped', detail: 'later' },
    { name: 'vrl/2', outcome: 'passed' },
    {
      name: 'needy',
      outcome: 'skipped',
      detail: "transform type `remap` is one of Vector's that this version of Sluice does not have",
    },
    {
      name: 'stale',
      outcome: 'failed',
      detail: 'passes now: remove it from test/conformance.json (an old reason)',
    },
  ]);
});
