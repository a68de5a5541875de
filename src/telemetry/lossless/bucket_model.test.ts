import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, SCENARIOS, SHORT } from '../../testing/bucket/scenarios.ts';
import { summaryOf } from '../../testing/interleavings.ts';

for (const [name, scenario] of process.env['SLUICE_INTERLEAVINGS'] === 'all' ? Object.entries(SCENARIOS) : SHORT) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const explored = play(scenario);
    context.diagnostic(summaryOf(explored));
    assert.ok(explored.states > 50);
  });
}
