import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAtRandom } from './differential.ts';
import { oracleMissing } from './sides.ts';

const missing = oracleMissing(process.env['SLUICE_ORACLE'] === '1');

test('programs made at random come to the same here and in the original', {
  skip: missing ?? false,
  timeout: 120_000,
}, async () => {
  const { findings, coverage } = await compareAtRandom({
    seed: 20_260_821,
    cases: 2000,
    limitMs: 60_000,
    signaturesMax: 20,
  });
  assert.deepEqual(
    findings.map(({ case: { source, event }, difference }) => ({ source, event, ...difference })),
    [],
  );
  assert.ok(coverage.cases > 0);
});
