import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './filter.ts';

test('passes on what meets the condition and counts the rest as dropped on purpose', async () => {
  const events = [1, 2, 3].map((a) => log({ a }));
  const { outputs, statuses, recorder } = await runTransform(transform, { condition: 'int!(.a) > 1' }, [events]);
  assert.deepEqual(
    outputs['']!.map((event) => (event as LogEvent).value),
    [{ a: 2 }, { a: 3 }],
  );
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 1);
  assert.equal(recorder.read('component_errors_total'), 0);
});

test('ends the hold of a batch of which nothing is left', async () => {
  const { outputs, statuses } = await runTransform(transform, { condition: 'false' }, [[log('a')]]);
  assert.deepEqual([outputs, statuses], [{}, ['delivered']]);
});

test('takes a program that fails for false, and counts it', async () => {
  const { outputs, recorder } = await runTransform(transform, { condition: 'int!(.a) > 1' }, [[log({ a: 'x' })]]);
  assert.deepEqual(outputs, {});
  assert.equal(recorder.read('component_errors_total', { error_type: 'script_failed', stage: 'processing' }), 1);
});

for (const [type, passes] of [
  ['is_log', true],
  ['is_metric', false],
  ['is_trace', false],
] as const) {
  test(`a log ${passes ? 'meets' : 'does not meet'} ${type}`, async () => {
    const { outputs } = await runTransform(transform, { condition: { type } }, [[log('a')]]);
    assert.equal(outputs['']?.length ?? 0, passes ? 1 : 0);
  });
}

test('looks at the parts of a metric that have paths', async () => {
  const metric = { name: 'm', kind: 'absolute', value: { type: 'gauge', value: 1 }, metadata: { value: {} } } as const;
  const condition = '.type == "gauge" && .name == "m" && .tags == null';
  const { outputs } = await runTransform(transform, { condition }, [[metric]], { eventType: 'metric' });
  assert.equal(outputs['']!.length, 1);
});

const problems = (condition: unknown) =>
  transform.verify!(parseConfig(transform, { condition }), testContext('transform', 'filter').context);

for (const [condition, path, message] of [
  ['.a', ['condition'], /must return a boolean, and this one gives any/],
  ['.a = true', ['condition'], /\(E315\)$/],
  ['.a == to_int(.b)', ['condition'], /\(E\d+\)$/],
  [{ type: 'vrl', source: '.a == ' }, ['condition', 'source'], /\(E20\d\)$/],
] as const) {
  test(`refuses ${JSON.stringify(condition)}`, () => {
    const [problem] = problems(condition);
    assert.deepEqual(problem!.path, path);
    assert.match(problem!.message, message);
  });
}

test('refuses what is neither a program nor an object of a known type', () => {
  assert.throws(() => parseConfig(transform, { condition: 5 }));
  assert.throws(() => parseConfig(transform, { condition: { type: 'check_fields' } }));
  assert.throws(() => parseConfig(transform, {}));
});
