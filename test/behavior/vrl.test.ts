// Programs in a running configuration: what goes in by standard input comes out changed, filtered and sorted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipeline } from './pipeline.ts';

const console = (...inputs: string[]) => ({ type: 'console', inputs, encoding: { codec: 'json' } });
const stdin = { type: 'stdin', decoding: { codec: 'json' } };
const input = [{ a: 1 }, { a: 'x' }, { a: 3 }].map((event) => `${JSON.stringify(event)}\n`).join('');

test('a program changes events, and what it drops goes its own way', async () => {
  const { events } = await pipeline(
    {
      sources: { in: stdin },
      transforms: {
        parse: {
          type: 'remap',
          inputs: ['in'],
          drop_on_error: true,
          reroute_dropped: true,
          source: '.b = int!(.a) * 2',
        },
        only: { type: 'remap', inputs: ['parse'], source: '. = {"b": .b}' },
        failed: {
          type: 'remap',
          inputs: ['parse.dropped'],
          source: '. = {"reason": .metadata.dropped.reason, "a": .a}',
        },
      },
      sinks: { out: console('only', 'failed') },
    },
    input,
  );
  const sorted = events.map((event) => JSON.stringify(event)).sort();
  assert.deepEqual(sorted, ['{"a":"x","reason":"error"}', '{"b":2}', '{"b":6}']);
});

test('events that go several ways are each their own', async () => {
  const { events } = await pipeline(
    {
      sources: { in: stdin },
      transforms: {
        sort: { type: 'route', inputs: ['in'], route: { all: 'true', small: '.a == 1' } },
        one: { type: 'remap', inputs: ['sort.all'], source: '. = {"one": .a, "mark": exists(.mark)}\n.mark = true' },
        two: { type: 'remap', inputs: ['sort.small'], source: '.mark = true\n. = {"two": .a}' },
        three: { type: 'filter', inputs: ['in'], condition: '.a == 3 && !exists(.mark)' },
        four: { type: 'remap', inputs: ['three'], source: '. = {"four": .a}' },
      },
      sinks: { out: console('one', 'two', 'four') },
    },
    input,
  );
  const sorted = events.map((event) => JSON.stringify(event)).sort();
  assert.deepEqual(sorted, [
    '{"four":3}',
    '{"mark":true,"one":"x"}',
    '{"mark":true,"one":1}',
    '{"mark":true,"one":3}',
    '{"two":1}',
  ]);
});

test('a program decodes what comes in', async () => {
  const decoding = { codec: 'vrl', vrl: { source: '. = {"n": to_int!(.message)}' } };
  const { events, stderr } = await pipeline(
    {
      sources: { in: { type: 'stdin', framing: { method: 'newline_delimited' }, decoding } },
      transforms: { only: { type: 'remap', inputs: ['in'], source: '. = {"n": .n}' } },
      sinks: { out: console('only') },
    },
    '1\nx\n2\n',
  );
  assert.deepEqual(events, [{ n: 1 }, { n: 2 }]);
  assert.match(stderr, /Failed deserializing frame/);
});
