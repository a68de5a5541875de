// However a pipeline is run, what comes out is the same: the bytes at every sink in their order, what is counted, what
// sources hear. `npm run fuzz -- equality` goes on from here for as long as one likes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, compareAtRandom, describe, WAYS } from './compare.ts';
import { NAMED } from './named_cases.ts';
import { randomCase } from './random_case.ts';
import { TWO_THREADS } from './run.ts';

for (const [name, given] of Object.entries(NAMED)) {
  test(name, async () => {
    const differences = await new Bench().compare(given, [...WAYS, TWO_THREADS]);
    assert.ok(differences.length === 0, describe(name, given, differences));
  });
}

test('random pipelines give the same in every way', async () => {
  const found: string[] = [];
  const { cases, events, encodedEvents, workerBatches, indexed, spliced } = await compareAtRandom({
    seed: 20_260,
    cases: 400,
    limitMs: 10_000,
    findingsMax: 3,
    onFinding: (text) => found.push(text),
  });
  assert.deepEqual(found, []);
  // That much of it went the ways that are compared.
  assert.ok(cases > 10 && encodedEvents > events / 4 && indexed > events / 10 && spliced > events / 40);
  assert.ok(workerBatches > 0);
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
