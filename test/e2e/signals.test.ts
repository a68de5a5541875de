// How the process ends and changes: signals, the end of its input, broken outputs, and the exit codes of it all.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { httpReceiver } from '../../src/testing/http_receiver.ts';
import { open } from './hostile.ts';
import { configFile, MAIN, runSluice, type SluiceProcess, sluice, writeConfig } from './process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };

const toServer = (uri: string) => ({
  sources: { in: tcp },
  sinks: {
    out: {
      type: 'http',
      inputs: ['in'],
      uri,
      encoding: text,
      framing: { method: 'newline_delimited' },
      batch: { max_events: 100, timeout_secs: 0.05 },
      healthcheck: false,
    },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} in the middle: all that was sent is delivered, then the process ends with 0`, async () => {
    const release = Promise.withResolvers<void>();
    await using receiver = await httpReceiver(() => ({ after: release.promise }));
    await using process = sluice({ config: toServer(receiver.uri) });
    const socket = await open(await process.port('in'));
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
    socket.write(`${lines.slice(0, 500).join('\n')}\n`);
    await receiver.received(1);
    process.signal(signal);
    await process.untilLogged({ message: /^Sluice is stopping/, signal });
    // We are told that it is over, and may still say what we have to say.
    socket.resume();
    await once(socket, 'end');
    socket.end(lines.slice(500).join('\n'));
    release.resolve();
    assert.deepEqual(await process.ended(), { code: 0, signal: null });
    assert.deepEqual(receiver.bodies.flatMap((body) => body.trimEnd().split('\n')).sort(), [...lines].sort());
    assert.equal(process.logged({ level: 'ERROR' }).length, 0);
  });
}

/** A process whose sink waits for an answer that never comes. */
async function withDeadSink(uri: string, received: () => Promise<void>, args: string[] = []): Promise<SluiceProcess> {
  const process = sluice({ config: toServer(uri), args });
  const socket = await open(await process.port('in'));
  socket.end('held\n');
  await received();
  return process;
}

test('a second signal ends the process at once, whatever is still to be delivered', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1));
  process.signal('SIGTERM');
  await process.untilLogged({ message: /^Sluice is stopping/ });
  process.signal('SIGINT');
  assert.deepEqual(await process.ended(), { code: 0, signal: null });
  await process.untilLogged({ message: 'Sluice quits at once.', signal: 'SIGINT' }).catch(() => assert.fail());
});

test('SIGQUIT ends the process at once', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1));
  assert.deepEqual(await process.stop('SIGQUIT'), { code: 0, signal: null });
  assert.equal(process.logged({ message: 'Sluice quits at once.' }).length, 1);
});

test('after the shutdown limit the process names what did not end, and ends', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1), [
    '--graceful-shutdown-limit-secs',
    '1',
  ]);
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
  const [line] = process.logged({ level: 'ERROR', message: /^The time to stop is over/ });
  assert.equal(line?.['remaining_components'], 'out');
});

const toFile = (path: string) => ({
  sources: { in: tcp },
  sinks: { out: { type: 'file', inputs: ['in'], path, encoding: text } },
});

/** Sends a line over a connection that stays open, and waits until it is in the file. */
async function arrives(process: SluiceProcess, socket: { write(text: string): void }, line: string, file: string) {
  socket.write(`${line}\n`);
  await process.until(`${line} in ${file}`, () => contentOf(join(process.folder, file)).includes(line));
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('SIGHUP changes what changed; a broken configuration changes nothing', async () => {
  await using process = sluice({ config: toFile('a.log') });
  const socket = await open(await process.port('in'));
  await arrives(process, socket, 'one', 'a.log');

  writeConfig(process.folder, toFile('b.log'));
  process.signal('SIGHUP');
  await process.untilLogged({ message: 'The configuration was reloaded.', changed: 'out', unchanged: 1 });
  await arrives(process, socket, 'two', 'b.log');

  for (const [broken, said] of [
    ['sources: {in: [', /sluice\.yaml:1:/],
    [{ ...toFile('c.log'), sinks: { out: { type: 'file', inputs: ['im'], path: 'c.log', encoding: text } } }, /`?im`?/],
    [{ ...toFile('c.log'), sources: { in: tcp, more: { ...tcp, address: '192.0.2.1:9' } } }, /more/],
  ] as const) {
    const before = process.stderr.length;
    writeConfig(process.folder, broken);
    process.signal('SIGHUP');
    await process.until('the refusal', () => /the running one goes on/.test(process.stderr.slice(before)));
    assert.match(process.stderr.slice(before), said);
    await arrives(process, socket, `after ${before}`, 'b.log');
  }

  writeConfig(process.folder, {
    ...toFile('b.log'),
    sinks: { ...toFile('b.log').sinks, more: { type: 'blackhole', inputs: ['in'] } },
  });
  process.signal('SIGHUP');
  await process.untilLogged({ message: 'The configuration was reloaded.', added: 'more' });
  await arrives(process, socket, 'last', 'b.log');
  assert.equal(contentOf(join(process.folder, 'a.log')), 'one\n');
  assert.equal(contentOf(join(process.folder, 'c.log')), '');
  socket.destroy();
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

for (const method of ['recommended', 'poll']) {
  test(`--watch-config-method ${method} notices a changed file`, async () => {
    await using process = sluice({
      config: toFile('a.log'),
      args: ['--watch-config', '--watch-config-method', method, '--watch-config-poll-interval-seconds', '1'],
    });
    const socket = await open(await process.port('in'));
    await arrives(process, socket, 'one', 'a.log');
    writeConfig(process.folder, toFile('b.log'));
    await process.untilLogged({ message: 'The configuration was reloaded.', changed: 'out' });
    await arrives(process, socket, 'two', 'b.log');
    socket.destroy();
  });
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
  for (let i = 0; i < 20; i += 1) await arrives(process, socket, `unread ${i}`, 'all.log');
  await process.untilLogged({ level: 'ERROR', component_id: 'out', message: /^Error writing to output/ });
  socket.destroy();
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});

test('a process whose output and errors nobody reads works and stops', async () => {
  await using process = sluice({ config: toFile('all.log'), plainLogs: true });
  const started = process.until('the port', () => /port=(\d+)/.exec(process.stderr)?.[1]);
  const socket = await open(Number(await started));
  process.output.destroy();
  process.child.stderr!.destroy();
  await arrives(process, socket, 'unseen', 'all.log');
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
