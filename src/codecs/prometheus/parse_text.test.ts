import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricsOptions } from './families.ts';
import { parseText } from './parse_text.ts';
import { FormatProblem } from './problem.ts';

function read(text: string, options: Partial<MetricsOptions> = {}) {
  const metrics = [...parseText(text).metrics({ nowMs: 5_000, metadata: EMPTY_METADATA, ...options })];
  return metrics.map(({ name, tags, kind, value, timestamp }) => ({
    name,
    ...(tags ? { tags: Object.fromEntries(tags) } : {}),
    kind,
    value,
    at: timestamp?.toMs(),
  }));
}

test('types come from TYPE, and what has none is a gauge', () => {
  assert.deepEqual(read('# HELP a What it is\n# TYPE a counter\na 1\n# just a comment\nb 2.5e3 1600\n\r\n'), [
    { name: 'a', kind: 'absolute', value: { type: 'counter', value: 1 }, at: 5_000 },
    { name: 'b', kind: 'absolute', value: { type: 'gauge', value: 2500 }, at: 1_600 },
  ]);
});

test('labels are unescaped, and may end with a comma', () => {
  const [one] = read('a{path="C:\\\\x\\n\\"q\\" \\d",empty="",} -Inf 7 # {trace_id="x"} 1 2\n');
  assert.deepEqual(one, {
    name: 'a',
    tags: { path: 'C:\\x\n"q" \\d', empty: '' },
    kind: 'absolute',
    value: { type: 'gauge', value: Number.NEGATIVE_INFINITY },
    at: 7,
  });
});

test('a histogram gathers its buckets, each of which counts for itself', () => {
  const text = `# TYPE h histogram
h_bucket{x="1",le="5"} 3
h_bucket{x="1",le="1"} 2
h_bucket{x="1",le="+Inf"} 4
h_sum{x="1"} 22.5
h_count{x="1"} 4
`;
  assert.deepEqual(read(text), [
    {
      name: 'h',
      tags: { x: '1' },
      kind: 'absolute',
      value: {
        type: 'aggregated_histogram',
        buckets: [
          { upperLimit: 1, count: 2 },
          { upperLimit: 5, count: 1 },
        ],
        count: 4,
        sum: 22.5,
      },
      at: 5_000,
    },
  ]);
});

test('a summary gathers its quantiles', () => {
  const [one] = read('# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.9"} NaN\ns_sum 10\ns_count 7\n');
  assert.deepEqual(one?.value, {
    type: 'aggregated_summary',
    quantiles: [
      { quantile: 0.5, value: 1 },
      { quantile: 0.9, value: Number.NaN },
    ],
    count: 7,
    sum: 10,
  });
});

test('of two samples of one series the last counts', () => {
  assert.deepEqual(
    read('a{x="1",y="2"} 1\na{y="2",x="1"} 2\n').map(({ value }) => value),
    [{ type: 'gauge', value: 2 }],
  );
});

test('pushes add up where that is wanted, but for gauges and summaries', () => {
  const text =
    '# TYPE c counter\nc 1\n# TYPE g gauge\ng 1\n# TYPE h histogram\nh_count 1\n# TYPE s summary\ns_count 1\n';
  assert.deepEqual(
    read(text, { incremental: true }).map(({ name, kind }) => [name, kind]),
    [
      ['c', 'incremental'],
      ['g', 'absolute'],
      ['h', 'incremental'],
      ['s', 'absolute'],
    ],
  );
});

test('tags of the request stand over those of the text', () => {
  assert.deepEqual(read('a{job="x",b="c"} 1\n', { overrides: new Map([['job', 'push']]) })[0]?.tags, {
    job: 'push',
    b: 'c',
  });
});

for (const [text, message] of [
  ['a{b="c" 1\n', 'line 1: a label is expected at "1"'],
  ['ok 1\na b\n', 'line 2: a number is expected at "b"'],
  ['a 1 2 3\n', 'line 1: a number is expected at "1 2 3"'],
  ['{x="y"} 1\n', 'line 1: a metric name is expected at "{x=\\"y\\"} 1"'],
  ['# TYPE a nonsense\n', 'line 1: "nonsense" is not the type of a metric'],
  ['# TYPE a counter\n# TYPE a gauge\n', 'line 2: `a` has two types'],
  ['# TYPE h histogram\nh_bucket 1\n', 'line 2: a sample of `h` has no `le`'],
  ['# TYPE s summary\ns 1\n', 'line 2: a sample of `s` has no `quantile`'],
  ['# TYPE h histogram\nh_count -1\n', 'line 2: a count of `h` is out of range: -1'],
  ['a 1 99999999999999999\n', 'line 1: the timestamp "99999999999999999" is out of range'],
] as const)
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseText(text), new FormatProblem(message));
  });

test('whatever the text is, it is read or refused', () => {
  const piece = fc.constantFrom(
    'a',
    '{',
    '}',
    '"',
    '\\',
    ',',
    '=',
    ' ',
    '\n',
    '1',
    '# TYPE a ',
    'histogram',
    'le',
    '_sum',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        read(pieces.join(''));
      } catch (error) {
        assert.ok(error instanceof FormatProblem);
      }
    }),
    { numRuns: 2_000 },
  );
});
