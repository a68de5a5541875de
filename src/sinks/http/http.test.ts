import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { layoutOf, metricBatch, type RawBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { check } from '../../schema/schema.ts';
import { certificates } from '../../testing/certificates.ts';
import { log, parseConfig, runSink, testContext } from '../../testing/component.ts';
import { type Answers, httpReceiver } from '../../testing/http_receiver.ts';
import { sink } from './http.ts';

const TEXT = { encoding: { codec: 'text' } };
const JSON_ARRAY = { encoding: { codec: 'json' } };
const EVENTS = [log('one'), log('two'), log('three')];

/** What a server that answers `answers` is sent of `EVENTS`. */
async function send(config: Record<string, unknown>, answers: Answers = 200, path = '/ingest') {
  await using server = await httpReceiver(answers);
  const run = await runSink(sink, { uri: `${server.uri}${path}`, ...config }, [EVENTS]);
  const headers = (name: string) => server.requests.map((request) => request.headers[name]);
  return {
    ...run,
    requests: server.requests,
    bodies: server.bodies,
    headers,
    paths: server.requests.map((r) => r.path),
  };
}

/** The problems of a configuration, as text. */
function problems(config: Record<string, unknown>): string[] {
  return check(sink.options, { uri: 'http://localhost/', ...TEXT, ...config })
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('posts a batch as a JSON array', async () => {
  const { bodies, headers, requests, statuses } = await send(JSON_ARRAY);
  assert.deepEqual(bodies, ['[{"message":"one"},{"message":"two"},{"message":"three"}]']);
  assert.deepEqual([requests[0]!.method, requests[0]!.path], ['POST', '/ingest']);
  assert.deepEqual(headers('content-type'), ['application/json']);
  assert.deepEqual(statuses, ['delivered']);
});

const FORMS: readonly (readonly [string, Record<string, unknown>, string | undefined, string])[] = [
  ['text', TEXT, 'text/plain', 'one\ntwo\nthree\n'],
  ['raw_message', { encoding: { codec: 'raw_message' } }, 'text/plain', 'one\ntwo\nthree\n'],
  [
    'lines of JSON',
    { ...JSON_ARRAY, framing: { method: 'newline_delimited' } },
    'application/x-ndjson',
    '{"message":"one"}\n{"message":"two"}\n{"message":"three"}',
  ],
  [
    'JSON without framing',
    { ...JSON_ARRAY, framing: { method: 'bytes' } },
    undefined,
    '{"message":"one"}{"message":"two"}{"message":"three"}',
  ],
  ['logfmt', { encoding: { codec: 'logfmt' } }, undefined, 'message=one\nmessage=two\nmessage=three\n'],
  [
    'native_json',
    { encoding: { codec: 'native_json' } },
    undefined,
    '{"log":{"message":"one"}}\n{"log":{"message":"two"}}\n{"log":{"message":"three"}}\n',
  ],
  [
    'a wrapped JSON array',
    { ...JSON_ARRAY, payload_prefix: '{"data":', payload_suffix: ',"n":3}' },
    'application/json',
    '{"data":[{"message":"one"},{"message":"two"},{"message":"three"}],"n":3}',
  ],
];

for (const [name, config, contentType, body] of FORMS) {
  test(`sends ${name}`, async () => {
    const sent = await send(config);
    assert.deepEqual([sent.headers('content-type'), sent.bodies], [[contentType], [body]]);
  });
}

test('each CSV body begins afresh', async () => {
  const config = { encoding: { codec: 'csv', csv: { fields: ['message'] } }, batch: { max_events: 1 } };
  const { bodies } = await send(config);
  assert.deepEqual([...bodies].sort(), ['one\n', 'three\n', 'two\n']);
});

for (const [algorithm, encoding] of [
  ['gzip', 'gzip'],
  ['zlib', 'deflate'],
  ['zstd', 'zstd'],
] as const) {
  test(`compresses with ${algorithm} and says so`, async () => {
    const { bodies, headers } = await send({ ...TEXT, compression: algorithm });
    assert.deepEqual([bodies, headers('content-encoding')], [['one\ntwo\nthree\n'], [encoding]]);
  });
}

test('metrics go out as well', async () => {
  await using server = await httpReceiver();
  const batch = metricBatch([
    { name: 'up', kind: 'absolute', value: { type: 'gauge', value: 1 }, metadata: EMPTY_METADATA },
  ]);
  await runSink(sink, { uri: server.uri, encoding: { codec: 'native_json' } }, [batch]);
  assert.deepEqual(server.bodies, ['{"metric":{"name":"up","kind":"absolute","gauge":{"value":1.0}}}\n']);
});

test('lines that nobody looks into go out as the bytes they came in', async () => {
  await using server = await httpReceiver();
  const statuses: Status[] = [];
  let released = false;
  const bytes = Buffer.from('-first\nsecond\n');
  const batch: RawBatch = {
    kind: 'raw',
    type: 'log',
    hold: { bytes, retain() {}, release: () => void (released = true) },
    frames: new Int32Array([1, 5, 7, 6]),
    count: 2,
    sizeBytes: 11,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: 0,
    layout: layoutOf({
      overheadBytes: 10,
      decodeFrame() {
        throw new Error('it is looked into');
      },
    }),
    finalizer: new Finalizer((status) => void statuses.push(status)),
  };
  await runSink(sink, { uri: server.uri, ...TEXT }, [batch]);
  assert.deepEqual([server.bodies, statuses, released], [['first\nsecond\n'], ['delivered'], true]);
});

test('credentials come from `auth` or from the URI', async () => {
  const basic = await send({ ...TEXT, auth: { strategy: 'basic', user: 'u', password: 'p' } });
  const bearer = await send({ ...TEXT, auth: { strategy: 'bearer', token: 't0k' } });
  const custom = await send({ ...TEXT, auth: { strategy: 'custom', value: 'ApiKey x' } });
  const header = [basic, bearer, custom].map(({ headers }) => headers('authorization')[0]);
  assert.deepEqual(header, ['Basic dTpw', 'Bearer t0k', 'ApiKey x']);
  await using server = await httpReceiver();
  await runSink(sink, { uri: `http://u:p@127.0.0.1:${server.port}/`, ...TEXT }, [EVENTS]);
  assert.equal(server.requests[0]!.headers.authorization, 'Basic dTpw');
});

test('the method and headers are what the configuration says', async () => {
  const request = { headers: { 'X-Static': 'é', 'Content-Type': 'application/vnd.x', Accept: 'text/plain' } };
  const { requests, headers } = await send({ ...TEXT, method: 'put', request });
  assert.equal(requests[0]!.method, 'PUT');
  assert.equal(Buffer.from(String(headers('x-static')[0]), 'latin1').toString(), 'é');
  assert.deepEqual([headers('content-type'), headers('accept')], [['application/vnd.x'], ['text/plain']]);
});

test('`headers` in its old place still counts, with a warning', async () => {
  const { problems: found } = check(sink.options, { uri: 'http://localhost/', ...TEXT, headers: { A: 'b' } });
  assert.deepEqual(
    found.map(({ severity, message }) => [severity, message]),
    [['warning', '`headers` is deprecated']],
  );
  assert.deepEqual((await send({ ...TEXT, headers: { 'X-Old': '1' } })).headers('x-old'), ['1']);
});

test('events with different URIs or headers go out in different requests', async () => {
  const request = { headers: { 'X-Msg': 'm-{{ message }}' } };
  const byHeader = await send({ ...TEXT, request });
  assert.deepEqual(byHeader.headers('x-msg').sort(), ['m-one', 'm-three', 'm-two']);
  const byUri = await send(TEXT, 200, '/in/{{ message }}');
  assert.deepEqual(byUri.paths.sort(), ['/in/one', '/in/three', '/in/two']);
});

test('no event leads its request elsewhere or adds headers to it', async () => {
  await using server = await httpReceiver();
  const hostile = ['../../admin', 'a?b=c', 'a#b', '%2e%2e/x', 'x\r\nHost: evil', 'a\0b', 'x'.repeat(5000), '\\..\\y'];
  const config = { uri: `${server.uri}/in/{{ message }}`, ...TEXT };
  const run = await runSink(sink, config, [hostile.map((message) => log(message)), [log('fine')]]);
  assert.deepEqual(run.statuses, ['rejected', 'delivered']);
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    ['/in/fine'],
  );
  assert.equal(run.recorder.read('component_errors_total', { error_type: 'confinement_failed' }), hostile.length);
  assert.equal(run.recorder.read('component_discarded_events_total'), hostile.length);
  const injected = ['a\r\nX-Evil: 1', 'b\nX-Evil: 1', 'c\x01', 'd\x7f'];
  const headers = { ...TEXT, uri: server.uri, request: { headers: { 'X-M': '{{ message }}' } } };
  const second = await runSink(sink, headers, [injected.map((message) => log(message))]);
  assert.deepEqual(second.statuses, ['rejected']);
  assert.equal(server.requests.length, 1);
});

test('an event without the field of a template is counted and dropped', async () => {
  await using server = await httpReceiver();
  const run = await runSink(sink, { uri: `${server.uri}/{{ nope }}`, ...TEXT }, [EVENTS]);
  assert.deepEqual([run.statuses, server.requests.length], [['rejected'], 0]);
  assert.equal(run.recorder.read('component_errors_total', { error_type: 'template_failed' }), 3);
});

for (const [status, outcome] of [
  [200, 'delivered'],
  [204, 'delivered'],
  [302, 'rejected'],
  [400, 'rejected'],
  [413, 'rejected'],
  [501, 'rejected'],
  [408, 'errored'],
  [429, 'errored'],
  [500, 'errored'],
  [503, 'errored'],
] as const) {
  test(`a server that answers ${status} to the last leaves the batch ${outcome}`, async () => {
    const { statuses, requests } = await send({ ...TEXT, request: { retry_attempts: 0 } }, status);
    assert.deepEqual([statuses, requests.length], [[outcome], 1]);
  });
}

test('`retry_strategy` decides which answers are asked for again', async () => {
  const strategies: [Record<string, unknown>, number, Status][] = [
    [{ type: 'none' }, 503, 'rejected'],
    [{ type: 'all' }, 400, 'errored'],
    [{ type: 'custom', status_codes: [404] }, 404, 'errored'],
    [{ type: 'custom', status_codes: [404] }, 503, 'rejected'],
  ];
  for (const [retry_strategy, answer, outcome] of strategies) {
    const { statuses } = await send({ ...TEXT, retry_strategy, request: { retry_attempts: 0 } }, answer);
    assert.deepEqual(statuses, [outcome], JSON.stringify(retry_strategy));
  }
});

test('after 503, a reset and a silent peer, the same body arrives once it can', async () => {
  const answers: Answers = [503, 'reset', 'hang', { status: 429, headers: { 'retry-after': '0' } }, 200];
  const request = { timeout_secs: 1, retry_max_duration_secs: 1 };
  const { bodies, statuses, recorder } = await send({ ...TEXT, request }, answers);
  assert.deepEqual(bodies, Array(5).fill('one\ntwo\nthree\n'));
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(recorder.read('component_sent_events_total'), 3);
  assert.equal(recorder.read('component_sent_bytes_total', { protocol: 'http' }), 14);
  assert.equal(recorder.read('component_discarded_events_total'), 0);
});

test('an endless answer delivers, and costs the connection only', async () => {
  const { statuses } = await send(TEXT, 'endless');
  assert.deepEqual(statuses, ['delivered']);
});

test('speaks TLS', async () => {
  const tls = { cert: readFileSync(certificates.server.cert), key: readFileSync(certificates.server.key) };
  await using server = await httpReceiver(200, tls);
  const config = { uri: server.uri, ...TEXT, tls: { ca_file: certificates.authority } };
  assert.deepEqual((await runSink(sink, config, [EVENTS])).statuses, ['delivered']);
});

test('the health check asks the URI it is given, and only then', async () => {
  await using server = await httpReceiver([204, 503]);
  const config = parseConfig(sink, { uri: 'http://127.0.0.1:1/{{ x }}', ...TEXT });
  const { context } = testContext('sink', 'http');
  const without = await sink.build(config, context);
  assert.equal(without.healthcheck, undefined);
  const built = await sink.build(config, { ...context, healthcheckUri: `${server.uri}/health` });
  await built.healthcheck!(new AbortController().signal);
  assert.deepEqual([server.requests[0]!.method, server.requests[0]!.path], ['HEAD', '/health']);
  await assert.rejects(built.healthcheck!(new AbortController().signal), /status 503/);
  await without.end();
  await built.end();
});

test('what cannot work is refused before it starts', () => {
  assert.deepEqual(problems({}), []);
  assert.match(problems({ uri: 'localhost:8080/x' })[0]!, /^uri: .* is not an HTTP URI/);
  assert.match(problems({ uri: 'ftp://localhost/' })[0]!, /is not an HTTP URI/);
  assert.match(problems({ request: { headers: { 'a b': 'c' } } })[0]!, /^request\.headers\.a b: .* not the name/);
  assert.match(problems({ request: { headers: { 'Content-Length': '1' } } })[0]!, /for the HTTP client alone/);
  const auth = { strategy: 'bearer', token: 't' };
  assert.match(problems({ auth, request: { headers: { Authorization: 'x' } } })[0]!, /`auth` sets this header too/);
  assert.match(problems({ auth, uri: 'http://u:p@localhost/' })[0]!, /credentials too/);
  assert.match(problems({ ...JSON_ARRAY, payload_prefix: '{"a":' })[0]!, /must make valid JSON/);
  assert.match(problems({ auth: { strategy: 'aws', service: 'es' } })[0]!, /`auth` is required/);
  assert.match(problems({ batch: { timeout_secs: 0 } })[0]!, /above 0/);
  assert.match(problems({ request: { concurrency: 0 } })[0]!, /concurrency/);
});
