import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, explore, type Operations } from '../testing/interleavings.ts';
import { GENERATIONS, isCurrent, noteEpoch, reuseWords, SlotOwner, WRITERS } from './slot_reuse.ts';

/** One slot: series A has it, then nobody, then series B. */
interface World {
  /** The owner's own memory. */
  waiting: { slot: number; epoch: number }[];
  writers: number[];
  /** Series B has the slot, with this generation. */
  generation: number;
  /** What was written for B. */
  written: number;
  /** A writer's thread is over. */
  hasEnded: boolean;
}

const SLOT = 0;
const VALUE = reuseWords(1);
const NOBODY = -1;

class Bench {
  readonly words = new Int32Array(new SharedArrayBuffer((VALUE + 1) * 4));
  operations: Operations | undefined;
  readonly owner = new SlotOwner(this.words, {
    load: (words, index) => this.operations!.load(words, index),
    store: (words, index, value) => this.operations!.store(words, index, value),
    add: (words, index, value) => this.operations!.add(words, index, value),
  });
  readonly world: World = { waiting: [], writers: [], generation: NOBODY, written: 0, hasEnded: false };

  constructor(writers: number) {
    for (let writer = 0; writer < writers; writer++) this.owner.writers.push(writer);
  }

  save(): void {
    this.world.waiting = [...this.owner.waiting];
    this.world.writers = [...this.owner.writers];
  }

  restore(): void {
    this.owner.waiting.splice(0, this.owner.waiting.length, ...this.world.waiting);
    this.owner.writers.splice(0, this.owner.writers.length, ...this.world.writers);
  }

  action(name: string, about: Omit<Action<World>, 'name'>): Action<World> {
    return {
      ...about,
      name,
      run: (operations, world) => {
        this.operations = operations;
        return about.run(operations, world);
      },
    };
  }
}

type Step = (writer: number, bench: Bench) => Action<World>;

const retire: Step = (_, bench) => bench.action('retire A', { run: () => bench.owner.retire(SLOT) });

/** Gives the slot to B when it may. */
const reuse: Step = (_, bench) =>
  bench.action('reuse', {
    run(operations) {
      if (bench.owner.reclaim().length === 0) return NOBODY;
      operations.store(bench.words, VALUE, 0);
      return bench.owner.generation(SLOT);
    },
    end(world, generation: number) {
      if (generation !== NOBODY) world.generation = generation;
    },
  });

/** For A, whose slot had the first generation. */
const write: Step = (_, bench) =>
  bench.action('write for A', {
    run(operations) {
      if (isCurrent(operations, bench.words, SLOT, 0)) operations.add(bench.words, VALUE, 100);
    },
  });

/** For B, when it has the slot. */
const writeNew: Step = (_, bench) =>
  bench.action('write for B', {
    run(operations, { generation }) {
      if (generation === NOBODY || !isCurrent(operations, bench.words, SLOT, generation)) return 0;
      operations.add(bench.words, VALUE, 1);
      return 1;
    },
    end: (world, count: number) => {
      world.written += count;
    },
  });

const pass: Step = (writer, bench) =>
  bench.action('note the epoch', { run: (operations) => noteEpoch(operations, bench.words, writer) });

const end: Step = (_, bench) => bench.action('end', { run: () => {}, end: (world) => void (world.hasEnded = true) });

/** The only writer, which has ended. */
const dismiss: Step = (_, bench) =>
  bench.action('dismiss', { isPossible: ({ hasEnded }) => hasEnded, run: () => bench.owner.dismiss(0) });

interface Scenario {
  readonly owner: readonly Step[];
  readonly writers: readonly (readonly Step[])[];
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a writer writes and passes by turns': {
    owner: [retire, reuse, reuse, reuse],
    writers: [[write, pass, write, pass, writeNew]],
  },
  'two writers, one of them late': {
    owner: [retire, reuse, reuse],
    writers: [
      [write, pass],
      [write, pass, write],
    ],
  },
  'a writer that never passes keeps the slot, until it has ended': {
    owner: [retire, reuse, dismiss, reuse],
    writers: [[write, end]],
  },
};

type Mutation = (operations: Operations) => Operations;

function play({ owner, writers }: Scenario, mutate?: Mutation): number {
  const bench = new Bench(writers.length);
  const threads = [owner, ...writers].map((steps, thread) => steps.map((step) => step(thread - 1, bench)));
  return explore<World>(
    {
      words: bench.words,
      world: bench.world,
      save: () => bench.save(),
      restore: () => bench.restore(),
      threads,
      always({ generation }) {
        if (generation !== NOBODY) assert.ok(bench.words[VALUE]! < 100, 'A is written into the slot of B');
      },
      finally({ generation, written }) {
        if (generation !== NOBODY) assert.equal(bench.words[VALUE], written);
      },
    },
    mutate,
  ).states;
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  test(`nobody writes into the slot of another series: ${name}`, (context) => {
    const states = play(scenario);
    context.diagnostic(`${states} states`);
    assert.ok(states > 20);
  });
}

const isGeneration = (index: number): boolean => index >= GENERATIONS && index < VALUE;
const isWriter = (index: number): boolean => index >= WRITERS && index < GENERATIONS;

const MISTAKES: Readonly<Record<string, Mutation>> = {
  'a writer that does not look at the generation': (operations) => ({
    ...operations,
    load: (words, index) => (isGeneration(index) ? 0 : operations.load(words, index)),
  }),
  'an owner that waits for nobody': (operations) => ({
    ...operations,
    load: (words, index) => (isWriter(index) ? 1_000 : operations.load(words, index)),
  }),
  'a generation that is raised after the epoch': (operations) => {
    let isHeld = false;
    return {
      ...operations,
      add(words, index, value) {
        if (isGeneration(index)) {
          isHeld = true;
          return 0;
        }
        const before = operations.add(words, index, value);
        if (index === 0 && isHeld) operations.add(words, GENERATIONS, 1);
        isHeld = false;
        return before;
      },
    };
  },
  'a writer that notes the epoch between looking and writing': (operations) => ({
    ...operations,
    load(words, index) {
      const value = operations.load(words, index);
      if (isGeneration(index)) operations.store(words, WRITERS, operations.load(words, 0));
      return value;
    },
  }),
  'a writer that notes an epoch that is still to come': (operations) => ({
    ...operations,
    store: (words, index, value) => operations.store(words, index, isWriter(index) ? value + 1 : value),
  }),
  'a slot that is not cleared': (operations) => ({
    ...operations,
    store: (words, index, value) => (index === VALUE ? value : operations.store(words, index, value)),
  }),
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

test('a slot comes back when every writer has passed, and not before', () => {
  const words = new Int32Array(new SharedArrayBuffer(reuseWords(2) * 4));
  const owner = new SlotOwner(words);
  const [a, b] = [owner.admit()!, owner.admit()!];
  owner.retire(0);
  assert.deepEqual(owner.reclaim(), []);
  noteEpoch(Atomics, words, a);
  assert.deepEqual(owner.reclaim(), []);
  owner.retire(1);
  noteEpoch(Atomics, words, b);
  assert.deepEqual(owner.reclaim(), [0]);
  owner.dismiss(a);
  assert.deepEqual(owner.reclaim(), [1]);
  assert.equal(owner.admit(), a);
});
