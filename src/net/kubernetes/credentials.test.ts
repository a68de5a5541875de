import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import { temporaryFolder } from '../../testing/component.ts';
import type { ExecCommand, Identity } from './access.ts';
import { OUTPUT_MAX_BYTES } from './credential_plugin.ts';
import { Credentials } from './credentials.ts';

const NEVER = new AbortController().signal;
const START = Date.parse('2026-11-27T00:00:00Z');
const VERSION = 'client.authentication.k8s.io/v1';

function credentialsOf(identity: Identity, clock = new FakeClock(START)) {
  const warnings: string[] = [];
  const log = { warn: (_: string, fields?: { readonly error?: unknown }) => void warnings.push(String(fields?.error)) };
  const credentials = new Credentials(identity, clock, log);
  const current = async (): Promise<string | undefined> => (await credentials.get(NEVER)).authorization;
  return { credentials, clock, warnings, current };
}

/** A plugin that is this shell script. */
function plugin(script: string, given: Partial<ExecCommand> = {}): Identity {
  const command = { apiVersion: VERSION, program: 'sh', args: ['-c', script, 'plugin'], env: {}, ...given };
  return { kind: 'exec', command: { clusterJson: undefined, installHint: undefined, ...command } };
}

/** A script that prints a credential. */
function prints(status: unknown, apiVersion = VERSION): string {
  return `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND\n`;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

test('a token, a password and nothing are what they are', async () => {
  assert.equal(await credentialsOf({ kind: 'token', token: 'abc' }).current(), 'Bearer abc');
  assert.equal(await credentialsOf({ kind: 'basic', user: 'me', password: 'ü:x' }).current(), 'Basic bWU6w7w6eA==');
  assert.equal(await credentialsOf({ kind: 'none' }).current(), undefined);
});

test('a token file is read again every minute, and at once after a refusal', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'token');
  const { credentials, clock, current, warnings } = credentialsOf({ kind: 'token_file', path });
  await assert.rejects(current(), /ENOENT/);
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
  assert.match(warnings.join(), /token holds no token$/);
});

test('a token file without an end is no token', async () => {
  await assert.rejects(credentialsOf({ kind: 'token_file', path: '/dev/zero' }).current(), /holds no token/);
});

test('a plugin gets what the kubeconfig file says, and no input', async () => {
  using folder = temporaryFolder();
  const told = join(folder.path, 'told');
  const script = `cat; printf '%s|' "$KUBERNETES_EXEC_INFO" "$WHO" "$@" > ${told}\n${prints({ token: 'abc' })}`;
  const args = ['-c', script, 'plugin', 'one', 'two words'];
  const clusterJson = '{"server":"https://api"}';
  const { current } = credentialsOf(plugin(script, { args, env: { WHO: 'me' }, clusterJson }));
  assert.equal(await current(), 'Bearer abc');
  const [info, ...rest] = readFileSync(told, 'utf8').split('|');
  assert.deepEqual(rest, ['me', 'one', 'two words', '']);
  assert.deepEqual(JSON.parse(info!), {
    apiVersion: VERSION,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://api' } },
  });
});

test('a plugin of v1beta1 is spoken to in it', async () => {
  const apiVersion = 'client.authentication.k8s.io/v1beta1';
  const script = `case "$KUBERNETES_EXEC_INFO" in *v1beta1*) ${prints({ token: 'old' }, apiVersion)} ;; esac`;
  assert.equal(await credentialsOf(plugin(script, { apiVersion })).current(), 'Bearer old');
});

/** A plugin that gives the tokens 1, 2, … and the times it was asked. */
function counting(folder: string, expires: string | undefined): { readonly script: string; times(): number } {
  const file = join(folder, 'times');
  writeFileSync(file, '');
  const expiry = expires === undefined ? '' : `,\\"expirationTimestamp\\":\\"${expires}\\"`;
  const answer = `{\\"apiVersion\\":\\"${VERSION}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$n\\"${expiry}}}`;
  return {
    script: `printf x >> ${file}; n=$(wc -c < ${file}); echo "${answer}"`,
    times: () => readFileSync(file, 'utf8').length,
  };
}

test('a plugin is asked again shortly before what it gave expires', async () => {
  using folder = temporaryFolder();
  const { clock, current } = credentialsOf(plugin(counting(folder.path, '2026-11-27T00:10:00Z').script));
  assert.equal(await current(), 'Bearer 1');
  await clock.advance(9 * 60_000);
  assert.equal(await current(), 'Bearer 1');
  await clock.advance(40_000);
  assert.equal(await current(), 'Bearer 2');
});

test('what does not expire is good until it is refused', async () => {
  using folder = temporaryFolder();
  const { credentials, clock, current } = credentialsOf(plugin(counting(folder.path, undefined).script));
  assert.equal(await current(), 'Bearer 1');
  await clock.advance(86_400_000);
  assert.equal(await current(), 'Bearer 1');
  credentials.refused();
  assert.equal(await current(), 'Bearer 2');
  credentials.refused();
  assert.equal(await current(), 'Bearer 2', 'a refusal within a second asks nobody');
});

test('many requests at a time ask a plugin once', async () => {
  using folder = temporaryFolder();
  const { script, times } = counting(folder.path, undefined);
  const { current } = credentialsOf(plugin(script));
  assert.deepEqual(new Set(await Promise.all([current(), current(), current()])), new Set(['Bearer 1']));
  assert.equal(times(), 1);
});

test('when a plugin fails later, what it gave last is used, and that is said', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'good');
  writeFileSync(file, '');
  const script = `test -e ${file} || { echo no network >&2; exit 3; }\n`;
  const status = { token: 'abc', expirationTimestamp: '2026-11-27T00:01:00Z' };
  const { clock, current, warnings } = credentialsOf(plugin(script + prints(status)));
  assert.equal(await current(), 'Bearer abc');
  rmSync(file);
  await clock.advance(60_000);
  assert.equal(await current(), 'Bearer abc');
  assert.deepEqual(warnings, ['the credential plugin `sh` failed: it ended with code 3, and said: no network']);
});

test('a plugin may give a certificate, with or without a token', async () => {
  const [cert, key] = [readFileSync(certificates.client.cert, 'utf8'), readFileSync(certificates.client.key, 'utf8')];
  const status = { clientCertificateData: cert, clientKeyData: key };
  const alone = await credentialsOf(plugin(prints(status))).credentials.get(NEVER);
  assert.deepEqual(alone, { authorization: undefined, certificate: { cert, key } });
  const both = await credentialsOf(plugin(prints({ ...status, token: 'abc' }))).credentials.get(NEVER);
  assert.deepEqual(both, { authorization: 'Bearer abc', certificate: { cert, key } });
});

const broken: readonly [what: string, script: string, message: RegExp][] = [
  ['fails', 'echo the reason >&2; exit 7', /it ended with code 7, and said: the reason$/],
  ['fails without a word', 'exit 7', /it ended with code 7$/],
  ['is killed', 'kill -9 $$', /signal SIGKILL ended it/],
  ['prints nothing', 'true', /no JSON/],
  ['prints something else', 'echo secret', /failed: what it printed is no JSON$/],
  ['prints another object', `echo '{"kind":"Status"}'`, /no ExecCredential/],
  ['prints a list', 'echo []', /no ExecCredential/],
  ['answers in another version', prints({ token: 'a' }, 'v2'), /asked for client.*\/v1 and answered in v2/],
  ['gives no status', prints(undefined), /no `status`/],
  ['gives nothing', prints({}), /neither a token nor a certificate/],
  ['gives a certificate without a key', prints({ clientCertificateData: 'x' }), /only one of/],
  ['gives the path of a certificate', prints({ clientCertificateData: '/c', clientKeyData: '/k' }), /is not PEM/],
  ['gives a token of two lines', prints({ token: 'a\nb' }), /is no token/],
  ['gives no time of expiry', prints({ token: 'a', expirationTimestamp: 'soon' }), /is no time/],
  ['prints without an end', 'yes', new RegExp(`printed more than ${OUTPUT_MAX_BYTES} bytes`)],
  ['complains without an end', 'head -c 5000000 /dev/zero | tr "\\0" x >&2; exit 1', /said: x{500}$/],
];

for (const [what, script, message] of broken) {
  test(`a plugin that ${what} says so`, async () => {
    await assert.rejects(credentialsOf(plugin(script)).current(), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

test('a plugin that is not there is an error with its hint', async () => {
  const missing = plugin('', { program: '/nonexistent/plugin', installHint: 'install it first' });
  await assert.rejects(credentialsOf(missing).current(), /`\/nonexistent\/plugin` failed: .*ENOENT; install it first$/);
  const noFile = plugin('', { program: 'no-such-program-anywhere', installHint: undefined });
  await assert.rejects(credentialsOf(noFile).current(), /ENOENT$/);
});

/** A plugin that hangs in a program it started, whose id it writes. */
function hanging(folder: string): { readonly identity: Identity; started(): Promise<number> } {
  const file = join(folder, 'pid');
  const identity = plugin(`sleep 1000 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`);
  return {
    identity,
    started: async () => {
      await until(() => existsSync(file));
      return Number(readFileSync(file, 'utf8'));
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    // A zombie that nobody waited for is not running either.
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a plugin that hangs is killed, and what it started too', async () => {
  using folder = temporaryFolder();
  const { identity, started } = hanging(folder.path);
  const { clock, current } = credentialsOf(identity);
  const failed = assert.rejects(current(), /it took longer than 30 seconds/);
  const pid = await started();
  await clock.advance(30_000);
  await failed;
  await until(() => !isRunning(pid));
  assert.equal(clock.pending, 0);
});

test('who stops waits for no plugin, and closing ends it', async () => {
  using folder = temporaryFolder();
  const { identity, started } = hanging(folder.path);
  const { credentials } = credentialsOf(identity);
  const stop = new AbortController();
  const waiting = credentials.get(stop.signal);
  const other = assert.rejects(credentials.get(NEVER), /it was not waited for/);
  const pid = await started();
  stop.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  assert.ok(isRunning(pid), 'another request may still want it');
  credentials.close();
  await other;
  await until(() => !isRunning(pid));
});
