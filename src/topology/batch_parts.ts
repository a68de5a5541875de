// A raw batch as several smaller ones over the same memory.

import type { RawBatch } from '../event/batch.ts';

/**
 * The frames of a batch in parts of at most `countMax`, in order. They take over its hold: each has one of its own, to be
 * ended as that of any batch.
 */
export function partsOf(batch: RawBatch, countMax: number): readonly RawBatch[] {
  if (batch.count <= countMax) return [batch];
  const parts: RawBatch[] = [];
  for (let first = 0; first < batch.count; first += countMax) {
    const count = Math.min(countMax, batch.count - first);
    const frames = batch.frames.subarray(2 * first, 2 * (first + count));
    if (first > 0) {
      batch.hold.retain();
      batch.finalizer.retain();
    }
    parts.push({ ...batch, frames, count, sizeBytes: sizeOf(frames), streamOffset: offsetOf(batch, first) });
  }
  return parts;
}

function sizeOf(frames: Int32Array): number {
  let bytes = 0;
  for (let i = 1; i < frames.length; i += 2) bytes += frames[i]!;
  return bytes;
}

function offsetOf({ streamOffset, frames }: RawBatch, index: number): number {
  return streamOffset < 0 ? streamOffset : streamOffset + frames[2 * index]! - frames[0]!;
}
