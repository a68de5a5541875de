import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, SCENARIOS, SHORT } from '../../testing/bucket/scenarios.ts';
import { summaryOf } from '../../testing/interleavings.ts';

for (const name of [
  'blocks are taken and given back by two threads',
  'two threads push into nothing',
  'two threads push, and the block gets full',
  'a read with clear while one pushes',
  'two reads with clear',
  'blocks come back while one reads',
  'a thread that was pinned an epoch ago retires while another one reads',
  'a bucket is closed while one pushes',
]) {
  test(`ends as it does when every operation is a step: ${name}`, (context) => {
    const ends = [true, false].map((isPlain) => {
      const states = new Set<string>();
      const explored = play(SCENARIOS[name]!, { isPlain, onEnd: (state) => void states.add(state) });
      context.diagnostic(`${states.size} ends of ${summaryOf(explored)}`);
      return states;
    });
    assert.deepEqual(ends[1], ends[0]);
  });
}

for (const [name, scenario] of process.env['SLUICE_INTERLEAVINGS'] === 'all' ? Object.entries(SCENARIOS) : SHORT) {
  test(`holds in every interleaving: ${name}`, (context) => {
    const explored = play(scenario);
    context.diagnostic(summaryOf(explored));
    assert.ok(explored.states > 50);
  });
}
