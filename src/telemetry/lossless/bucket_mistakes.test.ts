// Mistakes planted in the steps of the lossless bucket: the scenarios must notice each of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_MASK, type BucketModel, type Mutation } from '../../testing/bucket/model.ts';
import { play, SHORT } from '../../testing/bucket/scenarios.ts';
import { BITMAP, BLOCK_HEAD, EPOCH, FREE, GARBAGE, pinAt, seatAt, USED, WRITE } from './layout.ts';

type Place = 'epoch' | 'free' | 'used' | 'garbage' | 'pin' | 'bucket' | 'write' | 'bitmap' | 'sample' | 'other';

function placeOf({ layout: { firstBlock, firstBucket, blockWords } }: BucketModel, index: number): Place {
  if (index === EPOCH) return 'epoch';
  if (index === FREE) return 'free';
  if (index === USED) return 'used';
  if (index >= GARBAGE && index < seatAt(0)) return 'garbage';
  if (index < firstBucket) return index % 2 === pinAt(0) % 2 ? 'pin' : 'other';
  if (index < firstBlock) return 'bucket';
  const field = (index - firstBlock) % blockWords;
  return field === WRITE ? 'write' : field === BITMAP ? 'bitmap' : field >= BLOCK_HEAD ? 'sample' : 'other';
}

/** Adding at these places is looking, and then writing. */
const addsInTwoSteps =
  (place: Place): Mutation =>
  (operations, model) => ({
    ...operations,
    add(words, index, value) {
      if (placeOf(model, index) !== place) return operations.add(words, index, value);
      const before = operations.load(words, index);
      operations.store(words, index, before + value);
      return before;
    },
  });

/** Exchanging at these places is looking, and then writing. */
const exchangesInTwoSteps =
  (place: Place): Mutation =>
  (operations, model) => ({
    ...operations,
    compareExchange(words, index, expected, value) {
      if (placeOf(model, index) !== place) return operations.compareExchange(words, index, expected, value);
      const before = operations.load(words, index);
      if (before === expected) operations.store(words, index, value);
      return before;
    },
  });

/** Mistakes in the steps. */
const MISTAKES: Readonly<Record<string, Mutation>> = {
  'a claim that is not atomic': addsInTwoSteps('write'),
  'a bit that is not set atomically': addsInTwoSteps('bitmap'),
  'a list that is taken in two steps, or a new block put before it': exchangesInTwoSteps('bucket'),
  'garbage that is not exchanged atomically': exchangesInTwoSteps('garbage'),
  'blocks never used that are not counted atomically': exchangesInTwoSteps('used'),
  'a block that is not closed to late writers when it is taken': (operations, model) => ({
    ...operations,
    add: (words, index, value) =>
      placeOf(model, index) === 'write' && value === model.layout.blockSamples
        ? operations.load(words, index)
        : operations.add(words, index, value),
  }),
  'a sample that is shown before it is written': (operations, model) => {
    let late: (() => void) | undefined;
    return {
      ...operations,
      store(words, index, value) {
        if (placeOf(model, index) !== 'sample') return operations.store(words, index, value);
        late = () => operations.store(words, index, value);
        return value;
      },
      add(words, index, value) {
        const before = operations.add(words, index, value);
        if (placeOf(model, index) === 'bitmap') late?.();
        late = undefined;
        return before;
      },
      compareExchange(words, index, expected, value) {
        const before = operations.compareExchange(words, index, expected, value);
        if (placeOf(model, index) === 'bucket') late?.();
        late = undefined;
        return before;
      },
    };
  },
  'a pin that is not written down': (operations, model) => ({
    ...operations,
    store: (words, index, value) => (placeOf(model, index) === 'pin' ? value : operations.store(words, index, value)),
  }),
  'a pin that does not look at the epoch again': (operations, model) => {
    let pinned = 0;
    return {
      ...operations,
      store(words, index, value) {
        if (placeOf(model, index) === 'pin') pinned = value;
        return operations.store(words, index, value);
      },
      load(words, index) {
        const epoch = (pinned - 1) / 2;
        if (index !== EPOCH || pinned === 0) return operations.load(words, index);
        pinned = 0;
        return epoch;
      },
    };
  },
  'an epoch that begins whoever is pinned': (operations, model) => ({
    ...operations,
    load: (words, index) => (placeOf(model, index) === 'pin' ? 0 : operations.load(words, index)),
  }),
  'epochs that go by two at a time': (operations) => ({
    ...operations,
    compareExchange: (words, index, expected, value) =>
      operations.compareExchange(words, index, expected, index === EPOCH ? value + 1 : value),
  }),
  'garbage of the epoch that its owner is pinned in, not of the one that is': (operations, model) => ({
    ...operations,
    load: (words, index) => (index === EPOCH && model.part === 'retire' ? model.pinned : operations.load(words, index)),
  }),
  'a list of free blocks without tags': (operations) => ({
    ...operations,
    compareExchange(words, index, expected, value) {
      if (index !== FREE) return operations.compareExchange(words, index, expected, value);
      const untagged = value & BLOCK_MASK;
      const before = operations.compareExchange(words, index, expected & BLOCK_MASK, untagged);
      return before === (expected & BLOCK_MASK) ? expected : ~expected;
    },
  }),
};

for (const [name, mutate] of Object.entries(MISTAKES)) {
  test(`finds a mistake: ${name}`, (context) => {
    for (const [scenario, setting] of SHORT) {
      try {
        play(setting, { mutate });
      } catch (error) {
        assert.ok((error as Error).cause instanceof assert.AssertionError, error as Error);
        context.diagnostic(`${scenario}: ${(error as Error).message.split('\n')[0]}`);
        return;
      }
    }
    assert.fail('no scenario notices');
  });
}
