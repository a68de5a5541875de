import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ledger } from './ledger.ts';
import { Registry } from './registry.ts';

test('owners are asked each time, those of a name and component are one entry, the largest comes first', () => {
  const ledger = new Ledger();
  const held = { arena: 10, one: 20, two: 5 };
  ledger.register({ owner: 'arena', bytes: () => held.arena });
  const component = ledger.scope({ component_id: 'dedupe' });
  const endOne = component.owns('state', { bytes: () => held.one });
  component.owns('state', { bytes: () => held.two });
  assert.deepEqual(ledger.entries(), [
    { owner: 'state', component_id: 'dedupe', bytes: 25 },
    { owner: 'arena', bytes: 10 },
  ]);
  held.arena = 100;
  endOne();
  assert.deepEqual(ledger.entries(), [
    { owner: 'arena', bytes: 100 },
    { owner: 'state', component_id: 'dedupe', bytes: 5 },
  ]);
  component.end();
  assert.deepEqual(ledger.entries(), [{ owner: 'arena', bytes: 100 }]);
  assert.equal(ledger.total(), 100);
});

test('what an owner cannot say counts as nothing', () => {
  const ledger = new Ledger();
  ledger.register({ owner: 'wrong', bytes: () => Number.NaN });
  ledger.register({ owner: 'below', bytes: () => -5 });
  ledger.register({ owner: 'right', bytes: () => 7 });
  assert.equal(ledger.total(), 7);
});

test('the largest lets go first, down to the next', () => {
  const ledger = new Ledger();
  const held = new Map([
    ['a', 100],
    ['b', 60],
    ['c', 10],
  ]);
  for (const owner of held.keys())
    ledger.register({
      owner,
      bytes: () => held.get(owner)!,
      shrink(bytes) {
        held.set(owner, held.get(owner)! - bytes);
        return bytes;
      },
    });
  ledger.register({ owner: 'cannot', bytes: () => 1_000 });
  assert.equal(ledger.shrinkableBytes(), 170);
  assert.equal(new Ledger().shrinkableBytes(), undefined);
  assert.equal(ledger.shrink(30), 30);
  assert.deepEqual([...held.values()], [70, 60, 10]);
  assert.equal(ledger.shrink(30), 30);
  assert.deepEqual([...held.values()], [50, 50, 10]);
});

test('any number of owners lets go of as much as was asked for, or of all', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000)), fc.nat(10_000), (sizes, wanted) => {
      const ledger = new Ledger();
      const held = [...sizes];
      for (const index of held.keys())
        ledger.register({
          owner: String(index),
          bytes: () => held[index]!,
          shrink: (bytes) => {
            held[index]! -= bytes;
            return bytes;
          },
        });
      const before = sizes.reduce((sum, size) => sum + size, 0);
      const freed = ledger.shrink(wanted);
      assert.ok(Math.abs(freed - Math.min(wanted, before)) < 0.001);
      assert.ok(held.every((size) => size > -0.001));
    }),
  );
});

test('gauges tell of owners, and of none that has gone', () => {
  const ledger = new Ledger();
  const registry = new Registry();
  const end = ledger.register({ owner: 'state', labels: { component_id: 'a' }, bytes: () => 12 });
  ledger.register({ owner: 'arena', bytes: () => 8 });
  ledger.report(registry);
  assert.equal(registry.read('sluice_memory_bytes', { owner: 'state', component_id: 'a' }), 12);
  assert.equal(registry.read('sluice_memory_bytes'), 20);
  end();
  ledger.report(registry);
  assert.equal(registry.read('sluice_memory_bytes'), 8);
  assert.equal(ledger.describe(), 'arena 0.0 MiB');
});
