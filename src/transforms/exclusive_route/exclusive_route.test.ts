import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './exclusive_route.ts';

const routes = [
  { name: 'low', condition: 'int!(.a) < 2' },
  { name: 'one', condition: '.a == 1 || .a == 3' },
];

test('sends an event to the first route that takes it', async () => {
  const { outputs, statuses } = await runTransform(transform, { routes }, [[0, 1, 2, 3].map((a) => log({ a }))]);
  const numbers = Object.entries(outputs).map(([port, events]) => [
    port,
    events.map((event) => ((event as LogEvent).value as { a: number }).a),
  ]);
  assert.deepEqual(Object.fromEntries(numbers), { low: [0, 1], one: [3], _unmatched: [2] });
  assert.deepEqual(statuses, ['delivered']);
});

test('says which route is wrong', () => {
  const { context } = testContext('transform', 'exclusive_route');
  const wrong = [...routes, { name: 'x', condition: { type: 'vrl', source: '1' } }];
  const [problem] = transform.verify!(parseConfig(transform, { routes: wrong }), context);
  assert.deepEqual(problem!.path, ['routes', 2, 'condition', 'source']);
});

test('refuses two routes of one name', () => {
  assert.throws(() => parseConfig(transform, { routes: [...routes, routes[0]] }), /there are two routes `low`/);
});
