import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, SCENARIOS, SHORT } from '../../testing/bucket/scenarios.ts';

for (const [name, scenario] of process.env['SLUICE_INTERLEAVINGS'] === 'all' ? Object.entries(SCENARIOS) : SHORT) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const { states, steps } = play(scenario);
    context.diagnostic(`${states} states, ${steps} steps`);
    assert.ok(states > 50);
  });
}
