import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { Sink } from '../../component/define.ts';
import { layoutOf, logBatch, type RawBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { FakeClock } from '../../std/clock.ts';
import {
  type ContextOptions,
  log,
  parseConfig,
  runSink,
  temporaryFolder,
  testContext,
} from '../../testing/component.ts';
import { sink } from './file.ts';
import { OPEN_FILES_MAX } from './open_files.ts';

const TEXT = { encoding: { codec: 'text' } };
const JSON_LINES = { encoding: { codec: 'json' } };

/** A sink that a test writes to as it goes. */
async function start(config: Record<string, unknown>, options: ContextOptions = {}) {
  const context = testContext('sink', 'file', options);
  const built: Sink = await sink.build(parseConfig(sink, config), context.context);
  const statuses: (Status | undefined)[] = [];
  const write = async (...messages: string[]): Promise<void> => {
    const index = statuses.push(undefined) - 1;
    const finalizer = new Finalizer((status) => {
      statuses[index] = status;
    });
    await built.write(
      logBatch(
        messages.map((message) => log(message)),
        finalizer,
      ),
    );
  };
  return { ...context, sink: built, statuses, write };
}

test('appends events to the file, which is made with its folders', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a/b/out.log');
  const first = await runSink(sink, { path, ...JSON_LINES }, [[log('a'), log('b')], [log('c')]]);
  assert.deepEqual(first.statuses, ['delivered', 'delivered']);
  await runSink(sink, { path, ...TEXT }, [[log('d')]]);
  assert.equal(readFileSync(path, 'utf8'), '{"message":"a"}\n{"message":"b"}\n{"message":"c"}\nd\n');
  assert.equal(first.recorder.read('component_sent_events_total'), 3);
  assert.equal(first.recorder.read('component_sent_bytes_total', { protocol: 'file' }), 48);
  assert.equal(first.recorder.read('open_files'), 0);
});

test('the path may be made of the event and its time, in a zone', async () => {
  using folder = temporaryFolder();
  const at = (message: string, app: string, ms: number) => log({ message, app, timestamp: Timestamp.fromMs(ms) });
  const config = {
    path: `${folder.path}/{{ app }}/%Y-%m-%d.log`,
    timezone: 'Asia/Tokyo',
    encoding: { codec: 'text' },
  };
  const events = [at('x', 'one', Date.UTC(2024, 0, 1, 20)), at('y', 'two', Date.UTC(2024, 0, 1, 3))];
  await runSink(sink, config, [[...events, at('z', 'one', Date.UTC(2024, 0, 1, 21))]]);
  assert.equal(readFileSync(join(folder.path, 'one/2024-01-02.log'), 'utf8'), 'x\nz\n');
  assert.equal(readFileSync(join(folder.path, 'two/2024-01-01.log'), 'utf8'), 'y\n');
});

test('an event without the field of the path is counted and dropped, and no file is made', async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/o/{{ nope }}.log`;
  const { statuses, recorder } = await runSink(sink, { path, ...TEXT }, [[log('a'), log('b')]]);
  assert.deepEqual(statuses, ['rejected']);
  assert.equal(recorder.read('component_errors_total', { error_type: 'template_failed' }), 2);
  assert.equal(recorder.read('component_discarded_events_total'), 2);
  assert.equal(existsSync(join(folder.path, 'o')), false);
});

test('no event climbs out of the folder of the template', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'in'));
  const hostile = ['../out', '..', 'a/../../out', 'a\0b', 'x'.repeat(2000), 'a\nb'];
  const config = { path: `${folder.path}/in/{{ message }}.log`, ...TEXT };
  const run = await runSink(sink, config, [hostile.map((message) => log(message)), [log('fine')]]);
  // Two dots before `.log` are the name of a file, and not the folder above.
  assert.deepEqual(readdirSync(join(folder.path, 'in')).sort(), ['...log', 'fine.log']);
  assert.deepEqual(readdirSync(folder.path), ['in']);
  assert.deepEqual(run.statuses, ['rejected', 'delivered']);
  assert.equal(run.recorder.read('component_errors_total', { error_type: 'confinement_failed' }), 5);
});

test('files stay below `base_dir`', async () => {
  using folder = temporaryFolder();
  const config = { path: '{{ message }}', base_dir: join(folder.path, 'base'), ...TEXT };
  const run = await runSink(sink, config, [[log('a/b.log'), log('../c.log'), log('/etc/d.log')]]);
  assert.deepEqual(readdirSync(folder.path), ['base']);
  assert.equal(readFileSync(join(folder.path, 'base/a/b.log'), 'utf8'), 'a/b.log\n');
  assert.equal(run.recorder.read('component_errors_total', { error_type: 'confinement_failed' }), 2);
});

test('lines that nobody looks into are written from where they lie', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'out.log');
  let released = false;
  const statuses: Status[] = [];
  const batch: RawBatch = {
    kind: 'raw',
    type: 'log',
    hold: { bytes: Buffer.from('-one\ntwo\n'), retain() {}, release: () => void (released = true) },
    frames: new Int32Array([1, 3, 5, 3]),
    count: 2,
    sizeBytes: 6,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: 0,
    layout: layoutOf({
      decodeFrame() {
        throw new Error('they are looked into');
      },
    }),
    finalizer: new Finalizer((status) => void statuses.push(status)),
  };
  const { recorder } = await runSink(sink, { path, ...TEXT }, [batch]);
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
  assert.deepEqual([statuses, released, recorder.read('component_sent_events_total')], [['delivered'], true, 2]);
});

for (const [algorithm, inflate] of [
  ['gzip', zlib.gunzipSync],
  ['zstd', zlib.zstdDecompressSync],
] as const) {
  test(`${algorithm}: what is delivered can be read before the file is closed, and files are continued`, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'out');
    const clock = new FakeClock();
    const config = { path, compression: algorithm, ...TEXT };
    const { write, statuses, sink: built } = await start(config, { clock });
    await write('one');
    await write('two');
    assert.deepEqual(statuses, [undefined, undefined]);
    await clock.advance(1000);
    while (statuses.includes(undefined)) await clock.advance(0);
    assert.deepEqual(statuses, ['delivered', 'delivered']);
    assert.equal(readable(path), 'one\ntwo\n');
    await write('three');
    await built.end();
    assert.deepEqual(statuses, ['delivered', 'delivered', 'delivered']);
    await runSink(sink, config, [[log('four')]]);
    assert.equal(inflate(readFileSync(path)).toString(), 'one\ntwo\nthree\nfour\n');
  });
}

/** What a reader gets of a compressed file that is still written to. */
function readable(path: string): string {
  const bytes = readFileSync(path);
  if (bytes[0] === 0x1f) return zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();
  return zlib.zstdDecompressSync(bytes, { finishFlush: zlib.constants.ZSTD_e_flush }).toString();
}

test('a file that nothing is written to is closed', async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const config = { path: join(folder.path, '{{ message }}'), idle_timeout_secs: 10, ...TEXT };
  const { write, recorder, sink: built } = await start(config, { clock });
  await write('a', 'b');
  assert.equal(recorder.read('open_files'), 2);
  await clock.advance(6000);
  await write('a');
  await clock.advance(6000);
  assert.equal(recorder.read('open_files'), 1);
  await clock.advance(10_000);
  assert.equal(recorder.read('open_files'), 0);
  await write('a');
  await built.end();
  assert.equal(readFileSync(join(folder.path, 'a'), 'utf8'), 'a\na\na\n');
  assert.equal(clock.pending, 0);
});

test('without idle time a file is closed after each write', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'out');
  const { write, recorder, sink: built } = await start({ path, idle_timeout_secs: 0, ...TEXT });
  await write('a');
  assert.equal(recorder.read('open_files'), 0);
  await write('b');
  await built.end();
  assert.equal(readFileSync(path, 'utf8'), 'a\nb\n');
});

test('no more files are open than there is room for', async () => {
  using folder = temporaryFolder();
  const { write, recorder, statuses, sink: built } = await start({ path: `${folder.path}/{{ message }}`, ...TEXT });
  const names = Array.from({ length: OPEN_FILES_MAX + 20 }, (_, index) => `f${index}`);
  await write(...names);
  assert.equal(recorder.read('open_files'), OPEN_FILES_MAX);
  await write(...names);
  await built.end();
  assert.deepEqual(statuses, ['delivered', 'delivered']);
  assert.equal(readdirSync(folder.path).length, names.length);
  assert.equal(readFileSync(join(folder.path, 'f3'), 'utf8'), 'f3\nf3\n');
});

test('a file that cannot be opened costs its events, and the others are written', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'taken'));
  const { write, recorder, statuses, sink: built } = await start({ path: `${folder.path}/{{ message }}`, ...TEXT });
  await write('taken', 'free');
  await write('free');
  await built.end();
  assert.deepEqual(statuses, ['errored', 'delivered']);
  assert.equal(readFileSync(join(folder.path, 'free'), 'utf8'), 'free\nfree\n');
  const labels = { error_type: 'io_failed', error_code: 'failed_opening_file', stage: 'sending' };
  assert.equal(recorder.read('component_errors_total', labels), 1);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('a file that could not be opened is tried again with the next batch', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'sub/out');
  writeFileSync(join(folder.path, 'sub'), 'in the way');
  const { write, statuses, sink: built } = await start({ path, ...TEXT });
  await write('a');
  const { rmSync } = await import('node:fs');
  rmSync(join(folder.path, 'sub'));
  await write('b');
  await built.end();
  assert.deepEqual(statuses, ['errored', 'delivered']);
  assert.equal(readFileSync(path, 'utf8'), 'b\n');
});

test('a full disk is waited for, and given up when the time is over', { skip: !existsSync('/dev/full') }, async () => {
  const clock = new FakeClock();
  const { write, statuses, recorder, sink: built } = await start({ path: '/dev/full', ...TEXT }, { clock });
  const written = write('a');
  while (recorder.read('component_errors_total', { error_type: 'io_failed' }) < 3) await clock.advance(1000);
  assert.deepEqual(statuses, [undefined]);
  const abort = new AbortController();
  const ended = built.end(abort.signal);
  abort.abort();
  await written;
  await ended;
  assert.deepEqual(statuses, ['errored']);
  assert.equal(recorder.read('component_discarded_events_total'), 1);
});

test('files are emptied as `truncate` says', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'out');
  const content = (): string => readFileSync(path, 'utf8');
  const clock = new FakeClock(Date.now());
  const afterClose = await start(
    { path, idle_timeout_secs: 5, truncate: { after_close_time_secs: 60 }, ...TEXT },
    { clock },
  );
  await afterClose.write('a');
  await clock.advance(20_000);
  await afterClose.write('b');
  assert.equal(content(), 'a\nb\n');
  await clock.advance(100_000);
  await afterClose.write('c');
  await afterClose.sink.end();
  assert.equal(content(), 'c\n');

  utimesSync(path, 0, clock.now() / 1000 - 30);
  const modified = { path, truncate: { after_modified_time_secs: 60 }, ...TEXT };
  await runSink(sink, modified, [[log('d')]], { clock });
  assert.equal(content(), 'c\nd\n');
  utimesSync(path, 0, clock.now() / 1000 - 61);
  await runSink(sink, modified, [[log('e')]], { clock });
  assert.equal(content(), 'e\n');

  const after = await start({ path, truncate: { after_secs: 100_000 }, ...TEXT }, { clock });
  await after.write('f');
  await clock.advance(99_000_000);
  await after.write('g');
  await clock.advance(2_000_000);
  await after.write('h');
  await after.sink.end();
  assert.equal(content(), 'h\n');
});

test('metrics name the file when asked to', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'out');
  const config = { path, internal_metrics: { include_file_tag: true }, ...TEXT };
  const { recorder } = await runSink(sink, config, [[log('a')]]);
  assert.equal(recorder.read('component_sent_bytes_total', { protocol: 'file', file: path }), 2);
});

test('a folder that must not be written to is an error, not the end', { skip: process.getuid?.() === 0 }, async () => {
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o500);
  const { statuses } = await runSink(sink, { path: join(folder.path, 'x'), ...TEXT }, [[log('a')]]);
  chmodSync(folder.path, 0o700);
  assert.deepEqual(statuses, ['errored']);
});
