import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, type Option, object } from '../schema/schema.ts';
import {
  acknowledgements,
  buffer,
  healthcheck,
  inputs,
  proxy,
  sinkOptions,
  sourceAcknowledgements,
  sourceOptions,
  transformOptions,
} from './common_options.ts';

function taken(option: Option<unknown>, raw: unknown): unknown {
  const { value, problems } = check(option, raw);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return value === undefined ? undefined : structuredClone(value);
}

const refused = (option: Option<unknown>, raw: unknown): string[] =>
  check(option, raw).problems.map(({ path, message }) => `${path.join('.')}: ${message}`);

test('acknowledgements may be a boolean, an object, or left to the global option', () => {
  for (const option of [acknowledgements(), sourceAcknowledgements()] as Option<unknown>[]) {
    assert.deepEqual(taken(option, true), { enabled: true });
    assert.deepEqual(taken(option, { enabled: false }), { enabled: false });
    for (const raw of [undefined, null, {}, { enabled: null }])
      assert.equal((taken(option, raw) as { enabled?: boolean }).enabled, undefined);
    assert.deepEqual(refused(option, 'yes'), [': expected an object, got the string "yes"']);
  }
});

test('acknowledgements of a source are out of date', () => {
  const { problems } = check(object('O.', { acknowledgements: sourceAcknowledgements() }), { acknowledgements: true });
  assert.deepEqual(
    problems.map(({ severity, message }) => [severity, message]),
    [['warning', '`acknowledgements` is deprecated']],
  );
});

test('a health check is on, may be switched off in short, and takes some time', () => {
  assert.deepEqual(taken(healthcheck(), undefined), { enabled: true, timeout: 10 });
  assert.deepEqual(taken(healthcheck(), false), { enabled: false, timeout: 10 });
  assert.deepEqual(taken(healthcheck(), { uri: null }), { enabled: true, timeout: 10, uri: undefined });
  assert.deepEqual(taken(healthcheck(), { timeout: 0.5 }), { enabled: true, timeout: 0.5 });
  assert.deepEqual(refused(healthcheck(), { timeout: 0 }), ['timeout: must be above 0']);
});

test('a buffer is one stage or a row of stages, in memory unless it says otherwise', () => {
  const memory = { type: 'memory', when_full: 'block' };
  for (const raw of [undefined, null, {}, { type: 'memory' }, [{}]]) assert.deepEqual(taken(buffer(), raw), [memory]);
  assert.deepEqual(
    taken(buffer(), [
      { max_events: 5, when_full: 'overflow' },
      { type: 'disk', max_size: 268_435_488 },
    ]),
    [
      { type: 'memory', max_events: 5, when_full: 'overflow' },
      { type: 'disk', max_size: 268_435_488, when_full: 'block' },
    ],
  );
});

for (const [raw, problem] of [
  [{ max_events: 0 }, 'max_events: must be at least 1, got 0'],
  [{ max_events: 1, max_size: 1 }, 'max_size: give either `max_events` or `max_size`, not both'],
  [{ type: 'disk' }, ': `max_size` is required'],
  [{ type: 'disk', max_size: 1_000_000 }, 'max_size: must be at least 268435488, got 1000000'],
  [{ type: 'disk', max_size: 268_435_488, max_events: 5 }, 'max_events: unknown option `max_events`'],
  [{ type: 'tape' }, 'type: unknown value `tape`'],
  [{ when_full: 'explode' }, 'when_full: unknown value `explode`'],
  [{ max_event: 5 }, 'max_event: unknown option `max_event`'],
  [[{ max_events: -1 }], '0.max_events: expected a whole number from 1, got -1'],
  ['memory', ': expected a list, got the string "memory"'],
] as const) {
  test(`a buffer such as ${JSON.stringify(raw)} is refused where it is written`, () => {
    assert.deepEqual(refused(buffer(), raw), [problem]);
  });
}

test('a proxy is absent or on, and its exceptions may be written in a row', () => {
  assert.equal(taken(proxy(), undefined), undefined);
  assert.deepEqual(taken(proxy(), {}), { enabled: true, no_proxy: [] });
  const written = { http: 'http://p:3128', no_proxy: ' localhost, .example.org,, 10.0.0.0/8 ,' };
  assert.deepEqual(taken(proxy(), written), {
    enabled: true,
    http: 'http://p:3128',
    no_proxy: ['localhost', '.example.org', '10.0.0.0/8'],
  });
  assert.deepEqual((taken(proxy(), { no_proxy: '' }) as { no_proxy: string[] }).no_proxy, []);
});

test('inputs are a list, which has to be there', () => {
  assert.deepEqual(taken(inputs(), ['a', 'b.*']), ['a', 'b.*']);
  assert.deepEqual(refused(inputs(), 'a'), [': expected a list, got the string "a"']);
  assert.deepEqual(refused(object('O.', { inputs: inputs() }), {}), [': `inputs` is required']);
});

test('each kind of component has its options, all of which but the inputs may be absent', () => {
  assert.deepEqual(taken(object('O.', sourceOptions), {}), {});
  assert.deepEqual(taken(object('O.', transformOptions), { inputs: ['a'] }), {
    inputs: ['a'],
    measure_cpu_usage: false,
  });
  assert.deepEqual(taken(object('O.', sinkOptions), { inputs: ['a'], graph: { node_attributes: { color: 'red' } } }), {
    inputs: ['a'],
    graph: { node_attributes: new Map([['color', 'red']]) },
    buffer: [{ type: 'memory', when_full: 'block' }],
    healthcheck: { enabled: true, timeout: 10 },
  });
});

test('attributes of a graph are text, by input for edges', () => {
  const option = object('O.', sourceOptions);
  assert.deepEqual(
    refused(option, { graph: { node_attributes: { width: 5 }, edge_attributes: { in: { color: 1 } } } }),
    [
      'graph.node_attributes.width: expected a string, got the number 5',
      'graph.edge_attributes.in.color: expected a string, got the number 1',
    ],
  );
});
