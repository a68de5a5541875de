import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../testing/component.ts';
import { Checkpoints } from './checkpoints.ts';
import { type Fingerprint, keyOf } from './fingerprint.ts';

const checksum = (value: bigint): Fingerprint => ({ kind: 'first_lines_checksum', checksum: value });
const A = checksum(14936080532512811038n);
const B: Fingerprint = { kind: 'dev_inode', device: 65024n, inode: 10045691n };

const VECTOR_FILE =
  '{"version":"1","checkpoints":[{"fingerprint":{"first_lines_checksum":14936080532512811038},"position":42,"modified":"2026-11-23T13:38:35.078180031Z"},{"fingerprint":{"dev_inode":[65024,10045691]},"position":29,"modified":"2026-11-23T13:38:35.078787850Z"}]}';

const NOW = Date.parse('2026-11-23T14:00:00Z');

test('reads what Vector wrote and writes it back without a change', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'checkpoints.json'), VECTOR_FILE);
  const checkpoints = new Checkpoints(folder.path);
  assert.deepEqual(await checkpoints.load(undefined), { recovered: false, loaded: 2, skipped: 0, errors: [] });
  assert.equal(checkpoints.get(keyOf(A)), 42);
  assert.equal(checkpoints.get(keyOf(B)), 29);
  assert.equal(await checkpoints.write(NOW), 0);
  checkpoints.set(checksum(1n), 7, NOW);
  assert.equal(await checkpoints.write(NOW), 3);
  const text = readFileSync(join(folder.path, 'checkpoints.json'), 'utf8');
  const added = ',{"fingerprint":{"first_lines_checksum":1},"position":7,"modified":"2026-11-23T14:00:00.000Z"}]}';
  assert.equal(text, VECTOR_FILE.replace(/\]\}$/, added));
  assert.deepEqual(readdirSync(folder.path), ['checkpoints.json']);
});

test('an interrupted write wins and takes the place of the older file', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'checkpoints.json'), VECTOR_FILE);
  writeFileSync(join(folder.path, 'checkpoints.new.json'), VECTOR_FILE.replace(':42,', ':99,'));
  const checkpoints = new Checkpoints(folder.path);
  assert.equal((await checkpoints.load(undefined)).recovered, true);
  assert.equal(checkpoints.get(keyOf(A)), 99);
  assert.deepEqual(readdirSync(folder.path), ['checkpoints.json']);
});

test('a torn write is set aside and the older file is read', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'checkpoints.json'), VECTOR_FILE);
  writeFileSync(join(folder.path, 'checkpoints.new.json'), VECTOR_FILE.slice(0, 100));
  const checkpoints = new Checkpoints(folder.path);
  const report = await checkpoints.load(undefined);
  assert.equal(report.errors.length, 1);
  assert.equal(report.loaded, 2);
  assert.deepEqual(readdirSync(folder.path).sort(), ['checkpoints.damaged.json', 'checkpoints.json']);
});

test('hostile content is an error or a skipped entry, never a throw', async () => {
  for (const [text, skipped, failed] of [
    ['', 0, true],
    ['[]', 0, true],
    ['{"version":"2","checkpoints":[]}', 0, true],
    ['{"version":"1","checkpoints":{}}', 0, true],
    ['['.repeat(100_000), 0, true],
    ['{"version":"1","checkpoints":[1,null,{"fingerprint":{"unknown":3},"position":1,"modified":"x"}]}', 3, false],
    [VECTOR_FILE.replace(':42,', ':-1,').replace(':29,', ':1.5,'), 2, false],
    [VECTOR_FILE.replaceAll('2026-11-23T', '2026-13-23T'), 2, false],
  ] as const) {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'checkpoints.json'), text);
    const report = await new Checkpoints(folder.path).load(undefined);
    assert.equal(report.errors.length, failed ? 1 : 0, text.slice(0, 80));
    assert.equal(report.skipped, skipped);
    assert.equal(report.loaded, 0);
  }
});

test('leaves out entries changed too long ago', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'checkpoints.json'), VECTOR_FILE.replace('2026-11-23T', '2025-11-23T'));
  const checkpoints = new Checkpoints(folder.path);
  assert.equal((await checkpoints.load(NOW - 86_400_000)).loaded, 1);
  assert.equal(checkpoints.get(keyOf(A)), undefined);
});

test('drops the entry of a file a minute after it went, unless it came back', async () => {
  using folder = temporaryFolder();
  const checkpoints = new Checkpoints(join(folder.path, 'made', 'on demand'));
  checkpoints.set(A, 1, NOW);
  checkpoints.set(B, 2, NOW);
  checkpoints.gone(keyOf(A), NOW);
  checkpoints.gone(keyOf(B), NOW);
  assert.equal(await checkpoints.write(NOW + 59_000), 2);
  checkpoints.keep(keyOf(B));
  assert.equal(await checkpoints.write(NOW + 60_000), 1);
  assert.equal(checkpoints.get(keyOf(A)), undefined);
  assert.equal(checkpoints.get(keyOf(B)), 2);
});

test('a write that fails is tried again by the next one', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'blocked'), 'a file where a folder should be');
  const checkpoints = new Checkpoints(join(folder.path, 'blocked', 'in'));
  checkpoints.set(A, 1, NOW);
  await assert.rejects(checkpoints.write(NOW));
  await assert.rejects(checkpoints.write(NOW));
  rmSync(join(folder.path, 'blocked'));
  assert.equal(await checkpoints.write(NOW), 1);
});

test('writes one after the other', async () => {
  using folder = temporaryFolder();
  const checkpoints = new Checkpoints(join(folder.path, 'x'));
  checkpoints.set(A, 1, NOW);
  const first = checkpoints.write(NOW);
  checkpoints.set(A, 2, NOW);
  const second = checkpoints.write(NOW);
  assert.deepEqual(await Promise.all([first, second]), [1, 1]);
  assert.match(readFileSync(join(folder.path, 'x', 'checkpoints.json'), 'utf8'), /"position":2,/);
});
