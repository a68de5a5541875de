import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainValue } from './document.ts';
import { parseText } from './files.ts';
import { mergeFiles } from './merge.ts';

interface Result {
  readonly value: unknown;
  readonly problems: readonly (readonly [message: string, hint: string | undefined])[];
}

function merge(...texts: readonly string[]): Result {
  const roots = texts.map((text, index) => parseText(text, 'yaml', `${'abc'[index]}.yaml`).root!);
  const { root, problems } = mergeFiles(roots, { ON: 'true' }, 'default');
  return { value: plainValue(root), problems: problems.map(({ message, hint }) => [message, hint]) };
}

const fine: readonly [name: string, texts: readonly string[], expected: unknown][] = [
  [
    'components of several files stand together',
    ['sources: {a: {type: x}}\nsinks:', 'sources: {b: {type: y}}\nsinks: {c: {}}'],
    { sources: { a: { type: 'x' }, b: { type: 'y' } }, sinks: { c: {} } },
  ],
  [
    'a data_dir beats the default',
    ['data_dir: /var/lib/vector/', 'data_dir: /x', 'data_dir: /var/lib/vector'],
    { data_dir: '/x' },
  ],
  ['equal values are no conflict', ['timezone: UTC', 'timezone: UTC'], { timezone: 'UTC' }],
  [
    'log schema keys merge one by one',
    [
      'log_schema: {message_key: m}',
      'log_schema: {host_key: h, message_key: .message}',
      'log_schema: {message_key: .m}',
    ],
    { log_schema: { message_key: 'm', host_key: 'h' } },
  ],
  [
    'switches are joined with or',
    ['api: {enabled: false}\nschema: {enabled: "${ON}"}', 'api: {enabled: true}\nschema: {enabled: false}'],
    { api: { enabled: true }, schema: { enabled: '${ON}' } },
  ],
  [
    'health checks are joined with and',
    ['healthchecks: {enabled: true, require_healthy: false}', 'healthchecks: {enabled: false, require_healthy: true}'],
    { healthchecks: { enabled: false, require_healthy: true } },
  ],
  [
    'a list of hosts may stand in one file',
    ['proxy: {no_proxy: [], enabled: true}', 'proxy: {no_proxy: [x], http: "http://x"}', 'proxy: {enabled: false}'],
    { proxy: { no_proxy: ['x'], enabled: false, http: 'http://x' } },
  ],
  ['the first tuning counts', ['latency_ewma_alpha: 0.1', 'latency_ewma_alpha: 0.2'], { latency_ewma_alpha: 0.1 }],
  ['the last provider counts', ['provider: {type: http}', 'provider: {type: x}'], { provider: { type: 'x' } }],
  [
    'lists are joined',
    [
      'tests: [{name: a}]\nexpire_metrics_per_metric_set: [{expire_secs: 1}]',
      'tests: [{name: b}]\nexpire_metrics_per_metric_set: [{expire_secs: 2}]',
    ],
    { tests: [{ name: 'a' }, { name: 'b' }], expire_metrics_per_metric_set: [{ expire_secs: 1 }, { expire_secs: 2 }] },
  ],
  [
    'labels of telemetry are joined with or',
    ['telemetry: {tags: {emit_source: true}}', 'telemetry: {tags: {emit_source: false, emit_service: true}}'],
    { telemetry: { tags: { emit_source: true, emit_service: true } } },
  ],
];

for (const [name, texts, expected] of fine) {
  test(name, () => assert.deepEqual(merge(...texts), { value: expected, problems: [] }));
}

const conflicts: readonly [first: string, second: string, message: string, hint: string][] = [
  [
    'data_dir: /x',
    'data_dir: /y',
    '`data_dir` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'sources:\n  a: {type: x}',
    'sources: {a: {type: x}}',
    '`sources.a` is defined twice',
    'the first is in a.yaml, line 2',
  ],
  [
    'secret: {a: {type: file}}',
    'secret: {a: {type: exec}}',
    '`secret.a` is defined twice',
    'the first is in a.yaml, line 1',
  ],
  [
    'acknowledgements: true',
    'acknowledgements: false',
    '`acknowledgements` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'proxy: {no_proxy: [a]}',
    'proxy: {no_proxy: [a]}',
    '`proxy.no_proxy` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'proxy: {http: "http://a"}',
    'proxy: {http: "http://b"}',
    '`proxy.http` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'log_schema: {host_key: a}',
    'log_schema: {host_key: b}',
    '`log_schema.host_key` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'schema: {log_namespace: true}',
    'schema: {log_namespace: false}',
    '`schema.log_namespace` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  [
    'api: {address: "127.0.0.1:1"}',
    'api: {address: "127.0.0.1:2"}',
    '`api.address` has another value than in a.yaml',
    'see line 1 there, and keep one of the two',
  ],
  ['tests: [{name: a}]', 'tests: [{name: a}]', 'the test `a` is defined twice', 'the first is in a.yaml, line 1'],
];

for (const [first, second, message, hint] of conflicts) {
  test(`a conflict: ${message}`, () => assert.deepEqual(merge(first, second).problems, [[message, hint]]));
}
