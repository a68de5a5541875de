import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteSink } from './byte_sink.ts';
import { EncodeError } from './codec.ts';

test('a sink of bytes collects text and bytes in order', () => {
  const pieces = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array(), fc.constant('x'.repeat(20_000)), fc.nat(255)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, (appended) => {
      const out = new ByteSink();
      for (const piece of appended) {
        if (typeof piece === 'number') out.byte(piece);
        else out.append(piece);
      }
      const expected = Buffer.concat(
        appended.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece as string))),
      );
      assert.equal(out.length, expected.length);
      assert.deepEqual(out.view(), expected);
      assert.deepEqual(out.take(), expected);
      assert.equal(out.length, 0);
    }),
    { numRuns: 100 },
  );
});

test('what was taken from a sink is not written again', () => {
  const out = new ByteSink();
  out.text('x'.repeat(15_000));
  const large = out.take();
  out.text('small');
  const kept = out.capacity;
  const small = out.take();
  assert.equal(out.capacity, kept, 'a small body does not take the large buffer with it');
  out.text('other');
  assert.equal(String(small), 'small');
  assert.equal(String(large), 'x'.repeat(15_000));
});

test('a sink keeps to its limit, exactly, and stays as it was', () => {
  const out = new ByteSink(10);
  out.text('éé');
  out.bytes(Buffer.from('abc'));
  assert.throws(() => out.text('dééé'), EncodeError);
  assert.throws(() => out.bytes(Buffer.alloc(4)), EncodeError);
  assert.equal(String(out.view()), 'ééabc');
  assert.equal(out.room, 3);
  out.text('dé');
  assert.throws(() => out.byte(0x61), EncodeError);
  assert.equal(String(out.view()), 'ééabcdé');
  assert.ok(out.capacity <= 10);
  out.truncate(4);
  assert.equal(String(out.view()), 'éé');
  out.clear();
  assert.equal(out.length, 0);
});

test('ranges are copied in, and single bytes written over', () => {
  const sink = new ByteSink();
  sink.range(Buffer.from('xabcy'), 1, 4);
  sink.put(1, 0x2d);
  assert.equal(sink.view().toString(), 'a-c');
  assert.throws(() => new ByteSink(2).range(Buffer.from('abc'), 0, 3), EncodeError);
});

test('memory stops doubling at what is expected, and goes on beyond', () => {
  const sink = new ByteSink(undefined, { firstBytes: 1000, fullBytes: 2500 });
  sink.byte(0);
  assert.equal(sink.capacity, 1000);
  sink.bytes(Buffer.alloc(1000));
  assert.equal(sink.capacity, 2000);
  sink.bytes(Buffer.alloc(1000));
  assert.equal(sink.capacity, 2500);
  sink.bytes(Buffer.alloc(1000));
  assert.equal(sink.capacity, 5000);
});
