import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { MulticastError, type UdpOptions, UdpReceiver } from './receive.ts';

const local: UdpOptions = { address: { kind: 'ip', host: '127.0.0.1', port: 0 }, multicastGroups: [] };

test('datagrams arrive whole, with their sender', async () => {
  const { promise, resolve } = Promise.withResolvers<[string, string, number]>();
  const receiver = await UdpReceiver.bind(
    { ...local, receiveBufferBytes: 100_000 },
    {
      datagram: (bytes, host, port) => resolve([bytes.toString(), host, port]),
      failed: (error) => assert.fail(error),
    },
  );
  const sender = createSocket('udp4');
  await new Promise<void>((bound) => sender.bind(0, '127.0.0.1', bound));
  sender.send('one\ntwo\n', receiver.port, '127.0.0.1');
  assert.deepEqual(await promise, ['one\ntwo\n', '127.0.0.1', sender.address().port]);
  sender.close();
  receiver.close();
});

test('an address in use is an error', async () => {
  const events = { datagram() {}, failed() {} };
  const first = await UdpReceiver.bind(local, events);
  const address = { kind: 'ip', host: '127.0.0.1', port: first.port } as const;
  await assert.rejects(UdpReceiver.bind({ ...local, address }, events), /EADDRINUSE/);
  first.close();
});

test('groups that cannot be joined are named', async () => {
  const events = { datagram() {}, failed() {} };
  await assert.rejects(
    UdpReceiver.bind({ ...local, multicastGroups: ['10.0.0.1'] }, events),
    (error) => error instanceof MulticastError && error.group === '10.0.0.1' && error.interface === '127.0.0.1',
  );
  const address = { kind: 'ip', host: '::1', port: 0 } as const;
  await assert.rejects(
    UdpReceiver.bind({ address, multicastGroups: ['224.0.0.2'] }, events),
    /multicast groups need an IPv4 address|EADDRNOTAVAIL|EAFNOSUPPORT/,
  );
});

test('what is sent to a group that was joined arrives', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const options: UdpOptions = {
    address: { kind: 'ip', host: '0.0.0.0', port: 0 },
    multicastGroups: ['239.255.11.7'],
    multicastInterface: '127.0.0.1',
  };
  const receiver = await UdpReceiver.bind(options, { datagram: (bytes) => resolve(bytes.toString()), failed() {} });
  const sender = createSocket('udp4');
  await new Promise<void>((bound) => sender.bind(0, bound));
  sender.setMulticastInterface('127.0.0.1');
  const error = await new Promise((sent) => sender.send('to all', receiver.port, '239.255.11.7', sent));
  if (error) t.skip('this machine has no multicast');
  else assert.equal(await promise, 'to all');
  sender.close();
  receiver.close();
});
