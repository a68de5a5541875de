import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentMemory, residentOf } from './resident.ts';

const MAPPINGS: readonly (readonly [range: string, rights: string, inode: number, name: string, rssKib: number])[] = [
  ['00400000-0082e000', 'r--p', 53, '/usr/bin/node', 4_000],
  ['32eb4000-33096000', 'rw-p', 0, '[heap]', 300],
  ['12c26100000-12c26140000', 'rw-p', 0, '', 256],
  ['7f2a30000000-7f2a30100000', 'rw-p', 0, '', 64],
  ['7f2a30100000-7f2c30000000', '---p', 0, '', 0],
  ['7f2c4f800000-7f2c6f580000', 'rwxp', 0, '', 100],
  ['7f2c7c3e0000-7f2c7c400000', 'rw-p', 0, '', 30],
  ['7f2c7c436000-7f2c7c43a000', 'rw-s', 28, 'anon_inode:[io_uring]', 4],
  ['7ffc1ea0d000-7ffc1ea2e000', 'rw-p', 0, '[stack]', 20],
];

test('mappings are told apart', () => {
  const text = MAPPINGS.map(
    ([range, rights, inode, name, rss]) =>
      `${range} ${rights} 00000000 fe:00 ${inode}    ${name}\nSize: 9999 kB\nRss:   ${rss} kB\nVmFlags: rd wr\n`,
  ).join('');
  assert.deepEqual(residentOf(text, 0x100000), {
    totalBytes: 4_774 * 1024,
    fileBytes: 4_004 * 1024,
    managedBytes: 356 * 1024,
    nativeBytes: 350 * 1024,
    sharedBytes: 64 * 1024,
  });
});

test('this process is as large as the kernel says, and a memory of known size is found', {
  skip: process.platform !== 'linux',
}, () => {
  const pages = 37;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  Buffer.from(memory.buffer).fill(1, 0, 65_536 * 10);
  const rss = process.memoryUsage.rss();
  const resident = residentMemory(pages * 65_536)!;
  assert.equal(resident.sharedBytes, 65_536 * 10);
  const ratio = resident.totalBytes / rss;
  assert.ok(ratio > 0.9 && ratio < 1.1, String(ratio));
});
