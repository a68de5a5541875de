import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES_MAX } from './frame_kernel.ts';
import { instantiate, KERNEL_BYTES, KERNEL_PADDING_BYTES, KERNEL_SCRATCH_BYTES } from './kernels.ts';

const SPACE = 65_536;
const INPUT = KERNEL_BYTES + KERNEL_SCRATCH_BYTES;
const pages = Math.ceil((INPUT + SPACE + KERNEL_PADDING_BYTES) / 65_536);
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const { frames } = instantiate(memory, { offset: KERNEL_BYTES, bytes: KERNEL_SCRATCH_BYTES });
const bytes = Buffer.from(memory.buffer, INPUT, SPACE);

/** Frames by the kernel, in calls of `max`. */
function cut(start: number, end: number, delimiter: number, max: number): { pairs: number[]; longest: number } {
  const pairs: number[] = [];
  let longest = 0;
  for (let from = start; ; ) {
    const count = frames.cut(INPUT + from, INPUT + end, INPUT, delimiter, max);
    longest = Math.max(longest, frames.longest);
    pairs.push(...frames.table.subarray(0, 2 * count));
    if (count < max) return { pairs, longest };
    from = pairs.at(-2)! + pairs.at(-1)! + 1;
  }
}

/** The same, plainly. */
function plain(start: number, end: number, delimiter: number): { pairs: number[]; longest: number } {
  const pairs: number[] = [];
  let longest = 0;
  let from = start;
  for (let at = start; at < end; at++) {
    if (bytes[at] !== delimiter) continue;
    pairs.push(from, at - from);
    longest = Math.max(longest, at - from);
    from = at + 1;
  }
  return { pairs, longest };
}

test('finds the frames that plain code finds, wherever they begin and end', () => {
  const byte = fc.oneof(
    { arbitrary: fc.constantFrom(10, 0, 255), weight: 1 },
    { arbitrary: fc.nat(255), weight: 3 },
    { arbitrary: fc.constant(97), weight: 20 },
  );
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 700, size: 'max' }),
      fc.nat(80),
      fc.constantFrom(10, 0, 255, 97),
      fc.constantFrom(1, 2, 7, 64, FRAMES_MAX),
      fc.nat(255),
      (input, start, delimiter, max, behind) => {
        bytes.fill(behind);
        bytes.set(input, start);
        const end = start + input.length;
        assert.deepEqual(cut(start, end, delimiter, max), plain(start, end, delimiter));
      },
    ),
    { numRuns: 2000 },
  );
});

test('finds empty frames, as many as the table holds', () => {
  bytes.fill(10);
  const count = frames.cut(INPUT, INPUT + SPACE, INPUT, 10, FRAMES_MAX);
  assert.equal(count, FRAMES_MAX);
  assert.deepEqual([...frames.table.subarray(-4)], [FRAMES_MAX - 2, 0, FRAMES_MAX - 1, 0]);
  assert.equal(frames.longest, 0);
});

test('offsets count from the base, and delimiters behind the end are not seen', () => {
  bytes.fill(10);
  bytes.write('ab\ncd\nef', 100);
  assert.equal(frames.cut(INPUT + 100, INPUT + 107, INPUT + 90, 10, 9), 2);
  assert.deepEqual([...frames.table.subarray(0, 4)], [10, 2, 13, 2]);
  assert.equal(frames.cut(INPUT + 107, INPUT + 107, INPUT, 10, 9), 0);
});
