// Runs code of several threads in every order that its atomic operations can happen in. The code under test is the real
// one: it gets its atomic operations from here, and each of them is one step of one thread.
//
// A function cannot be stopped in the middle, so it is run again for each step (replay.ts), and an exception takes it
// out. So code under test must not catch, and must keep what it knows between calls in what `Model` saves and restores.
//
// States that were seen before are not gone into again, which makes the search exhaustive in reasonable time. The state
// of a thread within an action is the answers that it got; where only the outcome of a part of it matters later on, the
// model says so with `whole`, and different ways to the same outcome are one state.

import type { AtomicOperations } from '../std/atomics.ts';
import { type Answer, Replay } from './replay.ts';
import { copyOf, StateMap } from './state_map.ts';

/** Atomic operations, and sleeping as `Atomics.wait` does it. */
export interface Operations extends AtomicOperations {
  /** False when the word has another value by now. True after a wake-up. */
  wait(words: Int32Array<SharedArrayBuffer>, index: number, expected: number): boolean;
  /**
   * A part of an action of which nothing is known afterwards but what it returns: plain data. It is not run again once
   * it has returned, so what it changes in memory of its own is put there again by the caller, from what this returns.
   */
  whole<R>(part: () => R): R;
  /** The action is where it began, whatever it did so far: it is tried again. Not within a whole part. */
  again(): void;
}

/** Something that a thread does, made of any number of atomic operations. */
export interface Action<W> {
  readonly name: string;
  /** Whether it can begin. */
  readonly isPossible?: (world: W) => boolean;
  /** Happens with the first atomic operation, before it: what the thread means to do. */
  readonly begin?: (world: W) => void;
  /** The code under test; its result goes to `end`. */
  readonly run: (operations: Operations, world: W) => unknown;
  /** Happens with the last atomic operation, after it: what came of it. Throws when it must not be so. */
  readonly end?: (world: W, result: never) => void;
}

export interface Model<W> {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Everything beside the words that changes, threads' own memory included; plain data, as JSON has it. */
  readonly world: W;
  /** Puts what the code under test keeps in memory of its own into the world, and gets it out again. */
  save(): void;
  restore(): void;
  /** Happens with every atomic operation, after it: which word it was about, and what the thread got for an answer. */
  happened?(thread: number, index: number, answer: number | boolean, isWrite: boolean): void;
  /**
   * Whether what the thread does to this word now is the same to all others whenever it does it: it happens together
   * with the operation before it, and is not put between those of others.
   */
  isOwn?(thread: number, index: number): boolean;
  /** What each thread does, one action after the other. */
  readonly threads: readonly (readonly Action<W>[])[];
  /** The thread that may die, before any of its steps. */
  readonly mortal?: number;
  readonly died?: (world: W) => void;
  /** Holds after every step. */
  always?(world: W): void;
  /** Holds when all threads have come to their end. */
  finally(world: W): void;
}

interface Thread {
  /** The action it is in. */
  at: number;
  hasBegun: boolean;
  /** Answers to the atomic operations of this action so far, and what parts of it returned. */
  answers: Answer[];
  /** The word it sleeps on. */
  sleepsOn: number;
  isDead: boolean;
}

/** Everything but the words. */
interface Rest<W> {
  readonly world: W;
  readonly threads: Thread[];
}

/** Where a state can go from: a thread takes a step, or dies. */
interface Way {
  readonly thread: number;
  readonly action: string;
  /** In the action. */
  readonly step: number;
  readonly isDeath: boolean;
}

export interface Explored {
  readonly states: number;
  /** From one state to the next. */
  readonly steps: number;
  /** Ways from the beginning to an end, without going round anywhere. */
  readonly interleavings: number;
}

/** For people. */
export function summaryOf({ states, steps, interleavings }: Explored): string {
  const ways = interleavings < 1e6 ? String(interleavings) : interleavings.toExponential(1);
  return `${ways} interleavings of ${states} states and ${steps} steps`;
}

/** Goes through all interleavings. Throws with the steps that led there when one breaks what must hold. */
export function explore<W>(model: Model<W>, mutate: (operations: Operations) => Operations = (same) => same): Explored {
  return new Explorer(model, mutate).run();
}

class Explorer<W> {
  readonly #model: Model<W>;
  readonly #operations: Operations;
  /** In how many ways each state that was gone into can go on to an end. */
  readonly #seen = new StateMap();
  readonly #path: Way[] = [];
  #threads: Thread[];
  readonly #replay = new Replay();
  #running = 0;
  #steps = 0;

  constructor(model: Model<W>, mutate: (operations: Operations) => Operations) {
    this.#model = model;
    this.#threads = model.threads.map(() => ({ at: 0, hasBegun: false, answers: [], sleepsOn: -1, isDead: false }));
    this.#operations = mutate(this.#scheduled());
  }

  run(): Explored {
    try {
      const interleavings = this.#explore();
      return { states: this.#seen.size, steps: this.#steps, interleavings };
    } catch (error) {
      throw new Error(`${(error as Error).message}\n  ${this.#path.map(nameOf).join('\n  ')}`, { cause: error });
    }
  }

  /** Gives in how many ways it goes on from here. */
  #explore(): number {
    this.#model.save();
    const words = this.#model.words.slice();
    const rest: Rest<W> = { world: this.#model.world, threads: this.#threads };
    const fingerprint = this.#seen.fingerprint(words, rest);
    const known = this.#seen.get(fingerprint);
    if (known !== undefined) return known;
    // Who comes back here on the way goes round, and is at no end.
    this.#seen.set(fingerprint, 0);
    const steps = this.#possibleSteps();
    if (steps.length === 0) this.#finish();
    const ways = [...this.#deaths(), ...steps];
    const here = ways.length > 1 ? copyOf(rest) : rest;
    let count = steps.length === 0 ? 1 : 0;
    for (const [index, way] of ways.entries()) {
      // The last way may change what the others had copies of.
      if (index > 0) this.#return(words, index < ways.length - 1 ? copyOf(here) : here);
      count += this.#try(way);
    }
    this.#seen.set(fingerprint, count);
    return count;
  }

  #possibleSteps(): readonly Way[] {
    const ways: Way[] = [];
    for (const [thread, { at, answers, sleepsOn, hasBegun, isDead }] of this.#threads.entries()) {
      const action = this.#model.threads[thread]![at];
      if (!action || isDead || sleepsOn >= 0) continue;
      if (!hasBegun && action.isPossible?.(this.#model.world) === false) continue;
      ways.push({ thread, action: action.name, step: answers.length + 1, isDeath: false });
    }
    return ways;
  }

  #deaths(): readonly Way[] {
    const thread = this.#model.mortal ?? -1;
    const dying = this.#threads[thread];
    const action = dying && this.#model.threads[thread]![dying.at];
    if (!dying || !action || dying.isDead) return [];
    return [{ thread, action: action.name, step: dying.answers.length + 1, isDeath: true }];
  }

  #finish(): void {
    for (const [index, { at, isDead }] of this.#threads.entries()) {
      const action = this.#model.threads[index]![at];
      if (action && !isDead) throw new Error(`thread ${index} waits for ever in ${action.name}`);
    }
    this.#model.finally(this.#model.world);
  }

  /** Takes one way, and goes on from there. */
  #try(way: Way): number {
    this.#path.push(way);
    this.#steps += 1;
    if (way.isDeath) this.#die(way.thread);
    else this.#step(way.thread);
    this.#model.always?.(this.#model.world);
    const count = this.#explore();
    this.#path.pop();
    return count;
  }

  #die(index: number): void {
    this.#threads[index]!.isDead = true;
    this.#model.died?.(this.#model.world);
  }

  #step(index: number): void {
    const { world, threads } = this.#model;
    const thread = this.#threads[index]!;
    const action = threads[index]![thread.at]!;
    if (!thread.hasBegun) action.begin?.(world);
    thread.hasBegun = true;
    this.#running = index;
    this.#model.save();
    const ended = this.#replay.run(thread.answers, () => action.run(this.#operations, world));
    if (!ended) {
      // It begins anew next time, with what it had in memory of its own when the action began.
      this.#model.restore();
      return;
    }
    thread.at += 1;
    thread.hasBegun = false;
    thread.answers = [];
    action.end?.(world, ended.result as never);
    this.#model.save();
  }

  #return(words: Int32Array, { world, threads }: Rest<W>): void {
    this.#model.words.set(words);
    Object.assign(this.#model.world as object, world);
    this.#threads = threads;
    this.#model.restore();
  }

  #operation(index: number, isWrite: boolean, happen: () => number | boolean): never {
    const thread = this.#running;
    const isOwn = (): boolean => this.#model.isOwn?.(thread, index) ?? false;
    return this.#replay.operation(isOwn, () => {
      const answer = happen();
      this.#model.happened?.(thread, index, answer, isWrite);
      return answer;
    }) as never;
  }

  #scheduled(): Operations {
    return {
      load: (words, index) => this.#operation(index, false, () => words[index]!),
      store: (words, index, value) => this.#operation(index, true, () => this.#put(words, index, value)),
      add: (words, index, value) =>
        this.#operation(index, true, () => this.#put(words, index, words[index]! + value) - value),
      sub: (words, index, value) =>
        this.#operation(index, true, () => this.#put(words, index, words[index]! - value) + value),
      compareExchange: (words, index, expected, value) =>
        this.#operation(index, true, () => {
          const before = words[index]!;
          if (before === expected) words[index] = value;
          return before;
        }),
      notify: (_, index) =>
        this.#operation(index, true, () => {
          const sleepers = this.#threads.filter(({ sleepsOn }) => sleepsOn === index);
          for (const sleeper of sleepers) sleeper.sleepsOn = -1;
          return sleepers.length;
        }),
      wait: (words, index, expected) =>
        this.#operation(index, true, () => {
          if (words[index] !== expected) return false;
          this.#threads[this.#running]!.sleepsOn = index;
          return true;
        }),
      whole: (part) => this.#replay.whole(part),
      again: () => {
        this.#replay.again();
        // What it has in memory of its own by now is what it begins with.
        this.#model.save();
      },
    };
  }

  #put(words: Int32Array, index: number, value: number): number {
    words[index] = value;
    return value;
  }
}

function nameOf({ thread, action, step, isDeath }: Way): string {
  return isDeath
    ? `thread ${thread} dies in ${action}, before step ${step}`
    : `thread ${thread}: ${action}, step ${step}`;
}
