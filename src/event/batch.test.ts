import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ByteHold,
  decode,
  estimatedBytes,
  finish,
  frameOf,
  layoutOf,
  logBatch,
  type RawBatch,
  share,
} from './batch.ts';
import { Finalizer, type Status } from './finalizer.ts';
import { EMPTY_METADATA } from './metadata.ts';

function hold(bytes: Buffer): ByteHold & { holders: number } {
  return {
    bytes,
    holders: 1,
    retain() {
      this.holders += 1;
    },
    release() {
      this.holders -= 1;
    },
  };
}

function rawBatch(bytes: ByteHold, finalizer: Finalizer): RawBatch {
  return {
    kind: 'raw',
    type: 'log',
    hold: bytes,
    frames: new Int32Array([0, 1, 2, 2]),
    count: 2,
    sizeBytes: 3,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: 0,
    layout: layoutOf({
      overheadBytes: 10,
      decodeFrame: (batch, index) => ({
        value: { message: frameOf(batch, index).toString() },
        metadata: EMPTY_METADATA,
      }),
    }),
    finalizer,
  };
}

test('reports the worst status once, when the last holder lets go', () => {
  const seen: Status[] = [];
  const finalizer = new Finalizer((status) => seen.push(status));
  finalizer.retain(2);
  finalizer.release('errored');
  finalizer.release('rejected');
  assert.deepEqual(seen, []);
  finalizer.release('delivered');
  assert.deepEqual(seen, ['rejected']);
  assert.throws(() => finalizer.release(), /broken promise/);
  assert.throws(() => finalizer.retain(), /broken promise/);
});

test('keeps the slot as long as a consumer holds the raw batch', () => {
  const seen: Status[] = [];
  const bytes = hold(Buffer.from('a\nbc\n'));
  const batch = rawBatch(bytes, new Finalizer((status) => seen.push(status)));
  const other = share(batch);
  assert.equal(bytes.holders, 2);
  assert.equal(estimatedBytes(batch), 23);
  const decoded = decode(batch);
  assert.equal(bytes.holders, 1);
  assert.deepEqual(
    decoded.events.map((event) => ('value' in event ? event.value : undefined)),
    [{ message: 'a' }, { message: 'bc' }],
  );
  finish(decoded);
  assert.deepEqual(seen, []);
  finish(other, 'errored');
  assert.equal(bytes.holders, 0);
  assert.deepEqual(seen, ['errored']);
});

test('decodes nothing twice and estimates sizes', () => {
  const batch = logBatch([{ value: { message: 'abc' }, metadata: EMPTY_METADATA }]);
  assert.equal(decode(batch), batch);
  assert.ok(batch.sizeBytes > 10 && batch.sizeBytes < 40);
  finish(batch);
});
