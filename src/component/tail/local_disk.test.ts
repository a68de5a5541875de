import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../testing/component.ts';
import { LocalDisk } from './local_disk.ts';

/** A disk whose calls take `took` milliseconds. */
function diskThatTakes(took: { ms: number }): LocalDisk {
  let nowMs = 0;
  let isBegin = true;
  return new LocalDisk(() => {
    if (!isBegin) nowMs += took.ms;
    isBegin = !isBegin;
    return nowMs;
  });
}

test('what is at a path is told at once, and nothing where there is nothing', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  writeFileSync(path, 'four');
  const disk = new LocalDisk();
  assert.equal((await disk.look(path))?.size, 4);
  assert.equal(await disk.look(join(folder.path, 'none')), undefined);
  assert.equal(await disk.look(join(path, 'below a file')), undefined);
});

test('calls in place make way for everything else now and then', async () => {
  using folder = temporaryFolder();
  const disk = diskThatTakes({ ms: 0 });
  const looks = Array.from({ length: 200 }, () => disk.look(folder.path));
  assert.equal(looks.filter((look) => look instanceof Promise).length, 3);
  for (const look of await Promise.all(looks)) assert.ok(look?.isDirectory());
});

test('a disk that is slow is asked by threads for a while', async () => {
  using folder = temporaryFolder();
  const took = { ms: 20 };
  const disk = diskThatTakes(took);
  assert.ok(!(disk.look(folder.path) instanceof Promise));
  const second = disk.look(folder.path);
  assert.ok(second instanceof Promise);
  assert.ok((await second)?.isDirectory());
  assert.equal(await disk.look(join(folder.path, 'none')), undefined);
});

test('reads are as long as asked for, in place and beyond', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  const bytes = Buffer.alloc(250_000);
  for (const disk of [new LocalDisk(), diskThatTakes({ ms: 20 })]) {
    for (const [start, end, position] of [
      [0, 100, 7],
      [10, 250_000, 0],
      [0, 65_536, 1],
      [0, 10, 199_995],
      [0, 10, 300_000],
    ] as const) {
      const count = await disk.read(fd, bytes, start, end, position);
      assert.equal(count, Math.max(0, Math.min(end - start, content.length - position)));
      assert.ok(bytes.subarray(start, start + count).equals(content.subarray(position, position + count)));
    }
  }
  closeSync(fd);
});
