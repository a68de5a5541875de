import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricBatch } from './batch.ts';
import { sizeOfMetrics } from './event_size.ts';
import { EMPTY_METADATA } from './metadata.ts';
import { cloneMetric, type MetricEvent, SharedTags, type Tags, writableTags } from './metric.ts';

function tagged(tags: Tags | undefined): MetricEvent {
  const value = { type: 'counter', value: 1 } as const;
  return { name: 'c', ...(tags && { tags }), kind: 'incremental', value, metadata: EMPTY_METADATA };
}

test('who writes to tags that events share writes to tags of one event', () => {
  const shared = new SharedTags([
    ['a', '1'],
    ['b', null],
  ]);
  const [one, other] = [tagged(shared), tagged(shared)];
  const tags = writableTags(one);
  tags.set('a', '2');
  tags.delete('b');
  assert.equal(one.tags, tags);
  assert.ok(!(tags instanceof SharedTags));
  assert.deepEqual([...one.tags!], [['a', '2']]);
  assert.deepEqual(
    [...other.tags!],
    [
      ['a', '1'],
      ['b', null],
    ],
  );
  assert.equal(other.tags, shared);
});

test('tags of an event alone are written in place, and made where there are none', () => {
  const tags: Tags = new Map([['a', '1']]);
  const own = tagged(tags);
  assert.equal(writableTags(own), tags);
  const none = tagged(undefined);
  writableTags(none).set('x', 'y');
  assert.deepEqual([...none.tags!], [['x', 'y']]);
});

test('a clone of an event with shared tags has tags of its own', () => {
  const shared = new SharedTags([['a', ['1', null]]]);
  const clone = cloneMetric(tagged(shared));
  assert.ok(clone.tags && !(clone.tags instanceof SharedTags));
  (clone.tags.get('a') as string[]).push('2');
  clone.tags.set('b', 'x');
  assert.deepEqual([...shared], [['a', ['1', null]]]);
});

test('shared tags are as large as others, also when they are asked again', () => {
  const entries = [
    ['name', 'value'],
    ['bare', null],
    ['list', ['a', null, 'bc']],
  ] as const;
  const plain = tagged(
    new Map(entries.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value])) as Tags,
  );
  const shared = tagged(new SharedTags(plain.tags));
  const size = sizeOfMetrics([plain]);
  assert.equal(sizeOfMetrics([shared]), size);
  assert.equal(sizeOfMetrics([shared, shared]), 2 * size);
  assert.equal(metricBatch([shared, plain]).sizeBytes, 2 * size);
  // What was written afterwards is counted: the tags are others by then.
  writableTags(shared).set('more', 'text');
  writableTags(plain).set('more', 'text');
  assert.equal(sizeOfMetrics([shared]), sizeOfMetrics([plain]));
  assert.ok(sizeOfMetrics([shared]) > size);
});
