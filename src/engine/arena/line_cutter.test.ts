import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES_MAX } from '../kernels/frame_kernel.ts';
import { Arena } from './arena.ts';
import { Intake } from './intake.ts';
import { type CutFrames, LineCutter } from './line_cutter.ts';

interface Cut {
  lines: string[];
  oversized: number[];
  position: number;
  ends: number[];
}

/** Feeds chunks through a cutter; every batch is finished at once unless `hold`. */
function cut(
  chunks: readonly Buffer[],
  { maxLength = 1 << 20, oversized = 'drop' as 'drop' | 'truncate', framesMax = 1000, end = true } = {},
): Cut {
  const arena = new Arena(3);
  const intake = new Intake(arena);
  const result: Cut = { lines: [], oversized: [], position: 0, ends: [] };
  const cutter = new LineCutter(
    intake,
    { byte: 10, maxLength, oversized },
    { framesMax, onOversized: (length) => result.oversized.push(length) },
  );
  const take = (frames: CutFrames): void => {
    assert.ok(frames.count <= framesMax);
    const { hold } = frames;
    for (let i = 0; i < frames.count; i++) {
      const offset = frames.frames[2 * i]!;
      result.lines.push(hold.bytes.toString('latin1', offset, offset + frames.frames[2 * i + 1]!));
    }
    if (frames.contiguous) {
      const last = 2 * frames.count - 2;
      const range = hold.bytes
        .subarray(frames.frames[0]!, frames.frames[last]! + frames.frames[last + 1]! + 1)
        .toString('latin1');
      assert.equal(
        range,
        result.lines
          .slice(-frames.count)
          .map((line) => `${line}\n`)
          .join(''),
      );
    }
    result.ends.push(frames.endOffset);
    hold.release();
  };
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const room = cutter.room()!;
      const count = chunk.copy(room, 0, at);
      at += count;
      for (const frames of cutter.filled(count)) take(frames);
    }
  }
  const last = end ? cutter.end() : undefined;
  if (last) take(last);
  result.position = cutter.position;
  intake.close();
  assert.equal(arena.freeSlots, arena.slotCount);
  return result;
}

const text = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part, 'latin1'));

test('cuts lines, keeps partial ones over reads, and gives the last one at the end', () => {
  assert.deepEqual(cut(text('a\nbc', 'd\n', '\n', 'tail')), {
    lines: ['a', 'bcd', '', 'tail'],
    oversized: [],
    position: 11,
    ends: [2, 6, 7, 11],
  });
  assert.deepEqual(cut(text('a\nbc'), { end: false }).position, 2);
});

test('drops or cuts off lines that are too long and counts each once', () => {
  assert.deepEqual(cut(text('abc\nabcdef\nxyz\nabcde\n'), { maxLength: 5 }).lines, ['abc', 'xyz', 'abcde']);
  const slow = cut(text('abc\nabc', 'def', 'ghi\nx', '\n'), { maxLength: 5 });
  assert.deepEqual(slow, { lines: ['abc', 'x'], oversized: [9], position: 16, ends: [4, 16] });
  assert.deepEqual(cut(text('abcdef\nx\nabc', 'def', 'ghi\n'), { maxLength: 5, oversized: 'truncate' }).lines, [
    'abcde',
    'x',
    'abcde',
  ]);
});

test('keeps nothing of an endless line', () => {
  const arena = new Arena(1);
  const cutter = new LineCutter(
    new Intake(arena),
    { byte: 10, maxLength: 100_000, oversized: 'drop' },
    { framesMax: 10, onOversized: () => {} },
  );
  for (let i = 0; i < 1000; i++) {
    const room = cutter.room()!;
    room.fill(120);
    assert.deepEqual(cutter.filled(room.length), []);
    assert.ok(cutter.carriedBytes <= 100_000);
  }
});

test('gathers a line that is longer than a slot', () => {
  const long = 'y'.repeat(700_000);
  assert.deepEqual(cut(text('a\n', long.slice(0, 300_000), long.slice(300_000), '\nb\n')).lines, ['a', long, 'b']);
});

test('hands over no more frames at once than the kernel finds', () => {
  const { lines, ends } = cut([Buffer.alloc(20_000, 10)], { framesMax: 1 << 20 });
  assert.equal(lines.length, 20_000);
  assert.deepEqual(ends, [FRAMES_MAX, 2 * FRAMES_MAX, 20_000]);
});

test('gives the room back when the arena is used up, and goes on when a slot is free', () => {
  const arena = new Arena(1);
  const intake = new Intake(arena);
  const cutter = new LineCutter(
    intake,
    { byte: 10, maxLength: 100, oversized: 'drop' },
    { framesMax: 1 << 20, onOversized: () => {} },
  );
  const room = cutter.room()!;
  room.fill(`${'x'.repeat(63)}\n`);
  const [frames] = cutter.filled(room.length);
  assert.ok(cutter.room() === undefined);
  frames!.hold.release();
  assert.ok(cutter.room());
});

test('cuts the same lines however the stream is split into reads', () => {
  const line = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 30 }),
    fc.nat(300_000).map((length) => 'z'.repeat(length)),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 12 }),
      fc.constantFrom('drop', 'truncate'),
      fc.constantFrom(5, 1000, 250_000),
      fc.integer({ min: 1, max: 4 }),
      (lines, sizes, oversized, maxLength, framesMax) => {
        const whole = Buffer.from(lines.map((one) => `${one}\n`).join(''), 'latin1');
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length]!;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        const kept = lines.flatMap((one) =>
          one.length <= maxLength ? [one] : oversized === 'truncate' ? [one.slice(0, maxLength)] : [],
        );
        const result = cut(chunks, { maxLength, oversized: oversized as 'drop' | 'truncate', framesMax });
        assert.deepEqual(result.lines, kept);
        assert.equal(result.oversized.length, lines.filter((one) => one.length > maxLength).length);
        assert.equal(result.position, whole.length);
      },
    ),
    { numRuns: 150 },
  );
});

test('an oversized last frame that is cut off comes out at the end, without its delimiter', () => {
  const { lines, oversized, position } = cut([Buffer.from('ab\nabcdefgh')], { maxLength: 3, oversized: 'truncate' });
  assert.deepEqual(lines, ['ab', 'abc']);
  assert.deepEqual(oversized, [8]);
  assert.equal(position, 11);
});

test('a frame that comes in small reads is kept in few pieces', () => {
  const arena = new Arena(1);
  const cutter = new LineCutter(
    new Intake(arena),
    { byte: 10, maxLength: 1 << 20, oversized: 'drop' },
    { framesMax: 10, onOversized: () => assert.fail('it is not oversized') },
  );
  const expected = Buffer.alloc(70_000 + 3_000);
  let at = 0;
  const feed = (length: number, end = false): CutFrames[] => {
    const room = cutter.room()!;
    for (let i = 0; i < length; i++) expected[at + i] = room[i] = 65 + ((at + i) % 26);
    at += length;
    if (end) room[length] = 10;
    return cutter.filled(length + (end ? 1 : 0));
  };
  feed(70_000);
  for (let i = 0; i < 2_999; i++) assert.deepEqual(feed(1), []);
  const [frames] = feed(1, true);
  assert.equal(frames!.count, 1);
  assert.ok(frames!.hold.bytes.subarray(frames!.frames[0]!, frames!.frames[0]! + frames!.frames[1]!).equals(expected));
});

test('a partial frame is given up, however much of it was kept', () => {
  for (const [length, maxLength] of [
    [0, 100],
    [50, 100],
    [500, 100],
    [100_000, 1 << 20],
  ] as const) {
    const cutter = new LineCutter(
      new Intake(new Arena(2)),
      { byte: 10, maxLength, oversized: 'drop' },
      { framesMax: 10, onOversized: () => {} },
    );
    const room = cutter.room()!;
    room.fill('x', 0, length);
    cutter.filled(length);
    assert.equal(cutter.giveUp(), length);
    assert.equal(cutter.carriedBytes, 0);
    assert.equal(cutter.end(), undefined);
  }
});
