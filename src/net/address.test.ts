import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenAddress, parseListenAddress, parsePeerAddress, systemdDescriptor } from './address.ts';

for (const text of ['127.0.0.1:9000', '[::]:9000', '0.0.0.0:0', 'systemd', 'systemd#2'])
  test(`${text} is where to listen, and reads back`, () => {
    const address = parseListenAddress(text);
    assert.ok(typeof address !== 'string');
    assert.equal(formatListenAddress(address), text);
  });

test('systemd#1 is the first socket', () => {
  assert.deepEqual(parseListenAddress('systemd#1'), { kind: 'systemd', index: 0 });
});

for (const text of [
  'localhost:9000',
  '127.0.0.1',
  '127.0.0.1:70000',
  '::1:9000',
  '[127.0.0.1]:1',
  'systemd#0',
  'systemd#x',
  '',
])
  test(`${text || 'nothing'} is no place to listen`, () => {
    assert.equal(typeof parseListenAddress(text), 'string');
  });

test('a sink connects to names and addresses', () => {
  assert.deepEqual(parsePeerAddress('logs.example.com:5000'), { host: 'logs.example.com', port: 5000 });
  assert.deepEqual(parsePeerAddress('[::1]:5000'), { host: '::1', port: 5000 });
  assert.deepEqual(parsePeerAddress('tcp://logs:5000/'), { host: 'logs', port: 5000 });
  for (const text of ['logs.example.com', ':5000', 'a/b:1', 'user@host:1', 'host:99999'])
    assert.equal(typeof parsePeerAddress(text), 'string', text);
});

test('sockets of systemd are those of this process', () => {
  assert.equal(systemdDescriptor(1, { LISTEN_PID: '7', LISTEN_FDS: '2' }, 7), 4);
  assert.equal(systemdDescriptor(0, { LISTEN_FDS: '1' }, 7), 3);
  assert.throws(() => systemdDescriptor(2, { LISTEN_PID: '7', LISTEN_FDS: '2' }, 7), /number 3/);
  assert.throws(() => systemdDescriptor(0, { LISTEN_PID: '8', LISTEN_FDS: '2' }, 7), /handed no sockets/);
  assert.throws(() => systemdDescriptor(0, {}, 7), /handed no sockets/);
});
