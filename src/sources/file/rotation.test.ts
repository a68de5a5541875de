import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { finish } from '../../event/batch.ts';
import type { Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { type RunningSource, type SourceOptions, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './file.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

/** A folder with `logs/`, which is followed. */
function logsFolder() {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, 'logs'));
  return { ...folder, at: (name: string) => join(folder.path, 'logs', name) };
}

function follow(folder: string, config: Record<string, unknown> = {}, options: SourceOptions = {}) {
  return startSource(
    source,
    { include: [`${folder}/logs/*.log`], glob_minimum_cooldown_ms: 10, ...config },
    { dataDir: join(folder, 'data'), ...options },
  );
}

function messages(values: readonly Value[]): string[] {
  return values.map((value) => (value as { message: string }).message);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass until the condition holds: in small steps, as reading a real disk takes several of them. */
async function pass(clock: FakeClock, condition: () => boolean): Promise<void> {
  while (!condition()) await clock.advance(20);
}

const said = (run: RunningSource, message: string): boolean => run.records.some((record) => record.message === message);

test('a file moved out of sight is read to its end, also what is still written to it', async () => {
  using folder = logsFolder();
  const writer = openSync(folder.at('a.log'), 'a');
  writeSync(writer, 'old 1\n');
  const run = await follow(folder.path);
  await run.received(1);
  renameSync(folder.at('a.log'), folder.at('a.log.1'));
  writeFileSync(folder.at('a.log'), 'new 1\n');
  writeSync(writer, 'old 2\n');
  await run.received(3);
  appendFileSync(folder.at('a.log'), 'new 2\n');
  writeSync(writer, 'old 3\n');
  await run.received(5);
  closeSync(writer);
  await run.stop();
  assert.deepEqual(messages(run.values).sort(), ['new 1', 'new 2', 'old 1', 'old 2', 'old 3']);
});

test('a file renamed within sight goes on under its new name', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'old 1\n');
  const run = await follow(folder.path, { include: [`${folder.path}/logs/a.log*`] });
  await run.received(1);
  renameSync(folder.at('a.log'), folder.at('a.log.1'));
  writeFileSync(folder.at('a.log'), 'new 1\n');
  await run.received(2);
  appendFileSync(folder.at('a.log.1'), 'old 2\n');
  await run.received(3);
  await run.stop();
  assert.deepEqual(messages(run.values), ['old 1', 'new 1', 'old 2']);
  assert.equal((run.values[2] as { file: string }).file, folder.at('a.log.1'));
  assert.equal(run.recorder.read('files_added_total'), 2);
});

for (const first of ['new', 'old']) {
  test(`a truncated file is read from its start when its first line is ${first}`, async () => {
    using folder = logsFolder();
    writeFileSync(folder.at('a.log'), 'old\nold 2\nold 3\n');
    const run = await follow(folder.path);
    await run.received(3);
    copyFileSync(folder.at('a.log'), folder.at('a.log.1'));
    truncateSync(folder.at('a.log'));
    appendFileSync(folder.at('a.log'), `${first}\n`);
    await run.received(4);
    appendFileSync(folder.at('a.log'), 'more\n');
    await run.received(5);
    await run.stop();
    assert.deepEqual(messages(run.values), ['old', 'old 2', 'old 3', first, 'more']);
  });

  test(`a file that was truncated and has grown past its position is noticed when its first line is ${first}`, async () => {
    using folder = logsFolder();
    writeFileSync(folder.at('a.log'), 'old\nold 2\nold 3\n');
    const run = await follow(folder.path);
    await run.received(3);
    const lines = [first, 'something else', 'and something more', 'to the end'];
    writeFileSync(folder.at('a.log'), lines.map((line) => `${line}\n`).join(''));
    await run.received(7);
    await run.stop();
    assert.deepEqual(messages(run.values), ['old', 'old 2', 'old 3', ...lines]);
  });
}

test('a file rewritten to the same size is noticed', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'aaaa\nbbbb\n');
  const run = await follow(folder.path);
  await run.received(2);
  writeFileSync(folder.at('a.log'), 'cccc\ndddd\n');
  await run.received(4);
  await run.stop();
  assert.deepEqual(messages(run.values), ['aaaa', 'bbbb', 'cccc', 'dddd']);
});

test('a writer that keeps its offset over a truncation leaves a hole, and what follows is read', async () => {
  using folder = logsFolder();
  const writer = openSync(folder.at('a.log'), 'w');
  writeSync(writer, 'before 1\nbefore 2\n');
  const run = await follow(folder.path);
  await run.received(2);
  truncateSync(folder.at('a.log'));
  writeSync(writer, 'behind the hole\n');
  await run.received(3);
  closeSync(writer);
  await run.stop();
  assert.deepEqual(messages(run.values), ['before 1', 'before 2', 'behind the hole']);
});

for (const header of ['', 'the same header\n']) {
  test(`what was not read before a truncation is read from the copy ${header && 'with the same first line'}`, async () => {
    using folder = logsFolder();
    const line = (text: string) => `${text}${'.'.repeat(995)}\n`;
    const old = header + Array.from({ length: 2000 }, (_, i) => line(`o${1000 + i}`)).join('');
    writeFileSync(folder.at('a.log'), old);
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const run = await follow(folder.path, { include: [`${folder.path}/logs/a.log*`] }, { onBatch: () => gate });
    await until(() => run.recorder.read('component_received_events_total') > 0);
    copyFileSync(folder.at('a.log'), folder.at('a.log.1'));
    truncateSync(folder.at('a.log'));
    appendFileSync(folder.at('a.log'), `${header}new\n`);
    open();
    const headers = header ? 2 : 0;
    await run.received(2001 + headers);
    await run.stop();
    const got = messages(run.values)
      .filter((text) => text !== header.trim())
      .map((text) => text.slice(0, 5));
    assert.deepEqual(
      got.filter((text) => text !== 'new'),
      Array.from({ length: 2000 }, (_, i) => `o${1000 + i}`),
    );
    assert.equal(got.filter((text) => text === 'new').length, 1);
  });
}

test('a removed file is kept for a while, then its unfinished last line is sent and it is let go', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  writeFileSync(folder.at('a.log'), 'one\ntw');
  const run = await follow(folder.path, {}, { clock });
  await pass(clock, () => run.events.length === 1);
  const writer = openSync(folder.at('a.log'), 'a');
  rmSync(folder.at('a.log'));
  await clock.advance(1000);
  writeSync(writer, 'o\nthree');
  closeSync(writer);
  await pass(clock, () => run.events.length === 3);
  await pass(clock, () => run.recorder.read('open_files') === 0);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two', 'three']);
  assert.equal(run.recorder.read('files_unwatched_total', { reached_eof: 'true' }), 1);
});

test('`rotate_wait_secs` is how long a file that is gone may still be read, even if it grows', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  writeFileSync(folder.at('a.log'), 'one\n');
  const run = await follow(folder.path, { rotate_wait_secs: 10 }, { clock });
  await pass(clock, () => run.events.length === 1);
  const writer = openSync(folder.at('a.log'), 'a');
  rmSync(folder.at('a.log'));
  await pass(clock, () => {
    writeSync(writer, 'more\n');
    return run.recorder.read('open_files') === 0;
  });
  closeSync(writer);
  await run.stop();
});

test('of two files with the same first line one is read, and it is said', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'header\na 1\n');
  writeFileSync(folder.at('b.log'), 'header\nb 1\nb 2\n');
  utimesSync(folder.at('a.log'), 1e9, 1e9);
  const run = await follow(folder.path);
  await run.received(3);
  await until(() => said(run, 'More than one file has the same fingerprint; only one of them is read.'));
  await run.stop();
  assert.deepEqual(messages(run.values), ['header', 'b 1', 'b 2']);
});

test('a copy that is written to takes the place of the file it was made of', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'one\ntwo\n');
  utimesSync(folder.at('a.log'), 1e9, 1e9);
  const run = await follow(folder.path);
  await run.received(2);
  copyFileSync(folder.at('a.log'), folder.at('b.log'));
  await until(() => said(run, 'Switching to watch most recently modified file.'));
  appendFileSync(folder.at('b.log'), 'three\n');
  await run.received(3);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two', 'three']);
});

test('by device and inode, files with the same content are two', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'same\n');
  writeFileSync(folder.at('b.log'), 'same\n');
  const run = await follow(folder.path, { fingerprint: { strategy: 'device_and_inode' } });
  await run.received(2);
  truncateSync(folder.at('a.log'));
  appendFileSync(folder.at('a.log'), 'x\n');
  await run.received(3);
  renameSync(folder.at('b.log'), folder.at('c.log'));
  appendFileSync(folder.at('c.log'), 'y\n');
  await run.received(4);
  await run.stop();
  assert.deepEqual(messages(run.values), ['same', 'same', 'x', 'y']);
});

test('one file under several names is read once', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'one\n');
  linkSync(folder.at('a.log'), folder.at('b.log'));
  symlinkSync(folder.at('a.log'), folder.at('c.log'));
  const run = await follow(folder.path, { include: [`${folder.path}/logs/*.log`, `${folder.path}/logs/a*`] });
  await run.received(1);
  rmSync(folder.at('a.log'));
  await until(() => said(run, 'Watched file has been renamed.'));
  appendFileSync(folder.at('b.log'), 'two\n');
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two']);
  assert.equal((run.values[1] as { file: string }).file, folder.at('b.log'));
});

test('a rotated file that is compressed is not read again', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  const content = 'one\ntwo\n'.repeat(1000);
  writeFileSync(folder.at('a.log'), content);
  const run = await follow(folder.path, { include: [`${folder.path}/logs/*`] }, { clock });
  await pass(clock, () => run.events.length === 2000);
  renameSync(folder.at('a.log'), folder.at('a.log.1'));
  await pass(clock, () => said(run, 'Watched file has been renamed.'));
  writeFileSync(folder.at('a.log.1.gz'), gzipSync(content));
  rmSync(folder.at('a.log.1'));
  await pass(
    clock,
    () => run.records.filter(({ message }) => message === 'Watched file has been renamed.').length === 2,
  );
  writeFileSync(folder.at('a.log'), 'new\n');
  await pass(clock, () => run.events.length > 2000);
  for (let i = 0; i < 100; i++) await clock.advance(1000);
  await run.stop();
  assert.deepEqual([run.events.length, messages(run.values).at(-1)], [2001, 'new']);
});

test('a removed file that waits for its turn is read, however long sinks take', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  writeFileSync(folder.at('a.log'), 'a\n');
  writeFileSync(folder.at('b.log'), 'b\n');
  let isSlow = false;
  const run = await follow(
    folder.path,
    { oldest_first: true },
    { clock, onBatch: () => (isSlow ? new Promise<void>((resolve) => clock.after(30_000, resolve)) : undefined) },
  );
  await pass(clock, () => run.events.length === 2);
  isSlow = true;
  appendFileSync(folder.at('a.log'), `${'x'.repeat(99)}\n`.repeat(10_000));
  appendFileSync(folder.at('b.log'), 'behind\n');
  rmSync(folder.at('b.log'));
  while (run.events.length < 10_003) await clock.advance(1_000);
  await run.stop();
  assert.ok(messages(run.values).includes('behind'));
  assert.equal(run.recorder.read('sluice_file_lost_bytes_total'), 0);
});

test('a folder in the place of a file, and a file in the place of a folder', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a.log'), 'one\n');
  mkdirSync(folder.at('b.log'));
  const run = await follow(folder.path);
  await run.received(1);
  rmSync(folder.at('a.log'));
  mkdirSync(folder.at('a.log'));
  rmSync(folder.at('b.log'), { recursive: true });
  writeFileSync(folder.at('b.log'), 'two\n');
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two']);
  assert.equal(run.recorder.read('component_errors_total'), 0);
});

test('`remove_after_secs` removes a file only when everything of it was delivered', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  writeFileSync(folder.at('a.log'), 'one\ntwo\ntail');
  writeFileSync(folder.at('small.log'), 'no line');
  const run = await follow(folder.path, { remove_after_secs: 5 }, { clock, hold: true });
  await pass(clock, () => run.events.length === 3);
  await pass(clock, () => !existsSync(folder.at('small.log')));
  for (let i = 0; i < 100; i++) await clock.advance(100);
  assert.equal(existsSync(folder.at('a.log')), true);
  for (const batch of run.held) finish(batch);
  await pass(clock, () => !existsSync(folder.at('a.log')));
  await pass(clock, () => run.recorder.read('open_files') === 0);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two', 'tail']);
  assert.equal(run.recorder.read('files_deleted_total'), 2);
});

test('quiet files are woken by a change, whatever it is', async () => {
  using folder = logsFolder();
  const clock = new FakeClock(Date.now());
  for (const name of ['a', 'b', 'c']) writeFileSync(folder.at(`${name}.log`), `${name} 1\n`);
  const run = await follow(folder.path, { glob_minimum_cooldown_ms: 1000 }, { clock });
  await pass(clock, () => run.events.length === 3);
  for (let i = 0; i < 200; i++) await clock.advance(100);
  appendFileSync(folder.at('a.log'), 'a 2\n');
  writeFileSync(folder.at('b.log'), 'B 1\n');
  renameSync(folder.at('c.log'), folder.at('d.log'));
  appendFileSync(folder.at('d.log'), 'c 2\n');
  await pass(clock, () => run.events.length === 6);
  await run.stop();
  assert.deepEqual(messages(run.values).slice(3).sort(), ['B 1', 'a 2', 'c 2']);
});
