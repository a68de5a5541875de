import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../testing/component.ts';
import {
  type Content,
  closeFile,
  GzipContent,
  gzipEndsAt,
  Inflaters,
  isGzip,
  LATER,
  NOTHING,
  openFile,
} from './content.ts';

async function readAll(content: Content, from: number, size = 1000): Promise<string> {
  const bytes = Buffer.alloc(size);
  let text = '';
  for (let position = from; ; ) {
    const count = await content.read(bytes, 0, size, position);
    if (count === 0) return text;
    if (count < 0) continue;
    text += bytes.toString('latin1', 0, count);
    position += count;
    content.forget(position);
  }
}

const NUMBERS = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');

function gzipFile(folder: string, content: Buffer): GzipContent {
  const path = join(folder, 'a.gz');
  writeFileSync(path, content);
  return new GzipContent(openSync(path, 'r'), new Inflaters());
}

test('inflates by position, over several members', async () => {
  using folder = temporaryFolder();
  const content = gzipFile(folder.path, Buffer.concat([gzipSync(NUMBERS), gzipSync('tail\n')]));
  assert.equal(await readAll(content, 0), `${NUMBERS}tail\n`);
  content.close();
});

test('starts at a position, and goes back to any', async () => {
  using folder = temporaryFolder();
  const content = gzipFile(folder.path, gzipSync(NUMBERS));
  assert.equal(await readAll(content, 100_000), NUMBERS.slice(100_000));
  assert.equal(await readAll(content, 77), NUMBERS.slice(77));
  content.close();
});

test('keeps what was not forgotten', async () => {
  using folder = temporaryFolder();
  const content = gzipFile(folder.path, gzipSync(NUMBERS));
  const bytes = Buffer.alloc(300_000);
  const first = await content.read(bytes, 0, 100, 0);
  assert.equal(first, 100);
  assert.equal(await content.read(bytes, 0, 100, 150_000), 100);
  assert.equal(bytes.toString('latin1', 0, 100), NUMBERS.slice(150_000, 150_100));
  assert.equal(await content.read(bytes, 0, 50, 0), 50);
  assert.equal(bytes.toString('latin1', 0, 50), NUMBERS.slice(0, 50));
  content.close();
});

test('goes on when the compressed file grows, also after a rest', async () => {
  using folder = temporaryFolder();
  const compressed = gzipSync(NUMBERS);
  const content = gzipFile(folder.path, compressed.subarray(0, 1000));
  const begin = await readAll(content, 0);
  assert.ok(begin.length > 0 && NUMBERS.startsWith(begin));
  appendFileSync(join(folder.path, 'a.gz'), compressed.subarray(1000, 2000));
  const next = await readAll(content, begin.length);
  content.rest();
  appendFileSync(join(folder.path, 'a.gz'), compressed.subarray(2000));
  assert.equal(begin + next + (await readAll(content, begin.length + next.length)), NUMBERS);
  content.close();
});

test('damaged data rejects each time it is come to, and what lies well before it can be read', async () => {
  using folder = temporaryFolder();
  const compressed = gzipSync(NUMBERS);
  compressed.fill(0, compressed.length - 8);
  const content = gzipFile(folder.path, Buffer.concat([gzipSync(NUMBERS), compressed]));
  const bytes = Buffer.alloc(100);
  assert.equal(await content.read(bytes, 0, 100, 1000), 100);
  assert.equal(bytes.toString('latin1'), NUMBERS.slice(1000, 1100));
  await assert.rejects(readAll(content, NUMBERS.length), /incorrect data check/);
  await assert.rejects(readAll(content, NUMBERS.length), /incorrect data check/);
  content.close();
});

test('only so many files inflate at a time; those at their end make room', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.gz');
  writeFileSync(path, gzipSync(NUMBERS));
  const inflaters = new Inflaters();
  const contents = Array.from({ length: 17 }, () => new GzipContent(openSync(path, 'r'), inflaters));
  const bytes = Buffer.alloc(10);
  const counts = [];
  for (const content of contents) counts.push(await content.read(bytes, 0, 10, 0));
  assert.deepEqual(counts, [...Array(16).fill(10), LATER]);
  await readAll(contents[3]!, 0);
  assert.equal(await contents[16]!.read(bytes, 0, 10, 0), 10);
  assert.equal(await contents[3]!.read(bytes, 0, 10, 100), LATER);
  await readAll(contents[16]!, 0);
  assert.equal(await readAll(contents[3]!, 100), NUMBERS.slice(100));
  for (const content of contents) content.close();
});

test('content that was inflated to its end is not inflated again until the file grows', async () => {
  using folder = temporaryFolder();
  const content = gzipFile(folder.path, gzipSync(NUMBERS));
  await readAll(content, 0);
  content.rest();
  const bytes = Buffer.alloc(100);
  assert.equal(await content.read(bytes, 0, 100, NUMBERS.length - 64, 64), NOTHING);
  appendFileSync(join(folder.path, 'a.gz'), gzipSync('more\n'));
  assert.equal(await content.read(bytes, 0, 100, NUMBERS.length - 64, 64), 69);
  content.close();
});

test('tells gzip by its first bytes, and where its content ends by its last ones', async () => {
  using folder = temporaryFolder();
  assert.equal(isGzip(gzipSync('x')), true);
  assert.equal(isGzip(Buffer.from('plain')), false);
  assert.equal(isGzip(Buffer.alloc(0)), false);
  const compressed = gzipSync(NUMBERS);
  writeFileSync(join(folder.path, 'a.gz'), compressed);
  const { fd, facts } = await openFile(join(folder.path, 'a.gz'));
  assert.equal(facts.sizeBytes, compressed.length);
  assert.equal(await gzipEndsAt(fd, facts.sizeBytes, NUMBERS.length), true);
  assert.equal(await gzipEndsAt(fd, facts.sizeBytes, NUMBERS.length - 1), false);
  assert.equal(await gzipEndsAt(fd, 3, NUMBERS.length), false);
  closeFile(fd);
});

test('refuses to open what is no file', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'd'));
  await assert.rejects(openFile(join(folder.path, 'd')), /is not a file/);
  await assert.rejects(openFile(join(folder.path, 'e')), { code: 'ENOENT' });
});
