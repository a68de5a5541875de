import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { compile } from '../../vrl/vrl.ts';
import { buildDecoder } from './decoding.ts';

function decode(source: string, frame: string | Buffer, logNamespace: 'legacy' | 'vector' = 'legacy') {
  const context = { logSchema: DEFAULT_LOG_SCHEMA, logNamespace, clock: new FakeClock() };
  const decoder = buildDecoder({ codec: 'vrl', vrl: { source } }, { ...context, compile: (text) => compile(text) });
  return decoder.decode(Buffer.from(frame)).map(({ event }) => event as LogEvent);
}

test('gives the program a log with the frame as its message', () => {
  assert.deepEqual(
    decode('.n = to_int!(.message)', '7').map(({ value }) => value),
    [{ message: '7', n: 7 }],
  );
});

test('makes an event of each item of an array', () => {
  assert.deepEqual(
    decode('. = [{"a": 1}, 2]', 'x').map(({ value }) => value),
    [{ a: 1 }, { message: 2 }],
  );
});

test('gives the program the frame itself in the vector namespace, and keeps its metadata', () => {
  const [event] = decode('%x = 1', 'text', 'vector');
  assert.deepEqual([event!.value, event!.metadata.value], ['text', { x: 1 }]);
});

test('refuses a frame on which the program fails or aborts', () => {
  assert.throws(() => decode('to_int!(.message)', 'x'), { name: 'DecodeError', message: /Invalid integer "x"/ });
  assert.throws(() => decode('abort "not this"', 'x'), { name: 'DecodeError', message: 'not this' });
});

test('does not start with a program that does not compile', () => {
  assert.throws(() => decode('.a = ', 'x'), /a program does not compile/);
});
