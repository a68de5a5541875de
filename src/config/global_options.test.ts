import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadYaml } from '../testing/config.ts';

const load = (text: string) => loadYaml(text, { allowEmpty: true });

/** All that Vector's global options may hold. */
const EVERYTHING = `
data_dir: /data
memory: 1GiB
threads: 3
timezone: Europe/Paris
log_schema: {message_key: msg, host_key: "", timestamp_key: .a.b, source_type_key: '"x y"', metadata_key: "%m"}
schema: {enabled: true, validation: true, log_namespace: true}
acknowledgements: {enabled: true}
proxy: {enabled: true, http: "http://p:3128", https: "http://p:3128", no_proxy: [localhost]}
healthchecks: {enabled: false, require_healthy: true}
api: {enabled: true, address: "127.0.0.1:0"}
wildcard_matching: relaxed
telemetry: {tags: {emit_service: true, emit_source: true}}
expire_metrics: {secs: 5, nsecs: 1}
expire_metrics_secs: 300.5
expire_metrics_per_metric_set:
  - name: {type: exact, value: x}
    expire_secs: 1
  - name: {type: regex, pattern: x.*}
    labels: {type: any, matchers: [{type: exact, key: a, value: b}, {type: regex, key: a, value_pattern: b.*}]}
    expire_secs: 2
buffer_utilization_ewma_half_life_seconds: 5
latency_ewma_alpha: 0.9
metrics_storage_refresh_period: 1.5
provider: {type: http, url: "http://x/", request: {headers: {a: b}}, poll_interval_secs: 3, config_format: yaml, interpolate_env: true, proxy: {enabled: false}, ca_file: /x}
enrichment_tables:
  csv: {type: file, file: {path: /x.csv, encoding: {type: csv, include_headers: false, delimiter: ";"}}, schema: {id: integer}}
  places: {type: geoip, path: /x.mmdb, locale: de}
  other: {type: mmdb, path: /x.mmdb}
  cache:
    type: memory
    inputs: []
    ttl: 5
    ttl_field: ttl
    scan_interval: 1
    flush_interval: 2
    max_byte_size: 3
    reload_behavior: preserve-state
    internal_metrics: {include_key_tag: true}
    filter: {type: cuckoo, max_entries: 9, lru_aging_strategy: {strategy: decrement, value: 1}}
tests:
  - name: one
    inputs:
      - {insert_at: a, type: log, log_fields: {message: x}}
      - {insert_at: a, type: vrl, source: ". = {}"}
    outputs: [{extract_from: [a, b], conditions: ["true", {type: vrl, source: "true"}], expected_event_count: 1}]
    no_outputs_from: [b]
`;

test('every global option is known, and a warning says what is not done yet', async () => {
  const { config, shown } = await load(EVERYTHING);
  assert.deepEqual(
    shown.map(([severity, where, message]) => [severity, where.split(' ')[1], message]),
    [
      ['warning', 'schema.enabled', 'the types of fields are not followed through the topology yet'],
      ['warning', 'schema.validation', 'the fields of inputs are not checked yet'],
      ['warning', 'expire_metrics', '`expire_metrics` is deprecated'],
      [
        'warning',
        'metrics_storage_refresh_period',
        'programs see metrics as they are at that moment, however old they may be',
      ],
      ['warning', 'provider', 'no configuration is read from a server yet'],
      [
        'warning',
        'enrichment_tables',
        'tables other than of the type `file` are checked, but nothing can read them yet',
      ],
    ],
  );
  const globals = config!.globals;
  assert.equal(globals.dataDir, '/data');
  assert.equal(globals.timezone, 'Europe/Paris');
  assert.equal(globals.logNamespace, 'vector');
  assert.deepEqual(globals.logSchema, {
    message: { target: 'event', segments: ['msg'] },
    host: undefined,
    timestamp: { target: 'event', segments: ['a', 'b'] },
    sourceType: { target: 'event', segments: ['x y'] },
    metadata: { target: 'metadata', segments: ['m'] },
  });
  assert.deepEqual(globals.healthchecks, { enabled: false, requireHealthy: true });
  assert.deepEqual(globals.api, { enabled: true, address: '127.0.0.1:0' });
  assert.deepEqual([...config!.enrichmentTables!.keys()], ['csv', 'places', 'other', 'cache']);
  assert.equal(config!.tests![0]!.name, 'one');
});

const wrong: readonly [text: string, path: string, message: string, hint?: string][] = [
  ['timezone: Europe/Pari', 'timezone', 'there is no time zone `Europe/Pari`; did you mean `Europe/Paris`?'],
  ['timezone: +02:00', 'timezone', 'there is no time zone `+02:00`'],
  ['log_schema: {host_key: a..b}', 'log_schema.host_key', '`a..b` is not a path: a part between two dots is empty'],
  ['api: {graphql: false}', 'api.graphql', '`graphql` was removed: the API has no GraphQL any more'],
  ['api: {playground: true}', 'api.playground', '`playground` was removed: the API has no GraphQL any more'],
  ['api: {adress: x}', 'api.adress', 'unknown option `adress`', 'did you mean `address`?'],
  ['memory: 12 apples', 'memory', '`12 apples` is no size: write a number and a unit, such as `128MiB` or `1GB`'],
  ['memory: -1', 'memory', 'expected a whole number from 0, got -1'],
  ['memory: [1]', 'memory', 'expected a string or a whole number'],
  ['threads: 0', 'threads', 'must be from 1 to 255, got 0'],
  ['latency_ewma_alpha: 1', 'latency_ewma_alpha', 'must be between 0 and 1'],
  ['buffer_utilization_ewma_half_life_seconds: 0', 'buffer_utilization_ewma_half_life_seconds', 'must be above 0'],
  ['wildcard_matching: loose', 'wildcard_matching', 'unknown value `loose`', 'expected one of `strict`, `relaxed`'],
  ['enrichment_tables: {t: {type: fil}}', 'enrichment_tables.t.type', 'unknown value `fil`'],
  ['enrichment_tables: {t: {type: geoip}}', 'enrichment_tables.t', '`path` is required'],
  [
    'tests: [{name: a, outputs: [{extract_from: a, extract: x}]}]',
    'tests[0].outputs[0].extract',
    'unknown option `extract`',
  ],
  [
    'enrichment_tables: {t: {type: memory, source_config: {source_key: s}}}',
    'enrichment_tables.t.source_config',
    "tables that are sources are one of Vector's features that this version of Sluice does not have yet",
  ],
];

for (const [text, path, message, hint] of wrong) {
  test(`refuses ${text}`, async () => {
    const errors = (await load(text)).shown.filter(([severity]) => severity === 'error');
    const first = errors[0]!;
    assert.deepEqual([first[1].split(' ')[1], first[2]], [path, message]);
    if (hint !== undefined) assert.equal(first[3], hint);
  });
}

test('an address that is none is refused', async () => {
  assert.equal((await load('api: {enabled: true, address: nowhere}')).problems.length, 1);
});

test('a table in memory counts as a consumer', async () => {
  const { messages } = await loadYaml(
    'sources: {in: {type: all}, x: {type: all}}\nsinks: {s: {type: any, inputs: [x]}}\nenrichment_tables: {t: {type: memory, inputs: [in]}}',
  );
  assert.deepEqual(messages, ['tables other than of the type `file` are checked, but nothing can read them yet']);
});

for (const [text, bytes] of [
  ['memory: 192MiB', 201_326_592],
  ['memory: 200MB', 200_000_000],
  ['memory: 300000000', 300_000_000],
  ['memory:', undefined],
] as const) {
  test(`the budget of the process: ${text}`, async () => {
    const { config, shown } = await load(text);
    assert.deepEqual([config?.globals.memoryBytes, shown], [bytes, []]);
  });
}

test('a budget that is too small is refused where it is written, with the least that is enough', async () => {
  const sources = Array.from({ length: 20 }, (_, i) => `  s${i}: {type: gauge}`).join('\n');
  const few = await load('threads: 1\nmemory: 8MiB\n');
  const [, where, message, hint] = few.shown[0]!;
  assert.deepEqual([few.config, where.split(' ')[1], message], [undefined, 'memory', '`memory` is too small: 8MiB']);
  const least = /^give at least `(\d+MiB)`$/.exec(hint!)![1]!;
  assert.ok((await load(`threads: 1\nmemory: ${least}`)).config);
  const many = await load(`threads: 2\nmemory: ${least}\nsources:\n${sources}`);
  const problem = many.shown.find(([, place]) => place.split(' ')[1] === 'memory');
  assert.equal(problem?.[2], `\`memory\` is too small for 20 sources and 2 threads: ${least}`);
});
