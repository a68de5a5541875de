// Requests with ever-new paths and methods leave the metrics as small as they were: `npm run bench label_attack` is the
// same with a million of them, and looks at the memory of the process.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../src/testing/http_flood.ts';
import { startInProcess } from './in_process.ts';

/** A scrape, and the series in it that are of the attacked sources. */
async function scrape(port: number): Promise<{ readonly bytes: number; readonly series: Set<string> }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line) => line.slice(0, line.indexOf('} ')));
  return { bytes: text.length, series: new Set(series.filter((one) => /component_kind="source"/.test(one))) };
}

test('ever-new paths and methods, taken and refused, make no ever-new series', async () => {
  await using it = await startInProcess({
    sources: {
      open: { type: 'http_server', address: '127.0.0.1:0', strict_path: false },
      strict: { type: 'http_server', address: '127.0.0.1:0', path: '/here' },
      locked: {
        type: 'http_server',
        address: '127.0.0.1:0',
        strict_path: false,
        auth: { strategy: 'basic', username: 'u', password: 'p' },
      },
      internal: { type: 'internal_metrics', scrape_interval_secs: 0.05 },
    },
    sinks: {
      out: { type: 'blackhole', inputs: ['open', 'strict', 'locked'] },
      metrics: { type: 'prometheus_exporter', inputs: ['internal'], address: '127.0.0.1:0' },
    },
  });
  let from = 0;
  const flood = async (count: number) => {
    for (const name of ['open', 'strict', 'locked', 'metrics'])
      await ask(it.port(name), count, (index) => {
        const method = index % 7 === 0 ? `M${from + index}` : name === 'metrics' ? 'GET' : 'POST';
        return `${method} /${index % 2 ? 'here/' : ''}${from + index}/${'x'.repeat(index % 300)}`;
      });
    from += count;
  };
  const shown = async (requests: number) => {
    for (const name of ['open', 'strict', 'locked'])
      assert.equal(it.counted(name, 'http_server_requests_received_total'), requests, name);
    // What was counted has come to the exporter when the events that it was sent are more than they were.
    const before = it.counted('metrics', 'component_received_events_total');
    await it.until('two more rounds', () => it.counted('metrics', 'component_received_events_total') > before + 1_000);
    return scrape(it.port('metrics'));
  };
  await flood(500);
  const early = await shown(500);
  await flood(2_500);
  const late = await shown(3_000);
  assert.deepEqual(
    [...late.series].filter((series) => !early.series.has(series)),
    [],
  );
  assert.ok(late.bytes < 1_048_576, `${late.bytes} bytes`);
  for (const name of ['open', 'strict', 'locked'])
    assert.equal(it.counted(name, 'http_server_responses_sent_total'), 3_000, name);
});
