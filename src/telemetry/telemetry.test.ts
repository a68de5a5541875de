import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf } from './buckets.ts';
import { Registry } from './registry.ts';
import { defineCounter, defineGauge, defineHistogram } from './telemetry.ts';

const requests = defineCounter({
  name: 'requests_total',
  doc: 'Requests.',
  labels: [{ name: 'method', values: ['GET', 'POST'] }, { name: 'path', limit: 3 }, { name: 'peer' }],
});
const open = defineGauge({ name: 'open', doc: 'Open.' });
const seconds = defineHistogram({ name: 'seconds', doc: 'Seconds.' });

test('the same definition and labels are the same series, in whatever order the labels come', () => {
  const recorder = new Registry();
  recorder.counter(requests, { method: 'GET', path: '/a' }).add(1);
  recorder.counter(requests, { path: '/a', method: 'GET' }).add(2);
  recorder.counter(requests, { method: 'POST', path: '/a' }).add(4);
  assert.equal(recorder.read('requests_total', { method: 'GET' }), 3);
  assert.equal(recorder.read('requests_total'), 7);
  assert.equal(recorder.all().length, 2);
  assert.equal(recorder.read('requests_total', { method: 'PUT' }), 0);
  assert.equal(recorder.read('no_such_total'), 0);
});

test('label values with separators in them do not run into each other', () => {
  const recorder = new Registry();
  recorder.counter(requests, { path: 'a\0peer\0b' }).add(1);
  recorder.counter(requests, { path: 'a', peer: 'b' }).add(2);
  recorder.counter(requests, { path: '"],["peer","b"' }).add(4);
  assert.deepEqual(
    recorder.all().map(({ value }) => value),
    [1, 2, 4],
  );
});

test('a value that is not in the closed list of its label is `other`', () => {
  const recorder = new Registry();
  for (const method of ['GET', 'BREW', 'PROPFIND', '__proto__'])
    recorder.counter(requests, { method, path: '/' }).add(1);
  assert.equal(recorder.read('requests_total', { method: 'GET' }), 1);
  assert.equal(recorder.read('requests_total', { method: 'other' }), 3);
});

test('a label that comes from data has as many values as its limit, and then `other`', () => {
  const recorder = new Registry();
  for (let i = 0; i < 1_000; i++) recorder.counter(requests, { path: `/${i}` }).add(1);
  recorder.counter(requests, { path: '/1' }).add(1);
  assert.deepEqual(
    recorder.all().flatMap(({ name, labels, value }) => (name === 'requests_total' ? [[labels['path'], value]] : [])),
    [
      ['/0', 1],
      ['/1', 2],
      ['/2', 1],
      ['other', 997],
    ],
  );
});

test('a label without a limit of its own, declared or not, has one all the same', () => {
  for (const label of ['peer', 'undeclared']) {
    const recorder = new Registry();
    for (let i = 0; i < 1_000; i++) recorder.counter(requests, { [label]: `v${i}` }).add(1);
    assert.equal(recorder.all().filter(({ name }) => name === 'requests_total').length, 101, label);
    assert.equal(recorder.read('requests_total', { [label]: 'other' }), 900, label);
  }
});

test('a component with many values leaves the others their own', () => {
  const recorder = new Registry();
  const [a, b] = [recorder.labelled({ component_id: 'a' }), recorder.labelled({ component_id: 'b' })];
  for (let i = 0; i < 10; i++) a.counter(requests, { path: `/${i}` }).add(1);
  b.counter(requests, { path: '/b' }).add(5);
  assert.equal(recorder.read('requests_total', { component_id: 'b', path: '/b' }), 5);
  assert.equal(recorder.read('requests_total', { component_id: 'a', path: 'other' }), 7);
  assert.equal(b.read('requests_total'), 15);
});

test('a long label value is cut off', () => {
  const recorder = new Registry();
  recorder.counter(requests, { path: 'x'.repeat(1_000_000) }).add(1);
  assert.equal(recorder.all()[0]!.labels['path']!.length, 1_024);
});

test('a gauge is set and changed', () => {
  const recorder = new Registry();
  const gauge = recorder.gauge(open);
  gauge.set(5);
  gauge.add(-2);
  recorder.gauge(open).add(1);
  assert.equal(recorder.read('open'), 4);
});

test('a histogram counts into 26 buckets, keeps count and sum and no sample', () => {
  const recorder = new Registry();
  const histogram = recorder.histogram(seconds);
  for (const value of [0, 0.5, 0.5, 1, 3, 5_000]) histogram.record(value);
  const [series] = recorder.all();
  const expected = new Array<number>(26).fill(0);
  expected[0] = 1; // up to 2^-12
  expected[11] = 2; // up to 0.5
  expected[12] = 1; // up to 1
  expected[14] = 1; // up to 4
  expected[25] = 1; // the rest
  assert.deepEqual(series!.buckets, expected);
  assert.equal(series!.value, 6);
  assert.equal(series!.sum, 5_005);
});

test('each power of two is the upper limit of its bucket, and what is above it goes to the next', () => {
  for (let exponent = -12; exponent <= 12; exponent++) {
    const limit = 2 ** exponent;
    assert.equal(bucketOf(limit), exponent + 12, `${limit}`);
    assert.equal(bucketOf(limit * 1.000001), exponent + 13, `just above ${limit}`);
  }
  for (const low of [0, -1, -Number.MAX_VALUE, Number.NEGATIVE_INFINITY, Number.MIN_VALUE])
    assert.equal(bucketOf(low), 0);
  for (const high of [4_097, 1e300, Number.POSITIVE_INFINITY]) assert.equal(bucketOf(high), 25);
});

test('what is not a number does not spoil a histogram', () => {
  const recorder = new Registry();
  const histogram = recorder.histogram(seconds);
  histogram.record(2);
  histogram.record(Number.NaN);
  assert.equal(recorder.all()[0]!.sum, 2);
  assert.equal(recorder.read('seconds'), 1);
});
