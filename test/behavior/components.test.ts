// Components working together through the real process: files that outlive it, two of them in a row, sources that end.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificates } from '../../src/testing/certificates.ts';
import { httpReceiver } from '../../src/testing/http_receiver.ts';
import { type SluiceProcess, sluice } from '../e2e/process.ts';
import { pipeline } from './pipeline.ts';

const text = { codec: 'text' };
const json = { codec: 'json' };

/** Waits until a file of the process holds exactly this. */
function holds(process: SluiceProcess, name: string, content: string): Promise<unknown> {
  return process.until(`${JSON.stringify(content.slice(0, 60))} in ${name}`, () => {
    try {
      return readFileSync(join(process.folder, name), 'utf8') === content;
    } catch {
      return false;
    }
  });
}

test('a log that is rotated while the process is away and while it is there arrives once', async () => {
  await using receiver = await httpReceiver();
  const arrived = (): string[] => receiver.bodies.flatMap((body) => body.trimEnd().split('\n'));
  const config = (folder: string) => ({
    sources: { in: { type: 'file', include: [join(folder, 'logs', '*')], glob_minimum_cooldown_ms: 50 } },
    sinks: {
      out: {
        type: 'http',
        inputs: ['in'],
        uri: receiver.uri,
        compression: 'gzip',
        encoding: text,
        framing: { method: 'newline_delimited' },
        batch: { timeout_secs: 0.05 },
        healthcheck: false,
      },
    },
  });
  await using first = sluice({ config, files: { 'logs/app.log': 'one\ntwo\n' } });
  const log = join(first.folder, 'logs', 'app.log');
  await first.until('two lines', () => arrived().length === 2);
  appendFileSync(log, 'three\nhal');
  await first.until('the third line', () => arrived().length === 3);
  assert.deepEqual(await first.stop(), { code: 0, signal: null });

  appendFileSync(log, 'f\n');
  renameSync(log, join(first.folder, 'logs', 'app.log.1'));
  appendFileSync(log, 'a new file\n');
  await using second = sluice({ command: ['--config', join(first.folder, 'sluice.yaml')] });
  await second.until('what was written meanwhile', () => arrived().length >= 5);
  renameSync(log, join(first.folder, 'logs', 'app.log.2'));
  appendFileSync(log, 'the newest file\n');
  await second.until('the newest file', () => arrived().includes('the newest file'));
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
  assert.deepEqual(arrived().sort(), ['a new file', 'half', 'one', 'the newest file', 'three', 'two']);
  assert.ok(receiver.requests.every(({ headers }) => headers['content-encoding'] === 'gzip'));
});

test('two processes in a row, over TLS with certificates on both sides', async () => {
  const { server, client, authority } = certificates;
  await using collector = sluice({
    config: {
      sources: {
        in: {
          type: 'socket',
          mode: 'tcp',
          address: '127.0.0.1:0',
          tls: {
            enabled: true,
            crt_file: server.cert,
            key_file: server.key,
            ca_file: authority,
            verify_certificate: true,
          },
        },
      },
      sinks: { out: { type: 'file', inputs: ['in'], path: 'all.log', encoding: text } },
    },
  });
  const port = await collector.port('in');
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join('');
  await pipeline(
    {
      sources: { in: { type: 'stdin' } },
      sinks: {
        out: {
          type: 'socket',
          mode: 'tcp',
          inputs: ['in'],
          address: `localhost:${port}`,
          encoding: text,
          tls: { enabled: true, crt_file: client.cert, key_file: client.key, ca_file: authority },
        },
      },
    },
    lines,
  );
  await holds(collector, 'all.log', lines);
});

test('an HTTP sink and an HTTP source with a password, compression and acknowledgements', async () => {
  const auth = { strategy: 'basic', username: 'agent', password: 'pass word' };
  const credentials = (password: string) => ({ strategy: 'basic', user: 'agent', password });
  await using collector = sluice({
    config: {
      acknowledgements: true,
      sources: { in: { type: 'http_server', address: '127.0.0.1:0', auth, decoding: json, path: '/logs' } },
      sinks: { out: { type: 'file', inputs: ['in'], path: 'all.log', encoding: text } },
    },
  });
  const uri = `http://127.0.0.1:${await collector.port('in')}/logs`;
  const agent = (password: string) =>
    pipeline(
      {
        sources: { in: { type: 'stdin' } },
        sinks: {
          out: {
            type: 'http',
            inputs: ['in'],
            uri,
            auth: credentials(password),
            compression: 'zstd',
            encoding: json,
            healthcheck: false,
          },
        },
      },
      'one\ntwo\n',
    );
  await agent('pass word');
  await holds(collector, 'all.log', 'one\ntwo\n');
  const { stderr } = await agent('wrong');
  assert.match(stderr, /401/);
  await holds(collector, 'all.log', 'one\ntwo\n');
});

test('lines over a unix socket arrive', async () => {
  await using process = sluice({
    config: (folder: string) => ({
      sources: { in: { type: 'socket', mode: 'unix_stream', path: join(folder, 'in.sock') } },
      sinks: { out: { type: 'console', inputs: ['in'], encoding: text } },
    }),
  });
  await process.started();
  connect(join(process.folder, 'in.sock')).end('over a path\n');
  assert.deepEqual(await process.printed(1), ['over a path']);
});

test('sources that come to an end end the process, with everything out', async () => {
  const { events } = await pipeline(
    {
      sources: {
        demo: { type: 'demo_logs', format: 'json', count: 50, interval: 0 },
        program: {
          type: 'exec',
          mode: 'streaming',
          command: ['/bin/sh', '-c', 'echo out; echo err >&2; printf last'],
          streaming: { respawn_on_exit: false },
        },
      },
      sinks: { out: { type: 'console', inputs: ['demo', 'program'], encoding: json } },
    },
    '',
  );
  assert.equal(events.filter((event) => event['source_type'] === 'demo_logs').length, 50);
  const program = events.filter((event) => event['source_type'] === 'exec').map(({ message }) => message);
  assert.deepEqual(program.sort(), ['err', 'last', 'out']);
});
