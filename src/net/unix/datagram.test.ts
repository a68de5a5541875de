import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../testing/component.ts';
import { type Libc, loadLibc } from '../libc.ts';
import { connectUnixDatagram, UnixDatagramReceiver } from './datagram.ts';

const LENGTH_MAX = 1000;

/** Runs `body` with a receiver in a folder of its own, where the C library can be reached. */
function withReceiver(
  name: string,
  body: (on: {
    libc: Libc;
    path: string;
    receiver: UnixDatagramReceiver;
    /** Text, whole length and sender of each. */
    received: [string, number, string][];
    count(count: number): Promise<void>;
  }) => Promise<void>,
): void {
  test(name, async (t: TestContext) => {
    const libc = await loadLibc();
    if (!libc) return t.skip('no access to the C library here');
    using folder = temporaryFolder();
    const path = join(folder.path, 'd.sock');
    const received: [string, number, string][] = [];
    const waiting: { count: number; resolve: () => void }[] = [];
    const receiver = new UnixDatagramReceiver(libc, path, 0o620, LENGTH_MAX, {
      datagram(bytes, length, from) {
        received.push([bytes.toString(), length, from]);
        for (const { resolve } of waiting.filter((one) => received.length >= one.count)) resolve();
      },
      failed: (error) => assert.fail(error),
    });
    try {
      await body({
        libc,
        path,
        receiver,
        received,
        count: (count) =>
          received.length >= count
            ? Promise.resolve()
            : new Promise((resolve) => waiting.push({ count, resolve: () => resolve() })),
      });
    } finally {
      receiver.close();
    }
    assert.equal(existsSync(path), false);
  });
}

function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}

withReceiver(
  'datagrams arrive whole and apart, the socket has the wanted mode',
  async ({ libc, path, received, count }) => {
    assert.equal(statSync(path).mode & 0o777, 0o620);
    const socket = connectUnixDatagram(libc, path);
    await write(socket, 'one\ntwo\n');
    await write(socket, Buffer.from([0xff, 0x00]));
    await count(2);
    assert.deepEqual(received, [
      ['one\ntwo\n', 8, ''],
      ['\ufffd\0', 2, ''],
    ]);
    socket.destroy();
  },
);

withReceiver('the sender’s own socket is told', async ({ libc, path, received, count }) => {
  const descriptor = libc.unixDatagramSocket();
  const own = `${path}.sender`;
  assert.equal(libc.bind(descriptor, own), 0);
  assert.equal(libc.connect(descriptor, path), 0);
  const { writeSync, closeSync } = await import('node:fs');
  writeSync(descriptor, 'signed');
  await count(1);
  assert.deepEqual(received, [['signed', 6, own]]);
  closeSync(descriptor);
});

withReceiver('of a longer datagram the beginning and the length are told', async ({ libc, path, received, count }) => {
  const socket = connectUnixDatagram(libc, path);
  await write(socket, 'x'.repeat(LENGTH_MAX + 500));
  await count(1);
  assert.deepEqual([received[0]![0].length, received[0]![1]], [LENGTH_MAX, LENGTH_MAX + 500]);
  socket.destroy();
});

withReceiver('an empty datagram ends nothing', async ({ libc, path, received, count }) => {
  const descriptor = libc.unixDatagramSocket();
  libc.connect(descriptor, path);
  const { writeSync, closeSync } = await import('node:fs');
  writeSync(descriptor, '');
  writeSync(descriptor, 'after');
  await count(2);
  assert.deepEqual(
    received.map(([text]) => text),
    ['', 'after'],
  );
  closeSync(descriptor);
});

withReceiver(
  'senders wait while nothing is received, and nothing is lost',
  async ({ libc, path, receiver, received, count }) => {
    receiver.pause();
    const socket = connectUnixDatagram(libc, path);
    const total = 2000;
    let sent = 0;
    const sending = (async () => {
      for (; sent < total; sent++) await write(socket, `${sent}`);
    })();
    // Writes go through until the kernel's queue is full; then one stays open for as long as nobody receives.
    let before = -1;
    while (sent !== before) {
      before = sent;
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(sent < total, `${sent} were taken`);
    assert.equal(received.length, 0);
    receiver.resume();
    await sending;
    await count(total);
    assert.deepEqual(
      received.map(([text]) => text),
      Array.from({ length: total }, (_, i) => `${i}`),
    );
    socket.destroy();
  },
);

withReceiver('a path in use is an error, one left behind is taken', async ({ libc, path }) => {
  const events = { datagram() {}, failed() {} };
  assert.throws(() => new UnixDatagramReceiver(libc, path, undefined, 10, events), /EADDRINUSE/);
  const stale = `${path}.stale`;
  const descriptor = libc.unixDatagramSocket();
  libc.bind(descriptor, stale);
  libc.close(descriptor);
  new UnixDatagramReceiver(libc, stale, undefined, 10, events).close();
  writeFileSync(stale, 'a file of somebody');
  assert.throws(() => new UnixDatagramReceiver(libc, stale, undefined, 10, events), /EADDRINUSE/);
  assert.throws(
    () => new UnixDatagramReceiver(libc, `${path}${'x'.repeat(200)}`, undefined, 10, events),
    /at most 107/,
  );
});

withReceiver('sending to nobody is an error', async ({ libc, path }) => {
  assert.throws(() => connectUnixDatagram(libc, `${path}.none`), /ENOENT/);
});
