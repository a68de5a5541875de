import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Batch, decode, finish } from '../event/batch.ts';
import type { ObjectValue } from '../event/value.ts';
import type { Connection, Receiver } from '../net/stream/connection.ts';
import { FakeClock } from '../std/clock.ts';
import { testContext } from '../testing/component.ts';
import { sourceCodec } from './source_codec.ts';
import { StreamIntake } from './stream_intake.ts';

const READ_BYTES = 262_144;

/** Reads as libuv does: where a read goes was said when the one before it was over. */
class FakeConnection implements Connection {
  readonly host = '';
  readonly port = 0;
  readonly subject = undefined;
  readonly shared: Buffer;
  unread: Buffer = Buffer.alloc(0);
  isReading = false;
  isDestroyed = false;
  #receiver: Receiver | undefined;
  #room: Buffer | undefined;

  constructor(shared: Buffer) {
    this.shared = shared;
  }

  receive(receiver: Receiver): void {
    this.#receiver = receiver;
    this.isReading = true;
  }

  /** Whether the next read goes straight into a slot. */
  get isStraight(): boolean {
    return this.#room !== undefined;
  }

  /** One read, when there is something and it is wanted. */
  read(): boolean {
    if (!this.isReading || this.unread.length === 0 || !this.#receiver) return false;
    const target = this.#room ?? this.shared;
    const count = this.unread.copy(target);
    this.unread = this.unread.subarray(count);
    const more = this.#room ? this.#receiver.filled!(count) : this.#receiver.bytes(target.subarray(0, count));
    // The shared buffer is another connection's now.
    if (target === this.shared) target.fill(0, 0, count);
    this.#room = this.#receiver?.room?.();
    if (!more) this.isReading = false;
    return true;
  }

  over(error?: Error): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.over(error);
  }

  pause(): void {
    this.isReading = false;
  }

  resume(): void {
    this.isReading = true;
  }

  endOwnSide(): void {}

  destroy(): void {
    this.isDestroyed = true;
    this.over(new Error('destroyed'));
  }
}

interface Setup {
  /** Batches are finished at once unless false: then by `settle`. */
  open: boolean;
  /** What a batch takes. */
  workMs: number;
  readonly messages: Map<number, string[]>;
  readonly intake: StreamIntake;
  connect(): { connection: FakeConnection; isGone(): boolean };
  settle(): Promise<void>;
  freeSlots(): number;
  read(name: string): number;
}

function setup(slots: number): Setup {
  // Work takes no time unless a test says so: whoever works for long is interrupted.
  let workedMs = 0;
  const clock = Object.assign(new FakeClock(), { monotonic: () => workedMs });
  const { context, arena, recorder } = testContext('source', 'socket', { slots, clock });
  const codec = sourceCodec({ codec: 'bytes' }, undefined, 'stream', context);
  const shared = Buffer.alloc(READ_BYTES);
  const waiting: { batch: Batch; resolve: () => void }[] = [];
  const take = (batch: Batch): void => {
    const decoded = decode(batch);
    assert.ok(decoded.type === 'log');
    for (const { value } of decoded.events) {
      const { message, peer } = value as ObjectValue;
      const list = it.messages.get(peer as number) ?? [];
      it.messages.set(peer as number, list);
      list.push(message as string);
    }
    finish(decoded);
  };
  const intake = new StreamIntake(
    context,
    { codec, protocol: 'tcp' },
    {
      send(batch) {
        workedMs += it.workMs;
        if (it.open) return void take(batch);
        return new Promise<void>((resolve) => waiting.push({ batch, resolve }));
      },
    },
  );
  let peers = 0;
  const it: Setup = {
    open: true,
    workMs: 0,
    messages: new Map(),
    intake,
    connect() {
      const connection = new FakeConnection(shared);
      let isGone = false;
      const peer = peers++;
      const name = { name: ['peer'], legacyKey: { target: 'event', segments: ['peer'] }, mode: 'overwrite' } as const;
      intake.read(connection, { fields: [{ ...name, value: peer }] }, () => {
        isGone = true;
      });
      return { connection, isGone: () => isGone };
    },
    async settle() {
      for (const { batch, resolve } of waiting.splice(0)) {
        take(batch);
        resolve();
      }
      for (let i = 0; i < 20; i++) await null;
    },
    freeSlots: () => arena.freeSlots,
    read: (name) => recorder.read(name),
  };
  return it;
}

/** Bytes of lines that name their stream and number, about `size` of them. */
function lines(stream: number, from: number, size: number): { bytes: Buffer; expected: string[] } {
  const expected: string[] = [];
  for (let length = 0; length < size; ) {
    const line = `stream ${stream} line ${from + expected.length} ${'x'.repeat((expected.length * 37) % 300)}`;
    expected.push(line);
    length += line.length + 1;
  }
  return { bytes: Buffer.from(expected.map((line) => `${line}\n`).join('')), expected };
}

test('a busy stream reads straight into slots of its own, until it is busy no more', () => {
  const it = setup(16);
  const { connection, isGone } = it.connect();
  const first = lines(0, 0, 100_000);
  connection.unread = first.bytes;
  assert.ok(connection.read());
  assert.ok(connection.isStraight);
  const second = lines(0, first.expected.length, 1_500_000);
  connection.unread = second.bytes;
  while (connection.read()) assert.equal(connection.isReading, true);
  const before = it.freeSlots();
  const third = lines(0, first.expected.length + second.expected.length, 500);
  connection.unread = third.bytes;
  assert.ok(connection.read());
  assert.equal(connection.isStraight, false);
  assert.equal(it.freeSlots(), before + 1);
  connection.over();
  it.intake.close();
  assert.ok(isGone());
  assert.deepEqual(it.messages.get(0), [...first.expected, ...second.expected, ...third.expected]);
  assert.equal(it.freeSlots(), 16);
  assert.equal(
    it.read('component_received_bytes_total'),
    first.bytes.length + second.bytes.length + third.bytes.length,
  );
});

test('streams that fell silent while busy hold two slots together, and let go of them at their end', () => {
  const it = setup(16);
  const all = Array.from({ length: 10 }, () => it.connect());
  for (const [stream, { connection }] of all.entries()) {
    connection.unread = lines(stream, 0, 50_000).bytes;
    assert.ok(connection.read());
  }
  assert.equal(all.filter(({ connection }) => connection.isStraight).length, 2);
  assert.equal(it.freeSlots(), 13);
  for (const { connection } of all) connection.over();
  assert.equal(it.freeSlots(), 15);
  it.intake.close();
  assert.equal(it.freeSlots(), 16);
});

test('a stream whose events take long is read on after others had their turn', async () => {
  const it = setup(16);
  const { connection, isGone } = it.connect();
  const sent = lines(0, 0, 600_000);
  connection.unread = sent.bytes;
  it.workMs = 12;
  while (connection.isReading && connection.read());
  assert.equal(connection.isReading, false);
  assert.ok(connection.unread.length > 0);
  let turns = 0;
  while (connection.unread.length > 0) {
    await new Promise(setImmediate);
    turns += 1;
    while (connection.isReading && connection.read());
  }
  assert.ok(turns >= 2, String(turns));
  await new Promise(setImmediate);
  connection.over();
  await new Promise(setImmediate);
  assert.ok(isGone());
  assert.deepEqual(it.messages.get(0), sent.expected);
});

test('while slots are scarce nobody gets any for itself', () => {
  const it = setup(2);
  const { connection } = it.connect();
  connection.unread = lines(0, 0, 50_000).bytes;
  assert.ok(connection.read());
  assert.equal(connection.isStraight, false);
});

test('a stream that breaks off inside a line loses that line and nothing else', () => {
  const it = setup(16);
  const { connection, isGone } = it.connect();
  const { bytes, expected } = lines(0, 0, 200_000);
  connection.unread = bytes;
  while (connection.read());
  connection.unread = Buffer.from(`half a line${'x'.repeat(40_000)}`);
  while (connection.read());
  assert.ok(connection.isStraight);
  connection.over(new Error('reset'));
  assert.ok(isGone());
  assert.deepEqual(it.messages.get(0), expected);
  assert.equal(it.read('component_discarded_events_total'), 1);
  it.intake.close();
  assert.equal(it.freeSlots(), 16);
});

test('whatever streams send and however busy the output is, every line arrives once and in order', async () => {
  const action = fc.record({
    stream: fc.nat(3),
    bytes: fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(400_000)),
    reads: fc.nat(4),
    settle: fc.boolean(),
    open: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 3, 8),
      fc.array(action, { maxLength: 30, size: 'max' }),
      async (slots, actions) => {
        const it = setup(slots);
        const streams = Array.from({ length: 4 }, () => ({ ...it.connect(), expected: [] as string[] }));
        for (const { stream, bytes, reads, settle, open } of actions) {
          const { connection, expected } = streams[stream]!;
          const more = lines(stream, expected.length, bytes);
          expected.push(...more.expected);
          connection.unread = Buffer.concat([connection.unread, more.bytes]);
          it.open = open;
          for (let i = 0; i < reads; i++) for (const each of streams) each.connection.read();
          if (settle) await it.settle();
        }
        it.open = true;
        for (let moved = true; moved; ) {
          await it.settle();
          moved = false;
          for (const { connection } of streams) if (connection.read()) moved = true;
        }
        for (const { connection } of streams) connection.over();
        await it.settle();
        it.intake.close();
        for (const [index, { connection, expected, isGone }] of streams.entries()) {
          assert.equal(connection.unread.length, 0);
          assert.ok(isGone());
          assert.deepEqual(it.messages.get(index) ?? [], expected);
        }
        assert.equal(it.freeSlots(), slots);
      },
    ),
    { numRuns: 60 },
  );
});
