import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, type Value } from '../../event/value.ts';
import { type MergeStrategy, mergerOf, mergerOfKind, Unmergeable } from './merge_strategies.ts';

/** What values become; those that cannot be taken are left out. */
function merged(strategy: MergeStrategy, values: readonly Value[]): Value | undefined {
  let merger: ReturnType<typeof mergerOf> | undefined;
  for (const value of values) {
    if (merger && !(merger instanceof Unmergeable)) merger.add(value);
    else merger = mergerOf(strategy, value);
  }
  return !merger || merger instanceof Unmergeable ? undefined : merger.result;
}

const bytes = new Uint8Array([0xff]);
const cases: readonly (readonly [MergeStrategy, readonly Value[], Value | undefined])[] = [
  ['array', [1, [2], 'a'], [1, [2], 'a']],
  ['concat', ['a', 'b'], 'a b'],
  ['concat', [[1], 2, [3, 4]], [1, 2, 3, 4]],
  ['concat', ['a', 1, ['b'], 'c'], 'a c'],
  ['concat', [1], undefined],
  ['concat_newline', ['a', 'b'], 'a\nb'],
  ['concat_newline', [['a'], 'b'], 'b'],
  ['concat_raw', ['a', 'b'], 'ab'],
  ['concat_raw', ['a', bytes, 'b'], new Uint8Array([0x61, 0xff, 0x62])],
  ['concat_raw', [new Uint8Array([0xc3]), new Uint8Array([0xa9])], 'é'],
  ['discard', [1, 2], 1],
  ['retain', [null, 1, null, 2, null], 2],
  ['retain', [null], null],
  ['flat_unique', [1, [1, 2, new Float(1)], { a: 2, b: [3] }, '1'], [1, 2, new Float(1), [3], '1']],
  ['longest_array', [[1], [2, 3], [4, 5], 'x'], [2, 3]],
  ['shortest_array', ['x', [1, 2], [3], [4]], [3]],
  ['sum', [1, 2], 3],
  ['sum', [1, 0.5, 1], 2.5],
  ['sum', [1, new Float(1)], new Float(2)],
  ['sum', [9_007_199_254_740_991, 2], 9_007_199_254_740_993n],
  ['sum', [9_223_372_036_854_775_807n, 1], new Float(2 ** 63)],
  ['max', [1, 3, 2], 3],
  ['max', [1, 2.5, 2], 2.5],
  ['max', [1.5, 2], new Float(2)],
  ['max', [9_007_199_254_740_993n, 9_007_199_254_740_992n], 9_007_199_254_740_993n],
  ['min', [5.1, 9, 5.2], 5.1],
  ['min', [5, 9.1, 5], 5],
  ['min', ['s', { o: 1 }, true, 1], 1],
];

for (const [strategy, values, expected] of cases)
  test(`${strategy} of ${JSON.stringify(values, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))}`, () => {
    assert.deepEqual(merged(strategy, values), expected);
  });

test('without a strategy numbers are added up, times have an end, and the first of anything else stays', () => {
  const number = mergerOfKind(1);
  assert.equal(number.add(2), undefined);
  assert.match(number.add('x')!.message, /^expected a number, found `x`$/);
  assert.equal(number.result, 3);
  const [early, late] = [new Timestamp(1, 0), new Timestamp(2, 0)];
  const time = mergerOfKind(early);
  time.add(late);
  assert.ok(time.add(5) instanceof Unmergeable);
  assert.deepEqual([time.result, time.end], [early, late]);
  const text = mergerOfKind('a');
  text.add('b');
  assert.equal(text.result, 'a');
});

test('a merger knows about how much it keeps', () => {
  for (const strategy of ['array', 'concat_raw', 'flat_unique', 'retain'] as const) {
    const merger = mergerOf(strategy, 'a');
    assert.ok(!(merger instanceof Unmergeable));
    const before = merger.sizeBytes;
    merger.add('b'.repeat(1000));
    assert.ok(merger.sizeBytes >= before + 990, strategy);
  }
});
