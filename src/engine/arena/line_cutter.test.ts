import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('gives the room back when the arena is used up, and goes on when a slot is free', () => {
  const arena = new Arena(1);
  const intake = new Intake(arena);
  const cutter = new LineCutter(
    intake,
    { byte: 10, maxLength: 100, oversized: 'drop' },
    { framesMax: 1 << 20, onOversized: () => {} },
  );
  const room = cutter.room()!;
  room.fill('x\n');
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
