// However a pipeline is run, what comes out is the same: the bytes at every sink in their order, what is counted, what
// sources hear. `npm run fuzz -- equality` goes on from here for as long as one likes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, compareAtRandom, describe, isFitForThreads, WAYS } from './compare.ts';
import { NAMED } from './named_cases.ts';
import { randomCase } from './random_case.ts';
import { TWO_THREADS } from './run.ts';

/** Cases that are worth the time in which a thread starts. */
const ON_THREADS: ReadonlySet<string> = new Set(['what failed goes on as it came', 'output that fills slots']);

for (const [name, given] of Object.entries(NAMED)) {
  test(name, async () => {
    const differences = await new Bench().compare(given, ON_THREADS.has(name) ? [...WAYS, TWO_THREADS] : WAYS);
    assert.ok(differences.length === 0, describe(name, given, differences));
  });
}

test('random pipelines give the same in every way', async () => {
  const found: string[] = [];
  const { cases, events, encodedEvents, indexed, spliced } = await compareAtRandom({
    seed: 20_260,
    cases: 400,
    limitMs: 10_000,
    findingsMax: 3,
    onFinding: (text) => found.push(text),
  });
  assert.deepEqual(found, []);
  // That much of it went the ways that are compared.
  assert.ok(cases > 10 && encodedEvents > events / 4 && indexed > events / 10 && spliced > events / 40);
});

test('random pipelines give the same on two threads', async () => {
  const bench = new Bench();
  const seeds = Array.from({ length: 30 }, (_, index) => 40_000 + index);
  for (const given of seeds.map(randomCase).filter(isFitForThreads).slice(0, 8)) {
    const differences = await bench.compare(given, [TWO_THREADS]);
    assert.ok(differences.length === 0, describe('on two threads', given, differences));
  }
  assert.ok(bench.covered.workerBatches > 0);
});

test('the same seed makes the same case', () => {
  assert.deepEqual(randomCase(5), randomCase(5));
  assert.notDeepEqual(randomCase(5), randomCase(6));
});

test('one wrong byte is found', async () => {
  const bench = new Bench();
  const { kernels, bytes } = bench.arena(1);
  const emit = kernels.json.emit.bind(kernels.json);
  kernels.json.emit = (out, capacity) => {
    const length = emit(out, capacity);
    if (length > 2) bytes[out + 1]! ^= 1;
    return length;
  };
  const differences = await bench.compare(NAMED['a branch changes what another one reads']!);
  assert.deepEqual(
    differences.map(({ way, what }) => [way, what]),
    [['segments', 'the output of k_t0']],
  );
});
