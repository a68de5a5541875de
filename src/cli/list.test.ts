import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../config/config.ts';
import { captured } from '../testing/output.ts';
import { list } from './list.ts';

test('lists the components of this build under their kinds', () => {
  const output = captured();
  assert.equal(list({ format: 'text' }, output), 0);
  const text = output.out();
  for (const title of ['Sources:', 'Transforms:', 'Sinks:', 'Enrichment tables:'])
    assert.ok(text.split('\n').includes(title));
  const [sources, sinks] = [text.indexOf('Sources:'), text.indexOf('Sinks:')];
  assert.ok(text.slice(sources, sinks).includes('\n- http_server\n'));
  assert.ok(text.slice(sinks).includes('\n- blackhole\n'));
});

test('lists them as one JSON object, for `avro` too', () => {
  const texts = (['json', 'avro'] as const).map((format) => {
    const output = captured();
    list({ format }, output);
    return output.out();
  });
  assert.equal(texts[0], texts[1]);
  assert.deepEqual(JSON.parse(texts[0]!), {
    sources: Object.keys(builtIn.sources),
    transforms: Object.keys(builtIn.transforms),
    sinks: Object.keys(builtIn.sinks),
    enrichment_tables: [],
  });
});
