import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './suggest.ts';

for (const [a, b, distance] of [
  ['', '', 0],
  ['', 'abc', 3],
  ['same', 'same', 0],
  ['codec', 'coded', 1],
  ['adress', 'address', 1],
  ['inptus', 'inputs', 1],
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
] as const) {
  test(`from \`${a}\` to \`${b}\` it takes ${distance} edits`, () => {
    assert.equal(editDistance(a, b, 10), distance);
    assert.equal(editDistance(b, a, 10), distance);
  });
}

test('the distance is the one that the whole table gives, cut off at the limit', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 6 }), (a, b, limit) => {
      assert.equal(editDistance(a, b, limit), Math.min(wholeTable(a, b), limit + 1));
    }),
  );
});

test('finds the nearest name whatever its case, and the first among equals', () => {
  assert.equal(nearest('Inputz', ['outputs', 'inputs', 'input']), 'inputs');
  assert.equal(nearest('inputs', ['INPUTS', 'inputz']), 'INPUTS');
  assert.equal(nearest('bat', ['cat', 'hat']), 'cat');
  assert.equal(nearest('helath', ['health', 'heath']), 'health');
});

test('takes a beginning for its name where no name is a few edits away', () => {
  assert.equal(nearest('compress', ['encoding', 'compression_level']), 'compression_level');
  assert.equal(nearest('newline_delimited_frames', ['bytes', 'Newline_delimited']), 'Newline_delimited');
});

test('suggests nothing that is not alike', () => {
  assert.equal(nearest('x', ['y', 'z']), undefined);
  assert.equal(nearest('ab', ['', 'cd']), undefined);
  assert.equal(nearest('completely', ['', 'co', 'different']), undefined);
  assert.equal(nearest('', ['inputs', '']), undefined);
  assert.equal(nearest('anything', []), undefined);
  assert.equal(nearest('a'.repeat(81), ['a'.repeat(81)]), undefined);
});

test('looks at every name of something that can be gone through only once', () => {
  const known = new Map([
    ['sources', 1],
    ['transforms_of_mine', 2],
  ]);
  assert.equal(nearest('transforms', known.keys()), 'transforms_of_mine');
});

test('goes no further than its limit through names without end', () => {
  let count = 0;
  function* endless(): Generator<string> {
    for (;;) yield `name_${count++}`;
  }
  assert.equal(nearest('something else', endless()), undefined);
  assert.ok(count <= 2_001);
});

/** The same distance by the definition. */
function wholeTable(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i + j));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, table[i - 2]![j - 2]! + 1);
      table[i]![j] = best;
    }
  }
  return table[a.length]![b.length]!;
}
