// The client against servers that speak TLS: whom it trusts, who it says it is, and what it says when that fails.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import { temporaryFolder, testContext } from '../../testing/component.ts';
import { findAccess } from './access.ts';
import { ApiClient } from './api_client.ts';

const { authority, client, elsewhere, server } = certificates;
const NEVER = new AbortController().signal;

interface Seen {
  readonly authorization: string | undefined;
  /** The name in the client's certificate. */
  readonly certificate: string | undefined;
  readonly serverName: string | undefined;
}

interface Api {
  readonly url: string;
  readonly seen: Seen[];
  /** Refuses whoever does not send this. */
  token: string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An API server that has an empty list for everybody; with an `authority` it wants a certificate. */
async function api(identity = server, wanted?: { readonly authority: string }): Promise<Api> {
  const seen: Seen[] = [];
  const options = {
    cert: readFileSync(identity.cert),
    key: readFileSync(identity.key),
    ca: readFileSync(authority),
    requestCert: true,
    rejectUnauthorized: wanted !== undefined,
  };
  const listener = createServer(options, ({ headers, socket }, response) => {
    const tls = socket as TLSSocket & { readonly servername?: string | false };
    const { subject } = tls.getPeerCertificate();
    seen.push({
      authorization: headers.authorization,
      certificate: subject ? String(subject.CN) : undefined,
      serverName: tls.servername || undefined,
    });
    const isRefused = started.token !== undefined && headers.authorization !== `Bearer ${started.token}`;
    response.writeHead(isRefused ? 401 : 200, { 'content-type': 'application/json' });
    response.end(isRefused ? '{"kind":"Status","message":"Unauthorized"}' : '{"items":[]}');
  });
  const url = `https://127.0.0.1:${await listen(listener)}`;
  const started: Api = {
    url,
    seen,
    token: undefined,
    [Symbol.asyncDispose]: () => {
      listener.closeAllConnections();
      return closed(listener);
    },
  };
  return started;
}

async function listen(listener: Server): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

function closed(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.close(() => resolve()));
}

interface Asking {
  /** Asks for a list: undefined when there is one, and why not otherwise. */
  ask(): Promise<string | undefined>;
  readonly warnings: readonly string[];
  readonly folder: string;
  readonly clock: FakeClock;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A client of a kubeconfig file with these members of its cluster and its user. */
function asking(url: string, cluster = '', user = ''): Asking {
  const folder = temporaryFolder();
  cpSync(authority, join(folder.path, 'ca.crt'));
  writeFileSync(
    join(folder.path, 'config'),
    `current-context: one
contexts: [{ name: one, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "${url}", ${cluster} } }]
users: [{ name: u, user: { ${user} } }]`,
  );
  const clock = new FakeClock();
  const { context, records } = testContext('source', 'kubernetes_logs', { clock });
  const access = findAccess(join(folder.path, 'config'));
  const asked = new ApiClient(access, { clock, recorder: context, log: context.log, userAgent: 'test' });
  return {
    ask: () =>
      asked.list('/api/v1/pods', {}, 'application/json', NEVER).then(
        () => undefined,
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    get warnings() {
      return records.map(({ message }) => message);
    },
    folder: folder.path,
    clock,
    async [Symbol.asyncDispose]() {
      await asked.close();
      folder[Symbol.dispose]();
    },
  };
}

const TRUST = 'certificate-authority: ca.crt';
const base64 = (path: string): string => readFileSync(path).toString('base64');

for (const [what, cluster] of [
  ['a file', TRUST],
  ['the kubeconfig file itself', `certificate-authority-data: ${base64(authority)}`],
] as const) {
  test(`the authority in ${what} is trusted`, async () => {
    await using one = await api();
    await using client = asking(one.url, cluster, 'token: abc');
    assert.equal(await client.ask(), undefined);
    assert.deepEqual(one.seen, [{ authorization: 'Bearer abc', certificate: undefined, serverName: undefined }]);
  });
}

for (const [what, user] of [
  ['files', `client-certificate: ${client.cert}, client-key: ${client.key}`],
  ['the kubeconfig file', `client-certificate-data: ${base64(client.cert)}, client-key-data: ${base64(client.key)}`],
] as const) {
  test(`a certificate from ${what} is shown to a server that wants one`, async () => {
    await using one = await api(server, { authority });
    await using known = asking(one.url, TRUST, user);
    assert.equal(await known.ask(), undefined);
    assert.deepEqual(one.seen, [{ authorization: undefined, certificate: 'client', serverName: undefined }]);
    await using unknown = asking(one.url, TRUST);
    assert.match((await unknown.ask()) ?? '', /^HttpError: /);
  });
}

test('a certificate of a plugin is shown, and the next one once it has given another', async () => {
  await using one = await api(server, { authority });
  const command = `exec: { command: ./plugin, apiVersion: client.authentication.k8s.io/v1 }`;
  await using asked = asking(one.url, TRUST, command);
  const give = (expirationTimestamp: string, identity: { readonly cert: string; readonly key: string }): void => {
    const [cert, key] = [readFileSync(identity.cert, 'utf8'), readFileSync(identity.key, 'utf8')];
    const status = { clientCertificateData: cert, clientKeyData: key, expirationTimestamp };
    const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    writeFileSync(join(asked.folder, 'plugin'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify(answer)}\nEND\n`, {
      mode: 0o755,
    });
  };
  give(new Date(asked.clock.now() + 60_000).toISOString(), client);
  assert.equal(await asked.ask(), undefined);
  give(new Date(asked.clock.now() + 3_600_000).toISOString(), server);
  assert.equal(await asked.ask(), undefined);
  await asked.clock.advance(60_000);
  assert.equal(await asked.ask(), undefined);
  assert.deepEqual(
    one.seen.map(({ certificate }) => certificate),
    ['client', 'client', 'localhost'],
  );
});

test('a server with a certificate for another name is asked for by that name', async () => {
  await using one = await api(elsewhere);
  await using refused = asking(one.url, TRUST);
  assert.match((await refused.ask()) ?? '', /does not match.*put it into `tls-server-name`/);
  await using wrong = asking(one.url, `${TRUST}, tls-server-name: nowhere.example.com`);
  assert.match((await wrong.ask()) ?? '', /does not match.*nowhere\.example\.com/);
  await using right = asking(one.url, `${TRUST}, tls-server-name: elsewhere.example.com`);
  assert.equal(await right.ask(), undefined);
  assert.deepEqual(
    one.seen.map(({ serverName }) => serverName),
    ['elsewhere.example.com'],
  );
});

test('anybody is trusted when the file says so, and that is said', async () => {
  await using one = await api(elsewhere);
  await using asked = asking(one.url, 'insecure-skip-tls-verify: true', 'token: abc');
  assert.equal(await asked.ask(), undefined);
  assert.match(asked.warnings.join(), /whoever answers is trusted/);
});

test('a server that nobody vouches for is refused, with what to do', async () => {
  await using one = await api();
  await using untold = asking(one.url);
  assert.match((await untold.ask()) ?? '', /say who signs it in `certificate-authority`/);
  await using other = asking(one.url, `certificate-authority: ${client.cert}`);
  assert.match((await other.ask()) ?? '', /not signed by the `certificate-authority`/);
  assert.deepEqual(one.seen, []);
});

test('files that cannot be used are named by the words of the kubeconfig file', async () => {
  await using one = await api();
  await using missing = asking(one.url, 'certificate-authority: nowhere.crt');
  assert.match(
    (await missing.ask()) ?? '',
    /`certificate-authority`: cannot read .*nowhere\.crt: there is no such file/,
  );
  await using mixed = asking(one.url, TRUST, `client-certificate: ${client.cert}, client-key: ${server.key}`);
  assert.match((await mixed.ask()) ?? '', /`client-key` does not belong to the certificate in `client-certificate`/);
});

test('an authority that comes later, or is replaced, is read when it is needed', async () => {
  await using one = await api();
  await using asked = asking(one.url, 'certificate-authority: later.crt');
  assert.match((await asked.ask()) ?? '', /no such file/);
  cpSync(client.cert, join(asked.folder, 'later.crt'));
  assert.match((await asked.ask()) ?? '', /not signed by/);
  cpSync(authority, join(asked.folder, 'later.crt'));
  assert.equal(await asked.ask(), undefined);
});

test('a refused token is said to be refused, by where it came from', async () => {
  await using one = await api();
  one.token = 'new';
  await using asked = asking(one.url, TRUST, 'tokenFile: token');
  writeFileSync(join(asked.folder, 'token'), 'old');
  assert.match((await asked.ask()) ?? '', /^ApiError: HTTP 401: Unauthorized; asked with the token in .*\/token$/);
  writeFileSync(join(asked.folder, 'token'), 'new');
  await asked.clock.advance(1_000);
  assert.match((await asked.ask()) ?? '', /401/);
  assert.equal(await asked.ask(), undefined);
});

const ANSWER = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"old"}}`;

const refusals: readonly [user: string, asked: string][] = [
  ['', 'nothing to show'],
  ['token: old', 'the `token` of the kubeconfig file'],
  ['username: me, password: secret', 'the password of me'],
  [`client-certificate: ${client.cert}, client-key: ${client.key}`, 'the `client-certificate`'],
  [`exec: { command: echo, args: ['${ANSWER}'] }`, 'what `echo` gave'],
];

for (const [user, shown] of refusals) {
  test(`who is refused with ${shown} is told so`, async () => {
    await using one = await api();
    one.token = 'new';
    await using asked = asking(one.url, TRUST, user);
    assert.equal(await asked.ask(), `ApiError: HTTP 401: Unauthorized; asked with ${shown}`);
  });
}

test('a server that speaks no TLS, or does not answer, is said to be so', async () => {
  const plain = createPlainServer();
  const port = await listen(plain);
  await using asked = asking(`https://127.0.0.1:${port}`, TRUST);
  assert.match((await asked.ask()) ?? '', new RegExp(`does 127\\.0\\.0\\.1:${port} speak TLS\\?`));
  await closed(plain);
  await using gone = asking(`https://127.0.0.1:${port}`, TRUST);
  assert.match((await gone.ask()) ?? '', /ECONNREFUSED/);
  const rude = createTcpServer((socket) => socket.destroy());
  await using cut = asking(`https://127.0.0.1:${await listen(rude)}`, TRUST);
  assert.match((await cut.ask()) ?? '', /^HttpError: /);
  await closed(rude);
});

test('the server behind the proxy of the cluster is still asked for by its name', async () => {
  await using one = await api(elsewhere);
  const targets: string[] = [];
  const proxy = createPlainServer().on('connect', (request, socket) => {
    targets.push(request.url ?? '');
    const tunnel = connect(Number(new URL(one.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(tunnel).pipe(socket);
    });
    for (const end of [socket, tunnel]) end.on('error', () => {});
  });
  const port = await listen(proxy);
  {
    const cluster = `${TRUST}, tls-server-name: elsewhere.example.com, proxy-url: "http://127.0.0.1:${port}"`;
    await using through = asking(one.url, cluster, 'token: abc');
    assert.equal(await through.ask(), undefined);
  }
  assert.deepEqual(targets, [new URL(one.url).host]);
  assert.deepEqual(one.seen, [
    { authorization: 'Bearer abc', certificate: undefined, serverName: 'elsewhere.example.com' },
  ]);
  await closed(proxy);
});
