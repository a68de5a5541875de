import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './json.ts';
import type { MetricEvent, MetricValue } from './metric.ts';
import { MetricJsonError, metricFromJson, metricToJson, stringifyMetric } from './metric_json.ts';
import { Timestamp } from './timestamp.ts';
import type { Value } from './value.ts';

const read = (text: string) => metricFromJson(parseJson(text, { unsigned: 'bigint' }));
const rewritten = (text: string) => stringifyMetric(read(text), 'full');

const SPELLED = [
  '{"name":"c","namespace":"web","tags":{"a":"x","b":null,"c":["y",null,"z"],"d":[]},"timestamp":"2020-10-10T17:07:36.500Z","interval_ms":10,"kind":"incremental","counter":{"value":5.0}}',
  '{"name":"g","tags":{"10":"ten","9":"nine","__proto__":"p"},"kind":"absolute","gauge":{"value":-2.5}}',
  '{"name":"s","kind":"incremental","set":{"values":["a","b"]}}',
  '{"name":"d","kind":"incremental","distribution":{"samples":[{"value":1.0,"rate":4294967295}],"statistic":"summary"}}',
  '{"name":"h","kind":"absolute","aggregated_histogram":{"buckets":[{"upper_limit":"-inf","count":0},{"upper_limit":1.0,"count":18446744073709551615},{"upper_limit":"inf","count":9007199254740993}],"count":18446744073709551615,"sum":6.5}}',
  '{"name":"q","kind":"absolute","aggregated_summary":{"quantiles":[{"quantile":0.5,"value":1.0}],"count":9223372036854775808,"sum":22.0}}',
  '{"name":"k","kind":"incremental","sketch":{"sketch":{"AgentDDSketch":{"bins":{"k":[-32768,0,32767],"n":[1,2,65535]},"count":3,"min":-1.0,"max":1.7976931348623157e+308,"sum":1.0,"avg":0.5}}}}',
];

test('every type of metric is read and written again in the same words', () => {
  for (const text of SPELLED) assert.equal(rewritten(text), text);
});

test('what a peer may spell otherwise ends in one form', () => {
  assert.equal(
    rewritten(
      '{"kind":"absolute","counter":{"value":5},"name":"c","namespace":null,"timestamp":"2020-10-10T19:07:36+02:00","tags":{"z":["a","a"],"a":["x"]},"extra":1}',
    ),
    '{"name":"c","tags":{"a":"x","z":"a"},"timestamp":"2020-10-10T17:07:36Z","kind":"absolute","counter":{"value":5.0}}',
  );
  assert.equal(
    rewritten('{"name":"s","kind":"incremental","set":{"values":["b","a","b"]}}'),
    '{"name":"s","kind":"incremental","set":{"values":["a","b"]}}',
  );
});

test('the single view of tags shows the last text and leaves out tags without any', () => {
  const metric = read(SPELLED[0]!);
  assert.deepEqual(metricToJson(metric, 'single')['tags'], { a: 'x', c: 'z' });
  assert.deepEqual(metricToJson(metric, 'auto')['tags'], { a: 'x', b: null, c: ['y', null, 'z'], d: [] });
});

test('what is not a metric is refused', () => {
  const good = '{"name":"c","kind":"absolute","counter":{"value":1}}';
  read(good);
  const bad: [string, string][] = [
    ['"name":"c"', '"name":1'],
    ['"name":"c"', '"nam":"c"'],
    ['"absolute"', '"Absolute"'],
    ['"kind":"absolute",', ''],
    ['"counter"', '"count"'],
    ['"value":1', '"value":"1"'],
    ['"value":1', '"value":null'],
    ['{"value":1}', '1'],
    ['"kind"', '"interval_ms":0,"kind"'],
    ['"kind"', '"interval_ms":4294967296,"kind"'],
    ['"kind"', '"interval_ms":1.0,"kind"'],
    ['"kind"', '"timestamp":"yesterday","kind"'],
    ['"kind"', '"timestamp":5,"kind"'],
    ['"kind"', '"tags":[],"kind"'],
    ['"kind"', '"tags":{"a":1},"kind"'],
    ['"kind"', '"tags":{"a":[["b"]]},"kind"'],
    ['"counter":{"value":1}', '"distribution":{"samples":[{"value":1,"rate":-1}],"statistic":"summary"}'],
    ['"counter":{"value":1}', '"distribution":{"samples":[],"statistic":"mean"}'],
    ['"counter":{"value":1}', '"aggregated_histogram":{"buckets":[{"upper_limit":"x","count":1}],"count":1,"sum":1}'],
    ['"counter":{"value":1}', '"aggregated_histogram":{"buckets":[],"count":18446744073709551616,"sum":1}'],
    ['"counter":{"value":1}', '"aggregated_histogram":{"buckets":[],"count":-1,"sum":1}'],
  ];
  for (const [from, to] of bad) assert.throws(() => read(good.replace(from, to)), MetricJsonError, to);
  for (const value of [null, 1, 'x', [], true]) assert.throws(() => metricFromJson(value as Value), MetricJsonError);
});

test('a sketch with more keys than counts is refused', () => {
  assert.throws(() => read(SPELLED[6]!.replace('"n":[1,', '"n":[')), MetricJsonError);
});

const plain = { noNullPrototype: true } as const;
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const count = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((whole) => (whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole));
const bucket = fc.record({ upperLimit: fc.double(), count }, plain);
const sample = fc.record({ value: finite, rate: fc.nat() }, plain);
const metricValue: fc.Arbitrary<MetricValue> = fc.oneof(
  fc.record({ type: fc.constantFrom('counter', 'gauge'), value: finite }, plain),
  fc.record(
    { type: fc.constant('aggregated_histogram' as const), buckets: fc.array(bucket), count, sum: finite },
    plain,
  ),
  fc.record(
    {
      type: fc.constant('distribution' as const),
      samples: fc.array(sample),
      statistic: fc.constantFrom('histogram', 'summary'),
    },
    plain,
  ),
);
const tag = fc.oneof(
  fc.string(),
  fc.constant(null),
  fc.uniqueArray(fc.string()).filter(({ length }) => length !== 1),
);
const byBytes = ([a]: [string, unknown], [b]: [string, unknown]) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const metric: fc.Arbitrary<MetricEvent> = fc.record(
  {
    name: fc.string(),
    namespace: fc.string(),
    tags: fc.dictionary(fc.string(), tag).map((tags) => new Map(Object.entries(tags).sort(byBytes))),
    timestamp: fc
      .tuple(fc.integer({ min: -1e9, max: 2e9 }), fc.integer({ min: 0, max: 999_999_999 }))
      .map(([seconds, nanos]) => new Timestamp(seconds, nanos)),
    intervalMs: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    kind: fc.constantFrom('incremental', 'absolute'),
    value: metricValue,
    metadata: fc.constant({ value: {} }),
  },
  plain,
);

test('a metric survives being written and read', () => {
  fc.assert(
    fc.property(metric, fc.constantFrom(0, 2), (before, indent) => {
      assert.deepStrictEqual(read(stringifyMetric(before, 'full', indent)), before);
    }),
  );
});
