import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sketch } from '../../event/metric.ts';
import { metricText } from './metric_text.ts';
import { sketchQuantile } from './sketch.ts';

// Three samples of 0.03, one of 2, two of 70, and the quantiles that Vector exposes of them.
const SKETCH: Sketch = {
  keys: [1112, 1383, 1612],
  counts: [3, 1, 2],
  count: 6,
  min: 0.03,
  max: 70,
  sum: 142.09,
  avg: 142.09 / 6,
};

test('quantiles of a sketch', () => {
  assert.equal(sketchQuantile(SKETCH, 0.5), 0.03036562031067654);
  assert.equal(sketchQuantile(SKETCH, 0.75), 69.97563505770276);
  assert.equal(sketchQuantile(SKETCH, 0.9), 69.97563505770276);
  assert.equal(sketchQuantile(SKETCH, 0.95), 70);
  assert.equal(sketchQuantile(SKETCH, 0), 0.03);
  assert.equal(sketchQuantile(SKETCH, 1), 70);
  assert.equal(sketchQuantile({ ...SKETCH, count: 0 }, 0.5), undefined);
});

test('the text of a sketch has its quantiles', () => {
  const metric = { name: 's', kind: 'absolute' as const, metadata: { value: {} } };
  assert.equal(
    metricText({ ...metric, value: { type: 'sketch', sketch: { ...SKETCH, avg: 23.5 } } }, 'single'),
    's{} = count=6 sum=142.09 min=0.03 max=70 avg=23.5 50=0.03036562031067654 75=69.97563505770276 90=69.97563505770276 99=70',
  );
});

test('names and tags that cannot be seen are escaped', () => {
  const metric = {
    name: 'a b\u0001\u200b',
    tags: new Map([['k\n', 'v\t"\\é ']]),
    kind: 'absolute' as const,
    metadata: { value: {} },
  };
  assert.equal(
    metricText({ ...metric, value: { type: 'gauge', value: 1 } }, 'single'),
    '"a b\\u{1}\\u{200b}"{"k\\n"="v\\t\\"\\\\é "} = 1',
  );
});
