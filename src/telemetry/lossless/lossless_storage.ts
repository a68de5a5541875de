// A storage that keeps every sample of its histograms. It exists to be measured against, and for tests that need every
// sample: the product's is `BoundedStorage`.
//
// Read without clear, it keeps all samples for ever, and each reading walks through them. Read with clear, a reading
// adds what is new to totals, and blocks come back as epochs go by; a reader that stays pinned stops that.

import { assert } from '../../std/assert.ts';
import { BoundedStorage } from '../bounded_storage.ts';
import { BUCKETS, bucketOf } from '../buckets.ts';
import type { CounterCell, GaugeCell, HistogramCell, HistogramReading, Storage } from '../storage.ts';
import { BLOCKS_MAX } from './allocator.ts';
import { ClearingReader, push, read } from './bucket.ts';
import { join, leave, type Participant } from './epochs.ts';
import { BLOCK_SAMPLES, BUCKETS as BUCKETS_GIVEN, CLOSED, LOST, type Sizes, USED } from './layout.ts';
import { makeMemory, viewOf } from './shared_memory.ts';

/** `pinned`: with clear, while some reader never lets an epoch end. */
export type LosslessMode = 'read' | 'readWithClear' | 'pinned';

export interface LosslessOptions {
  readonly mode: LosslessMode;
  /** Blocks of 64 samples: 544 bytes each. */
  readonly blocks?: number;
  readonly buckets?: number;
  /** Threads that take part at a time. */
  readonly participants?: number;
}

/** What another thread needs to push samples: it can be posted. */
export interface LosslessDescription {
  readonly buffer: SharedArrayBuffer;
  readonly sizes: Sizes;
}

const BUCKETS_MAX = 16_384;
const PARTICIPANTS_MAX = 64;

export class LosslessStorage implements Storage {
  readonly description: LosslessDescription;
  readonly #mode: LosslessMode;
  readonly #thread: Participant;
  readonly #scalars = new BoundedStorage({ histograms: 0 });

  constructor({ mode, blocks = BLOCKS_MAX, buckets = BUCKETS_MAX, participants = PARTICIPANTS_MAX }: LosslessOptions) {
    assert(blocks <= BLOCKS_MAX, `a lossless storage has at most ${BLOCKS_MAX} blocks`);
    const sizes = { blocks, buckets, participants, blockSamples: BLOCK_SAMPLES };
    this.description = { buffer: makeMemory(sizes), sizes };
    this.#mode = mode;
    this.#thread = attach(this.description);
    if (mode === 'pinned') attach(this.description).pin();
  }

  counter(): CounterCell {
    return this.#scalars.counter();
  }

  gauge(): GaugeCell {
    return this.#scalars.gauge();
  }

  /** Buckets are not given out twice, so that a late writer of another thread finds its bucket closed. */
  histogram(): LosslessHistogram {
    const { words, layout } = this.#thread.view;
    const number = Atomics.add(words, BUCKETS_GIVEN, 1);
    // The last one is for those who ask for more than there are: closed, so that their samples are counted as lost.
    const bucket = layout.firstBucket + Math.min(number, layout.buckets - 1);
    if (number >= layout.buckets - 1) Atomics.store(words, bucket, CLOSED);
    return new LosslessHistogram(this.#thread, bucket, this.#mode === 'read');
  }

  /** Cells that were asked for when there was none. */
  get refused(): number {
    const { words, layout } = this.#thread.view;
    const given = Atomics.load(words, BUCKETS_GIVEN);
    return this.#scalars.refused + Math.max(0, given - (layout.buckets - 1));
  }

  get bytes(): number {
    return this.#scalars.bytes + this.description.buffer.byteLength;
  }

  /** Samples that found no room. */
  get lost(): number {
    const { words } = this.#thread.view;
    return (Atomics.load(words, LOST + 1) >>> 0) * 2 ** 32 + (Atomics.load(words, LOST) >>> 0);
  }

  /** Blocks that were ever in use; the others were not touched yet. */
  get blocksUsed(): number {
    return Atomics.load(this.#thread.view.words, USED);
  }

  /** A thread has ended, in whatever state: it holds up no epoch any more. */
  dismiss(seat: number): void {
    leave(this.#thread.view, seat);
  }
}

/** Makes this thread one of those that take part. Throws when there are too many. */
export function attach({ buffer, sizes }: LosslessDescription): Participant {
  const thread = join(viewOf(buffer, sizes));
  assert(thread, `more than ${sizes.participants} threads take part in a lossless storage`);
  return thread;
}

export class LosslessHistogram implements HistogramCell {
  /** The word of the bucket, for other threads. */
  readonly bucket: number;
  readonly #thread: Participant;
  readonly #clearing: ClearingReader | undefined;
  readonly #total = new Total();
  #isFree = false;

  constructor(thread: Participant, bucket: number, isKeeping: boolean) {
    this.#thread = thread;
    this.bucket = bucket;
    if (!isKeeping) this.#clearing = new ClearingReader(thread, bucket);
  }

  record(value: number): void {
    // One NaN would make the sum useless for good.
    if (!Number.isNaN(value)) push(this.#thread, this.bucket, value);
  }

  /** Of every sample there ever was. */
  read(): HistogramReading {
    if (this.#clearing) {
      this.#clearing.readWithClear(this.#total.add);
      return this.#total.reading();
    }
    const total = new Total();
    read(this.#thread, this.bucket, total.add);
    return total.reading();
  }

  free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    const reader = this.#clearing ?? new ClearingReader(this.#thread, this.bucket);
    reader.close(this.#total.add);
  }
}

class Total {
  #count = 0;
  #sum = 0;
  readonly #buckets = new Array<number>(BUCKETS).fill(0);

  readonly add = (value: number): void => {
    this.#count += 1;
    this.#sum += value;
    this.#buckets[bucketOf(value)]! += 1;
  };

  reading(): HistogramReading {
    return { count: this.#count, sum: this.#sum, buckets: [...this.#buckets] };
  }
}
