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
  const exceptions = { families: {}, cases: { excused: 'a reason', stale: 'an old reason' } };
  const failures = new Map([
    ['excused', 'x'],
    ['bad', 'y'],
  ]);
  assert.deepEqual(judge(['good', 'bad', 'excused', 'stale'], failures, exceptions), [
    { name: 'good', outcome: 'passed' },
    { name: 'bad', outcome: 'failed', detail: 'y' },
    { name: 'excused', outcome: 'skipped', detail: 'a reason' },
    {
      name: 'stale',
      outcome: 'failed',
      detail: 'passes now: remove it from test/conformance.json (an old reason)',
    },
  ]);
});
