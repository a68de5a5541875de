import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from './event.ts';
import { EMPTY_METADATA } from './metadata.ts';
import type { MetricEvent } from './metric.ts';
import { ownEvent } from './own_event.ts';

test('a copy of a log is equal and shares nothing that can be written', () => {
  const event: LogEvent = {
    value: { message: 'a text that is rather long', list: [1] },
    metadata: { value: { m: { n: 1 } }, secrets: new Map([['key', 'a secret of some length']]), sourceId: 's' },
  };
  const copy = ownEvent('log', event) as LogEvent;
  assert.deepEqual(copy, event);
  assert.notEqual(copy.value, event.value);
  assert.notEqual(copy.metadata.value['m'], event.metadata.value['m']);
  assert.equal((ownEvent('trace', { value: {}, metadata: EMPTY_METADATA }) as LogEvent).metadata, EMPTY_METADATA);
});

test('a copy of a metric is equal and has tags of its own', () => {
  const event: MetricEvent = {
    name: 'requests_of_a_long_name',
    namespace: 'web',
    tags: new Map<string, string | null | (string | null)[]>([
      ['host', 'a'],
      ['bare', null],
      ['many', ['x', null]],
    ]),
    kind: 'incremental',
    value: { type: 'set', values: ['one', 'another one of them'] },
    metadata: EMPTY_METADATA,
  };
  const copy = ownEvent('metric', event) as MetricEvent;
  assert.deepEqual(copy, event);
  assert.notEqual(copy.tags, event.tags);
  assert.notEqual(copy.tags!.get('many'), event.tags!.get('many'));
});
