// How the running process takes over another configuration, and how it refuses one.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { open } from './hostile.ts';
import { type SluiceProcess, sluice, writeConfig } from './process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };

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

test('a changed source takes its own address over, and keeps it when it cannot have another one', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: taken } = server.address() as AddressInfo;
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const config = (more: object, address = port) => ({
    sources: { in: { ...tcp, address: `127.0.0.1:${address}`, shutdown_timeout_secs: 1, ...more } },
    sinks: { out: { type: 'file', inputs: ['in'], path: 'a.log', encoding: text } },
  });
  await using process = sluice({ config: config({}) });
  await process.started();
  const deliver = async (line: string): Promise<void> => {
    const socket = await open(port);
    await arrives(process, socket, line, 'a.log');
    socket.destroy();
  };
  await deliver('one');
  writeConfig(process.folder, config({ max_connection_duration_secs: 100 }));
  process.signal('SIGHUP');
  await process.untilLogged({ message: 'The configuration was reloaded.', changed: 'in', unchanged: 1 });
  await deliver('two');
  writeConfig(process.folder, config({}, taken));
  process.signal('SIGHUP');
  await process.untilLogged({ level: 'ERROR', message: /the running one goes on/ });
  await deliver('three');
  server.close();
  assert.equal(contentOf(join(process.folder, 'a.log')), 'one\ntwo\nthree\n');
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
