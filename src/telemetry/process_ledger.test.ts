import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { FakeClock } from '../std/clock.ts';
import { Ledger } from './ledger.ts';
import { enterProcess } from './process_ledger.ts';

const MEBIBYTE = 2 ** 20;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

function bytesOf(ledger: Ledger, name: string): number {
  return ledger.entries().find(({ owner }) => owner === name)?.bytes ?? 0;
}

/** A process that is told of collections by `collected`. */
function entered() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  let tell = (): void => {};
  const onCollected = (call: () => void) => {
    tell = call;
    return () => {};
  };
  const { end } = enterProcess({ ledger, clock, arenaBytes: 1, collect, onCollected });
  return { clock, ledger, collected: () => tell(), end };
}

test('the process is explained by what is measured and what owners claim', async () => {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const arena = new WebAssembly.Memory({ initial: 333, maximum: 333, shared: true });
  const { end } = enterProcess({ ledger, clock, arenaBytes: arena.buffer.byteLength, collect });
  const runtime = bytesOf(ledger, 'runtime');
  const explains = async (): Promise<number> => {
    await clock.advance(1_000);
    return ledger.total() / process.memoryUsage.rss();
  };
  const atRest = await explains();
  assert.ok(atRest > 0.85 && atRest < 1.15, String(atRest));

  Buffer.from(arena.buffer).fill(1, 0, 20 * MEBIBYTE);
  const kept = Array.from({ length: 300_000 }, (_, i) => ({ text: `text ${i}` }));
  ledger.register({ owner: 'state', place: 'heap', bytes: () => kept.length * 72 });
  const buffer = Buffer.alloc(15 * MEBIBYTE, 1);
  ledger.register({ owner: 'requests', place: 'native', bytes: () => buffer.length });
  const busy = await explains();
  assert.ok(busy > 0.85 && busy < 1.15, `${busy}: ${ledger.describe()}`);
  assert.equal(bytesOf(ledger, 'runtime'), runtime, 'the baseline stays as it is');
  if (process.platform === 'linux') {
    assert.ok(bytesOf(ledger, 'arena') >= 20 * MEBIBYTE, ledger.describe());
    assert.ok(bytesOf(ledger, 'native') < 10 * MEBIBYTE, 'what is claimed is not told twice');
  }
  end();
  assert.deepEqual(
    ledger.entries().map(({ owner }) => owner),
    ['state', 'requests'],
  );
});

test('garbage is what came since old objects were collected last, without what owners took', async () => {
  const { clock, ledger, collected, end } = entered();
  const garbage = async (): Promise<number> => {
    await clock.advance(1_000);
    return bytesOf(ledger, 'heap.garbage');
  };
  const kept = Array.from({ length: 300_000 }, (_, i) => ({ text: `text ${i}` }));
  // New objects become old ones.
  collect();
  const state = ledger.register({ owner: 'state', place: 'heap', bytes: () => 4 * MEBIBYTE });
  const unclaimed = await garbage();
  assert.ok(unclaimed > 5 * MEBIBYTE, String(unclaimed));
  state();
  assert.ok((await garbage()) - unclaimed > 3.9 * MEBIBYTE, 'what is claimed is not garbage');
  for (let i = 0; i < 3; i++) collected();
  assert.ok((await garbage()) < MEBIBYTE, ledger.describe());
  assert.equal(kept.length, 300_000);
  end();
});

test('V8 tells when old objects were collected', async () => {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const { end } = enterProcess({ ledger, clock, arenaBytes: 1, collect });
  const kept = Array.from({ length: 300_000 }, (_, i) => ({ text: `text ${i}` }));
  const garbage = async (): Promise<number> => {
    await clock.advance(1_000);
    return bytesOf(ledger, 'heap.garbage');
  };
  collect();
  assert.ok((await garbage()) > 5 * MEBIBYTE, ledger.describe());
  for (let turn = 0; turn < 1_000 && (await garbage()) > MEBIBYTE; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 10 === 0) collect();
  }
  assert.ok((await garbage()) <= MEBIBYTE, ledger.describe());
  assert.equal(kept.length, 300_000);
  end();
});

test('what is built for a graph is measured when it stands, without what owners claim', () => {
  const ledger = new Ledger();
  const { built, end } = enterProcess({ ledger, clock: new FakeClock(), arenaBytes: 1, collect });
  const graph = Array.from({ length: 100_000 }, (_, i) => ({ text: `text ${i}` }));
  assert.equal(bytesOf(ledger, 'components'), 0);
  built();
  const all = bytesOf(ledger, 'components');
  assert.ok(all > 5 * MEBIBYTE && all < 12 * MEBIBYTE, String(all));
  ledger.register({ owner: 'programs', place: 'heap', bytes: () => 4 * MEBIBYTE });
  assert.equal(bytesOf(ledger, 'components'), all, 'it stays as it is');
  built();
  assert.ok(Math.abs(all - bytesOf(ledger, 'components') - 4 * MEBIBYTE) < MEBIBYTE / 2);
  assert.equal(graph.length, 100_000);
  end();
});

test('an owner that lets go of much before V8 tells of a collection does not hide garbage', async () => {
  const { clock, ledger, collected, end } = entered();
  const kept = Array.from({ length: 300_000 }, (_, i) => ({ text: `text ${i}` }));
  collect();
  const state = ledger.register({ owner: 'state', place: 'heap', bytes: () => 15 * MEBIBYTE });
  collected();
  state();
  collected();
  await clock.advance(1_000);
  assert.ok(bytesOf(ledger, 'heap.garbage') > 14 * MEBIBYTE, ledger.describe());
  assert.equal(kept.length, 300_000);
  end();
});
