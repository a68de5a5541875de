import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { Exposed } from './exposition.ts';
import { labelName, metricName } from './names.ts';
import { formatNumber } from './numbers.ts';
import { parseText } from './parse_text.ts';
import { quantilesOf } from './quantiles.ts';
import { SKETCH_BINS_MAX, SketchBuilder } from './sketch_builder.ts';
import { writeText as pieces, type WrittenSeries } from './write_text.ts';

function series(name: string, value: Exposed, labels: WrittenSeries['labels'] = [], timestampMs?: number) {
  return { name, help: name, labels, timestampMs, value };
}

const writeText = (all: readonly WrittenSeries[]): string => [...pieces(all, (one) => one)].join('');

test('families are sorted, with one header each', () => {
  const text = writeText([
    series('b', { type: 'gauge', value: 1 }, [['x', 'a"b\\c\nd']], 1_600),
    series('a', { type: 'counter', value: 2 }),
    series('b', { type: 'gauge', value: Number.NaN }, [['x', '2']]),
  ]);
  assert.equal(
    text,
    '# HELP a a\n# TYPE a counter\na 2\n# HELP b b\n# TYPE b gauge\nb{x="a\\"b\\\\c\\nd"} 1 1600\nb{x="2"} NaN\n',
  );
});

test('a label of its own wins over one of the series with the same name', () => {
  const text = writeText([
    series('h', { type: 'histogram', limits: [0.5], counts: [1], count: 3, sum: 9 }, [
      ['le', 'mine'],
      ['x', 'y'],
    ]),
  ]);
  assert.match(text, /^h_bucket\{x="y",le="0.5"\} 1$/m);
  assert.match(text, /^h_bucket\{x="y",le="\+Inf"\} 3$/m);
});

test('what is written is read as what it was', () => {
  const text = writeText([
    series('c', { type: 'counter', value: 1e21 }, [['p', '\\"\n']], 7),
    series('h', { type: 'histogram', limits: [1, 5], counts: [2, 1], count: 4, sum: -0.5 }),
    series('s', { type: 'summary', quantiles: [{ quantile: 0.5, value: 3 }], count: 2, sum: 6 }),
  ]);
  const read = [...parseText(text).metrics({ nowMs: 0, metadata: EMPTY_METADATA })];
  assert.deepEqual(
    read.map(({ value }) => value),
    [
      { type: 'counter', value: 1e21 },
      {
        type: 'aggregated_histogram',
        buckets: [
          { upperLimit: 1, count: 2 },
          { upperLimit: 5, count: 1 },
        ],
        count: 4,
        sum: -0.5,
      },
      { type: 'aggregated_summary', quantiles: [{ quantile: 0.5, value: 3 }], count: 2, sum: 6 },
    ],
  );
  assert.equal(read[0]?.tags?.get('p'), '\\"\n');
});

test('a long text comes in pieces', () => {
  const all = Array.from({ length: 5_000 }, (_, i) => series('g', { type: 'gauge', value: i }, [['i', `value ${i}`]]));
  const written = [...pieces(all, (one) => one)];
  assert.ok(written.length > 1 && written.every((piece) => piece.length < 70_000));
  assert.equal(written.join('').split('\n').length, 5_003);
});

test('numbers have no exponent', () => {
  for (const [value, text] of [
    [0.1, '0.1'],
    [-0, '-0'],
    [0, '0'],
    [1e21, '1000000000000000000000'],
    [-1.5e-7, '-0.00000015'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ] as const)
    assert.equal(formatNumber(value), text);
});

test('names become such as Prometheus takes', () => {
  assert.equal(metricName('web', 'requests.total'), 'web_requests_total');
  assert.equal(metricName(undefined, '1st:x'), '_1st:x');
  assert.equal(metricName('', ''), '_');
  assert.equal(labelName('a:b-é'), 'a_b__');
  assert.equal(labelName('ok_1'), 'ok_1');
});

test('quantiles of samples are samples', () => {
  const samples = [
    { value: 7, rate: 2 },
    { value: 1, rate: 3 },
    { value: 2, rate: 1 },
  ];
  assert.deepEqual(quantilesOf(samples, [0, 0.5, 0.75, 1]), {
    type: 'summary',
    quantiles: [
      { quantile: 0, value: 1 },
      { quantile: 0.5, value: 1 },
      { quantile: 0.75, value: 7 },
      { quantile: 1, value: 7 },
    ],
    count: 6,
    sum: 19,
    extremes: { min: 1, max: 7, avg: 19 / 6 },
  });
});

test('a sketch keeps its bins within the limit', () => {
  const builder = new SketchBuilder();
  const samples = Array.from({ length: 20_000 }, (_, i) => ({ value: (i - 10_000) * 1.7 ** ((i % 60) - 30), rate: 1 }));
  builder.add(samples);
  builder.merge(builder.sketch());
  const sketch = builder.sketch();
  assert.ok(sketch.keys.length <= SKETCH_BINS_MAX);
  assert.equal(sketch.count, 40_000);
  assert.equal(
    sketch.counts.reduce((sum, count) => sum + count, 0),
    40_000,
  );
});
