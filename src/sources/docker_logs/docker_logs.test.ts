import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Timestamp } from '../../event/timestamp.ts';
import type { ObjectValue } from '../../event/value.ts';
import { parseDockerHost } from '../../net/docker/client.ts';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import {
  parseConfig,
  type RunningSource,
  type SourceOptions,
  startSource,
  temporaryFolder,
} from '../../testing/component.ts';
import { DockerEngine } from '../../testing/docker_engine.ts';
import { source } from './docker_logs.ts';
import { MERGED_BYTES_MAX } from './messages.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

const START = Date.UTC(2026, 0, 1);
const ID = 'aaaa00000001';

/** A time so many seconds after the start of the source. */
const at = (seconds: number, nanos = 0): string =>
  new Date(START + seconds * 1000).toISOString().replace(/\.\d+Z$/, `.${String(nanos).padStart(9, '0')}Z`);

interface Place {
  readonly engine: DockerEngine;
  readonly clock: FakeClock;
  start(raw?: Record<string, unknown>, options?: SourceOptions): Promise<RunningSource>;
}

/** A test with an engine on a unix socket that runs the container `web`. */
function withEngine(name: string, body: (place: Place) => Promise<void>): void {
  test(name, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'docker.sock');
    await using engine = await DockerEngine.listen(path);
    engine.add({ id: ID, name: 'web' });
    const clock = new FakeClock(START);
    await body({
      engine,
      clock,
      start: (raw = {}, options = {}) =>
        startSource(source, { docker_host: `unix://${path}`, ...raw }, { clock, ...options }),
    });
  });
}

function messages(on: RunningSource): unknown[] {
  return on.values.map((value) => (value as ObjectValue)['message']);
}

withEngine('messages of both streams become events that know their container', async ({ engine, start }) => {
  engine.add({ id: ID, name: 'web', image: 'nginx:1', labels: { 'com.example/team': 'a', __proto__x: 'b' } });
  const on = await start();
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'to out\r\n', at(1, 5));
  engine.write(ID, 'to err\n', at(2), 2);
  await on.received(2);
  await on.stop();
  const known = {
    container_id: ID,
    container_name: 'web',
    container_created_at: new Timestamp(1_699_920_000, 500_000_000),
    host: 'test-host',
    image: 'nginx:1',
    label: { 'com.example/team': 'a', __proto__x: 'b' },
    source_type: 'docker_logs',
  };
  assert.deepEqual(on.values, [
    { ...known, message: 'to out', stream: 'stdout', timestamp: new Timestamp(START / 1000 + 1, 5) },
    { ...known, message: 'to err', stream: 'stderr', timestamp: new Timestamp(START / 1000 + 2, 0) },
  ]);
  assert.equal(on.recorder.read('containers_watched_total'), 1);
  assert.equal(on.recorder.read('containers_unwatched_total'), 1);
  assert.equal(on.recorder.read('component_received_events_total', { container_name: 'web' }), 2);
  assert.ok(on.recorder.read('component_received_bytes_total', { protocol: 'http' }) > 0);
});

withEngine('in the vector namespace all of that is metadata', async ({ engine, start }) => {
  const on = await start({ auto_partial_merge: false }, { logNamespace: 'vector' });
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'a piece', at(1));
  await on.received(1);
  await on.stop();
  assert.deepEqual(on.values, ['a piece']);
  const { docker_logs: own, vector } = on.events[0]!.metadata.value as Record<string, ObjectValue>;
  assert.deepEqual(
    [own!['container_name'], own!['stream'], own!['_partial'], own!['timestamp']],
    ['web', 'stdout', true, new Timestamp(START / 1000 + 1, 0)],
  );
  assert.equal(vector!['source_type'], 'docker_logs');
});

withEngine('logs from before the start are not asked for', async ({ engine, start }) => {
  engine.write(ID, 'old\n', at(-10));
  const on = await start();
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'new\n', at(1));
  await on.received(1);
  await on.stop();
  assert.deepEqual(messages(on), ['new']);
});

withEngine('a terminal’s lines have no stream to tell', async ({ engine, start }) => {
  engine.add({ id: 'tty0', name: 'shell', isTerminal: true });
  const on = await start({ include_containers: ['shell'] });
  await until(() => engine.followers('tty0') === 1);
  engine.write('tty0', 'one\r\n', at(1));
  engine.write('tty0', 'two\r\n', at(2));
  await on.received(2);
  await on.stop();
  assert.deepEqual(messages(on), ['one', 'two']);
  assert.equal((on.values[0] as ObjectValue)['stream'], 'console');
});

withEngine('messages in pieces are put together, each stream its own', async ({ engine, start }) => {
  const on = await start();
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'out 1 ', at(1));
  engine.write(ID, 'err 1 ', at(1, 1), 2);
  engine.write(ID, 'out 2\n', at(2));
  engine.write(ID, 'err 2\n', at(2), 2);
  engine.write(ID, Buffer.from([0xff, 0x00, 0x0a]), at(3));
  await on.received(3);
  await on.stop();
  assert.deepEqual(messages(on), ['out 1 out 2', 'err 1 err 2', new Uint8Array([0xff, 0x00])]);
  assert.deepEqual((on.values[0] as ObjectValue)['timestamp'], new Timestamp(START / 1000 + 1, 0));
});

withEngine('pieces can be left as they are, with a mark of the user’s own', async ({ engine, start }) => {
  const on = await start({ auto_partial_merge: false, partial_event_marker_field: 'part.of', host_key: '' });
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'first ', at(1));
  engine.write(ID, 'last\n', at(1));
  await on.received(2);
  await on.stop();
  const [first, last] = on.values as ObjectValue[];
  assert.deepEqual([first!['part'], last!['part']], [{ of: true }, undefined]);
  assert.equal('host' in first!, false);
});

withEngine(
  'a message in pieces without end is dropped and counted, and the next one arrives',
  async ({ engine, start }) => {
    const on = await start();
    await until(() => engine.followers(ID) === 1);
    const piece = Buffer.alloc(1_000_000, 'x');
    for (let sent = 0; sent <= MERGED_BYTES_MAX; sent += piece.length) engine.write(ID, piece, at(1));
    engine.write(ID, 'its end\n', at(2));
    engine.write(ID, 'next\n', at(3));
    await on.received(1);
    await on.stop();
    assert.deepEqual(messages(on), ['next']);
    assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
  },
);

withEngine('a connection that breaks loses nothing and doubles nothing', async ({ engine, clock, start }) => {
  const on = await start();
  await until(() => engine.followers(ID) === 1);
  // Several at the same time, and times that go back: each stream has its own.
  const times = [at(1), at(1), at(2, 900), at(2, 100), at(1, 999), at(3)];
  let written = 0;
  const write = (time: string): void => engine.write(ID, `${written++}\n`, time, written % 2 === 0 ? 1 : 2);
  for (const time of times) {
    write(time);
    await on.received(written);
    engine.breakLogs(ID);
    await until(() => engine.followers(ID) === 0);
    // Written while nobody listens, at the very time of the last one.
    write(time);
    await until(() => on.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === written / 2);
    await turn();
    await clock.advance(2000);
    await until(() => engine.followers(ID) === 1);
    await on.received(written);
  }
  await on.stop();
  assert.deepEqual(
    messages(on),
    Array.from({ length: written }, (_, i) => String(i)),
  );
});

withEngine(
  'containers that start later are read, and so are those that start again',
  async ({ engine, clock, start }) => {
    const on = await start();
    await until(() => engine.watchers === 1 && engine.followers(ID) === 1);
    engine.add({ id: 'bbbb', name: 'late' });
    engine.start('bbbb');
    await until(() => engine.followers('bbbb') === 1);
    engine.write('bbbb', 'late\n', at(1));
    await on.received(1);
    engine.write(ID, 'without a newline at its end', at(1));
    engine.end(ID);
    await on.received(2);
    await until(() => on.recorder.read('containers_unwatched_total') === 1);
    engine.start(ID);
    await until(() => engine.followers(ID) === 1);
    engine.write(ID, 'again\n', at(2));
    await on.received(3);
    await on.stop();
    assert.deepEqual(messages(on), ['late', 'without a newline at its end', 'again']);
    assert.equal(clock.now(), START);
  },
);

withEngine('events that break off are asked for again, and containers missed meanwhile are found', async (place) => {
  const { engine, clock, start } = place;
  const on = await start();
  await until(() => engine.watchers === 1 && engine.followers(ID) === 1);
  engine.say('no event at all');
  engine.breakEvents();
  await until(() => on.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 1);
  engine.add({ id: 'bbbb', name: 'missed' });
  await turn();
  await clock.advance(2000);
  await until(() => engine.watchers === 1 && engine.followers('bbbb') === 1);
  assert.equal(engine.followers(ID), 1);
  await on.stop();
});

withEngine('containers are chosen by the begin of their name or id, images and labels by the engine', async (place) => {
  const { engine, start } = place;
  engine.add({ id: 'cccc01', name: 'web-debug' });
  engine.add({ id: 'dddd01', name: 'other' });
  engine.add({ id: 'test-host-id', name: 'web-self' });
  const on = await start({
    include_containers: ['web', 'dddd'],
    exclude_containers: ['web-d'],
    include_images: ['nginx'],
    include_labels: ['a=b'],
  });
  await until(() => engine.followers(ID) === 1 && engine.followers('dddd01') === 1);
  engine.add({ id: 'eeee', name: 'unwanted' });
  engine.start('eeee');
  await until(() => on.recorder.read('container_processed_events_total') === 1);
  assert.deepEqual([engine.followers('cccc01'), engine.followers('test-host-id')], [0, 0]);
  const filters = (path: string) =>
    JSON.parse(engine.requests.find(({ pathname }) => pathname === path)!.searchParams.get('filters')!);
  assert.deepEqual(filters('/containers/json'), { ancestor: ['nginx'], label: ['a=b'] });
  assert.deepEqual(filters('/events').image, ['nginx']);
  await on.stop();
});

withEngine(
  'lines that belong together are one event, when their time is over too',
  async ({ engine, clock, start }) => {
    const multiline = { start_pattern: '^\\S', mode: 'continue_through', condition_pattern: '^\\s', timeout_ms: 1000 };
    const on = await start({ multiline });
    await until(() => engine.followers(ID) === 1);
    engine.write(ID, 'Error\n', at(1));
    engine.write(ID, 'other stream\n', at(1), 2);
    engine.write(ID, '  at one\n', at(2));
    engine.write(ID, 'next\n', at(3));
    await on.received(1);
    assert.deepEqual(on.values[0], { ...(on.values[0] as ObjectValue), message: 'Error\n  at one', stream: 'stdout' });
    assert.deepEqual((on.values[0] as ObjectValue)['timestamp'], new Timestamp(START / 1000 + 1, 0));
    await turn();
    await clock.advance(1000);
    await on.received(3);
    await on.stop();
    assert.deepEqual(messages(on).slice(1).sort(), ['next', 'other stream']);
  },
);

withEngine('logs that cannot be had are a counted error, once', async ({ engine, start }) => {
  engine.refusal = { status: 501, message: 'configured logging driver does not support reading' };
  const on = await start();
  await until(() => on.recorder.read('component_errors_total', { error_type: 'configuration_failed' }) === 1);
  await until(() => on.recorder.read('containers_unwatched_total') === 1);
  await on.stop();
});

withEngine('messages without a time and frames that are none cost an error', async ({ engine, clock, start }) => {
  const on = await start();
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'no time\n', 'yesterday');
  engine.write(ID, 'fine\n', at(1));
  await on.received(1);
  assert.equal(on.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 1);
  engine.add({ id: ID, name: 'web', isTerminal: true });
  engine.write(ID, 'no frame\n', at(2));
  await until(() => on.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 1);
  await turn();
  await clock.advance(2000);
  await on.received(2);
  await on.stop();
});

withEngine('a pipeline that is busy makes the engine wait', async ({ engine, start }) => {
  const held: (() => void)[] = [];
  let isOpen = false;
  const on = await start({}, { onBatch: () => (isOpen ? undefined : new Promise((resolve) => held.push(resolve))) });
  await until(() => engine.followers(ID) === 1);
  const count = 2000;
  const text = 'y'.repeat(10_000);
  for (let i = 0; i < count; i++) engine.write(ID, `${text}\n`, at(1, i));
  let before = -1;
  for (let still = 0; still < 50; ) {
    const now = on.recorder.read('component_received_bytes_total');
    still = now === before ? still + 1 : 0;
    before = now;
    await turn();
  }
  assert.ok(before < 1_000_000, `${before} bytes were read`);
  isOpen = true;
  for (const resolve of held.splice(0)) resolve();
  await on.received(count);
  await on.stop();
});

test('an engine behind TLS is asked with the own certificate', async () => {
  await using engine = await DockerEngine.listen(0, {
    key: readFileSync(certificates.server.key),
    cert: readFileSync(certificates.server.cert),
    ca: readFileSync(certificates.authority),
    requestCert: true,
    rejectUnauthorized: true,
  });
  engine.add({ id: ID, name: 'web' });
  const on = await startSource(
    source,
    {
      docker_host: `https://localhost:${engine.port}`,
      tls: { ca_file: certificates.authority, crt_file: certificates.client.cert, key_file: certificates.client.key },
    },
    { clock: new FakeClock(START) },
  );
  await until(() => engine.followers(ID) === 1);
  engine.write(ID, 'secret\n', at(1));
  await on.received(1);
  await on.stop();
});

test('an engine over plain HTTP, that is not there at first', async () => {
  const clock = new FakeClock(START);
  const first = await DockerEngine.listen(0);
  const { port } = first;
  await first[Symbol.asyncDispose]();
  const on = await startSource(source, { docker_host: `tcp://127.0.0.1:${port}`, retry_backoff_secs: 5 }, { clock });
  await until(() => on.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 1);
  await using engine = await DockerEngine.listen(port);
  engine.add({ id: ID, name: 'web' });
  await turn();
  await clock.advance(5000);
  await until(() => engine.followers(ID) === 1);
  await on.stop();
});

test('where an engine is', () => {
  assert.deepEqual(parseDockerHost('unix:///run/docker.sock'), { kind: 'socket', path: '/run/docker.sock' });
  assert.deepEqual(parseDockerHost('/run/docker.sock'), { kind: 'socket', path: '/run/docker.sock' });
  assert.deepEqual(parseDockerHost('tcp://host:1234'), { kind: 'http', host: 'host', port: 1234 });
  assert.deepEqual(parseDockerHost('http://host:80'), { kind: 'http', host: 'host', port: 80 });
  assert.deepEqual(parseDockerHost('https://[::1]'), { kind: 'https', host: '::1', port: 2376 });
  assert.match(parseDockerHost('ftp://host') as string, /scheme/);
  assert.throws(() => parseConfig(source, { docker_host: 'ssh://host' }), /scheme/);
  assert.throws(() => parseConfig(source, { unknown: 1 }), /unknown/);
});
