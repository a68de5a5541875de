import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { testContext } from '../testing/component.ts';
import { DatagramConnection } from './datagram_connection.ts';

const BYTES = Buffer.from('x');

function failure(code: string): Error {
  return Object.assign(new Error(`send ${code}`), { code });
}

/** A connection whose attempts to connect and to send end as the lists say, and then well. */
function connection(connects: (Error | undefined)[] = [], sends: (Error | undefined)[] = []) {
  const clock = new FakeClock();
  const { context, recorder } = testContext('sink', 'statsd', { clock });
  const seen = { connected: 0, sent: 0, closed: 0 };
  const subject = new DatagramConnection(context, 'udp', async () => {
    const error = connects.shift();
    if (error) throw error;
    seen.connected += 1;
    return {
      async send() {
        const failed = sends.shift();
        if (failed) throw failed;
        seen.sent += 1;
      },
      close: () => void (seen.closed += 1),
    };
  });
  return { subject, seen, clock, recorder };
}

const forever = new AbortController().signal;

test('one socket sends one datagram after the other', async () => {
  const { subject, seen } = connection();
  for (let i = 0; i < 3; i++) assert.deepEqual(await subject.send(BYTES, forever), { outcome: 'sent' });
  subject.close();
  assert.deepEqual(seen, { connected: 1, sent: 3, closed: 1 });
});

test('an error may be about an earlier datagram: it is sent once more, by a new socket', async () => {
  const { subject, seen, recorder } = connection([], [failure('ECONNREFUSED')]);
  assert.deepEqual(await subject.send(BYTES, forever), { outcome: 'sent' });
  assert.deepEqual(seen, { connected: 2, sent: 1, closed: 1 });
  assert.equal(recorder.read('component_errors_total'), 0);
});

test('two errors are a failure that may pass', async () => {
  const { subject, recorder } = connection([], [failure('ECONNREFUSED'), failure('ECONNREFUSED')]);
  const end = await subject.send(BYTES, forever);
  assert.equal(end.outcome === 'failed' && end.isFinal, false);
  assert.equal(recorder.read('component_errors_total', { error_code: 'socket_send' }), 1);
});

test('a datagram that is too long is so for good', async () => {
  const { subject, seen, recorder } = connection([], [failure('EMSGSIZE')]);
  const end = await subject.send(BYTES, forever);
  assert.ok(end.outcome === 'failed' && end.isFinal);
  assert.equal(seen.closed, 0);
  assert.equal(recorder.read('component_errors_total', { error_code: 'message_too_long' }), 1);
});

test('without a socket it tries again after a while', async () => {
  const { subject, clock, recorder } = connection([failure('ENOTFOUND'), failure('ENOTFOUND')]);
  const sending = subject.send(BYTES, forever);
  await clock.advance(10_000);
  assert.deepEqual(await sending, { outcome: 'sent' });
  assert.equal(recorder.read('component_errors_total', { error_code: 'failed_connecting' }), 2);
});

test('it gives up when it is told to', async () => {
  const { subject } = connection(Array(10).fill(failure('ENOTFOUND')));
  const stop = new AbortController();
  const sending = subject.send(BYTES, stop.signal);
  stop.abort();
  assert.equal((await sending).outcome, 'failed');
});
