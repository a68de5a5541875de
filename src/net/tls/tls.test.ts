import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { check } from '../../schema/schema.ts';
import { certificates } from '../../testing/certificates.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { type TlsConfig, tls, tlsEnableable, tlsSource, tlsTrust } from './options.ts';
import { clientTls, peerSubject, serverTls } from './tls.ts';

const { server, client, elsewhere, authority, passphrase } = certificates;

function config(raw: Record<string, unknown>): TlsConfig {
  const { value, problems } = check(tls(), raw);
  assert.deepEqual(problems, []);
  return value!;
}

interface Handshake {
  /** What the client saw: undefined when it was content. */
  readonly clientError: string | undefined;
  /** The subject of the client's certificate as the server saw it. */
  readonly subject: string | undefined;
  readonly alpn: string | false | null;
  readonly serverName: string | false | undefined;
}

/** Connects a client to a server on 127.0.0.1 and says what came of it. */
async function handshake(serverRaw: Record<string, unknown>, clientRaw: Record<string, unknown>, host = '127.0.0.1') {
  const listener = nodeTls.createServer(serverTls(config(serverRaw)));
  const accepted = new Promise<nodeTls.TLSSocket | undefined>((resolve) => {
    listener.once('secureConnection', resolve);
    listener.once('tlsClientError', () => resolve(undefined));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const socket = nodeTls.connect({ host: '127.0.0.1', port, ...clientTls(config(clientRaw)).options(host) });
  const clientError = new Promise<string | undefined>((resolve) => {
    socket.once('error', (error) => resolve(error.message));
    // With TLS 1.3 a server refuses a client's certificate only after the client's side of the handshake is over.
    socket.once('data', () => resolve(undefined));
  });
  const peer = await accepted;
  peer?.on('error', () => {});
  peer?.write('hello');
  const result: Handshake = {
    clientError: await clientError,
    subject: peer && peerSubject(peer),
    alpn: socket.alpnProtocol,
    serverName: peer && (peer as unknown as { servername?: string | false }).servername,
  };
  socket.destroy();
  peer?.destroy();
  await new Promise<void>((resolve) => listener.close(() => resolve()));
  return result;
}

const good = { crt_file: server.cert, key_file: server.key };

test('a client that trusts the authority reaches the server', async () => {
  assert.equal((await handshake(good, { ca_file: authority })).clientError, undefined);
});

for (const [name, raw] of Object.entries({
  'inline PEM': { crt_file: readFileSync(server.cert, 'utf8'), key_file: readFileSync(server.key, 'utf8') },
  'an encrypted key': { crt_file: server.cert, key_file: certificates.serverEncryptedKey, key_pass: passphrase },
  'a DER key': { crt_file: server.cert, key_file: certificates.serverKeyDer },
  'a PKCS#12 archive': { crt_file: certificates.serverArchive, key_pass: passphrase },
  'the old names of the options': { crt_path: server.cert, key_path: server.key },
})) {
  test(`a server takes its identity from ${name}`, async () => {
    assert.equal((await handshake(raw, { ca_file: authority })).clientError, undefined);
  });
}

test('a client takes its authority from a DER file', async () => {
  assert.equal((await handshake(good, { ca_file: certificates.authorityDer })).clientError, undefined);
});

test('a client without the authority refuses the server, unless verification is off', async () => {
  assert.match((await handshake(good, {})).clientError ?? '', /unable to verify|self.signed/);
  assert.equal((await handshake(good, { verify_certificate: false })).clientError, undefined);
});

test('a certificate for another host is refused, unless the host is not verified', async () => {
  const other = { crt_file: elsewhere.cert, key_file: elsewhere.key };
  assert.match((await handshake(other, { ca_file: authority })).clientError ?? '', /does not match/);
  assert.equal((await handshake(other, { ca_file: authority, verify_hostname: false })).clientError, undefined);
});

test('`server_name` is what is asked for, and the host is still what is verified', async () => {
  const asked = await handshake(good, { ca_file: authority, server_name: 'other.example.com' });
  assert.deepEqual([asked.clientError, asked.serverName], [undefined, 'other.example.com']);
  const plain = await handshake(good, { ca_file: authority }, 'localhost');
  assert.deepEqual([plain.clientError, plain.serverName], [undefined, 'localhost']);
});

test('the protocol both sides know is agreed on', async () => {
  const { alpn } = await handshake(
    { ...good, alpn_protocols: ['h2', 'http/1.1'] },
    { ca_file: authority, alpn_protocols: ['http/1.1'] },
  );
  assert.equal(alpn, 'http/1.1');
});

test('a server that verifies its clients lets in the one with a certificate and names it', async () => {
  const verifying = { ...good, ca_file: authority, verify_certificate: true };
  const known = await handshake(verifying, { ca_file: authority, crt_file: client.cert, key_file: client.key });
  assert.equal(known.clientError, undefined);
  assert.equal(known.subject, 'CN=client,OU=clients,O=Sluice tests,L=Utrecht,ST=Utrecht,C=NL');
  const unknown = await handshake(verifying, { ca_file: authority });
  assert.match(unknown.clientError ?? '', /certificate required|alert|reset|hang up|closed/i);
});

test('every wrong file is an error that names the file and the reason', () => {
  using folder = temporaryFolder();
  const garbage = join(folder.path, 'garbage');
  const empty = join(folder.path, 'empty');
  const damaged = join(folder.path, 'damaged');
  writeFileSync(garbage, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]));
  writeFileSync(empty, '');
  writeFileSync(damaged, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ ca_file: '/nowhere/ca.crt' }, /`tls\.ca_file`: cannot read \/nowhere\/ca\.crt: there is no such file/],
    [{ ca_file: folder.path }, /it is a folder/],
    [{ ca_file: garbage }, /garbage is neither PEM nor a DER certificate/],
    [{ ca_file: empty }, /empty is empty/],
    [{ ca_file: damaged }, /certificate 1 in .*damaged is damaged/],
    [{ ca_file: server.key }, /no certificate in .*server\.key/],
    [{ crt_file: server.cert }, /needs `tls\.key_file`/],
    [{ crt_file: server.cert, key_file: client.key }, /does not belong to the certificate/],
    [{ crt_file: server.cert, key_file: certificates.serverEncryptedKey }, /`tls\.key_pass` is not set/],
    [
      { crt_file: server.cert, key_file: certificates.serverEncryptedKey, key_pass: 'wrong' },
      /`tls\.key_pass` does not open it/,
    ],
    [{ crt_file: certificates.serverArchive, key_pass: 'wrong' }, /server\.p12 .*`tls\.key_pass` does not open it/],
    [{ crt_file: garbage }, /garbage is not PEM and, as PKCS#12, cannot be used/],
    [{ crt_file: server.cert, key_file: server.cert }, /no key can be read/],
    [{ alpn_protocols: [''] }, /1 to 255 bytes/],
  ];
  for (const [raw, expected] of cases) assert.throws(() => clientTls(config(raw)), expected, JSON.stringify(raw));
  assert.throws(() => serverTls(config({})), /a server needs a certificate/);
});

test('a passphrase appears in no message', () => {
  const raw = { crt_file: server.cert, key_file: certificates.serverEncryptedKey, key_pass: 'hunter2' };
  assert.throws(
    () => clientTls(config(raw)),
    (error: Error) => !error.message.includes('hunter2'),
  );
});

test('switching verification off is said in the log', () => {
  const said: string[] = [];
  const log = { warn: (message: string) => void said.push(message) };
  clientTls(config({ verify_certificate: false }), log);
  clientTls(config({ verify_hostname: false }), log);
  clientTls(config({}), log);
  assert.deepEqual(
    said.map((message) => message.split(' ')[0]),
    ['`tls.verify_certificate`', '`tls.verify_hostname`'],
  );
});

test('the groups differ in what they add', () => {
  const names = (option: { readonly info: { readonly fields?: object } }) => Object.keys(option.info.fields ?? {});
  assert.ok(!names(tls()).includes('enabled'));
  assert.deepEqual(names(tlsEnableable()), ['enabled', ...names(tls())]);
  assert.deepEqual(names(tlsSource()), ['enabled', 'client_metadata_key', ...names(tls())]);
  assert.deepEqual(names(tlsTrust()), ['ca_file', 'verify_certificate', 'verify_hostname']);
});
