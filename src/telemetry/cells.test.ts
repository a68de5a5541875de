import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, explore, type Operations } from '../testing/interleavings.ts';
import { BUCKET_LIMITS, bucketOf } from './buckets.ts';
import {
  addCount,
  addFloat,
  type CellOperations,
  type CellWords,
  HISTOGRAM_WORDS,
  readCount,
  readFloat,
  readHistogram,
  record,
  setFloat,
} from './cells.ts';
import type { HistogramReading } from './storage.ts';

const words = (count = HISTOGRAM_WORDS): CellWords => new BigInt64Array(new SharedArrayBuffer(count * 8));

test('counts stay exact beyond 32 bits, and what is no number of things changes nothing', () => {
  const cell = words(1);
  for (const count of [2 ** 31, 2 ** 32, 2 ** 40 + 1, 1]) addCount(Atomics, cell, 0, count);
  assert.equal(readCount(Atomics, cell, 0), 2 ** 31 + 2 ** 32 + 2 ** 40 + 2);
  for (const count of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) addCount(Atomics, cell, 0, count);
  assert.equal(readCount(Atomics, cell, 0), 2 ** 31 + 2 ** 32 + 2 ** 40 + 2);
  addCount(Atomics, cell, 0, 0.6);
  assert.equal(readCount(Atomics, cell, 0), 2 ** 31 + 2 ** 32 + 2 ** 40 + 3);
});

test('a gauge is any number, and never none', () => {
  const cell = words(1);
  for (const value of [0.1, -5e300, Number.MIN_VALUE, Number.POSITIVE_INFINITY, -0]) {
    setFloat(Atomics, cell, 0, value);
    assert.ok(Object.is(readFloat(Atomics, cell, 0), value));
  }
  setFloat(Atomics, cell, 0, Number.NaN);
  addFloat(Atomics, cell, 0, Number.NaN);
  addFloat(Atomics, cell, 0, 0.25);
  assert.equal(readFloat(Atomics, cell, 0), 0.25);
});

test('the bucket from the bits of a number is the one that the logarithm gives', () => {
  const byLogarithm = (value: number): number =>
    Math.min(Math.ceil(Math.log2(Math.max(value, 2 ** -12))) + 12, BUCKET_LIMITS.length - 1);
  for (let value = 2 ** -14; value < 2 ** 14; value *= 1.037) assert.equal(bucketOf(value), byLogarithm(value));
});

/** What a model knows: which values were meant, which came in, and what readers saw. */
interface World {
  begun: number[];
  done: number[];
  seen: HistogramReading[];
}

type Step = (cell: (operations: Operations) => CellOperations) => Action<World>;
type Mutation = (operations: Operations) => Operations;

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

const toBits = (value: number): bigint => {
  float[0] = value;
  return bits[0]!;
};

const fromBits = (value: bigint): number => {
  bits[0] = value;
  return float[0]!;
};

/** Words of 64 bits as the scheduler's of 32: word 0 has the bits of a small whole number as a float, others count. */
function narrow(narrowWords: Int32Array<SharedArrayBuffer>, operations: Operations): CellOperations {
  const out = (index: number, value: number): bigint => (index === 0 ? toBits(value) : BigInt(value));
  const into = (index: number, value: bigint): number => (index === 0 ? fromBits(value) : Number(value));
  return {
    load: (_, index) => out(index, operations.load(narrowWords, index)),
    store: (_, index, value) => out(index, operations.store(narrowWords, index, into(index, value))),
    add: (_, index, value) => out(index, operations.add(narrowWords, index, into(index, value))),
    compareExchange: (_, index, expected, value) =>
      out(index, operations.compareExchange(narrowWords, index, into(index, expected), into(index, value))),
  };
}

const UNUSED = words();

const sum =
  (change: number): Step =>
  (cell) => ({
    name: `add ${change}`,
    begin: (world) => void world.begun.push(change),
    run: (operations) => addFloat(cell(operations), UNUSED, 0, change),
    end: (world) => void world.done.push(change),
  });

const observe =
  (value: number): Step =>
  (cell) => ({
    name: `record ${value}`,
    begin: (world) => void world.begun.push(value),
    run: (operations) => record(cell(operations), UNUSED, 0, value),
    end: (world) => void world.done.push(value),
  });

const count =
  (change: number): Step =>
  (cell) => ({
    name: `count ${change}`,
    begin: (world) => void world.begun.push(change),
    run: (operations) => addCount(cell(operations), UNUSED, 1, change),
    end: (world) => void world.done.push(change),
  });

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Reads the first few buckets only, where the values of these tests are. */
const look: Step = (cell) => ({
  name: 'read',
  run: (operations) => readHistogram(firstBuckets(cell(operations)), UNUSED, 0),
  end(world, reading: HistogramReading) {
    const before = world.seen.at(-1);
    for (const [bucket, seen] of reading.buckets.entries())
      assert.ok(seen >= (before?.buckets[bucket] ?? 0), `bucket ${bucket} went back`);
    assert.ok(reading.sum >= (before?.sum ?? 0), 'the sum went back');
    assert.ok(reading.count <= world.begun.length, 'more is read than was recorded');
    const least = total(VALUES.map((value) => reading.buckets[bucketOf(value)]! * value));
    assert.ok(reading.sum >= least, 'a value is in its bucket and not in the sum');
    world.seen.push(reading);
  },
});

/** Buckets that nothing is recorded to need no place in the order of things. */
function firstBuckets(cell: CellOperations): CellOperations {
  const used = new Set([0, ...VALUES.map((value) => 1 + bucketOf(value))]);
  return { ...cell, load: (all, index) => (used.has(index) ? cell.load(all, index) : 0n) };
}

/** Powers of two, so that every sum tells what is in it, and a bucket's limit is its value. */
const VALUES = [1, 2, 4];

interface Scenario {
  readonly threads: readonly (readonly Step[])[];
  finally(cell: Int32Array, world: World): void;
}

const sumIsRight = (cell: Int32Array, { done }: World): void => assert.equal(cell[0], total(done));

const histogramIsRight = (cell: Int32Array, { done }: World): void => {
  assert.equal(cell[0], total(done));
  for (const value of VALUES)
    assert.equal(cell[1 + bucketOf(value)], done.filter((one) => one === value).length, `bucket of ${value}`);
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'three threads add to one sum': { threads: [[sum(1), sum(2)], [sum(4)], [sum(8)]], finally: sumIsRight },
  'two threads record, a third reads twice': {
    threads: [[observe(1), observe(2)], [observe(1)], [look, look]],
    finally: histogramIsRight,
  },
  'three threads record': { threads: [[observe(1)], [observe(1)], [observe(4)]], finally: histogramIsRight },
  'three threads count': {
    threads: [[count(1), count(2)], [count(4)], [count(8)]],
    finally: (cell, { done }) => assert.equal(cell[1], total(done)),
  },
};

function play(scenario: Scenario, mutate?: Mutation): number {
  const cell = new Int32Array(new SharedArrayBuffer(HISTOGRAM_WORDS * 4));
  const world: World = { begun: [], done: [], seen: [] };
  return explore<World>(
    {
      words: cell,
      world,
      save() {},
      restore() {},
      threads: scenario.threads.map((steps) => steps.map((step) => step((operations) => narrow(cell, operations)))),
      finally: () => scenario.finally(cell, world),
    },
    mutate,
  ).states;
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const states = play(scenario);
    context.diagnostic(`${states} states`);
    assert.ok(states > 20);
  });
}

const MISTAKES: Readonly<Record<string, Mutation>> = {
  'a sum that is written without comparing': (operations) => ({
    ...operations,
    compareExchange(all, index, expected, value) {
      operations.store(all, index, value);
      return expected;
    },
  }),
  'a sum that is compared and then written': (operations) => ({
    ...operations,
    compareExchange(all, index, expected, value) {
      const before = operations.load(all, index);
      if (before === expected) operations.store(all, index, value);
      return before;
    },
  }),
  'a sum that is not tried again': (operations) => ({
    ...operations,
    compareExchange(all, index, expected, value) {
      operations.compareExchange(all, index, expected, value);
      return expected;
    },
  }),
  'a bucket that is read and then written': (operations) => ({
    ...operations,
    add(all, index, value) {
      const before = operations.load(all, index);
      operations.store(all, index, before + value);
      return before;
    },
  }),
  'a bucket before the sum': (operations) => {
    // The same steps the other way round: what is added goes into the bucket of it at once.
    return {
      ...operations,
      load(all, index) {
        return operations.load(all, index);
      },
      compareExchange(all, index, expected, value) {
        if (index === 0) operations.add(all, 1 + bucketOf(value - expected), 1);
        return operations.compareExchange(all, index, expected, value);
      },
      add: (all, index, value) => (index === 0 ? operations.add(all, index, value) : operations.load(all, index)),
    };
  },
};

for (const [name, mutate] of Object.entries(MISTAKES)) {
  test(`finds a mistake: ${name}`, () => {
    const isCaught = Object.values(SCENARIOS).some((scenario) => {
      try {
        play(scenario, mutate);
        return false;
      } catch {
        return true;
      }
    });
    assert.ok(isCaught, 'no scenario notices');
  });
}
