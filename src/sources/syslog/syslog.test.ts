import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { Timestamp } from '../../event/timestamp.ts';
import type { ObjectValue } from '../../event/value.ts';
import { certificates } from '../../testing/certificates.ts';
import {
  parseConfig,
  type RunningSource,
  type SourceOptions,
  startSource,
  temporaryFolder,
} from '../../testing/component.ts';
import { source } from './syslog.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

type Started = RunningSource & { readonly port: number; [Symbol.asyncDispose](): Promise<void> };

/** A running source, listening; stopped at the end of the block. */
async function start(raw: Record<string, unknown>, options?: SourceOptions): Promise<Started> {
  const running = await startSource(source, raw, options);
  const listening = () => running.records.find(({ message }) => message === 'Listening.');
  await until(() => listening() !== undefined);
  return {
    ...running,
    port: (listening()!.fields['port'] as number | undefined) ?? 0,
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

const tcp = (raw: Record<string, unknown> = {}) => ({ mode: 'tcp', address: '127.0.0.1:0', ...raw });

function send(port: number, text: string | Buffer): void {
  connect(port, '127.0.0.1')
    .on('error', () => {})
    .end(text);
}

const MODERN =
  '<165>1 2003-10-11T22:14:15.003Z web evntslog 111 ID47 [ex@32473 iut="3" eventID="10\\"11"][p@1 class="high"] An entry';

const PARSED = {
  appname: 'evntslog',
  'ex@32473': { iut: '3', eventID: '10"11' },
  facility: 'local4',
  host: 'web',
  hostname: 'web',
  message: 'An entry',
  msgid: 'ID47',
  'p@1': { class: 'high' },
  procid: 111,
  severity: 'notice',
  source_ip: '127.0.0.1',
  source_type: 'syslog',
  timestamp: Timestamp.fromMs(Date.UTC(2003, 9, 11, 22, 14, 15, 3)),
  version: 1,
};

test('a message becomes an event with all that it says, and where it came from', async () => {
  await using on = await start(tcp());
  send(on.port, `${MODERN}\n`);
  await on.received(1);
  assert.deepEqual(on.values, [PARSED]);
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'tcp' }), MODERN.length + 1);
});

test('lines and messages behind their length come over one connection, cut anywhere', async () => {
  await using on = await start(tcp());
  const socket = connect(on.port, '127.0.0.1').on('error', () => {});
  socket.setNoDelay(true);
  const old = '<34>Oct 11 22:14:15 db su[7]: failed';
  for (const byte of `${MODERN.length} ${MODERN}${old}\r\n${old.length} ${old}<13>Oct 11 22:14:15 db last: one\n`) {
    socket.write(byte);
    await turn();
  }
  socket.end();
  await on.received(4);
  const texts = on.values.map((value) => (value as ObjectValue)['message']);
  assert.deepEqual(texts, ['An entry', 'failed', 'failed', 'one']);
  assert.equal((on.values[1] as ObjectValue)['procid'], 7);
});

test('a message that names no host has that of its peer, and a key of the user’s own', async () => {
  await using on = await start(tcp({ host_key: 'peer.name' }));
  send(on.port, '<34>1 2003-10-11T22:14:15Z - app - - - none\n<34>1 2003-10-11T22:14:15Z web app - - - named\n');
  await on.received(2);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['peer']),
    [{ name: '127.0.0.1' }, { name: 'web' }],
  );
  assert.ok(on.values.every((value) => !('host' in (value as ObjectValue))));
});

test('an empty `host_key` keeps the host out', async () => {
  await using on = await start(tcp({ host_key: '' }));
  send(on.port, `${MODERN}\n`);
  await on.received(1);
  const { host: _host, ...rest } = PARSED;
  assert.deepEqual(on.values, [rest]);
});

test('in the vector namespace the event is the text, and the rest is metadata', async () => {
  await using on = await start(tcp(), { logNamespace: 'vector' });
  send(on.port, `${MODERN}\n<34>1 2003-10-11T22:14:15Z - app - - - none\n`);
  await on.received(2);
  assert.deepEqual(on.values, ['An entry', 'none']);
  const [first, second] = on.events.map(({ metadata }) => metadata.value['syslog'] as ObjectValue);
  const { message, source_type, 'ex@32473': ex, 'p@1': p, ...details } = PARSED;
  assert.deepEqual(first, { ...details, structured_data: { 'ex@32473': ex, 'p@1': p } });
  assert.deepEqual([second!['host'], second!['source_ip']], ['127.0.0.1', '127.0.0.1']);
  assert.equal('structured_data' in second!, false);
  assert.equal((on.events[0]!.metadata.value['vector'] as ObjectValue)['source_type'], 'syslog');
});

test('what is no message costs an error and nothing else', async () => {
  await using on = await start(tcp());
  const hostile = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x0a, 0x0a]),
    Buffer.from('<999>nothing\n<34>1 never web app - - - x\n'),
    Buffer.from(`<34>1 2003-10-11T22:14:15Z web app - - [${'a'.repeat(50_000)}="\\`),
    Buffer.from('\n<34>1 2003-10-11T22:14:15Z web app - - - bytes '),
    Buffer.from([0xc3, 0x28, 0x0a]),
  ]);
  send(on.port, hostile);
  await on.received(1);
  assert.equal((on.values.at(-1) as ObjectValue)['message'], 'bytes \ufffd(');
  const errors = on.recorder.read('component_errors_total', { error_code: 'decoder_deserialize' });
  assert.equal(errors + on.values.length, 6);
});

test('hostile names in structured data are ordinary fields', async () => {
  await using on = await start(tcp());
  send(on.port, '<34>1 2003-10-11T22:14:15Z web app - - [__proto__ constructor="c" __proto__="p"] x\n');
  await on.received(1);
  const data = Object.getOwnPropertyDescriptor(on.values[0], '__proto__')!.value as ObjectValue;
  assert.deepEqual(Object.entries(data), [
    ['constructor', 'c'],
    ['__proto__', 'p'],
  ]);
});

test('messages beyond `max_length` are dropped and counted, lines and counted ones alike', async () => {
  await using on = await start(tcp({ max_length: 60 }));
  const short = '<34>1 2003-10-11T22:14:15Z web app - - - short';
  const long = `<34>1 2003-10-11T22:14:15Z web app - - - ${'x'.repeat(100)}`;
  send(on.port, `${long}\n${short}\n${long.length} ${long}${short.length} ${short}`);
  await on.received(2);
  assert.ok(on.values.every((value) => (value as ObjectValue)['message'] === 'short'));
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 2);
});

test('a datagram is one message', async () => {
  await using on = await start({ mode: 'udp', address: '127.0.0.1:0' });
  const socket = createSocket('udp4');
  for (const text of [MODERN, 'nothing', '<13>Oct 11 22:14:15 db app: two\nlines'])
    await new Promise((resolve) => socket.send(text, on.port, '127.0.0.1', resolve));
  socket.close();
  await on.received(2);
  assert.deepEqual(on.values[0], PARSED);
  assert.equal((on.values[1] as ObjectValue)['message'], 'two\nlines');
  assert.equal(on.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 1);
});

test('messages over a unix socket come from nobody in particular', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'log.sock');
  await using on = await start({ mode: 'unix', path, socket_file_mode: 0o620 });
  assert.equal(statSync(path).mode & 0o777, 0o620);
  connect(path).end(`${MODERN}\n<34>1 2003-10-11T22:14:15Z - app - - - none\n`);
  await on.received(2);
  assert.deepEqual(on.values[0], { ...PARSED, source_ip: '(unnamed)' });
  assert.equal((on.values[1] as ObjectValue)['host'], '(unnamed)');
});

test('messages over TLS name the certificate of their peer', async () => {
  const tls = {
    enabled: true,
    crt_file: certificates.server.cert,
    key_file: certificates.server.key,
    ca_file: certificates.authority,
    verify_certificate: true,
    client_metadata_key: 'client_metadata',
  };
  await using on = await start(tcp({ tls }));
  const socket = nodeTls.connect({
    host: '127.0.0.1',
    port: on.port,
    ca: readFileSync(certificates.authority),
    cert: readFileSync(certificates.client.cert),
    key: readFileSync(certificates.client.key),
  });
  socket.end(`${MODERN}\n`);
  await on.received(1);
  const subject = 'CN=client,OU=clients,O=Sluice tests,L=Utrecht,ST=Utrecht,C=NL';
  assert.deepEqual(on.values, [{ ...PARSED, client_metadata: { subject } }]);
});

test('a connection limit lets peers wait, and strangers are refused', async () => {
  await using on = await start(tcp({ connection_limit: 1 }));
  const first = connect(on.port, '127.0.0.1');
  first.write('<13>Oct 11 22:14:15 db a: first\n');
  await on.received(1);
  send(on.port, '<13>Oct 11 22:14:15 db a: second\n');
  first.end('<13>Oct 11 22:14:15 db a: last of first\n');
  await on.received(3);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['first', 'last of first', 'second'],
  );
  await using closed = await start(tcp({ permit_origin: ['10.0.0.0/8'] }));
  await once(connect(closed.port, '127.0.0.1'), 'close');
  await until(() => closed.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 1);
});

test('options are those of the mode', () => {
  assert.deepEqual(source.resources?.(parseConfig(source, tcp())), ['tcp:127.0.0.1:0']);
  assert.throws(() => parseConfig(source, { mode: 'udp' }), /`address` is required/);
  assert.throws(() => parseConfig(source, { mode: 'unix' }), /`path` is required/);
  const full = parseConfig(source, tcp({ keepalive: { time_secs: 60 }, tls_handshake_timeout_secs: 5 }));
  assert.equal(full.max_length, 102_400);
});

test('messages that go on as they came and those that are decoded at once keep their order', async () => {
  const kinds = new Set<string>();
  await using on = await start(tcp(), { onBatch: ({ kind }) => void kinds.add(kind) });
  const usual = (n: number) => `<34>1 2003-10-11T22:14:15Z web app - - - ${n}`;
  const odd = (n: number) => `<34>Oct 11 22:14:15 db su[7]: ${n}`;
  const lines = Array.from({ length: 400 }, (_, n) => (n % 7 === 3 || n % 50 > 40 ? odd(n) : usual(n)));
  send(on.port, `${lines.join('\n')}\n`);
  await on.received(400);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    lines.map((_, n) => String(n)),
  );
  assert.deepEqual([...kinds].sort(), ['decoded', 'raw']);
  assert.equal(on.recorder.read('component_received_events_total'), 400);
});
