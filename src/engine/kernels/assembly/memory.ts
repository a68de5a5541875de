// Moves of bytes that the kernels share, sixteen in one step: up to 15 bytes behind what is read and what is written are
// read and overwritten too. The memory of the arena goes on behind its last slot, and output has slack behind it.

/** Copies `length` bytes between ranges that do not overlap. */
@inline
export function copy(to: usize, from: usize, length: usize): void {
  let i: usize = 0;
  do {
    v128.store(to + i, v128.load(from + i));
    i += 16;
  } while (i < length);
}
