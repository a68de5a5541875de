import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFunction } from '../../std/make_function.ts';
import { collectGarbage } from '../heap.ts';
import { AllocationTotals, type HeapProfile, profileAllocations } from './allocations.ts';

/** A profile of functions `a`, `b`, … with samples as `a1` for sample 1 in `a`, of 10 bytes each. */
function profileOf(...samples: string[]): HeapProfile {
  const names = [...new Set(samples.map((one) => one[0]!))];
  const frame = (functionName: string) => ({ functionName, url: 'file:///x/src/m.ts', lineNumber: 0, columnNumber: 0 });
  return {
    head: {
      id: 0,
      callFrame: { ...frame(''), url: '', lineNumber: -1 },
      selfSize: 0,
      children: names.map((name, i) => ({ id: i + 1, callFrame: frame(name), selfSize: 0, children: [] })),
    },
    samples: samples.map((one) => ({ size: 10, nodeId: names.indexOf(one[0]!) + 1, ordinal: Number(one.slice(1)) })),
  };
}

const totalsOf = (totals: AllocationTotals) =>
  Object.fromEntries(totals.sites().map(({ name, liveBytes, totalBytes }) => [name[0], [liveBytes, totalBytes]]));

test('what was allocated lately stands for all since the reading before', () => {
  const totals = new AllocationTotals();
  totals.takeReading(profileOf('a1', 'b2', 'a3'));
  assert.deepEqual(totalsOf(totals), { a: [0, 20], b: [0, 10] });
  // 4 to 9 were collected; 10 and 11 are all that was since, and speak for the eight.
  totals.takeReading(profileOf('a1', 'b10', 'a11'));
  assert.deepEqual(totalsOf(totals), { a: [0, 20 + 40], b: [0, 10 + 40] });
});

test('samples that were counted are not counted again', () => {
  const totals = new AllocationTotals();
  totals.takeReading(profileOf('a1', 'a2'));
  totals.takeReading(profileOf('a1', 'a2'));
  totals.takeReading(profileOf());
  totals.takeReading(profileOf('a1', 'b3'));
  assert.deepEqual(totalsOf(totals), { a: [0, 20], b: [0, 10] });
});

test('what is alive replaces what was, and is never more than what was allocated', () => {
  const totals = new AllocationTotals();
  totals.takeReading(profileOf('a1', 'a2', 'b3'));
  totals.takeLive(profileOf('a1', 'c4'));
  assert.deepEqual(totalsOf(totals), { a: [10, 20], b: [0, 10], c: [10, 10] });
  totals.takeLive(profileOf('c4'));
  assert.deepEqual(totalsOf(totals), { a: [0, 20], b: [0, 10], c: [10, 10] });
});

test('sites are bounded', () => {
  const totals = new AllocationTotals();
  for (let i = 0; i < 3000; i++) {
    const profile = profileOf(`f${i + 1}`);
    (profile.head.children[0] as { callFrame: { functionName: string } }).callFrame.functionName = `f${i}`;
    totals.takeReading(profile);
  }
  const sites = totals.sites();
  assert.ok(sites.length <= 2001, `${sites.length}`);
  assert.equal(sites.find(({ name }) => name === 'other sites')?.totalBytes, 10_000);
});

const kept: unknown[] = [];

function keepEverything(): void {
  for (let i = 0; i < 200; i++) kept.push(new Array(100).fill(i + 0.5));
}

function keepNothing(): number {
  let sum = 0;
  for (let i = 0; i < 20_000; i++) sum += new Array(100).fill(i + 0.5).length;
  return sum;
}

test('the profiler tells code that keeps from code that only allocates, and names generated code', () => {
  const profiler = profileAllocations(collectGarbage);
  if (typeof profiler === 'string') assert.fail(profiler);
  const generated = makeFunction(
    ['kept'],
    'for (let i = 0; i < 5000; i++) kept.push(new Array(100).fill(i + 0.5))',
    'my_remap/program',
  ) as (to: unknown[]) => void;
  for (let i = 0; i < 20; i++) {
    keepEverything();
    keepNothing();
    profiler.read();
  }
  generated(kept);
  profiler.readLive();
  profiler.stop();
  const sites = profiler.totals.sites();
  // Native functions have no frame of their own where they are inlined.
  const of = (name: string) =>
    sites
      .filter((site) => site.name.startsWith(name) || site.callers.some((caller) => caller.startsWith(name)))
      .reduce((sum, { liveBytes, totalBytes }) => [sum[0]! + liveBytes, sum[1]! + totalBytes], [0, 0]);
  const [keeping, churning] = [of('keepEverything'), of('keepNothing')];
  const program = sites.find(({ name }) => name.includes('(my_remap/program:'));
  assert.ok(keeping[0]! > 2_000_000, `alive: ${keeping[0]}`);
  assert.ok(churning[0]! < keeping[0]! / 10, `alive of what is dropped: ${churning[0]}`);
  // 400,000 arrays of 800 bytes and more.
  assert.ok(churning[1]! > 200_000_000 && churning[1]! < 800_000_000, `allocated: ${churning[1]}`);
  assert.ok(program && program.liveBytes > 1_000_000, JSON.stringify(sites.slice(0, 9), undefined, 1));
  kept.length = 0;
});
