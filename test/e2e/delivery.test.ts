// Slow and dead sinks: what they hold up, what they may not hold up, and what senders are told.

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Answer, type Answers, type HttpReceiver, httpReceiver } from '../../src/testing/http_receiver.ts';
import { assertFlat, open } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };
const LINE = `${'a line of a hundred bytes, as they are so often, with nothing in it that anybody needs '.padEnd(99, '.')}\n`;

const httpSink = (uri: string, more: object = {}) => ({
  type: 'http',
  inputs: ['in'],
  uri,
  encoding: text,
  framing: { method: 'newline_delimited' },
  batch: { max_events: 500, timeout_secs: 0.05 },
  request: { concurrency: 1 },
  healthcheck: false,
  ...more,
});

const fileBytes = (process: SluiceProcess): number => {
  const path = join(process.folder, 'fast.log');
  return existsSync(path) ? statSync(path).size : 0;
};

const fast = { type: 'file', inputs: ['in'], path: 'fast.log', encoding: text };

test('a dead sink that drops the newest costs the sink beside it nothing, and what it drops is counted', async () => {
  await using dead = await httpReceiver('hang');
  await using process = sluice({
    config: {
      sources: { in: tcp },
      sinks: {
        fast,
        dead: httpSink(dead.uri, {
          batch: { max_events: 10, timeout_secs: 0.05 },
          buffer: { max_events: 1000, when_full: 'drop_newest' },
        }),
      },
    },
    args: ['--verbose', '--graceful-shutdown-limit-secs', '1'],
  });
  const socket = await open(await process.port('in'));
  const lines = 200_000;
  socket.end(LINE.repeat(lines));
  await process.until('all lines at the fast sink', () => fileBytes(process) === lines * LINE.length);
  const dropped = (): number =>
    process
      .logged({ component_id: 'dead', message: 'Events dropped', intentional: true })
      .reduce((sum, { count }) => sum + Number(count), 0);
  await process.until('the count of what was dropped', () => dropped() > 0);
  // What is neither dropped nor in the buffer is in requests.
  assert.ok(dropped() > lines - 20_000 && dropped() < lines, `${dropped()} dropped`);
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

test('a dead sink that blocks holds up its sender, is named, and goes on when it comes back', async () => {
  const release = Promise.withResolvers<void>();
  let delivered = 0;
  await using dead = await httpReceiver(({ body }) => {
    delivered += body.length;
    return { after: release.promise };
  });
  await using process = sluice({
    config: {
      sources: { in: tcp },
      sinks: { fast, dead: httpSink(dead.uri, { request: { concurrency: 1, timeout_secs: 300 } }) },
    },
  });
  const socket = await open(await process.port('in'));
  const start = process.memory()?.peak ?? 0;
  const piece = Buffer.from(LINE.repeat(10_000));
  // More than the sink holds in requests, the buffer in front of it, the arena and the kernel take together.
  let pieces = 60;
  for (let i = 0; i < pieces; i += 1) socket.write(piece);
  const line = await process.untilLogged({ level: 'WARN', message: 'The sink holds up its inputs' });
  assert.equal(line.component_id, 'dead');
  assert.equal(line['inputs'], 'in');
  assert.ok(socket.writableNeedDrain, 'the sender has to wait');
  assert.ok(fileBytes(process) < pieces * piece.length, 'the sink beside it waits as the configuration says');
  assertFlat(process, start, 100);
  release.resolve();
  for (let i = 0; i < 5; i += 1) {
    socket.write(piece);
    pieces += 1;
  }
  socket.end();
  const bytes = pieces * piece.length;
  await process.until('all lines at the fast sink', () => fileBytes(process) === bytes);
  await process.until('all lines at the other', () => delivered === bytes);
  assertFlat(process, start, 150);
});

/** A process that answers its HTTP senders when the sink behind it has delivered. */
async function gateway(answers: Answers, sinks: (uri: string) => object = () => ({})) {
  const receiver = await httpReceiver(answers);
  const process = sluice({
    config: {
      acknowledgements: true,
      sources: { in: { type: 'http_server', address: '127.0.0.1:0' } },
      sinks: {
        out: httpSink(receiver.uri, {
          batch: { max_events: 1 },
          request: {
            concurrency: 4,
            retry_initial_backoff_secs: 1,
            retry_attempts: 2,
            retry_jitter_mode: 'None',
            timeout_secs: 1,
          },
        }),
        ...sinks(receiver.uri),
      },
    },
  });
  const port = await process.port('in');
  await process.started();
  return {
    process,
    receiver,
    async post(body: string): Promise<number> {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      await response.arrayBuffer();
      return response.status;
    },
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await receiver.close();
    },
  };
}

const bodiesWith = (receiver: HttpReceiver, marker: string): string[] =>
  receiver.bodies.filter((body) => body.includes(marker));

test('an HTTP sender is answered 200, 400 or 500, as the sink behind fares', async () => {
  const fate = (body: string, index: number): Answer => {
    if (body.includes('refused')) return 400;
    if (body.includes('dead')) return 503;
    if (body.includes('reset')) return 'reset';
    return body.includes('later') && index < laterFails ? 503 : 200;
  };
  const laterFails = 2;
  let laters = 0;
  await using it = await gateway(({ body }) => fate(body, body.includes('later') ? laters++ : 0));
  assert.equal(await it.post('delivered'), 200);
  assert.equal(await it.post('refused'), 400);
  assert.deepEqual(bodiesWith(it.receiver, 'refused').length, 1);
  const [later, dead, reset] = await Promise.all([it.post('later'), it.post('dead'), it.post('reset')]);
  assert.deepEqual([later, dead, reset], [200, 500, 500]);
  for (const [word, times] of [
    ['later', 3],
    ['dead', 3],
    ['reset', 3],
  ] as const)
    assert.deepEqual(
      bodiesWith(it.receiver, word),
      Array.from({ length: times }, () => `${word}\n`),
    );
  const lost = it.process.logged({ component_id: 'out', message: 'Events dropped' });
  assert.equal(
    lost.reduce((sum, { count }) => sum + Number(count), 0),
    3,
  );
  assert.equal(await it.post('after all'), 200);
});

test('with two sinks the worse one decides, and without acknowledgements nobody waits for them', async () => {
  await using it = await gateway(
    ({ path }) => (path === '/refuses' ? 400 : 200),
    (uri) => ({ refuses: httpSink(`${uri}/refuses`) }),
  );
  assert.equal(await it.post('both'), 400);

  await using dead = await httpReceiver('hang');
  await using process = sluice({
    config: {
      sources: { in: { type: 'http_server', address: '127.0.0.1:0' } },
      sinks: { out: httpSink(dead.uri) },
    },
  });
  const response = await fetch(`http://127.0.0.1:${await process.port('in')}/`, { method: 'POST', body: 'at once' });
  assert.equal(response.status, 200);
});
