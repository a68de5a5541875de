import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteSink } from '../../codecs/encoding/byte_sink.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { appendStatsd, datagramsOf, isSendable } from './encode.ts';

function encode(value: MetricValue, more: Partial<MetricEvent> = {}, namespace?: string): string {
  const out = new ByteSink();
  appendStatsd({ name: 'm', kind: 'incremental', value, metadata: EMPTY_METADATA, ...more }, namespace, out);
  return out.take().toString();
}

const tags = new Map<string, string | null | (string | null)[]>([
  ['normal_tag', 'value'],
  ['multi_value', ['true', 'false', null]],
  ['empty_tag', ''],
  ['bare_tag', null],
]);

for (const [what, text, expected] of [
  ['a counter', encode({ type: 'counter', value: 1.5 }), 'm:1.5|c\n'],
  [
    'tags in order',
    encode({ type: 'counter', value: 1 }, { tags }),
    'm:1|c|#bare_tag,empty_tag:,multi_value:true,multi_value:false,multi_value,normal_tag:value\n',
  ],
  ['no tags', encode({ type: 'counter', value: 1 }, { tags: new Map() }), 'm:1|c\n'],
  ['an absolute gauge', encode({ type: 'gauge', value: -1.5 }, { kind: 'absolute' }), 'm:-1.5|g\n'],
  ['a gauge that rises', encode({ type: 'gauge', value: 1.5 }), 'm:+1.5|g\n'],
  ['a gauge that falls', encode({ type: 'gauge', value: -1.5 }), 'm:-1.5|g\n'],
  ['a large number', encode({ type: 'counter', value: 1e21 }), 'm:1000000000000000000000|c\n'],
  ['a set', encode({ type: 'set', values: ['abc', 'd'] }), 'm:abc|s\nm:d|s\n'],
  ['its own namespace', encode({ type: 'counter', value: 1 }, { namespace: 'ns' }, 'other'), 'ns.m:1|c\n'],
  ['the default namespace', encode({ type: 'counter', value: 1 }, {}, 'other'), 'other.m:1|c\n'],
  [
    'a distribution, equal samples as one',
    encode({
      type: 'distribution',
      samples: [
        { value: 4, rate: 2 },
        { value: 1.5, rate: 1 },
        { value: 4, rate: 1 },
        { value: 1.5, rate: 3 },
        { value: 2, rate: 1 },
      ],
      statistic: 'histogram',
    }),
    'm:1.5|h|@0.25\nm:2|h\nm:4|h|@0.3333333333333333\n',
  ],
  [
    'a distribution for summaries',
    encode({ type: 'distribution', samples: [{ value: 1, rate: 100 }], statistic: 'summary' }, { tags }),
    'm:1|d|@0.01|#bare_tag,empty_tag:,multi_value:true,multi_value:false,multi_value,normal_tag:value\n',
  ],
] as const) {
  test(`writes ${what}`, () => assert.equal(text, expected));
}

test('there are no words for the other types', () => {
  const summary: MetricValue = { type: 'aggregated_summary', quantiles: [], count: 0, sum: 0 };
  assert.equal(isSendable({ name: 'm', kind: 'absolute', value: summary, metadata: EMPTY_METADATA }), false);
});

test('datagrams end with a line', () => {
  const split = (text: string, bytesMax: number) => datagramsOf(Buffer.from(text), bytesMax).map(String);
  assert.deepEqual(split('aa\nbb\nc\n', 100), ['aa\nbb\nc\n']);
  assert.deepEqual(split('aa\nbb\nc\n', 6), ['aa\nbb\n', 'c\n']);
  assert.deepEqual(split('aa\nbb\nc\n', 5), ['aa\n', 'bb\nc\n']);
  assert.deepEqual(split('aaaaaaa\nbb\n', 5), ['aaaaaaa\n', 'bb\n']);
  assert.deepEqual(split('', 5), []);
});
