import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, explore, type Model, type Operations } from './interleavings.ts';
import { copyOf, StateMap } from './state_map.ts';

type World = Record<string, never>;
type Run = (operations: Operations, words: Int32Array<SharedArrayBuffer>) => unknown;

/** Each thread does one thing. */
function model(runs: readonly Run[], rest: Partial<Model<World>> = {}): Model<World> {
  const words = new Int32Array(new SharedArrayBuffer(32));
  const action = (run: Run): Action<World> => ({ name: 'run', run: (operations) => run(operations, words) });
  return {
    words,
    world: {},
    save: () => {},
    restore: () => {},
    threads: runs.map((run) => [action(run)]),
    finally: () => {},
    ...rest,
  };
}

const stores =
  (word: number, count: number): Run =>
  (operations, words) => {
    for (let value = 1; value <= count; value++) operations.store(words, word, value);
  };

const addsInTwoSteps: Run = (operations, words) => {
  const before = operations.load(words, 0);
  operations.store(words, 0, before + 1);
};

test('threads that do not meet have as many interleavings as there are orders, and few states', () => {
  // 8! / (4! 4!) orders; 5 × 5 places to be at.
  const { interleavings, states, steps } = explore(model([stores(0, 4), stores(1, 4)]));
  assert.deepEqual({ interleavings, states, steps }, { interleavings: 70, states: 25, steps: 40 });
});

test('finds the order in which a step of one thread is lost, and tells it', () => {
  const { words, ...rest } = model([addsInTwoSteps, addsInTwoSteps]);
  const lost = { ...rest, words, finally: () => assert.equal(words[0], 2) };
  assert.throws(
    () => explore(lost),
    (error: Error) => {
      assert.equal(error.message.match(/thread \d: run, step \d/g)?.length, 4);
      return error.cause instanceof assert.AssertionError;
    },
  );
});

test('the way to the outcome of a whole part makes no states after it', () => {
  const seen: number[] = [];
  /** Looks until nothing changes any more. */
  const settle = (operations: Operations, words: Int32Array<SharedArrayBuffer>): number => {
    for (;;) {
      const before = operations.load(words, 0);
      if (operations.load(words, 0) === before) return before;
    }
  };
  const parts = (isWhole: boolean): Run[] => [
    stores(0, 3),
    (operations, words) => {
      seen.push(isWhole ? operations.whole(() => settle(operations, words)) : settle(operations, words));
      for (let i = 0; i < 5; i++) operations.load(words, 0);
    },
  ];
  const apart = explore(model(parts(false)));
  const before = new Set(seen.splice(0));
  const whole = explore(model(parts(true)));
  assert.ok(whole.states < apart.states, `${whole.states} and ${apart.states} states`);
  assert.deepEqual(new Set(seen), before);
});

test('a whole part may have others within it', () => {
  const results = new Set<string>();
  const run: Run = (operations, words) => {
    const outer = operations.whole(() => {
      const inner = operations.whole(() => operations.load(words, 0));
      return [inner, operations.load(words, 0)];
    });
    results.add(JSON.stringify([...outer, operations.load(words, 0)]));
  };
  explore(model([stores(0, 1), run]));
  assert.deepEqual([...results].sort(), ['[0,0,0]', '[0,0,1]', '[0,1,1]', '[1,1,1]']);
});

test('what only one thread looks at is no step of its own', () => {
  const own: Partial<Model<World>> = { isOwn: (thread, index) => index === thread + 1 };
  const run =
    (thread: number): Run =>
    (operations, words) => {
      operations.add(words, 0, 1);
      for (let i = 0; i < 3; i++) operations.add(words, thread + 1, 1);
    };
  const all = model([run(0), run(1)], own);
  const explored = explore({ ...all, finally: () => assert.deepEqual([...all.words.subarray(0, 3)], [2, 3, 3]) });
  assert.equal(explored.interleavings, 2);
});

test('an action that is tried again has no past, and may go round for ever', () => {
  const untilSet: Run = (operations, words) => {
    while (operations.load(words, 0) === 0) operations.again();
  };
  const { states, interleavings } = explore(model([stores(0, 1), untilSet]));
  assert.deepEqual({ states, interleavings }, { states: 5, interleavings: 2 });
});

test('a thread that nobody wakes is found, and so is what a dead one leaves', () => {
  const waits: Run = (operations, words) => operations.wait(words, 0, 0) && operations.load(words, 0);
  assert.throws(() => explore(model([waits])), /thread 0 waits for ever/);
  let deaths = 0;
  explore(model([stores(0, 2), stores(1, 1)], { mortal: 0, died: () => void (deaths += 1) }));
  // Before either of its steps, and before and after the step of the other one.
  assert.equal(deaths, 4);
});

test('states are told apart by every value in them, and kept as the set of them grows', () => {
  const map = new StateMap();
  const states = [0, 1, -1, 1.5, '', 'a', 'b', true, false, undefined, [], [[]], [0], [0, 0], { a: 1 }, { a: [1] }];
  for (const [index, rest] of states.entries()) {
    const fingerprint = map.fingerprint([1, 2], rest);
    assert.equal(map.get(fingerprint), undefined, JSON.stringify(rest));
    map.set(fingerprint, index);
  }
  for (let i = 0; i < 20_000; i++) map.set(map.fingerprint([i], [i, 'x']), i);
  for (const [index, rest] of states.entries()) assert.equal(map.get(map.fingerprint([1, 2], rest)), index);
  for (let i = 0; i < 20_000; i += 7) assert.equal(map.get(map.fingerprint([i], [i, 'x'])), i);
  assert.equal(map.size, states.length + 20_000);
  const deep = { list: [[1], { b: 2 }] };
  const copy = copyOf(deep);
  assert.deepEqual(copy, deep);
  assert.notEqual(copy.list[0], deep.list[0]);
});
