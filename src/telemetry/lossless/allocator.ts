// Gives out blocks of one size from the shared memory: a list of free ones without a lock, and behind it the blocks that
// were never used.
//
// The list is a stack. Its word holds the first block in 21 bits and a tag in the other 11, which changes with every
// step: a thread that stopped between looking at the first block and taking it finds another tag when the same block is
// first again but the one behind it is not. Where blocks come back through epochs alone and are taken by threads that
// are pinned, as in buckets, not even 2,048 steps meanwhile, after which a tag returns, could bring that block back.

import { blockAt, FREE, LINK, NONE, USED } from './layout.ts';
import type { View } from './shared_memory.ts';

const BLOCK_BITS = 21;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
const ONE_TAG = 1 << BLOCK_BITS;

/** Blocks that can be told apart. */
export const BLOCKS_MAX: number = BLOCK_MASK;

/** A block whose content is left over from before; `NONE` when there are no more. */
export function allocate(view: View): number {
  const { words, atomics, layout } = view;
  for (;;) {
    const first = atomics.load(words, FREE);
    const block = first & BLOCK_MASK;
    if (block === NONE) return neverUsed(view);
    const next = atomics.load(words, blockAt(layout, block) + LINK);
    if (atomics.compareExchange(words, FREE, first, retagged(first, next)) === first) return block;
  }
}

/** Gives a block back that nobody looks at any more. */
export function free({ words, atomics, layout }: View, block: number): void {
  for (;;) {
    const first = atomics.load(words, FREE);
    atomics.store(words, blockAt(layout, block) + LINK, first & BLOCK_MASK);
    if (atomics.compareExchange(words, FREE, first, retagged(first, block)) === first) return;
  }
}

function neverUsed(view: View): number {
  const { words, atomics, layout } = view;
  for (;;) {
    const used = atomics.load(words, USED);
    if (used >= layout.blocks || !view.grow(used + 1)) return NONE;
    if (atomics.compareExchange(words, USED, used, used + 1) === used) return used + 1;
  }
}

function retagged(first: number, block: number): number {
  return ((first & ~BLOCK_MASK) + ONE_TAG) | block | 0;
}
