import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from '../../codecs/decoding/decoding.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { parseStatsd, type StatsdOptions } from './parse.ts';

function parse(line: string, options: Partial<StatsdOptions> = {}): Omit<MetricEvent, 'metadata'> {
  const { metadata, ...rest } = parseStatsd(
    line,
    { sanitize: true, convert_to: 'seconds', ...options },
    EMPTY_METADATA,
  );
  assert.equal(metadata, EMPTY_METADATA);
  return rest;
}

const distribution = (value: number, rate: number, statistic: 'histogram' | 'summary') => ({
  type: 'distribution',
  samples: [{ value, rate }],
  statistic,
});

const tags = new Map<string, unknown>([
  ['region', 'us-west1'],
  ['production', null],
  ['e', ''],
]);
const TAGS = '#region:us-west1,production,e:';

for (const [line, kind, value, more] of [
  ['foo:1|c', 'incremental', { type: 'counter', value: 1 }, {}],
  [`foo:1|c|${TAGS}`, 'incremental', { type: 'counter', value: 1 }, { tags }],
  ['foo:1|c|@0.5', 'incremental', { type: 'counter', value: 2 }, {}],
  ['foo:1|c|@0', 'incremental', { type: 'counter', value: 1 }, {}],
  ['glork:320|ms|@0.1', 'incremental', distribution(0.32, 10, 'histogram'), {}],
  [`glork:320|ms|@0.1|${TAGS}`, 'incremental', distribution(0.32, 10, 'histogram'), { tags }],
  ['glork:320|h|@0.3', 'incremental', distribution(320, 3, 'histogram'), {}],
  [`glork:320|d|@0.1|${TAGS}`, 'incremental', distribution(320, 10, 'summary'), { tags }],
  ['glork:1.5e1|d|@2', 'incremental', distribution(15, 1, 'summary'), {}],
  ['gaugor:333|g', 'absolute', { type: 'gauge', value: 333 }, {}],
  ['gaugor:-4|g', 'incremental', { type: 'gauge', value: -4 }, {}],
  ['gaugor:+10|g', 'incremental', { type: 'gauge', value: 10 }, {}],
  ['uniques:765|s', 'incremental', { type: 'set', values: ['765'] }, {}],
  ['uniques:|s', 'incremental', { type: 'set', values: [''] }, {}],
  ['big:inf|c', 'incremental', { type: 'counter', value: Number.POSITIVE_INFINITY }, {}],
] as const) {
  test(`reads ${line}`, () => {
    assert.deepEqual(parse(line), { name: line.slice(0, line.indexOf(':')), kind, value, ...more });
  });
}

test('times keep their unit when that is asked for', () => {
  assert.deepEqual(parse('a:320|ms', { convert_to: 'milliseconds' }).value, distribution(320, 1, 'histogram'));
});

test('a tag given several times has several values', () => {
  const given = parse('a:1|c|#x:1,x:2,x,x:1,constructor:y,__proto__:z').tags;
  assert.deepEqual(
    [...given!],
    [
      ['x', ['1', '2', null]],
      ['constructor', 'y'],
      ['__proto__', 'z'],
    ],
  );
});

test('what else stands in a line is left alone', () => {
  assert.deepEqual(parse('a:1|c|#x:1|c:83c0a99c|T1656581400').tags, new Map([['x', '1']]));
  assert.equal(parse('a:1|c|T1656581400').tags, undefined);
});

test('names are cleaned unless told otherwise', () => {
  assert.equal(parse('foo/bar/baz:1|c').name, 'foo-bar-baz');
  assert.equal(parse('foo bar \t baz:1|c').name, 'foo_bar_baz');
  assert.equal(parse('foo &* .bar-_=baz:1|c').name, 'foo__.bar-_baz');
  assert.equal(parse('foo/bär baz:1|c', { sanitize: false }).name, 'foo/bär baz');
});

for (const line of [
  '',
  'foo',
  'foo:1',
  'foo:one|c',
  'foo:|c',
  'foo:1|',
  'foo:1|zzz',
  'foo:1:2|c',
  'foo:0x10|c',
  'foo: 1|c',
  'foo:nan|c',
  'foo:.5|g',
  'foo:+|g',
  'foo:|g',
  'foo:1|c|@',
  'foo:1|c|@-0.5',
  'foo:1|c|@-0',
  'foo:1|c|#',
]) {
  test(`refuses ${JSON.stringify(line)}`, () => {
    assert.throws(() => parse(line), DecodeError);
  });
}

test('whatever a line holds, it is a metric or refused', () => {
  const piece = fc.constantFrom(
    'a',
    ':',
    '|',
    '@',
    '#',
    ',',
    '0.1',
    '-',
    '+',
    'c',
    'g',
    'ms',
    'd',
    'h',
    's',
    '1',
    'é',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      try {
        const { value } = parse(pieces.join(''));
        if (value.type === 'counter' || value.type === 'gauge') assert.ok(!Number.isNaN(value.value));
        if (value.type === 'distribution') assert.ok(value.samples.every(({ rate }) => rate >= 1));
      } catch (error) {
        assert.ok(error instanceof DecodeError);
      }
    }),
  );
});
