import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, LogEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { type MetricEvent, SharedTags, type TagValue } from '../../event/metric.ts';
import type { Value } from '../../event/value.ts';
import { log, runTransform, type TransformRun, temporaryFolder, testContext } from '../../testing/component.ts';
import { transform } from './remap.ts';

const values = ({ outputs }: TransformRun, port = ''): Value[] =>
  (outputs[port] ?? []).map((event) => (event as LogEvent).value);

const run = (raw: object, logs: readonly Event[], options = {}) => runTransform(transform, raw, [logs], options);

test('changes every event', async () => {
  const { outputs, statuses } = await run({ source: '.a = .a + 1 ?? 0' }, [log({ a: 1 }), log({ a: 'x' })]);
  assert.deepEqual(
    outputs['']!.map((event) => (event as LogEvent).value),
    [{ a: 2 }, { a: 0 }],
  );
  assert.deepEqual(statuses, ['delivered']);
});

test('makes an event of each item of an array, and wraps what is no object', async () => {
  const result = await run({ source: '. = [1, {"x": 2}, null]' }, [log('a')]);
  assert.deepEqual(values(result), [{ message: 1 }, { x: 2 }, { message: null }]);
});

test('keeps what is no object where the event is of the vector namespace', async () => {
  const event = { value: 'text', metadata: { value: { vector: {} } } };
  const result = await run({ source: '. = [1, "two"]' }, [event], { logNamespace: 'vector' });
  assert.deepEqual(values(result), [1, 'two']);
});

test('passes on the event as it was when the program fails', async () => {
  const result = await run({ source: '.early = true\n.n = to_int!(.m)' }, [log({ m: 'x' }), log({ m: '7' })]);
  assert.deepEqual(values(result), [{ m: 'x' }, { early: true, m: '7', n: 7 }]);
  assert.equal(result.recorder.read('component_errors_total', { error_type: 'conversion_failed' }), 1);
  assert.equal(result.recorder.read('component_discarded_events_total'), 0);
});

test('drops what fails with drop_on_error, and counts it as a loss', async () => {
  const result = await run({ source: '.n = to_int!(.m)', drop_on_error: true }, [log({ m: 'x' })]);
  assert.deepEqual(result.outputs, {});
  assert.deepEqual(result.statuses, ['delivered']);
  assert.equal(result.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('drops what is aborted, and counts it as intended', async () => {
  const result = await run({ source: 'if .a == 1 { abort }' }, [log({ a: 1 }), log({ a: 2 })]);
  assert.deepEqual(values(result), [{ a: 2 }]);
  assert.equal(result.recorder.read('component_discarded_events_total', { intentional: 'true' }), 1);
  assert.equal(result.recorder.read('component_errors_total'), 0);
});

test('passes on the event as it was when the program aborts and nothing is to be dropped', async () => {
  const result = await run({ source: '.x = 1\nabort', drop_on_abort: false }, [log({ a: 1 })]);
  assert.deepEqual(values(result), [{ a: 1 }]);
});

test('sends what is dropped to its own output, with the reason', async () => {
  const raw = {
    source: '.x = 1\nif .a == 1 { abort "because" }\nto_int!(.a)',
    drop_on_error: true,
    reroute_dropped: true,
  };
  const result = await run(raw, [log({ a: 1 }), log({ a: 'x' }), log({ a: 3 })]);
  const about = { component_id: 'test', component_kind: 'transform', component_type: 'remap' };
  const message = 'function call error for "to_int" at (38:49): Invalid integer "x": invalid digit found in string';
  assert.deepEqual(values(result, 'dropped'), [
    { a: 1, metadata: { dropped: { ...about, reason: 'abort', message: 'because' } } },
    { a: 'x', metadata: { dropped: { ...about, reason: 'error', message } } },
  ]);
  assert.deepEqual(values(result), [{ a: 3, x: 1 }]);
  assert.deepEqual(result.statuses, ['delivered']);
});

test('puts the reason into the metadata where the event is of the vector namespace', async () => {
  const event = { value: 'text', metadata: { value: { vector: { source_type: 'stdin' } } } };
  const result = await run({ source: 'abort', reroute_dropped: true }, [event], { logNamespace: 'vector' });
  const { value, metadata } = result.outputs['dropped']![0] as LogEvent;
  assert.equal(value, 'text');
  assert.deepEqual(metadata.value['vector'], {
    source_type: 'stdin',
    dropped: {
      component_id: 'test',
      component_kind: 'transform',
      component_type: 'remap',
      message: 'aborted',
      reason: 'abort',
    },
  });
});

test('writes metadata and secrets without touching those of other events', async () => {
  const shared = { value: { a: 1 }, secrets: new Map([['key', 'old']]) };
  const events = [1, 2].map((n) => ({ value: { n }, metadata: shared }));
  const result = await run(
    { source: 'if .n == 1 { %b = 2\nset_secret("key", "new") }\n.key = get_secret("key")' },
    events,
  );
  assert.deepEqual(values(result), [
    { n: 1, key: 'new' },
    { n: 2, key: 'old' },
  ]);
  const [first, second] = result.outputs[''] as LogEvent[];
  assert.deepEqual(first!.metadata.value, { a: 1, b: 2 });
  assert.deepEqual(second!.metadata.value, { a: 1 });
  assert.equal(first!.metadata.secrets?.get('key'), 'new');
  assert.deepEqual([shared.value, shared.secrets.get('key')], [{ a: 1 }, 'old']);
});

const metric = (more: Partial<MetricEvent> = {}): MetricEvent => ({
  name: 'requests',
  namespace: 'web',
  kind: 'incremental',
  value: { type: 'counter', value: 1 },
  tags: new Map<string, TagValue>([
    ['code', '200'],
    ['list', ['a', null, 'b']],
  ]),
  metadata: EMPTY_METADATA,
  ...more,
});

const runOnMetric = async (raw: object, event = metric()): Promise<MetricEvent> => {
  const { outputs } = await run(raw, [event], { eventType: 'metric' });
  return outputs['']![0] as MetricEvent;
};

test('reads and writes the parts of a metric that have paths', async () => {
  const source = `
    .name = "x_" + string!(.name)
    .kind = "absolute"
    .tags.type = .type
    .tags.list2 = .tags.list
    .interval_ms = 10
    del(.namespace)
    del(.tags.code)
    .unknown = 1
    .tags.number = 5`;
  const changed = await runOnMetric({ source });
  assert.deepEqual(
    [changed.name, changed.kind, changed.namespace, changed.intervalMs],
    ['x_requests', 'absolute', undefined, 10],
  );
  assert.deepEqual(Object.fromEntries(changed.tags!), { list: ['a', null, 'b'], type: 'counter', list2: 'b' });
});

test('a program that writes tags which metrics share writes those of one metric', async () => {
  const shared = new SharedTags([
    ['code', '200'],
    ['host', 'a'],
  ]);
  const source = `
    if .name == "written" { .tags.code = "500" }
    if .name == "removed" { del(.tags.code) }
    if .name == "failed" { .tags.code = "x"; .n = to_int!("x") }`;
  const names = ['first', 'written', 'removed', 'failed', 'last'];
  const events = names.map((name) => metric({ name, tags: shared }));
  const { outputs } = await run({ source }, [...events], { eventType: 'metric' });
  assert.deepEqual(
    (outputs[''] as MetricEvent[]).map(({ name, tags }) => [name, tags!.get('code'), tags!.get('host')]),
    [
      ['first', '200', 'a'],
      ['written', '500', 'a'],
      ['removed', undefined, 'a'],
      ['failed', '200', 'a'],
      ['last', '200', 'a'],
    ],
  );
  assert.deepEqual(
    [...shared],
    [
      ['code', '200'],
      ['host', 'a'],
    ],
  );
});

test('gives the values of a tag as a list when told to', async () => {
  const changed = await runOnMetric({
    source: '.tags.more = push(array!(.tags.list), "c")',
    metric_tag_values: 'full',
  });
  assert.deepEqual(changed.tags!.get('more'), ['a', null, 'b', 'c']);
});

test('passes on a metric as it was when the program fails, or with the reason in its tags', async () => {
  const source = '.name = "changed"\nto_int!(.tags.code + "x" ?? "x")';
  assert.equal((await runOnMetric({ source })).name, 'requests');
  const raw = { source, drop_on_error: true, reroute_dropped: true };
  const { outputs } = await run(raw, [metric({ tags: new Map() })], { eventType: 'metric' });
  assert.deepEqual(Object.fromEntries((outputs['dropped']![0] as MetricEvent).tags!), {
    'metadata.dropped.component_id': 'test',
    'metadata.dropped.component_kind': 'transform',
    'metadata.dropped.component_type': 'remap',
    'metadata.dropped.reason': 'error',
  });
});

test('runs the parts of several files as one program', async () => {
  using folder = temporaryFolder();
  const files = ['a.vrl', 'b.vrl'].map((name) => join(folder.path, name));
  writeFileSync(files[0]!, 'x = 1');
  writeFileSync(files[1]!, '.x = x + 1');
  assert.deepEqual(values(await run({ files }, [log({})])), [{ x: 2 }]);
});

const problems = (raw: object) => {
  const { context } = testContext('transform', 'remap');
  const config = { ...transform.options.schema.parse(raw) };
  return transform.verify!(config, context);
};

test('says what is wrong with a program, and in which part of it', () => {
  const [problem] = problems({ source: '.a = 1\n.b = to_int(.x)' });
  assert.equal(problem!.severity, 'error');
  assert.deepEqual(problem!.path, ['source']);
  assert.match(problem!.message, /\(E103\)$/);
  assert.ok(problem!.span!.start >= 7);
});

test('wants its program once', () => {
  assert.match(problems({})[0]!.message, /exactly one of/);
  assert.deepEqual(problems({ source: '.', file: 'x.vrl' })[0]!.path, ['file']);
  assert.match(problems({ file: '/nonexistent/x.vrl' })[0]!.message, /the program cannot be read/);
});

test('refuses to write what is the product’s own', () => {
  assert.match(problems({ source: '%vector.x = 1' })[0]!.message, /\(E315\)$/);
});
