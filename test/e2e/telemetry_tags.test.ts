// `telemetry.tags`: what a sink sent, by the source and the service of events, whatever way these take.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startInProcess } from './in_process.ts';

const tags = (emit_source: boolean, emit_service: boolean) => ({ telemetry: { tags: { emit_source, emit_service } } });

async function receiver() {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Lines that stay bytes, lines that a program edits, and both into one sink. */
const graph = (uri: string) => ({
  sources: {
    plain: { type: 'http_server', address: '127.0.0.1:0', framing: { method: 'newline_delimited' } },
    edited: { type: 'http_server', address: '127.0.0.1:0', framing: { method: 'newline_delimited' } },
  },
  transforms: { edit: { type: 'remap', inputs: ['edited'], source: '. = parse_json!(.message)' } },
  sinks: {
    out: {
      type: 'http',
      inputs: ['plain', 'edit'],
      uri,
      encoding: { codec: 'json' },
      framing: { method: 'newline_delimited' },
      batch: { timeout_secs: 0.05 },
    },
  },
});

async function sendTo(port: number, body: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  assert.equal(response.status, 200);
  await response.arrayBuffer();
}

for (const [source, service] of [
  [true, false],
  [true, true],
  [false, true],
] as const) {
  test(`sent events have the labels that were asked for: source ${source}, service ${service}`, async () => {
    using server = await receiver();
    await using pipeline = await startInProcess({ ...tags(source, service), ...graph(server.uri) });
    await sendTo(pipeline.port('plain'), 'a\nb\n');
    await sendTo(pipeline.port('edited'), '{"n":1}\n{"n":2}\n{"n":3}\n');
    const name = 'component_sent_events_total';
    await pipeline.until('all events', () => pipeline.counted('out', name) === 5);
    const expected: Record<string, string> = service ? { service: '-' } : {};
    assert.equal(
      pipeline.counted('out', name, { ...expected, ...(source ? { source: 'plain' } : {}) }),
      source ? 2 : 5,
    );
    assert.equal(
      pipeline.counted('out', name, { ...expected, ...(source ? { source: 'edited' } : {}) }),
      source ? 3 : 5,
    );
    const bytes = pipeline.counted('out', 'component_sent_event_bytes_total', { ...expected });
    assert.ok(bytes > 50, `${bytes} bytes`);
  });
}

test('without them nothing has more labels than before', async () => {
  using server = await receiver();
  await using pipeline = await startInProcess(graph(server.uri));
  await sendTo(pipeline.port('plain'), 'a\n');
  const name = 'component_sent_events_total';
  await pipeline.until('the event', () => pipeline.counted('out', name) === 1);
  assert.equal(pipeline.counted('out', name, { source: 'plain' }), 0);
  assert.equal(pipeline.counted('out', name, { service: '-' }), 0);
});
