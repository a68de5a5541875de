// Small pieces of bytes that are kept for each of very many files, in few buffers: one of 64 bytes that has a buffer to
// itself takes 600 with what Node and V8 know about it.

/** Bytes of one cell. */
export const CELL_BYTES = 64;

const SLAB_CELLS = 256;

export class Cells {
  readonly #slabs: Buffer[] = [];
  /** Cells that nobody has. */
  readonly #free: number[] = [];

  /** The number of a cell that is the caller's now. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#slabs.length * SLAB_CELLS;
    this.#slabs.push(Buffer.allocUnsafeSlow(SLAB_CELLS * CELL_BYTES));
    for (let cell = first + SLAB_CELLS - 1; cell > first; cell--) this.#free.push(cell);
    return first;
  }

  giveBack(cell: number): void {
    this.#free.push(cell);
  }

  /** Writes `bytes[start, end)` into a cell, from its beginning. */
  write(cell: number, bytes: Buffer, start: number, end: number): void {
    bytes.copy(this.#slab(cell), offsetOf(cell), start, end);
  }

  /** Whether the first `length` bytes of a cell are those of `bytes` from `start` on. */
  equals(cell: number, bytes: Buffer, start: number, length: number): boolean {
    const offset = offsetOf(cell);
    return this.#slab(cell).compare(bytes, start, start + length, offset, offset + length) === 0;
  }

  get sizeBytes(): number {
    return this.#slabs.length * SLAB_CELLS * CELL_BYTES;
  }

  #slab(cell: number): Buffer {
    return this.#slabs[Math.floor(cell / SLAB_CELLS)]!;
  }
}

function offsetOf(cell: number): number {
  return (cell % SLAB_CELLS) * CELL_BYTES;
}
