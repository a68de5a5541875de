import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from '../../event/batch.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { Arena, SLOT_BYTES } from '../arena/arena.ts';
import { FrameWriter, OutputSlots, type Written } from './frame_writer.ts';

const layout = layoutOf({ decodeFrame: () => ({ value: {}, metadata: EMPTY_METADATA }) });

function bench(slotCount: number) {
  const arena = new Arena(slotCount);
  const slots = new OutputSlots(arena);
  return { arena, slots, writer: new FrameWriter(slots, 10, layout) };
}

/** All that was written, each frame with the byte behind it; whether it lies in slots. Lets go of it. */
function taken(written: readonly Written[]): { text: string; counts: readonly number[]; sizeBytes: number } {
  let text = '';
  for (const { hold, frames, count } of written) {
    for (let i = 0; i < count; i++)
      text += hold.bytes.toString('utf8', frames[2 * i], frames[2 * i]! + frames[2 * i + 1]! + 1);
    const last = 2 * (count - 1);
    const size = frames[last]! + frames[last + 1]! + 1 - frames[0]!;
    // One range: the frames lie behind each other.
    assert.equal(
      size,
      frames.slice(0, 2 * count).reduce((sum, one, i) => sum + (i % 2 === 1 ? one + 1 : 0), 0),
    );
    hold.release();
  }
  return {
    text,
    counts: written.map(({ count }) => count),
    sizeBytes: written.reduce((sum, one) => sum + one.sizeBytes, 0),
  };
}

test('writes frames behind each other, in the slot that was begun', () => {
  const { arena, slots, writer } = bench(2);
  writer.text('a');
  writer.bytes(Buffer.from('é'));
  writer.text('');
  assert.deepEqual(taken(writer.take()), { text: 'a\né\n\n', counts: [3], sizeBytes: 3 });
  writer.text('b');
  const [second] = writer.take();
  // Behind six bytes of frames, two to begin at a multiple of four, and the table of three.
  assert.equal(second!.frames[0], 6 + 2 + 24);
  assert.equal(second!.frames.buffer, arena.memory.buffer);
  assert.deepEqual(taken([second!]), { text: 'b\n', counts: [1], sizeBytes: 1 });
  slots.close();
  assert.equal(arena.freeSlots, 2);
});

test('goes on in another slot, and on the heap when there is none', () => {
  const { arena, slots, writer } = bench(2);
  const frames = Array.from({ length: 7 }, (_, i) => String(i).repeat(100_000));
  for (const frame of frames) writer.text(frame);
  const written = writer.take();
  const inSlots = written.filter(({ hold }) => hold.bytes.buffer === arena.memory.buffer).length;
  assert.equal(inSlots, 2);
  const { text, counts } = taken(written);
  assert.equal(text, frames.map((one) => `${one}\n`).join(''));
  assert.deepEqual(counts, [2, 2, 3]);
  slots.close();
  assert.equal(arena.freeSlots, 2);
});

test('keeps the order around a frame that no slot holds', () => {
  const { arena, slots, writer } = bench(4);
  const large = 'x'.repeat(SLOT_BYTES);
  for (const text of ['before', large, 'behind']) writer.text(text);
  assert.deepEqual(taken(writer.take()), {
    text: `before\n${large}\nbehind\n`,
    counts: [1, 1, 1],
    sizeBytes: SLOT_BYTES + 12,
  });
  slots.close();
  assert.equal(arena.freeSlots, 4);
});

test('what a kernel writes is put beside what is written here', () => {
  const { arena, slots, writer } = bench(1);
  writer.text('first');
  assert.ok(writer.room > 1000);
  arena.bytes.write('second', writer.out);
  writer.commit(6);
  const at = writer.out - writer.base;
  arena.bytes.write('third\nfourth\n', writer.out);
  writer.commitAll(Int32Array.of(at, 5, at + 6, 6), 2, writer.out + 13);
  assert.deepEqual(taken(writer.take()), { text: 'first\nsecond\nthird\nfourth\n', counts: [4], sizeBytes: 22 });
  slots.close();
  assert.equal(arena.freeSlots, 1);
});

test('a slot that is nearly full is not kept for the next writer', () => {
  const { arena, writer } = bench(1);
  writer.text('x'.repeat(SLOT_BYTES - 40_000));
  taken(writer.take());
  assert.equal(arena.freeSlots, 0);
  writer.text('x'.repeat(20_000));
  taken(writer.take());
  assert.equal(arena.freeSlots, 1);
});

test('nothing written is nothing taken', () => {
  const { arena, slots, writer } = bench(1);
  assert.deepEqual(writer.take(), []);
  assert.equal(writer.roll(), false);
  assert.ok(writer.room > 0);
  assert.deepEqual(writer.take(), []);
  slots.close();
  assert.equal(arena.freeSlots, 1);
});
