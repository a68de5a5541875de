// How the process ends by itself: at the end of its input, with broken outputs, and with which exit codes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { open } from './hostile.ts';
import { configFile, MAIN, runSluice, type SluiceProcess, sluice } from './process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };

const toFile = {
  sources: { in: tcp },
  sinks: { out: { type: 'file', inputs: ['in'], path: 'all.log', encoding: text } },
};

/** Sends a line and waits until it is in the file. */
async function arrives(process: SluiceProcess, socket: { write(text: string): void }, line: string): Promise<void> {
  const path = join(process.folder, 'all.log');
  socket.write(`${line}\n`);
  await process.until(`${line} in the file`, () => existsSync(path) && readFileSync(path, 'utf8').includes(line));
}

test('the end of standard input ends the process, with its last line out, every time', async () => {
  const config = {
    sources: { in: { type: 'stdin' } },
    sinks: { out: { type: 'console', inputs: ['in'], encoding: text } },
  };
  const run = async (index: number): Promise<void> => {
    await using process = sluice({ config });
    const lines = Array.from({ length: 10 ** (index % 5) }, (_, i) => `line ${i} of run ${index}`);
    process.stdin.end(lines.join('\n') + (index % 2 === 0 ? '\n' : ''));
    assert.deepEqual(await process.ended(), { code: 0, signal: null });
    assert.equal(process.stdout, `${lines.join('\n')}\n`);
  };
  for (let index = 0; index < 10; index += 2) await Promise.all([run(index), run(index + 1)]);
});

test('a closed standard input is an input without lines', async () => {
  await using process = sluice({
    config: { sources: { in: { type: 'stdin' } }, sinks: { out: { type: 'console', inputs: ['in'], encoding: text } } },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.deepEqual(await process.ended(), { code: 0, signal: null });

  // Without any descriptor 0 at all.
  const child = spawn('/bin/sh', [
    '-c',
    'exec "$0" "$@" <&-',
    globalThis.process.execPath,
    MAIN,
    '--config',
    configFile(process.folder),
  ]);
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});

test('a reader that goes away costs an error line, not the process', async () => {
  await using process = sluice({
    config: {
      sources: { in: tcp },
      sinks: {
        out: { type: 'console', inputs: ['in'], encoding: text },
        file: { type: 'file', inputs: ['in'], path: 'all.log', encoding: text },
      },
    },
  });
  const socket = await open(await process.port('in'));
  socket.write('read\n');
  await process.printed(1);
  process.output.destroy();
  for (let i = 0; i < 20; i += 1) await arrives(process, socket, `unread ${i}`);
  await process.untilLogged({ level: 'ERROR', component_id: 'out', message: /^Error writing to output/ });
  socket.destroy();
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

test('a process whose output and errors nobody reads works and stops', async () => {
  await using process = sluice({ config: toFile, plainLogs: true });
  const started = process.until('the port', () => /port=(\d+)/.exec(process.stderr)?.[1]);
  const socket = await open(Number(await started));
  process.output.destroy();
  process.child.stderr!.destroy();
  await arrives(process, socket, 'unseen');
  socket.destroy();
  process.signal('SIGTERM');
  assert.deepEqual(await process.exited, { code: 0, signal: null });
});

const CODES: readonly (readonly [string, number, (folder: string) => string[], config?: unknown])[] = [
  ['an unknown flag', 64, () => ['--confg', 'x.yaml']],
  ['a flag with a wrong value', 64, () => ['--threads', 'many']],
  ['an unknown command', 64, () => ['vaildate']],
  ['a configuration that is not there', 78, (folder) => ['--config', join(folder, 'none.yaml')]],
  ['a broken configuration', 78, (folder) => ['--config', configFile(folder)], 'sources: [1'],
  ['a configuration without components', 78, (folder) => ['--config', configFile(folder)], {}],
  [
    'an address that cannot be listened on',
    78,
    (folder) => ['--config', configFile(folder)],
    {
      sources: { in: { ...tcp, address: '192.0.2.1:9' } },
      sinks: { out: { type: 'blackhole', inputs: ['in'] } },
    },
  ],
  [
    'a required health check that fails',
    78,
    (folder) => ['--require-healthy', 'true', '--config', configFile(folder)],
    {
      sources: { in: tcp },
      sinks: {
        out: {
          type: 'http',
          inputs: ['in'],
          uri: 'http://127.0.0.1:1/',
          healthcheck: { uri: 'http://127.0.0.1:1/' },
          encoding: text,
        },
      },
    },
  ],
];
for (const [name, code, command, config] of CODES) {
  test(`${name} ends the process with ${code}, and says why`, async () => {
    await using process = sluice({ command, ...(config === undefined ? {} : { config }) });
    process.stdin.end();
    assert.deepEqual(await process.ended(), { code, signal: null });
    assert.match(process.stderr, /error/i);
    assert.equal(process.stdout, '');
  });
}

test('an empty configuration runs when that is allowed', async () => {
  await using process = sluice({ config: {}, args: ['--allow-empty-config'] });
  await process.started();
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

test('`list | head -1` is no error', async () => {
  const { code } = await runSluice(['--version']);
  assert.equal(code, 0);
  const child = spawn('/bin/sh', ['-c', '"$0" "$1" list | head -1', globalThis.process.execPath, MAIN]);
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => void (errors += bytes));
  await once(child, 'exit');
  assert.equal(errors, '');
});
