import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, type Explored, explore, type Operations } from '../../testing/interleavings.ts';
import { allocate, free } from './allocator.ts';
import { ClearingReader, push, read } from './bucket.ts';
import { Participant } from './epochs.ts';
import {
  BEFORE,
  BITMAP,
  BLOCK_HEAD,
  blockAt,
  EPOCH,
  FREE,
  GARBAGE,
  type Layout,
  LINK,
  layoutOf,
  NONE,
  pinAt,
  seatAt,
  USED,
  WRITE,
  wordsFor,
} from './layout.ts';
import type { View } from './shared_memory.ts';

/** What happened, kept beside the code to judge it by. */
interface World {
  /** What participants and clearing readers know between calls. */
  memories: (readonly [number, number])[];
  unfinished: ClearingReader['unfinished'][];
  /** Blocks that a thread found in lists since it was pinned last. */
  seen: number[][];
  /** Blocks that a thread holds outside of any list. */
  owned: number[][];
  begun: number[];
  pushed: number[];
  lost: number[];
  /** Handed out by reads with clear. */
  out: number[];
  /** Where a read began: what it must see, unless somebody takes it away. */
  expected: number[];
  hasClears: boolean;
}

type Step = (thread: number, model: Model) => Action<World>;

interface Sizes {
  readonly blocks: number;
  readonly blockSamples: number;
  readonly threads: number;
}

const BLOCK_MASK = 2 ** 21 - 1;

/** Participants over words that a scheduler has in its hands. */
class Model {
  readonly layout: Layout;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly participants: Participant[];
  readonly readers: ClearingReader[];
  readonly bucket: number;
  readonly world: World;
  readonly view: View;
  operations: Operations | undefined;
  readonly #mutate: Mutation;
  #running = 0;

  constructor({ blocks, blockSamples, threads }: Sizes, mutate: Mutation) {
    this.#mutate = mutate;
    this.layout = layoutOf({ blocks, blockSamples, participants: threads, buckets: 1 });
    this.words = new Int32Array(new SharedArrayBuffer(wordsFor(this.layout, blocks) * 4));
    this.bucket = this.layout.firstBucket;
    this.view = this.#makeView();
    for (let thread = 0; thread < threads; thread++) this.words[seatAt(thread)] = 1;
    this.participants = Array.from({ length: threads }, (_, seat) => new Participant(this.view, seat));
    this.readers = this.participants.map((participant) => new ClearingReader(participant, this.bucket));
    const none = (): number[][] => this.participants.map(() => []);
    this.world = {
      memories: this.participants.map(({ memory }) => memory),
      unfinished: this.readers.map(({ unfinished }) => unfinished),
      seen: none(),
      owned: none(),
      begun: [],
      pushed: [],
      lost: [],
      out: [],
      expected: [],
      hasClears: false,
    };
  }

  save(): void {
    this.world.memories = this.participants.map(({ memory }) => memory);
    this.world.unfinished = this.readers.map(({ unfinished }) => unfinished);
  }

  restore(): void {
    for (const [thread, participant] of this.participants.entries()) {
      participant.memory = this.world.memories[thread]!;
      this.readers[thread]!.unfinished = this.world.unfinished[thread]!;
    }
  }

  action<R>(
    thread: number,
    name: string,
    about: { begin?: (world: World) => void; run: (world: World) => R; end?: (world: World, result: R) => void },
  ): Action<World> {
    return {
      name,
      ...(about.begin ? { begin: about.begin } : {}),
      run: (operations, world) => {
        // Anew for each run: what a mistake remembers ends with it.
        this.operations = this.#mutate(operations, this);
        this.#running = thread;
        return about.run(world);
      },
      end: (world, result: never) => about.end?.(world, result),
    };
  }

  /** Does something before the search begins. */
  before(thread: number, what: () => void): void {
    this.operations = { ...ATOMICS, wait: () => false };
    this.#running = thread;
    what();
  }

  /** Blocks of a list whose links are `link` words on. */
  listed(first: number, link: number): number[] {
    const found: number[] = [];
    for (let block = first; block > NONE; block = this.words[blockAt(this.layout, block) + link]!) {
      assert.ok(!found.includes(block), `block ${block} is twice in a list`);
      found.push(block);
    }
    return found;
  }

  get free(): number[] {
    return this.listed(this.words[FREE]! & BLOCK_MASK, LINK);
  }

  /** Samples in the bucket, without a step of anybody. */
  get remaining(): number[] {
    const values: number[] = [];
    this.before(0, () => {
      for (const { block, claimed, out } of this.readers.flatMap(({ unfinished }) => unfinished)) {
        const at = blockAt(this.layout, block);
        const bits = this.words[at + BITMAP]! & ~out[0]!;
        for (let slot = 0; slot < claimed; slot++)
          if (bits & (1 << slot)) values.push(this.words[at + BLOCK_HEAD + 2 * slot]!);
      }
      for (const block of this.listed(this.words[this.bucket]!, BEFORE)) {
        const at = blockAt(this.layout, block);
        for (let slot = 0; slot < this.layout.blockSamples; slot++)
          if (this.words[at + BITMAP]! & (1 << slot)) values.push(this.words[at + BLOCK_HEAD + 2 * slot]!);
      }
    });
    return values;
  }

  #makeView(): View {
    const to = (): Operations => this.operations!;
    return {
      layout: this.layout,
      words: this.words,
      grow: () => true,
      samples: {
        write: (word, value) => void to().store(this.words, word, value),
        read: (word) => to().load(this.words, word),
      },
      atomics: {
        load: (words, index) => this.#found(index, to().load(words, index)),
        store: (words, index, value) => {
          const done = to().store(words, index, value);
          if (index === pinAt(this.#running) && value === 0) this.world.seen[this.#running] = [];
          return done;
        },
        add: (...args) => to().add(...args),
        sub: (...args) => to().sub(...args),
        compareExchange: (...args) => to().compareExchange(...args),
        notify: (...args) => to().notify(...args),
      },
    };
  }

  /** Remembers that the running thread knows a block from a list. Happens again, to the same end, when it is rerun. */
  #found(index: number, value: number): number {
    const { firstBlock, blockWords } = this.layout;
    const isLink = index === this.bucket || (index >= firstBlock && (index - firstBlock) % blockWords === BEFORE);
    const seen = this.world.seen[this.#running]!;
    if (isLink && value > NONE && !seen.includes(value)) put(seen, value);
    return value;
  }
}

const ATOMICS: Omit<Operations, 'wait'> = {
  load: (words, index) => Atomics.load(words, index),
  store: (words, index, value) => Atomics.store(words, index, value),
  add: (words, index, value) => Atomics.add(words, index, value),
  sub: (words, index, value) => Atomics.sub(words, index, value),
  compareExchange: (words, index, expected, value) => Atomics.compareExchange(words, index, expected, value),
  notify: () => 0,
};

/** In order, so that the same things make the same state, whichever came first. */
function put(list: number[], ...values: readonly number[]): void {
  list.push(...values);
  list.sort((a, b) => a - b);
}

const pushes =
  (value: number): Step =>
  (thread, model) =>
    model.action(thread, `push ${value}`, {
      begin: (world) => put(world.begun, value),
      run: () => push(model.participants[thread]!, model.bucket, value),
      end: (world, isKept) => put(isKept ? world.pushed : world.lost, value),
    });

const reads: Step = (thread, model) =>
  model.action(thread, 'read', {
    begin: (world) => void (world.expected = [...world.pushed]),
    run() {
      const values: number[] = [];
      read(model.participants[thread]!, model.bucket, (value) => values.push(value));
      return values;
    },
    end(world, values) {
      assert.deepEqual(values, [...new Set(values)], 'a read shows a sample twice');
      for (const value of values) assert.ok(world.begun.includes(value), `a read shows ${value}, which nobody pushed`);
      if (world.hasClears) return;
      for (const value of world.expected) assert.ok(values.includes(value), `a read does not show ${value}`);
    },
  });

const handsOut = (thread: number, model: Model, how: 'readWithClear' | 'close'): Action<World> =>
  model.action(thread, how, {
    begin: (world) => void (world.hasClears = true),
    run() {
      const values: number[] = [];
      model.readers[thread]![how]((value) => values.push(value));
      return values;
    },
    end: (world, values) => put(world.out, ...values),
  });

const clears: Step = (thread, model) => handsOut(thread, model, 'readWithClear');
const closes: Step = (thread, model) => handsOut(thread, model, 'close');

const pins: Step = (thread, model) => model.action(thread, 'pin', { run: () => model.participants[thread]!.pin() });
const unpins: Step = (thread, model) =>
  model.action(thread, 'unpin', { run: () => model.participants[thread]!.unpin() });
const advances: Step = (thread, model) =>
  model.action(thread, 'advance', { run: () => model.participants[thread]!.advance() });
const collects: Step = (thread, model) =>
  model.action(thread, 'pin, collect, unpin', {
    run() {
      model.participants[thread]!.pin();
      model.participants[thread]!.collect();
      model.participants[thread]!.unpin();
    },
  });

const allocates: Step = (thread, model) =>
  model.action(thread, 'allocate', {
    run: () => allocate(model.view),
    end(world, block) {
      if (block === NONE) return;
      assert.ok(!world.owned.flat().includes(block), `block ${block} is given out twice`);
      world.owned[thread]!.push(block);
    },
  });

/** The oldest one it has; nothing when it got none. */
const frees: Step = (thread, model) =>
  model.action(thread, 'free', {
    begin: (world) => void world.seen[thread]!.splice(0, 1, world.owned[thread]!.shift() ?? NONE),
    run: ({ seen }) => seen[thread]![0]! > NONE && free(model.view, seen[thread]![0]!),
    end: (world) => void (world.seen[thread] = []),
  });

interface Scenario extends Omit<Sizes, 'threads'> {
  readonly isLong?: boolean;
  readonly before?: (model: Model) => void;
  readonly threads: readonly (readonly Step[])[];
}

/** Samples that are there before: pushed by the first thread. */
const filled =
  (...values: readonly number[]) =>
  (model: Model): void => {
    model.before(0, () => {
      for (const value of values) assert.ok(push(model.participants[0]!, model.bucket, value));
    });
    model.world.begun.push(...values);
    model.world.pushed.push(...values);
  };

/** A list of free blocks. */
const withFree =
  (count: number) =>
  (model: Model): void =>
    model.before(0, () => {
      const blocks = Array.from({ length: count }, () => allocate(model.view));
      for (const block of blocks.reverse()) free(model.view, block);
      model.words[FREE]! &= BLOCK_MASK;
    });

const SCENARIOS: Readonly<Record<string, Scenario>> = {
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
  'a read with clear while two push': {
    isLong: true,
    blocks: 5,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [clears]],
  },
  'two reads with clear': {
    blocks: 2,
    blockSamples: 1,
    before: filled(8, 9),
    threads: [[clears], [clears]],
  },
  'two reads with clear while one pushes': {
    isLong: true,
    blocks: 5,
    blockSamples: 2,
    before: filled(8, 9),
    threads: [[pushes(1)], [clears], [clears]],
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
  'blocks come back while one reads and another pushes': {
    isLong: true,
    blocks: 3,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, clears, clears], [pushes(1), pushes(2)]],
  },
  'two threads free while one stays': {
    isLong: true,
    blocks: 3,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, collects], [advances, advances, collects]],
  },
  'a thread that was pinned an epoch ago retires while another one reads': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears, collects], [advances]],
  },
  'a thread that was pinned long ago retires': {
    isLong: true,
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[reads], [clears], [advances, advances, collects]],
  },
  'a thread is late with its pin': {
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [[collects], [advances, advances, clears], [reads]],
  },
  'pinned and let go while epochs go by': {
    isLong: true,
    blocks: 2,
    blockSamples: 1,
    before: filled(9),
    threads: [
      [pins, unpins, pins, unpins],
      [clears, advances, collects],
      [advances, advances],
    ],
  },
  'a bucket is closed while one pushes': {
    blocks: 4,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1), pushes(2)], [closes]],
  },
  'a bucket is closed while two push': {
    isLong: true,
    blocks: 4,
    blockSamples: 2,
    before: filled(9),
    threads: [[pushes(1)], [pushes(2)], [closes]],
  },
};

function play({ before, threads, ...sizes }: Scenario, mutate: Mutation = (same) => same): Explored {
  const model = new Model({ ...sizes, threads: threads.length }, mutate);
  before?.(model);
  const { layout, words, world } = model;
  return explore<World>({
    words,
    world,
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
    },
  });
}

const SHORT = Object.entries(SCENARIOS).filter(([, { isLong }]) => !isLong);

for (const [name, scenario] of process.env['SLUICE_INTERLEAVINGS'] === 'all' ? Object.entries(SCENARIOS) : SHORT) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const { states, steps } = play(scenario);
    context.diagnostic(`${states} states, ${steps} steps`);
    assert.ok(states > 50);
  });
}

type Mutation = (operations: Operations, model: Model) => Operations;

type Place = 'epoch' | 'free' | 'used' | 'garbage' | 'pin' | 'bucket' | 'write' | 'bitmap' | 'sample' | 'other';

function placeOf({ layout: { firstBlock, firstBucket, blockWords } }: Model, index: number): Place {
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
  'garbage of the epoch that its owner is pinned in, not of the one that is': (operations, model) => {
    let pinned = 0;
    let isChecked = false;
    return {
      ...operations,
      store(words, index, value) {
        if (placeOf(model, index) === 'pin') [pinned, isChecked] = [value, false];
        return operations.store(words, index, value);
      },
      load(words, index) {
        if (index !== EPOCH || pinned === 0) return operations.load(words, index);
        if (isChecked) return (pinned - 1) / 2;
        const epoch = operations.load(words, index);
        if (epoch === (pinned - 1) / 2) isChecked = true;
        else pinned = 0;
        return epoch;
      },
    };
  },
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
        play(setting, mutate);
      } catch (error) {
        assert.ok((error as Error).cause instanceof assert.AssertionError, error as Error);
        context.diagnostic(`${scenario}: ${(error as Error).message.split('\n')[0]}`);
        return;
      }
    }
    assert.fail('no scenario notices');
  });
}
