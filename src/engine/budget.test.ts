import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOT_BYTES } from './arena/memory_map.ts';
import { type BudgetRequest, defaultMemoryBytes, divideMemory, leastMemoryBytes, WORKERS_MAX } from './budget.ts';

const MEBIBYTE = 2 ** 20;
const divide = (request: Partial<BudgetRequest>) =>
  divideMemory({ memoryBytes: undefined, threads: 1, cores: 2, sources: 1, ...request });

test('the main thread is one of the threads, the others are workers', () => {
  assert.deepEqual([divide({ threads: 1 }).workers, divide({ threads: 2 }).workers], [0, 1]);
});

test('there are as many threads as cores, or as many as a given budget is enough for', () => {
  assert.equal(divide({ threads: undefined, cores: 4 }).threads, 4);
  const enoughForTwo = leastMemoryBytes({ sources: 1, threads: 2 });
  assert.equal(divide({ threads: undefined, cores: 64, memoryBytes: enoughForTwo }).threads, 2);
  assert.equal(divide({ threads: undefined, cores: 64, memoryBytes: 1 }).threads, 1);
  assert.equal(divide({ threads: undefined, cores: 4, memoryBytes: 8 * 2 ** 30 }).threads, 4);
  assert.equal(divide({ threads: 1_000 }).workers, WORKERS_MAX);
});

test('the arena grows with the budget and with the number of sources, within limits', () => {
  const slots = (sources: number, memoryBytes?: number) => divide({ sources, memoryBytes }).slots;
  assert.ok(slots(20) > slots(1));
  assert.equal(slots(20), 160, 'without a budget, sources have the slots that they want');
  assert.ok(slots(1, 512 * MEBIBYTE) > slots(1));
  assert.equal(slots(10_000), 1024);
  assert.equal(slots(1, 64 * 2 ** 30), 1024);
});

for (const threads of [1, 2, 16]) {
  for (const sources of [0, 1, 40, 5_000]) {
    test(`the parts are no more than the whole: ${threads} threads, ${sources} sources`, () => {
      const least = leastMemoryBytes({ sources, threads });
      assert.ok(least <= defaultMemoryBytes({ sources, threads }));
      for (const memoryBytes of [least, least + 10 * MEBIBYTE, 2 * least, 2 ** 33]) {
        const budget = divide({ memoryBytes, threads, sources });
        assert.equal(budget.memoryBytes, memoryBytes);
        assert.ok(budget.slots * SLOT_BYTES <= Math.max(memoryBytes / 2, 16 * SLOT_BYTES));
        assert.ok(budget.slots >= 16 && budget.reservedSlots >= 1 && budget.reservedSlots < budget.slots);
        assert.ok(budget.workerLimits.maxOldGenerationSizeMb >= 32);
      }
    });
  }
}
