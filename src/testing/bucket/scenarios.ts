// Situations in which threads meet in a lossless bucket, each gone through in every interleaving.
//
// Bounds: two or three threads with one to five actions each, one bucket, up to six blocks of one to four samples, and
// as many epochs as these actions begin. Every operation of `Atomics` is a step, and all threads see them in one order.
// Samples, which are plain memory, are words here, and found out when an atomic operation does not keep writing and
// reading them apart.

import assert from 'node:assert/strict';
import { allocate, free } from '../../telemetry/lossless/allocator.ts';
import { push } from '../../telemetry/lossless/bucket.ts';
import { BEFORE, FREE, GARBAGE, LINK, USED } from '../../telemetry/lossless/layout.ts';
import { type Explored, explore, type Model, type Operations } from '../interleavings.ts';
import { BLOCK_MASK, BucketModel, type ModelSizes, type Mutation, type World } from './model.ts';
import {
  advances,
  allocates,
  clears,
  closes,
  collects,
  frees,
  pins,
  pushes,
  reads,
  type Step,
  unpins,
} from './steps.ts';

export interface Scenario extends Omit<ModelSizes, 'threads' | 'isPlain'> {
  /** More than a million states, 20 to 30 seconds: only with SLUICE_INTERLEAVINGS=all. */
  readonly isLong?: boolean;
  readonly before?: (model: BucketModel) => void;
  readonly threads: readonly (readonly Step[])[];
}

/** Samples that are there before: pushed by the first thread. */
const filled =
  (...values: readonly number[]) =>
  (model: BucketModel): void => {
    model.before(0, () => {
      for (const value of values) assert.ok(push(model.participants[0]!, model.bucket, value));
    });
    model.world.begun.push(...values);
    model.world.pushed.push(...values);
  };

/** A list of free blocks. */
const withFree =
  (count: number) =>
  (model: BucketModel): void =>
    model.before(0, () => {
      const blocks = Array.from({ length: count }, () => allocate(model.view));
      for (const block of blocks.reverse()) free(model.view, block);
      model.words[FREE]! &= BLOCK_MASK;
    });

/** Those with the most states last. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'blocks are taken and given back by two threads': {
    blocks: 3,
    blockSamples: 1,
    before: withFree(3),
    threads: [
      [allocates, allocates],
      [allocates, allocates, frees, allocates],
    ],
  },
  'three threads want the last blocks': {
    blocks: 2,
    blockSamples: 1,
    threads: [[allocates, frees], [allocates], [allocates]],
  },
  'two threads push into nothing': { blocks: 3, blockSamples: 1, threads: [[pushes(1)], [pushes(2)]] },
  'two threads push into one block': {
    blocks: 2,
    blockSamples: 4,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [pushes(3)]],
  },
  'two threads push, and the block gets full': {
    blocks: 6,
    blockSamples: 2,
    before: filled(9),
    threads: [
      [pushes(1), pushes(2)],
      [pushes(3), pushes(4)],
    ],
  },
  'more is pushed than there is room for': {
    blocks: 1,
    blockSamples: 2,
    threads: [
      [pushes(1), pushes(2)],
      [pushes(3), pushes(4)],
    ],
  },
  'reads while two push': {
    blocks: 5,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1), pushes(2)], [pushes(3)], [reads]],
  },
  'a read with clear while one pushes': {
    blocks: 5,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1), pushes(2)], [clears]],
  },
  'two reads with clear': {
    blocks: 2,
    blockSamples: 1,
    before: filled(8, 9),
    threads: [[clears], [clears]],
  },
  'a read with clear takes what a slow writer had claimed': {
    blocks: 4,
    blockSamples: 4,
    before: filled(9),
    threads: [
      [pushes(1), pushes(2)],
      [clears, clears],
    ],
  },
  'blocks come back while one reads': {
    blocks: 3,
    blockSamples: 1,
    before: filled(8, 9),
    threads: [[reads], [clears, advances, collects, pushes(1), pushes(2)]],
  },
  'a thread that was pinned an epoch ago retires while another one reads': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, collects], [advances]],
  },
  'a thread is late with its pin': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[collects], [advances, advances, clears], [reads]],
  },
  'a bucket is closed while one pushes': {
    blocks: 4,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1), pushes(2)], [closes]],
  },
  'a read with clear while two push': {
    blocks: 5,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [clears]],
  },
  'two reads with clear while one pushes': {
    blocks: 5,
    blockSamples: 2,
    before: filled(8, 9),
    threads: [[pushes(1)], [clears], [clears]],
  },
  'two threads free while one stays': {
    blocks: 3,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, collects], [advances, advances, collects]],
  },
  'a thread that was pinned long ago retires': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears], [advances, advances, collects]],
  },
  'pinned and let go while epochs go by': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [
      [pins, unpins, pins, unpins],
      [clears, advances, collects],
      [advances, advances],
    ],
  },
  'a bucket is closed while two push, and only one of them finds a block': {
    blocks: 2,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [closes]],
  },
  'blocks come back while one reads and another pushes': {
    isLong: true,
    blocks: 3,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, clears, clears], [pushes(1), pushes(2)]],
  },
  'a bucket is closed while two push': {
    isLong: true,
    blocks: 3,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [closes]],
  },
};

interface PlayOptions {
  readonly mutate?: Mutation;
  /** Every operation is a step, and everything that a thread ever got in an action is part of its state. */
  readonly isPlain?: boolean;
  /** Gets each state in which all threads have come to their end. */
  readonly onEnd?: (state: string) => void;
}

export function play(
  scenario: Scenario,
  { mutate = (same) => same, isPlain = false, onEnd }: PlayOptions = {},
): Explored {
  const { before, threads, ...sizes } = scenario;
  const model = new BucketModel({ ...sizes, threads: threads.length, isPlain }, mutate);
  before?.(model);
  const { layout, words, world } = model;
  const plain = (operations: Operations): Operations => ({ ...operations, whole: (part) => part() });
  const explored: Model<World> = {
    words,
    world,
    happened: (...args) => model.happened(...args),
    isOwn: (...args) => !isPlain && model.isOwn(...args),
    save: () => model.save(),
    restore: () => model.restore(),
    threads: threads.map((steps, thread) => steps.map((step) => step(thread, model))),
    always({ seen, unfinished }) {
      const { free } = model;
      for (const block of free) {
        assert.ok(!seen.flat().includes(block), `block ${block} is free while a pinned thread may see it`);
        assert.ok(!unfinished.flat().some((one) => one.block === block), `block ${block} is free and not read yet`);
      }
    },
    finally({ pushed, out, owned, unfinished }) {
      const all = [...out, ...model.remaining].sort();
      assert.deepEqual(all, [...pushed].sort(), 'samples are lost or doubled');
      const places = [
        ...model.free,
        ...[0, 1, 2, 3].flatMap((list) => model.listed(words[GARBAGE + list]!, LINK)),
        ...model.listed(words[model.bucket]!, BEFORE),
        ...unfinished.flat().map(({ block }) => block),
        ...owned.flat(),
      ].sort();
      assert.deepEqual(
        places,
        [...Array(words[USED]!).keys()].map((index) => index + 1),
        'blocks are lost or doubled',
      );
      assert.ok(words[USED]! <= layout.blocks);
      onEnd?.(JSON.stringify([...words, world]));
    },
  };
  return explore(explored, isPlain ? plain : undefined);
}

/** Those that every run of the tests goes through. */
export const SHORT: readonly (readonly [string, Scenario])[] = Object.entries(SCENARIOS).filter(
  ([, { isLong }]) => !isLong,
);
