// The lossless bucket over words that a scheduler has in its hands, with a record of what happened beside it. Not the
// code is modelled: it is the real one, and this is what it stands on.
//
// A block that is given back is overwritten, and who touches a free block is found: so free blocks are all alike, and
// what was in one makes no states of its own.

import assert from 'node:assert/strict';
import { ClearingReader } from '../../telemetry/lossless/bucket.ts';
import { Participant } from '../../telemetry/lossless/epochs.ts';
import {
  BEFORE,
  BITMAP,
  BLOCK_HEAD,
  blockAt,
  FREE,
  type Layout,
  LINK,
  LOST,
  layoutOf,
  NONE,
  seatAt,
  wordsFor,
} from '../../telemetry/lossless/layout.ts';
import type { View } from '../../telemetry/lossless/shared_memory.ts';
import type { Action, Operations } from '../interleavings.ts';

/** What happened, to judge the code by. */
export interface World {
  /** What participants and clearing readers know between calls. */
  memories: (readonly [number, number])[];
  unfinished: ClearingReader['unfinished'][];
  /** Blocks that a thread found in lists since it was pinned last. */
  seen: number[][];
  /** Blocks that a thread holds outside of any list. */
  owned: number[][];
  /** Blocks that a thread took and has not put in front of others yet: nobody else may know them. */
  fresh: number[][];
  begun: number[];
  pushed: number[];
  lost: number[];
  /** Handed out by reads with clear. */
  out: number[];
  /** Where a read began: what it must see, unless somebody takes it away. */
  expected: number[];
  hasClears: boolean;
}

/** Changes the operations into those of a mistake. */
export type Mutation = (operations: Operations, model: BucketModel) => Operations;

export interface ModelSizes {
  readonly blocks: number;
  readonly blockSamples: number;
  readonly threads: number;
  /** Parts are gone through again like all else, so what they make is not known. */
  readonly isPlain: boolean;
}

/** What a participant does of which only the outcome matters afterwards. */
const PARTS = ['pin', 'unpin', 'allocate', 'retire', 'advance', 'collect'] as const;

export const BLOCK_MASK: number = 2 ** 21 - 1;
/** What a free block holds in every word but its link. */
const FREED = -559038737;

export class BucketModel {
  readonly layout: Layout;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly participants: Participant[];
  readonly readers: ClearingReader[];
  readonly bucket: number;
  readonly world: World;
  readonly view: View;
  /** The part that the running thread is in. */
  part: (typeof PARTS)[number] | undefined;
  #operations: Operations = DIRECT;
  readonly #mutate: Mutation;
  readonly #isPlain: boolean;
  #running = 0;

  constructor({ blocks, blockSamples, threads, isPlain }: ModelSizes, mutate: Mutation) {
    this.#mutate = mutate;
    this.#isPlain = isPlain;
    this.layout = layoutOf({ blocks, blockSamples, participants: threads, buckets: 1 });
    this.words = new Int32Array(new SharedArrayBuffer(wordsFor(this.layout, blocks) * 4));
    this.bucket = this.layout.firstBucket;
    this.view = this.#makeView();
    for (let thread = 0; thread < threads; thread++) this.words[seatAt(thread)] = 1;
    this.participants = Array.from({ length: threads }, (_, seat) => this.#makeParticipant(seat));
    this.readers = this.participants.map((participant) => new ClearingReader(participant, this.bucket));
    const none = (): number[][] => this.participants.map(() => []);
    this.world = {
      memories: this.participants.map(({ memory }) => memory),
      unfinished: this.readers.map(({ unfinished }) => unfinished),
      seen: none(),
      owned: none(),
      fresh: none(),
      begun: [],
      pushed: [],
      lost: [],
      out: [],
      expected: [],
      hasClears: false,
    };
  }

  /** The epoch that the running thread is pinned in. */
  get pinned(): number {
    return this.participants[this.#running]!.memory[1];
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
        this.#operations = this.#mutate(operations, this);
        this.#running = thread;
        this.part = undefined;
        return about.run(world);
      },
      end: (world, result: never) => about.end?.(world, result),
    };
  }

  /** Does something before the search begins. */
  before(thread: number, what: () => void): void {
    this.#operations = DIRECT;
    this.#running = thread;
    what();
    this.world.seen[thread] = [];
    this.world.fresh[thread] = [];
  }

  /** Keeps the record of what a thread knows, and free blocks alike. */
  happened(thread: number, index: number, answer: number | boolean, isWrite: boolean): void {
    const { seen, fresh } = this.world;
    const { block, field } = this.#placeOf(index);
    if (block !== NONE && field !== LINK) this.#checkAccess(thread, block, field, isWrite);
    if (typeof answer === 'number' && answer > NONE && (index === this.bucket || field === BEFORE))
      if (!seen[thread]!.includes(answer)) put(seen[thread]!, answer);
    if (index === this.bucket) fresh[thread] = fresh[thread]!.filter((one) => one !== this.words[this.bucket]);
    if (index === FREE) this.#scrub(this.words[FREE]! & BLOCK_MASK);
  }

  /**
   * What nobody else can tell the time of: all in a block that nobody else knows, the block before, which stays what it
   * is, a sample, which is not read before it is shown nor written after, and the number of lost ones, which is only
   * added to. `happened` finds who does not keep to that.
   */
  isOwn(thread: number, index: number): boolean {
    const { block, field } = this.#placeOf(index);
    if (block === NONE) return index === LOST;
    return field === BEFORE || field >= BLOCK_HEAD || (field !== LINK && this.world.fresh[thread]!.includes(block));
  }

  #checkAccess(thread: number, block: number, field: number, isWrite: boolean): void {
    assert.ok(!this.free.includes(block), `block ${block} is touched while it is free`);
    if (this.#isPlain) return;
    const maker = this.world.fresh.findIndex((blocks) => blocks.includes(block));
    if (maker === thread) return;
    assert.ok(maker === -1, `block ${block} is touched by another thread than the one that makes it`);
    assert.ok(!isWrite || field !== BEFORE, `block ${block} gets another block before it`);
    if (field < BLOCK_HEAD) return;
    const bitmap = this.words[blockAt(this.layout, block) + BITMAP]!;
    const isShown = (bitmap & (1 << ((field - BLOCK_HEAD) / 2))) !== 0;
    assert.ok(isShown !== isWrite, `a sample is ${isWrite ? 'written after' : 'read before'} it is shown`);
  }

  #placeOf(index: number): { readonly block: number; readonly field: number } {
    const offset = index - this.layout.firstBlock;
    const { blockWords } = this.layout;
    return offset < 0
      ? { block: NONE, field: -1 }
      : { block: Math.floor(offset / blockWords) + 1, field: offset % blockWords };
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

  /** Samples in the bucket, and those that clearing readers wait for. */
  get remaining(): number[] {
    const unfinished = this.readers
      .flatMap((reader) => reader.unfinished)
      .flatMap(({ block, claimed, out }) => this.#shown(block, claimed, ~out[0]!));
    const { blockSamples } = this.layout;
    const listed = this.listed(this.words[this.bucket]!, BEFORE);
    return [...unfinished, ...listed.flatMap((block) => this.#shown(block, blockSamples, -1))];
  }

  #shown(block: number, slots: number, mask: number): number[] {
    const at = blockAt(this.layout, block);
    const bits = this.words[at + BITMAP]! & mask;
    const shown = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => bits & (1 << slot));
    return shown.map((slot) => this.words[at + BLOCK_HEAD + 2 * slot]!);
  }

  #scrub(block: number): void {
    if (block === NONE) return;
    const at = blockAt(this.layout, block);
    for (let field = 0; field < this.layout.blockWords; field++) if (field !== LINK) this.words[at + field] = FREED;
  }

  #makeView(): View {
    const to = (): Operations => this.#operations;
    return {
      layout: this.layout,
      words: this.words,
      grow: () => true,
      samples: {
        write: (word, value) => void to().store(this.words, word, value),
        read: (word) => to().load(this.words, word),
      },
      atomics: {
        load: (...args) => to().load(...args),
        store: (...args) => to().store(...args),
        add: (...args) => to().add(...args),
        sub: (...args) => to().sub(...args),
        compareExchange: (...args) => to().compareExchange(...args),
        notify: (...args) => to().notify(...args),
      },
    };
  }

  /** What it does is known by its outcome once it is done. */
  #makeParticipant(seat: number): Participant {
    const participant = new Participant(this.view, seat);
    for (const part of PARTS) {
      const run = (participant[part] as (...args: unknown[]) => unknown).bind(participant);
      const whole = (...args: unknown[]): unknown => {
        const [memory, result] = this.#operations.whole(() =>
          this.#runPart(participant, part, args, () => run(...args)),
        );
        participant.memory = memory;
        return result;
      };
      Object.defineProperty(participant, part, { value: whole });
    }
    return participant;
  }

  #runPart<R>(
    participant: Participant,
    part: (typeof PARTS)[number],
    args: readonly unknown[],
    run: () => R,
  ): [readonly [number, number], R] {
    const around = this.part;
    this.part = part;
    const result = run();
    this.part = around;
    const { fresh } = this.world;
    if (part === 'allocate' && result !== NONE && !this.#isPlain) put(fresh[this.#running]!, result as number);
    if (part === 'retire') fresh[this.#running] = fresh[this.#running]!.filter((one) => one !== args[0]);
    const [depth, epoch] = participant.memory;
    if (depth > 0) return [[depth, epoch], result];
    // The epoch of who is not pinned is not looked at again, and what it found it does not see any more.
    if (part === 'unpin') this.world.seen[this.#running] = [];
    return [[0, 0], result];
  }
}

const DIRECT: Operations = {
  load: (words, index) => Atomics.load(words, index),
  store: (words, index, value) => Atomics.store(words, index, value),
  add: (words, index, value) => Atomics.add(words, index, value),
  sub: (words, index, value) => Atomics.sub(words, index, value),
  compareExchange: (words, index, expected, value) => Atomics.compareExchange(words, index, expected, value),
  notify: () => 0,
  wait: () => false,
  whole: (part) => part(),
  again: () => {},
};

/** In order, so that the same things make the same state, whichever came first. */
export function put(list: number[], ...values: readonly number[]): void {
  list.push(...values);
  list.sort((a, b) => a - b);
}
