// The part of a frame that came with earlier chunks. It grows by doubling, so that a frame that comes byte by byte
// costs time and memory in proportion to its length.

/** Enough for the tail of most reads without growing. */
const FIRST_BYTES = 256;

/** Memory that is kept for the next partial frame; ten thousand idle connections must stay cheap. */
const KEPT_BYTES = 4096;

export class Carry {
  #memory: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of what is kept, valid until the next call. */
  get bytes(): Buffer {
    return this.#memory?.subarray(0, this.#length) ?? EMPTY;
  }

  /** Copies `source[from, to)` behind what is kept. */
  append(source: Buffer, from: number, to: number): void {
    const memory = this.#room(this.#length + to - from);
    source.copy(memory, this.#length, from, to);
    this.#length += to - from;
  }

  clear(): void {
    this.#length = 0;
    if (this.#memory && this.#memory.length > KEPT_BYTES) this.#memory = undefined;
  }

  #room(length: number): Buffer {
    const before = this.#memory;
    if (before && before.length >= length) return before;
    // Not from the shared pool: a slice of that would keep all of it.
    const memory = Buffer.allocUnsafeSlow(Math.max(length, FIRST_BYTES, 2 * (before?.length ?? 0)));
    before?.copy(memory, 0, 0, this.#length);
    this.#memory = memory;
    return memory;
  }
}

const EMPTY = Buffer.alloc(0);
