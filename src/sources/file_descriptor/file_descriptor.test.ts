import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ObjectValue } from '../../event/value.ts';
import { type RunningSource, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './file_descriptor.ts';

function messages(on: RunningSource): unknown[] {
  return on.values.map((value) => (value as ObjectValue)['message']);
}

/** Both ends of a pipe as descriptors. */
function pipe(folder: string): { readonly readEnd: number; readonly writeEnd: number } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
}

test('a file is read to its end, and the source ends with it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  const count = 50_000;
  writeFileSync(path, Array.from({ length: count }, (_, i) => `line ${i}`).join('\n'));
  const fd = openSync(path, 'r');
  const on = await startSource(source, { fd }, { slots: 2 });
  await on.ended;
  closeSync(fd);
  assert.equal(on.values.length, count);
  assert.equal(messages(on).at(-1), `line ${count - 1}`);
  const { timestamp, ...rest } = on.values[0] as ObjectValue;
  assert.ok(timestamp);
  assert.deepEqual(rest, { message: 'line 0', host: 'test-host', source_type: 'file_descriptor' });
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'none' }) > 0, true);
});

test('a pipe is read as it is written, and the source ends when its writers are gone', async () => {
  using folder = temporaryFolder();
  const { readEnd, writeEnd } = pipe(folder.path);
  const on = await startSource(source, { fd: readEnd, host_key: 'origin' });
  writeSync(writeEnd, 'one\ntw');
  await on.received(1);
  writeSync(writeEnd, 'o\nlast');
  closeSync(writeEnd);
  await on.ended;
  assert.deepEqual(messages(on), ['one', 'two', 'last']);
  assert.equal((on.values[0] as ObjectValue)['origin'], 'test-host');
});

test('a host that the data names is kept', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  writeFileSync(path, '{"host":"its own"}\n{}\n');
  const fd = openSync(path, 'r');
  const on = await startSource(source, { fd, decoding: { codec: 'json' } });
  await on.ended;
  closeSync(fd);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['host']),
    ['its own', 'test-host'],
  );
});

test('a stop while a pipe is silent is heard, and what was read of a line is sent', async () => {
  using folder = temporaryFolder();
  const { readEnd, writeEnd } = pipe(folder.path);
  const on = await startSource(source, { fd: readEnd });
  writeSync(writeEnd, 'whole\nbegun');
  await on.received(1);
  await on.stop();
  assert.deepEqual(messages(on), ['whole', 'begun']);
  closeSync(writeEnd);
});

test('a descriptor that is not open fails the build', async () => {
  await assert.rejects(startSource(source, { fd: 999_999 }), /descriptor 999999 cannot be read/);
});
