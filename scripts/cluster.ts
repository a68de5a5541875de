// `npm run cluster`: a real kube-apiserver with etcd on 127.0.0.1, until Ctrl-C. Opt-in, because the first run builds the
// apiserver from its Go module (minutes, 90 MB); the build is kept in .cache/. Needs Go and Debian's etcd-server.
// Prints what `kubectl` wants; RBAC is on, and the token is an admin's.
//
// `npm run cluster -- scenario [command]`: the scenario of test/kubernetes against it, with the sources or another command.
// `npm run cluster -- access`: every way to get in that a kubeconfig file can describe.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './command.ts';
import { ensure } from './debian.ts';

const MODULE = join(ROOT, 'test/kubernetes/apiserver');
const BUILD = join(ROOT, '.cache/kube-apiserver');
/** The version in go.mod, which the binary cannot know of itself. */
const VERSION = '1.31.14';
const BUILD_LIMIT_MS = 30 * 60_000;
const READY_LIMIT_MS = 60_000;
const ADMIN_TOKEN = 'sluice-admin';

export interface Cluster {
  /** `https://127.0.0.1:PORT`, with a certificate of its own making. */
  readonly url: string;
  readonly token: string;
  /** Files: the certificate that the apiserver made for itself, and a line of JSON for each request of a service account. */
  readonly certificate: string;
  readonly auditLog: string;
  /** Files: the certificate of the user `agent`, and its key. */
  readonly client: { readonly certificate: string; readonly key: string };
  /** Kills the apiserver, as a crash would, and starts it again on the same port after `whileDown`. */
  restartApiserver(whileDown?: () => Promise<void>): Promise<void>;
  /** Makes the store forget all versions up to now. */
  forgetHistory(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the apiserver where it is missing. Returns why that is impossible, or false. */
export async function ensureApiserver(): Promise<string | false> {
  const missing = await ensure({ etcd: 'etcd-server', etcdctl: 'etcd-client', openssl: 'openssl', curl: 'curl' });
  if (missing !== false || existsSync(BUILD)) return missing;
  if ((await run('go', ['version'])).code !== 0) return 'needs Go, to build the apiserver';
  console.error('building kube-apiserver, once …');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const versionFlags = `-s -w -X k8s.io/component-base/version.gitVersion=v${VERSION}`;
  const flags = ['build', '-mod=readonly', '-trimpath', '-ldflags', versionFlags, '-o', BUILD, '.'];
  const { code, output } = await run('go', flags, { cwd: MODULE, limitMs: BUILD_LIMIT_MS });
  return code === 0 ? false : `the apiserver could not be built: ${output.trim().split('\n').at(-1)}`;
}

/** Starts both with an empty store. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  await makeKeys(folder);
  const store = `http://127.0.0.1:${client}`;
  const etcd = start('etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${store}`,
    `--advertise-client-urls=${store}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
  ]);
  const url = `https://127.0.0.1:${secure}`;
  const launch = (): ChildProcess => start(BUILD, apiserverFlags(folder, store, secure));
  let apiserver = launch();
  const stop = async (): Promise<void> => {
    await Promise.all([end(apiserver), end(etcd)]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    token: ADMIN_TOKEN,
    certificate: join(folder, 'certificates/apiserver.crt'),
    auditLog: join(folder, 'audit.log'),
    client: { certificate: join(folder, 'agent.crt'), key: join(folder, 'agent.key') },
    forgetHistory: () => compact(store),
    async restartApiserver(whileDown) {
      await end(apiserver);
      await whileDown?.();
      apiserver = launch();
      await ready(url);
    },
    stop,
  };
}

async function makeKeys(folder: string): Promise<void> {
  const key = join(folder, 'account.key');
  await run('openssl', ['genrsa', '-out', key, '2048']);
  await run('openssl', ['rsa', '-in', key, '-pubout', '-out', join(folder, 'account.pub')]);
  await makeClient(folder);
  writeFileSync(join(folder, 'tokens.csv'), `${ADMIN_TOKEN},admin,1,"system:masters"\n`);
  writeFileSync(join(folder, 'audit.yaml'), AUDIT_POLICY);
}

/** An authority for clients, and the certificate of one. */
async function makeClient(folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const create = ['req', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await run('openssl', [
    ...create,
    '-x509',
    '-subj',
    '/CN=clients',
    '-keyout',
    at('clients.key'),
    '-out',
    at('clients.crt'),
  ]);
  const signed = ['-CA', at('clients.crt'), '-CAkey', at('clients.key')];
  await run('openssl', [
    ...create,
    '-x509',
    '-subj',
    '/CN=agent',
    ...signed,
    '-keyout',
    at('agent.key'),
    '-out',
    at('agent.crt'),
  ]);
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [ResponseStarted, ResponseComplete, Panic]
rules:
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
  - level: None
`;

/** Writes something, so that there is a version that nobody has seen, and forgets what was before it. */
async function compact(store: string): Promise<void> {
  const ask = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, ETCDCTL_API: '3' };
    const { code, output } = await run('etcdctl', ['--endpoints', store, ...args], { env });
    if (code !== 0) throw new Error(`etcdctl ${args[0]} failed: ${output.trim()}`);
    return output;
  };
  await ask('put', '/sluice', 'compacted');
  const [status] = JSON.parse(await ask('endpoint', 'status', '-w', 'json')) as {
    Status: { header: { revision: number } };
  }[];
  await ask('compaction', String(status?.Status.header.revision));
}

function apiserverFlags(folder: string, store: string, port: number): string[] {
  return [
    `--etcd-servers=${store}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'account.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--client-ca-file=${join(folder, 'clients.crt')}`,
    `--audit-policy-file=${join(folder, 'audit.yaml')}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    '--audit-log-maxsize=100',
    '--audit-log-maxbackup=1',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
  ];
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'ignore', process.env['CLUSTER_LOG'] ? 'inherit' : 'ignore'] });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Waits until the apiserver says that all its parts work. */
async function ready(url: string): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const header = `Authorization: Bearer ${ADMIN_TOKEN}`;
    const { code, output } = await run('curl', ['-sk', '-m', '2', '-H', header, `${url}/readyz`]);
    if (code === 0 && output.trim() === 'ok') return;
    if (performance.now() > deadline) throw new Error(`the apiserver is not ready: ${output.trim().slice(-300)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

if (import.meta.main) {
  const reason = await ensureApiserver();
  if (reason !== false) {
    console.error(reason);
    process.exit(1);
  }
  const cluster = await startCluster();
  if (process.argv[2] === 'scenario') {
    const { scenario } = await import('../test/kubernetes/scenario.ts');
    const isGood = await scenario(cluster, process.argv[3]).finally(() => cluster.stop());
    process.exit(isGood ? 0 : 1);
  }
  if (process.argv[2] === 'access') {
    const { checkAccess } = await import('../test/kubernetes/access.ts');
    const isGood = await checkAccess(cluster).finally(() => cluster.stop());
    process.exit(isGood ? 0 : 1);
  }
  console.log(`kubectl --server ${cluster.url} --insecure-skip-tls-verify --token ${cluster.token}`);
  const stop = (): void => void cluster.stop().then(() => process.exit(0));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
