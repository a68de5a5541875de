import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { log, parseConfig, runTransform, type TransformRun, testContext } from '../../testing/component.ts';
import { transform } from './route.ts';

const numbers = ({ outputs }: TransformRun) =>
  Object.fromEntries(
    Object.entries(outputs).map(([port, events]) => [
      port,
      events.map((event) => ((event as LogEvent).value as { a: number }).a),
    ]),
  );

const events = () => [0, 1, 2, 3, 4].map((a) => log({ a }));
const route = { low: 'int!(.a) < 2', even: 'mod!(.a, 2) == 0' };
const lowAndOne = { low: 'int!(.a) < 2', one: '.a == 1' };

test('sends an event to all routes that take it, and the others to _unmatched', async () => {
  const result = await runTransform(transform, { route: lowAndOne }, [events()]);
  assert.deepEqual(numbers(result), { low: [0, 1], one: [1], _unmatched: [2, 3, 4] });
  assert.deepEqual(result.statuses, ['delivered']);
});

test('drops what no route takes when told to, and counts it', async () => {
  const result = await runTransform(transform, { route: lowAndOne, reroute_unmatched: false }, [events()]);
  assert.deepEqual(numbers(result), { low: [0, 1], one: [1] });
  assert.equal(result.recorder.read('component_discarded_events_total', { intentional: 'true' }), 3);
});

test('ends the hold of a batch that no route takes', async () => {
  const raw = { route: { none: 'false' }, reroute_unmatched: false };
  const { outputs, statuses } = await runTransform(transform, raw, [events()]);
  assert.deepEqual([outputs, statuses], [{}, ['delivered']]);
});

test('has an output for each route', () => {
  const config = parseConfig(transform, { route });
  const ports = transform.outputs(config, ['log']).map(({ port }) => port);
  assert.deepEqual(ports, ['low', 'even', '_unmatched']);
});

test('says which route is wrong', () => {
  const { context } = testContext('transform', 'route');
  const [problem] = transform.verify!(parseConfig(transform, { route: { x: 'true', y: '.a' } }), context);
  assert.deepEqual(problem!.path, ['route', 'y']);
});

test('refuses a route with the name of another output', () => {
  assert.throws(() => parseConfig(transform, { route: { _unmatched: 'true' } }), /cannot be the name of a route/);
});
