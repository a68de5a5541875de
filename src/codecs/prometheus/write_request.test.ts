import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { Exposed } from './exposition.ts';
import type { MetricsOptions } from './families.ts';
import { FormatProblem } from './problem.ts';
import { readWriteRequest } from './read_write_request.ts';
import { WireReader } from './wire.ts';
import { encodeSeries, mergeSeries } from './write_write_request.ts';

function encode(name: string, value: Exposed, labels: [string, string][] = [], timestampMs?: number): Buffer {
  return encodeSeries({ name, help: name, labels, timestampMs, value }, 5_000);
}

function read(request: Buffer, conflicts: 'ignore' | 'reject' = 'reject', options: Partial<MetricsOptions> = {}) {
  const { families } = readWriteRequest(request, conflicts);
  const metrics = [...families.metrics({ nowMs: 0, metadata: EMPTY_METADATA, ...options })];
  return metrics.map(({ name, tags, value, timestamp }) => [
    name,
    Object.fromEntries(tags ?? []),
    value,
    timestamp?.toMs(),
  ]);
}

const gauge = (value: number): Exposed => ({ type: 'gauge', value });

/** A field with a length in front. */
const field = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
};
const label = (name: string, value: string): Buffer => field(0x0a, field(0x0a, name), field(0x12, value));
const one = Buffer.from([0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0x07]);

test('what is written is read as what it was', () => {
  const request = Buffer.concat([
    encode(
      'c',
      { type: 'counter', value: 1.5 },
      [
        ['z', 'é'],
        ['A', '1'],
      ],
      -1,
    ),
    encode('h', { type: 'histogram', limits: [1, 5], counts: [2, 1], count: 4, sum: 9 }, [['le', 'dropped']]),
    encode('s', { type: 'summary', quantiles: [{ quantile: 0.5, value: 3 }], count: 2, sum: 6 }),
    encode('g', gauge(Number.NaN), [['empty', '']], 1_600_000_000_000),
  ]);
  const buckets = [
    { upperLimit: 1, count: 2 },
    { upperLimit: 5, count: 1 },
  ];
  for (const bytes of [request, mergeSeries(request, false), mergeSeries(request, true)])
    assert.deepEqual(read(bytes), [
      ['c', { A: '1', z: 'é' }, { type: 'counter', value: 1.5 }, -1],
      ['h', {}, { type: 'aggregated_histogram', buckets, count: 4, sum: 9 }, 5_000],
      ['s', {}, { type: 'aggregated_summary', quantiles: [{ quantile: 0.5, value: 3 }], count: 2, sum: 6 }, 5_000],
      ['g', {}, { type: 'gauge', value: Number.NaN }, 1_600_000_000_000],
    ]);
});

test('labels are sorted by name', () => {
  const bytes = encode('m', gauge(1), [
    ['a', '1'],
    ['Z', '2'],
  ]).toString('latin1');
  const places = ['Z', '__name__', 'a'].map((name) => bytes.indexOf(`${name}\x12`));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
});

test('series are merged, with all of their samples or the last', () => {
  const request = Buffer.concat([
    encode('m', gauge(1), [['x', '1']], 10),
    encode('m', gauge(2), [['x', '2']], 10),
    encode('m', gauge(3), [['x', '1']], 20),
  ]);
  const samples = (bytes: Buffer) =>
    read(bytes).map(([, tags, value, at]) => [(tags as { x: string }).x, (value as { value: number }).value, at]);
  assert.deepEqual(samples(mergeSeries(request, false)), [
    ['1', 1, 10],
    ['1', 3, 20],
    ['2', 2, 10],
  ]);
  assert.deepEqual(samples(mergeSeries(request, true)), [
    ['1', 3, 20],
    ['2', 2, 10],
  ]);
  const types = (bytes: Buffer): number => {
    let found = 0;
    const reader = new WireReader(bytes);
    while (!reader.isAtEnd) {
      const tag = reader.tag();
      if (tag === 0x1a) found += 1;
      reader.skip(tag);
    }
    return found;
  };
  assert.deepEqual([types(request), types(mergeSeries(request, true))], [3, 1]);
});

test('without a type a name that ends with `_total` is a counter where that is guessed', () => {
  const request = Buffer.concat([
    field(0x0a, label('__name__', 'a_total'), field(0x12, one)),
    field(0x0a, label('__name__', 'a'), field(0x12, one), field(0x22, 'native')),
  ]);
  assert.deepEqual(
    read(request, 'reject', { guessCounters: true }).map(([, , value]) => value),
    [
      { type: 'counter', value: 1 },
      { type: 'gauge', value: 1 },
    ],
  );
  assert.equal(readWriteRequest(request, 'reject').nativeHistograms, 1);
});

test('two types of one metric are refused, or the first stands', () => {
  const request = Buffer.concat([
    field(0x1a, Buffer.from([0x08, 2]), field(0x12, 'm')),
    field(0x1a, Buffer.from([0x08, 1]), field(0x12, 'm')),
    field(0x0a, label('__name__', 'm'), field(0x12, one)),
  ]);
  assert.throws(() => read(request), new FormatProblem('multiple metric kinds given for metric name `m`'));
  assert.deepEqual(read(request, 'ignore'), [['m', {}, { type: 'gauge', value: 1 }, 7]]);
});

test('values that are no number are left out where that is wanted', () => {
  assert.deepEqual(read(encode('g', gauge(Number.NaN)), 'reject', { skipNan: true }), []);
});

for (const [title, bytes, message] of [
  ['a series without a name', field(0x0a, label('x', 'y'), field(0x12, one)), 'a series has no label `__name__`'],
  ['a message that ends early', Buffer.from([0x0a, 5, 1]), 'the message ends early'],
  ['a group', Buffer.from([0x0b]), 'a field has the wire type 3'],
  ['a number without end', Buffer.alloc(12, 0xff), 'a number is too long'],
] as const)
  test(`refuses ${title}`, () => {
    assert.throws(() => read(bytes), new FormatProblem(message));
  });

test('whatever the bytes are, they are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(60), (bytes, at) => {
      const valid = encode('h', { type: 'histogram', limits: [1], counts: [1], count: 1, sum: 1 });
      const damaged = Buffer.concat([valid.subarray(0, at), bytes, valid.subarray(at + 1)]);
      try {
        read(damaged);
      } catch (error) {
        assert.ok(error instanceof FormatProblem);
      }
    }),
    { numRuns: 2_000 },
  );
});
