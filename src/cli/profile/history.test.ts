import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryHistory } from './history.ts';
import { ownerName, sampleMemory } from './memory_sample.ts';

const sample = (t: number, owners: Record<string, number> = {}) => ({
  t,
  rss: 1000 + t,
  heapUsed: 100 + t,
  external: 0,
  owners: Object.entries(owners).map(([name, bytes]) => ({ name, bytes })),
});

test('a history has a bounded number of points over all of the time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5000 }), fc.integer({ min: 4, max: 64 }), (count, max) => {
      const history = new MemoryHistory(max);
      for (let t = 0; t < count; t++) history.add(sample(t));
      const { times, rss } = history.series();
      assert.ok(times.length <= max && times.length > 1);
      assert.equal(times[0], 0);
      // The last point is no further from the end than two points are from each other.
      assert.ok(times.at(-1)! >= count - 1 - 2 * Math.max(1, (2 * count) / max));
      assert.deepEqual(
        rss,
        times.map((t) => 1000 + t),
      );
    }),
  );
});

test('owners that come and go are 0 where they were not, the largest first', () => {
  const history = new MemoryHistory();
  history.add(sample(0, { a: 1 }));
  history.add(sample(1, { a: 2, b: 9 }));
  history.add(sample(2, { b: 8 }));
  assert.deepEqual(history.series().owners, [
    { name: 'b', bytes: [0, 9, 8] },
    { name: 'a', bytes: [1, 2, 0] },
  ]);
});

test('owners beyond a hundred are one, and nothing of them is lost', () => {
  const history = new MemoryHistory();
  for (const t of [0, 1])
    history.add(sample(t, Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`o${i}`, i]))));
  const { owners } = history.series();
  assert.equal(owners.length, 101);
  assert.equal(
    owners.reduce((sum, { bytes }) => sum + bytes[1]!, 0),
    (149 * 150) / 2,
  );
});

test('owners of one name and component are one', () => {
  const entries = [
    { owner: 'buffer', component_id: 'out', bytes: 5 },
    { owner: 'buffer', component_id: 'out', bytes: 6 },
    { owner: 'arena', bytes: 7 },
  ];
  const usage = () => ({ rss: 1, heapUsed: 2, external: 3 });
  assert.deepEqual(sampleMemory({ entries: () => entries, usage }, 4), {
    t: 4,
    rss: 1,
    heapUsed: 2,
    external: 3,
    owners: [
      { name: 'buffer of out', bytes: 11 },
      { name: 'arena', bytes: 7 },
    ],
  });
  assert.equal(ownerName({ owner: 'arena' }), 'arena');
});
