import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, type Explored, explore, type Operations, summaryOf } from '../../testing/interleavings.ts';
import { type Purpose, SIGNAL, SlotProtocol, sharedState } from './slot_protocol.ts';

/** Who holds what, kept beside the protocol to judge it by. */
interface World {
  /** The protocol's own memory, thread by thread. */
  holds: number[][];
  /** Holders of each slot: threads, and those in transit as the negative number of their sender. */
  holders: number[][];
  /** The slot that each thread works with at present; -1 for none. */
  current: number[];
  /** Messages of workers to the main thread: pairs of (sender, slot). A slot of -1 says that there is no more. */
  mail: (readonly [number, number])[];
  dead: number;
  isReclaimed: boolean;
}

type Step = (thread: number, bench: Bench) => Action<World>;

/** The protocol of every thread over words that a scheduler has in its hands. */
class Bench {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly protocols: SlotProtocol[];
  readonly world: World;
  /** Operations of the thread that runs; set with every action. */
  operations: Operations | undefined;

  constructor(slots: number, threads: number, intakeLimit: number) {
    this.words = sharedState(slots);
    new SlotProtocol(this.words, 0).limitIntake(intakeLimit);
    const operations = forwarding(() => this.operations!);
    this.protocols = Array.from({ length: threads }, (_, thread) => new SlotProtocol(this.words, thread, operations));
    this.world = {
      holds: this.protocols.map(ownMemory),
      holders: Array.from({ length: slots }, () => []),
      current: this.protocols.map(() => -1),
      mail: [],
      dead: -1,
      isReclaimed: false,
    };
  }

  save(): void {
    this.world.holds = this.protocols.map(ownMemory);
  }

  restore(): void {
    for (const [thread, { holds, hints }] of this.protocols.entries()) {
      const memory = this.world.holds[thread]!;
      holds.set(memory.slice(0, holds.length));
      hints.set(memory.slice(holds.length));
    }
  }

  /** An action whose atomic operations are the scheduler's. */
  action(name: string, about: Omit<Action<World>, 'name' | 'run'> & { run: (world: World) => unknown }): Action<World> {
    const { run, ...rest } = about;
    return {
      name,
      ...rest,
      run: (operations, world) => {
        this.operations = operations;
        return run(world);
      },
    };
  }
}

const ownMemory = ({ holds, hints }: SlotProtocol): number[] => [...holds, ...hints];

function forwarding(to: () => Operations): Operations {
  return {
    load: (...args) => to().load(...args),
    store: (...args) => to().store(...args),
    add: (...args) => to().add(...args),
    sub: (...args) => to().sub(...args),
    compareExchange: (...args) => to().compareExchange(...args),
    notify: (...args) => to().notify(...args),
    wait: (...args) => to().wait(...args),
    whole: (part) => to().whole(part),
    again: () => to().again(),
  };
}

const without = (list: readonly number[], one: number): number[] => list.toSpliced(list.indexOf(one), 1);

/** Sleeps until there is a slot. */
const claim =
  (purpose: Purpose): Step =>
  (thread, bench) => {
    const protocol = bench.protocols[thread]!;
    return bench.action(`claim for ${purpose}`, {
      run() {
        for (;;) {
          const index = protocol.claim(purpose);
          if (index >= 0) return index;
          const signal = protocol.announce(purpose);
          if (signal >= 0) bench.operations!.wait(bench.words, SIGNAL, signal);
          bench.operations!.again();
        }
      },
      end(world, index: number) {
        assert.deepEqual(world.holders[index], [], `slot ${index} is claimed while somebody holds it`);
        world.holders[index] = [thread];
        world.current[thread] = index;
      },
    });
  };

const retain: Step = (thread, bench) =>
  bench.action('retain', {
    run: (world) => bench.protocols[thread]!.retain(world.current[thread]!),
    end: (world) => world.holders[world.current[thread]!]!.push(thread),
  });

/** Of what the thread works with; of nothing when what it waited for never came. */
const release: Step = (thread, bench) =>
  bench.action('release', {
    begin(world) {
      const index = world.current[thread]!;
      if (index >= 0) world.holders[index] = without(world.holders[index]!, thread);
    },
    run(world) {
      if (world.current[thread]! >= 0) bench.protocols[thread]!.release(world.current[thread]!);
    },
  });

const handOver: Step = (thread, bench) =>
  bench.action('hand over', {
    begin(world) {
      const index = world.current[thread]!;
      world.holders[index] = [...without(world.holders[index]!, thread), -thread];
    },
    run: (world) => bench.protocols[thread]!.handOver(world.current[thread]!),
  });

/** The message, which a thread that dies now does not send any more. */
const post: Step = (thread, bench) =>
  bench.action('post', { run: () => {}, end: (world) => world.mail.push([thread, world.current[thread]!]) });

/** The last message. */
const leave: Step = (thread, bench) =>
  bench.action('leave', { run: () => {}, end: (world) => world.mail.push([thread, -1]) });

/** Reads a message; when the sender is dead and there is none any more, takes back what it held. */
const receive: Step = (thread, bench) =>
  bench.action('receive', {
    isPossible: ({ mail, dead }) => mail.length > 0 || dead >= 0,
    begin(world) {
      if (world.mail.length > 0 || world.isReclaimed) return;
      world.holders = world.holders.map((list) => list.filter((one) => Math.abs(one) !== world.dead));
    },
    run({ mail, dead, isReclaimed }) {
      const message = mail[0];
      if (message) return message[1] < 0 ? 0 : bench.protocols[thread]!.accept(message[1], message[0]);
      return isReclaimed ? 0 : bench.protocols[thread]!.reclaim(dead);
    },
    end(world) {
      const message = world.mail.shift();
      world.current[thread] = -1;
      if (!message) world.isReclaimed = true;
      if (!message || message[1] < 0) return;
      const [sender, index] = message;
      world.holders[index] = [...without(world.holders[index]!, -sender), thread];
      world.current[thread] = index;
    },
  });

const limitIntake =
  (slots: number): Step =>
  (thread, bench) =>
    bench.action(`limit intake to ${slots}`, { run: () => bench.protocols[thread]!.limitIntake(slots) });

interface Scenario {
  readonly slots: number;
  readonly intakeLimit?: number;
  readonly threads: readonly (readonly Step[])[];
  readonly mortal?: number;
}

const take = claim('output');

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'three threads take turns at one slot': {
    slots: 1,
    threads: [
      [take, release, take, release],
      [take, release],
      [take, release],
    ],
  },
  'two threads share two slots': {
    slots: 2,
    threads: [
      [take, retain, release, release, take, release],
      [claim('intake'), retain, release, release],
    ],
  },
  'three threads share two slots': {
    slots: 2,
    threads: [
      [take, retain, release, release],
      [take, release, take, release],
      [claim('intake'), retain, release, release],
    ],
  },
  'a worker hands a slot over twice and goes on using it': {
    slots: 1,
    threads: [
      [receive, release, receive, release],
      [take, retain, retain, handOver, post, handOver, post, release, take, release],
    ],
  },
  'two workers hand over, and wait for what the main thread frees': {
    slots: 1,
    threads: [
      [receive, release, receive, release],
      [take, handOver, post],
      [take, handOver, post],
    ],
  },
  'a worker dies while the main thread reads what it sent': {
    slots: 2,
    mortal: 1,
    threads: [
      [receive, release, receive, release, receive, take, release],
      [take, retain, handOver, post, release, take, handOver, post, leave],
    ],
  },
  'a worker dies while another one waits': {
    slots: 1,
    mortal: 1,
    threads: [
      [receive, release, receive, take, release],
      [take, retain, handOver, post, release, leave],
      [take, release],
    ],
  },
  'a worker dies that was about to wake another one': {
    slots: 1,
    mortal: 1,
    threads: [[receive], [take, release, leave], [take, release]],
  },
  'a limit is raised while others wait': {
    slots: 2,
    intakeLimit: 0,
    threads: [[limitIntake(1)], [claim('intake'), release], [take, release]],
  },
  'three threads want one slot': {
    slots: 1,
    threads: [
      [take, release],
      [take, release],
      [take, release],
    ],
  },
  'a limit is raised while others wait and there is only one slot': {
    slots: 2,
    intakeLimit: 0,
    threads: [
      [limitIntake(1), take, release],
      [claim('intake'), release],
      [claim('intake'), release],
    ],
  },
};

function play({ slots, intakeLimit = slots, threads, mortal }: Scenario, mutate?: Mutation): Explored {
  const bench = new Bench(slots, threads.length, intakeLimit);
  const judge = new SlotProtocol(bench.words, 0);
  return explore<World>(
    {
      words: bench.words,
      world: bench.world,
      save: () => bench.save(),
      restore: () => bench.restore(),
      threads: threads.map((steps, thread) => steps.map((step) => step(thread, bench))),
      ...(mortal === undefined ? {} : { mortal }),
      died(world) {
        world.dead = mortal!;
      },
      always({ holders }) {
        for (const [index, list] of holders.entries())
          assert.ok(list.length === 0 || judge.isHeld(index), `slot ${index} is free while ${list} hold it`);
      },
      finally({ holders }) {
        for (const [index, list] of holders.entries())
          if (list.length === 0) assert.ok(!judge.isHeld(index), `slot ${index} is lost`);
      },
    },
    mutate,
  );
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const explored = play(scenario);
    context.diagnostic(summaryOf(explored));
    assert.ok(explored.states > 50);
  });
}

type Mutation = (operations: Operations) => Operations;

/** Mistakes in the steps of the protocol. */
const MISTAKES: Readonly<Record<string, Mutation>> = {
  'a release that is not atomic': (operations) => ({
    ...operations,
    sub(words, index, value) {
      const before = operations.load(words, index);
      operations.store(words, index, before - value);
      return before;
    },
  }),
  'a hand-over that is not atomic': (operations) => ({
    ...operations,
    add(words, index, value) {
      if (index === SIGNAL) return operations.add(words, index, value);
      const before = operations.load(words, index);
      operations.store(words, index, before + value);
      return before;
    },
  }),
  'a hand-over that first lets go': (operations) => ({
    ...operations,
    add(words, index, value) {
      if (index === SIGNAL) return operations.add(words, index, value);
      const before = operations.load(words, index);
      operations.store(words, index, 0);
      operations.store(words, index, before + value);
      return before;
    },
  }),
  'a claim that is not atomic': (operations) => ({
    ...operations,
    compareExchange(words, index, expected, value) {
      const before = operations.load(words, index);
      if (before === expected) operations.store(words, index, value);
      return before;
    },
  }),
  'no wake-up': (operations) => ({ ...operations, notify: () => 0 }),
  'sleeping without a look at the signal': (operations) => ({
    ...operations,
    wait: (words, index) => operations.wait(words, index, operations.load(words, index)),
  }),
  'a wake-up that takes the flag down last': (operations) => {
    let held = false;
    return {
      ...operations,
      store(words, index, value) {
        if (index !== 1 || value !== 0) return operations.store(words, index, value);
        held = true;
        return 0;
      },
      notify(words, index) {
        const woken = operations.notify(words, index);
        if (held) operations.store(words, 1, 0);
        held = false;
        return woken;
      },
    };
  },
  'an announcement that is never made': (operations) => ({
    ...operations,
    store: (words, index, value) => (index === 1 && value === 1 ? 1 : operations.store(words, index, value)),
  }),
  'a last release that forgets the owner': (operations) => ({
    ...operations,
    store: (words, index, value) => (index >= 16 && value === 0 ? 0 : operations.store(words, index, value)),
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
