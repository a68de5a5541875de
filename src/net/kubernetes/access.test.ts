import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificates } from '../../testing/certificates.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { type Access, AccessError, findAccess } from './access.ts';

const AUTHORITY = readFileSync(certificates.authority, 'utf8');

const base64 = (text: string): string => Buffer.from(text).toString('base64');

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
      certificate-authority-data: ${base64(AUTHORITY)}
      tls-server-name: api.internal
      proxy-url: http://proxy.example.com:3128
users:
  - name: y
    user:
      client-certificate: certs/me.crt
      client-key: /keys/me.key
`;

/** A kubeconfig file with these members of its cluster and its user. */
function configOf(cluster: string, user: string): string {
  return `
current-context: one
contexts: [{ name: one, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://api.example.com", ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
`;
}

function accessOf(text: string): Access & { readonly folder: string } {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'config'), text);
  return { ...findAccess(join(folder.path, 'config')), folder: folder.path };
}

test('a kubeconfig file is read by its current context, with paths of its own folder', () => {
  const { server, serverName, tls, proxy, identity, folder } = accessOf(CONFIG);
  assert.equal(server.href, 'https://api.example.com:6443/prefix');
  assert.equal(serverName, 'api.internal');
  assert.equal(proxy, 'http://proxy.example.com:3128');
  assert.deepEqual(identity, { kind: 'none' });
  assert.deepEqual(tls, { ca_file: AUTHORITY, crt_file: join(folder, 'certs/me.crt'), key_file: '/keys/me.key' });
});

test('certificate and key may stand in the file itself', () => {
  const [cert, key] = [readFileSync(certificates.client.cert, 'utf8'), readFileSync(certificates.client.key, 'utf8')];
  const { tls } = accessOf(configOf('', `client-certificate-data: ${base64(cert)}, client-key-data: ${base64(key)}`));
  assert.deepEqual(tls, { crt_file: cert, key_file: key });
});

test('nothing is verified when the cluster says so', () => {
  assert.deepEqual(accessOf(configOf('insecure-skip-tls-verify: true', '')).tls, { verify_certificate: false });
  assert.deepEqual(accessOf(configOf('insecure-skip-tls-verify: false', '')).tls, {});
});

const identities: readonly [user: string, identity: Access['identity']][] = [
  ['', { kind: 'none' }],
  ['token: abc', { kind: 'token', token: 'abc' }],
  ['token: abc, tokenFile: /t', { kind: 'token_file', path: '/t' }],
  ['username: me, password: secret', { kind: 'basic', user: 'me', password: 'secret' }],
];

for (const [user, identity] of identities) {
  test(`a user of {${user}} is ${identity.kind}`, () => {
    assert.deepEqual(accessOf(configOf('', user)).identity, identity);
  });
}

test('a plugin is read with its arguments and variables, and its path is of the folder', () => {
  const exec = `exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/plugin, args: [get, token],
    env: [{ name: REGION, value: here }, { name: EMPTY }], installHint: "install it", interactiveMode: Never }`;
  const { identity, folder } = accessOf(configOf('', exec));
  assert.deepEqual(identity, {
    kind: 'exec',
    command: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      program: join(folder, 'bin/plugin'),
      args: ['get', 'token'],
      env: { REGION: 'here', EMPTY: '' },
      clusterJson: undefined,
      installHint: 'install it',
    },
  });
});

test('a plugin that asks for the cluster gets to know it', () => {
  const cluster = `tls-server-name: api, certificate-authority: ${certificates.authority}, extensions:
    [{ name: client.authentication.k8s.io/exec, extension: { audience: 7 } }, { name: other, extension: 1 }]`;
  const { identity } = accessOf(configOf(cluster, 'exec: { command: plugin, provideClusterInfo: true }'));
  assert.ok(identity.kind === 'exec');
  assert.equal(identity.command.program, 'plugin');
  assert.deepEqual(JSON.parse(identity.command.clusterJson ?? ''), {
    server: 'https://api.example.com',
    'tls-server-name': 'api',
    'certificate-authority-data': base64(AUTHORITY),
    config: { audience: 7 },
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

test('of several files in KUBECONFIG the first that names something says what it is', () => {
  using folder = temporaryFolder();
  const [one, two] = [join(folder.path, 'one'), join(folder.path, 'sub/two')];
  mkdirSync(join(folder.path, 'sub'));
  writeFileSync(one, 'contexts: [{ name: here, context: { cluster: b, user: mine } }]\ncurrent-context: here\n');
  writeFileSync(two, `${CONFIG}  - name: mine\n    user: { tokenFile: token }\n`);
  const surroundings = { env: { KUBECONFIG: `${one}:${two}` }, home: '/nonexistent', serviceAccount: '/sa' };
  const { server, identity } = findAccess(undefined, surroundings);
  assert.equal(server.hostname, 'api.example.com');
  assert.deepEqual(identity, { kind: 'token_file', path: join(folder.path, 'sub/token') });
});

const wrong: readonly [what: string, text: string, message: RegExp][] = [
  ['no YAML', '{', /is no kubeconfig/],
  ['a list', '[1]', /config is not a YAML object/],
  ['no current context', 'kind: Config', /`current-context` is not set/],
  ['a context that is not there', 'current-context: a', /no `a` in `contexts`/],
  ['contexts that are no list', 'current-context: a\ncontexts: { a: b }', /`contexts` is not a list/],
  ['a server of another kind', CONFIG.replace('https://api', 'ftp://api'), /`server` is neither an http nor/],
  ['a proxy of another kind', CONFIG.replace('http://proxy', 'socks5://proxy'), /`proxy-url` is neither/],
  [
    'an authority that is no PEM',
    configOf('certificate-authority-data: aGVsbG8=', ''),
    /authority-data` is not Base64/,
  ],
  [
    'an authority and none',
    configOf('certificate-authority: /ca, insecure-skip-tls-verify: true', ''),
    /to trust anybody/,
  ],
  ['a certificate alone', configOf('', 'client-certificate: /c'), /`client-certificate` needs `client-key`/],
  ['a key alone', configOf('', 'client-key: /k'), /`client-key` needs `client-certificate`/],
  ['a number as token', configOf('', 'token: 123'), /`token` is not text; put it in quotes/],
  ['a token of two lines', configOf('', 'token: "a\\nb"'), /`token` has characters/],
  ['another user to act as', configOf('', 'token: a, as: admin'), /`as`: acting as another user/],
  ['an old way to log in', configOf('', 'auth-provider: { name: gcp }'), /`auth-provider` is gone/],
  ['a plugin without a command', configOf('', 'exec: { args: [] }'), /`exec` has no `command`/],
  ['a plugin of an old version', configOf('', 'exec: { command: p, apiVersion: x/v1alpha1 }'), /v1 or .*\/v1beta1/],
  ['a plugin that asks somebody', configOf('', 'exec: { command: p, interactiveMode: Always }'), /nobody is here/],
  ['arguments that are no texts', configOf('', 'exec: { command: p, args: [1] }'), /`exec.args` must be texts/],
  ['a variable without a name', configOf('', 'exec: { command: p, env: [{ value: v }] }'), /`exec.env` has no `name`/],
];

for (const [what, text, message] of wrong) {
  test(`a kubeconfig file with ${what} says so`, () => {
    assert.throws(() => accessOf(text), { name: 'AccessError', message });
  });
}

test('a file that is not there, or is too large, says so', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'config');
  assert.throws(() => findAccess(path), { name: 'AccessError', message: /config cannot be read: ENOENT/ });
  writeFileSync(path, ' '.repeat(4_194_305));
  assert.throws(() => findAccess(path), { name: 'AccessError', message: /larger than 4194304 bytes/ });
});

test('without any access the message says what to do', () => {
  const surroundings = { env: {}, home: '/nonexistent', serviceAccount: '/nonexistent' };
  assert.throws(() => findAccess(undefined, surroundings), AccessError);
});
