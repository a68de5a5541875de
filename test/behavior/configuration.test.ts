// What a configuration says is what happens to events: names, formats, variables, secrets, wiring.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sluice } from '../e2e/process.ts';
import { pipeline } from './pipeline.ts';

const json = { codec: 'json' };
const stdin = { type: 'stdin' };

test('lines become events with the fields that the log schema names', async () => {
  const sinks = { out: { type: 'console', inputs: ['in'], encoding: json } };
  const [plain, renamed, vector] = await Promise.all([
    pipeline({ sources: { in: stdin }, sinks }, 'one\ntwo'),
    pipeline(
      {
        log_schema: { message_key: 'text', host_key: 'from.host', timestamp_key: '', source_type_key: '"a.b"' },
        sources: { in: stdin },
        sinks,
      },
      'one\n',
    ),
    pipeline({ schema: { log_namespace: true }, sources: { in: { ...stdin, decoding: json } }, sinks }, '{"a":1}\n'),
  ]);
  assert.deepEqual(
    plain.events.map(({ timestamp, ...rest }) => [Number.isNaN(Date.parse(String(timestamp))), rest]),
    ['one', 'two'].map((message) => [false, { message, host: hostname(), source_type: 'stdin' }]),
  );
  assert.deepEqual(renamed.events, [{ text: 'one', from: { host: hostname() }, 'a.b': 'stdin' }]);
  assert.deepEqual(vector.events, [{ a: 1 }]);
});

test('one source feeds sinks by name and by pattern, each with its own encoding', async () => {
  await using process = sluice({
    config: {
      sources: { app_in: { ...stdin, decoding: json }, other: { type: 'demo_logs', format: 'json', count: 1 } },
      sinks: {
        text: { type: 'file', inputs: ['app_*'], path: 'text.log', encoding: { codec: 'text' } },
        csv: {
          type: 'file',
          inputs: ['app_in'],
          path: 'a.csv',
          encoding: { codec: 'csv', csv: { fields: ['b', 'message'] } },
        },
        logfmt: {
          type: 'file',
          inputs: ['app_in'],
          path: 'logfmt.log',
          encoding: { codec: 'logfmt', except_fields: ['host', 'timestamp'] },
        },
        out: { type: 'console', inputs: ['*'], encoding: { codec: 'json', only_fields: ['source_type'] } },
      },
    },
  });
  process.stdin.end('{"message":"a \\"b\\"","b":1}\n{"message":"c,d","b":2}\n');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  const content = (name: string): string => readFileSync(join(process.folder, name), 'utf8');
  assert.equal(content('text.log'), 'a "b"\nc,d\n');
  assert.equal(content('a.csv'), '1,"a ""b"""\n2,"c,d"\n');
  assert.equal(content('logfmt.log'), 'b=1 message="a \\"b\\"" source_type=stdin\nb=2 message=c,d source_type=stdin\n');
  assert.deepEqual(process.events.map((event) => event['source_type']).sort(), ['demo_logs', 'stdin', 'stdin']);
});

const WITH_VARIABLES = (folder: string): string => `data_dir: ${folder}
sources:
  in:
    type: stdin
    decoding: {codec: "\${CODEC:-bytes}"}
sinks:
  out:
    type: console
    inputs: [in]
    encoding: {codec: text}
  file:
    type: file
    inputs: [in]
    path: ${folder}/\${NAME}.log
    encoding: {codec: text}
    buffer: {max_events: "\${SIZE}"}
`;

test('variables give values and never structure', async () => {
  await using process = sluice({
    config: WITH_VARIABLES,
    env: { NAME: '$HOME ${CODEC} "x"\n  type: blackhole', SIZE: '10' },
  });
  process.stdin.end('a line\n');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  const path = join(process.folder, '$HOME ${CODEC} "x"\n  type: blackhole.log');
  assert.equal(readFileSync(path, 'utf8'), 'a line\n');

  await using broken = sluice({ config: WITH_VARIABLES, env: { NAME: 'n', SIZE: '10, type: disk' } });
  assert.deepEqual(await broken.ended(), { code: 78, signal: null });
  assert.match(broken.stderr, /sluice\.yaml:16:26 {2}sinks\.file\.buffer\.max_events/);
});

test('a variable without a value stays as it is and is told', async () => {
  await using process = sluice({ config: WITH_VARIABLES, env: { SIZE: '10' } });
  process.stdin.end('a line\n');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  assert.match(process.stderr, /warning: the environment variable `NAME` is not set/);
  assert.equal(readFileSync(join(process.folder, '${NAME}.log'), 'utf8'), 'a line\n');
});

const BACKEND = `#!/bin/sh
cat >/dev/null
echo '{"token":{"value":"s3cr3t-of-exec","error":null}}'
`;

test('secrets reach the components that name them and nobody else', async () => {
  await using process = sluice({
    config: (folder: string) => {
      writeFileSync(join(folder, 'backend.sh'), BACKEND);
      chmodSync(join(folder, 'backend.sh'), 0o755);
      writeFileSync(join(folder, 'secrets.json'), '{"name":"s3cr3t-of-file"}');
      return {
        secret: {
          program: { type: 'exec', command: [join(folder, 'backend.sh')] },
          stored: { type: 'file', path: join(folder, 'secrets.json') },
        },
        sources: { in: stdin },
        sinks: {
          out: { type: 'file', inputs: ['in'], path: join(folder, 'SECRET[stored.name]'), encoding: { codec: 'text' } },
          web: {
            type: 'http',
            inputs: ['in'],
            uri: 'http://127.0.0.1:1/',
            auth: { strategy: 'bearer', token: 'SECRET[program.token]' },
            request: { retry_attempts: 0 },
            encoding: json,
            healthcheck: { uri: 'http://127.0.0.1:1/' },
          },
        },
      };
    },
    args: ['-vv'],
  });
  process.stdin.end('a line\n');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  assert.equal(readFileSync(join(process.folder, 's3cr3t-of-file'), 'utf8'), 'a line\n');
  assert.doesNotMatch(process.stdout + process.stderr, /s3cr3t-of-exec/);
});

test('a secret that cannot be had is an error with its place', async () => {
  await using process = sluice({
    config: (folder: string) => ({
      secret: { stored: { type: 'file', path: join(folder, 'none.json') } },
      sources: { in: stdin },
      sinks: { out: { type: 'file', inputs: ['in'], path: 'SECRET[stored.name]', encoding: { codec: 'text' } } },
    }),
  });
  assert.deepEqual(await process.ended(), { code: 78, signal: null });
  assert.match(process.stderr, /none\.json/);
  assert.match(process.stderr, /sluice\.yaml:1:\d+/);
});
