import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_METADATA } from './metadata.ts';
import type { MetricEvent, TagValue } from './metric.ts';
import { seriesKey } from './metric_series.ts';

const key = (name: string, tags: readonly (readonly [string, TagValue])[] = [], namespace?: string): string => {
  const metric: MetricEvent = {
    name,
    kind: 'absolute',
    value: { type: 'gauge', value: 1 },
    metadata: EMPTY_METADATA,
    tags: new Map(tags),
    ...(namespace === undefined ? {} : { namespace }),
  };
  return seriesKey(metric);
};

test('is the same in whatever order the tags are', () => {
  const tags = [
    ['a', 'x'],
    ['b', null],
    ['\u{10000}', 'y'],
    ['\uffff', 'z'],
  ] as const;
  assert.equal(key('m', tags), key('m', tags.toReversed()));
  assert.equal(key('m', [['a', 'x']]), key('m', [['a', ['x']]]));
});

test('is another for another series', () => {
  const keys = [
    key('m'),
    key('m', [], ''),
    key('m', [], 'm'),
    key('m', [['a', 'b']]),
    key('m', [['a', null]]),
    key('m', [['a', '']]),
    key('m', [['a', '-']]),
    key('m', [['a', ['b', 'c']]]),
    key('m', [['a', ['c', 'b']]]),
    key('m', [['a', ['b', null]]]),
    key('m', [['a', 'b1:c']]),
    key('m', [
      ['a', 'b'],
      ['c', 'd'],
    ]),
    key('m1:a', [['1:b', 'c']]),
  ];
  assert.equal(new Set(keys).size, keys.length);
});
