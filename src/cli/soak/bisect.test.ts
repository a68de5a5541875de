import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { armText, bisect } from './bisect.ts';
import type { Part } from './swap.ts';

function partsOf(sources: number, transforms: number, sinks: number): Part[] {
  const parts = (kind: Part['kind'], count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `${kind}${i}`, kind, type: 'x' }));
  return [...parts('source', sources), ...parts('transform', transforms), ...parts('sink', sinks)];
}

test('finds whichever component leaks, in no more steps than halving takes', async () => {
  const count = (min: number) => fc.integer({ min, max: 12 });
  await fc.assert(
    fc.asyncProperty(count(1), count(0), count(1), fc.nat(), async (sources, transforms, sinks, nth) => {
      const parts = partsOf(sources, transforms, sinks);
      const culprit = nth % parts.length;
      const asked: number[] = [];
      const found = await bisect(parts, async (kept) => {
        asked.push(kept);
        return kept > culprit;
      });
      assert.equal(found, parts[culprit]);
      assert.equal(new Set(asked).size, asked.length);
      assert.ok(asked.every((kept) => kept >= 1 && kept < parts.length));
      assert.ok(asked.length <= 1 + Math.ceil(Math.log2(parts.length)), asked.join());
    }),
  );
});

test('begins with all sinks left out', async () => {
  const asked: number[] = [];
  await bisect(partsOf(1, 3, 2), async (kept) => {
    asked.push(kept);
    return true;
  });
  assert.equal(asked[0], 4);
});

test('a configuration of one source has nobody else to ask', async () => {
  const parts = partsOf(1, 0, 0);
  assert.equal(await bisect(parts, async () => assert.fail('there is nothing to leave out')), parts[0]);
});

test('an arm is told in words', () => {
  assert.equal(
    armText(partsOf(2, 2, 2), 1),
    'source1 left out; transform0, transform1 passed through; sink0, sink1 swapped for blackholes',
  );
});
