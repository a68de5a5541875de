import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../std/clock.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { AccessError, findAccess } from './access.ts';
import { Credentials } from './credentials.ts';

const CONFIG = `
current-context: two
contexts:
  - name: one
    context: { cluster: a, user: x }
  - name: two
    context: { cluster: b, user: y }
clusters:
  - name: b
    cluster:
      server: https://api.example.com:6443/prefix
      certificate-authority-data: ${Buffer.from('the CA').toString('base64')}
      tls-server-name: api.internal
      proxy-url: http://proxy.example.com:3128
users:
  - name: y
    user:
      client-certificate: certs/me.crt
      client-key: /keys/me.key
`;

test('a kubeconfig file is read by its current context, with paths of its own folder', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'config');
  writeFileSync(file, CONFIG);
  const { server, tls, proxy, identity } = findAccess(file);
  assert.equal(server.href, 'https://api.example.com:6443/prefix');
  assert.equal(proxy, 'http://proxy.example.com:3128');
  assert.deepEqual(identity, { kind: 'none' });
  assert.deepEqual(tls, {
    ca_file: 'the CA',
    crt_file: join(folder.path, 'certs/me.crt'),
    key_file: '/keys/me.key',
    server_name: 'api.internal',
  });
});

test('without a file: KUBECONFIG, the one at home, then the service account of the pod', () => {
  using folder = temporaryFolder();
  const home = join(folder.path, 'home');
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
  const inside = findAccess(undefined, { env, home, serviceAccount: '/sa' });
  assert.equal(inside.server.href, 'https://[fd00::1]:6443/');
  assert.deepEqual(inside.identity, { kind: 'token_file', path: '/sa/token' });
  assert.deepEqual(inside.tls, { ca_file: '/sa/ca.crt' });
  mkdirSync(join(home, '.kube'), { recursive: true });
  writeFileSync(join(home, '.kube/config'), CONFIG);
  assert.equal(findAccess(undefined, { env, home, serviceAccount: '/sa' }).server.hostname, 'api.example.com');
  const named = join(folder.path, 'named');
  writeFileSync(named, CONFIG.replaceAll('api.example.com', 'named.example.com'));
  const both = { ...env, KUBECONFIG: `/missing:${named}` };
  assert.equal(findAccess(undefined, { env: both, home, serviceAccount: '/sa' }).server.hostname, 'named.example.com');
});

const wrong: readonly [what: string, text: string, message: RegExp][] = [
  ['no YAML', '{', /is no kubeconfig/],
  ['no current context', 'kind: Config', /current-context/],
  ['a context that is not there', 'current-context: a', /no `a` in `contexts`/],
  ['a server of another kind', CONFIG.replace('https://api', 'ftp://api'), /neither http nor https/],
];

for (const [what, text, message] of wrong) {
  test(`a kubeconfig file with ${what} says so`, () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'config'), text);
    assert.throws(() => findAccess(join(folder.path, 'config')), { name: 'AccessError', message });
  });
}

test('without any access the message says what to do', () => {
  const surroundings = { env: {}, home: '/nonexistent', serviceAccount: '/nonexistent' };
  assert.throws(() => findAccess(undefined, surroundings), AccessError);
});

test('a token file is read again every minute, and at once after a refusal', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'token');
  const clock = new FakeClock();
  const credentials = new Credentials({ kind: 'token_file', path }, clock);
  await assert.rejects(credentials.get(), /ENOENT/);
  const current = async (): Promise<string | undefined> => (await credentials.get()).authorization;
  writeFileSync(path, 'one\n');
  assert.equal(await current(), 'Bearer one');
  writeFileSync(path, 'two');
  assert.equal(await current(), 'Bearer one');
  await clock.advance(60_000);
  assert.equal(await current(), 'Bearer two');
  writeFileSync(path, 'three');
  await clock.advance(2_000);
  credentials.refused();
  assert.equal(await current(), 'Bearer three');
  writeFileSync(path, 'not a token');
  await clock.advance(60_000);
  assert.equal(await current(), 'Bearer three');
});

test('a program gives credentials until they expire', async () => {
  using folder = temporaryFolder();
  const program = join(folder.path, 'plugin');
  const clock = new FakeClock(Date.parse('2026-11-27T00:00:00Z'));
  const script = (token: string): void => {
    const status = `{"token":"${token} $WHO","expirationTimestamp":"2026-11-27T00:10:00Z"}`;
    writeFileSync(program, `#!/bin/sh\ncat <<END\n{"status":${status}}\nEND\n`);
    chmodSync(program, 0o755);
  };
  const command = {
    apiVersion: 'v1',
    program,
    args: [],
    env: { WHO: 'me' },
    folder: folder.path,
    installHint: undefined,
  };
  const credentials = new Credentials({ kind: 'exec', command }, clock);
  script('one');
  assert.equal((await credentials.get()).authorization, 'Bearer one me');
  script('two');
  await clock.advance(9 * 60_000);
  assert.equal((await credentials.get()).authorization, 'Bearer one me');
  await clock.advance(40_000);
  assert.equal((await credentials.get()).authorization, 'Bearer two me');
});

test('a program that is not there is an error with its hint', async () => {
  const command = {
    apiVersion: 'v1',
    program: '/nonexistent/plugin',
    args: [],
    env: {},
    folder: '/',
    installHint: 'install it first',
  };
  const credentials = new Credentials({ kind: 'exec', command }, new FakeClock());
  await assert.rejects(credentials.get(), /install it first/);
});
