import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FramingConfig } from '../../codecs/framing/framing.ts';
import { SLOT_BYTES } from '../../engine/arena/arena.ts';
import { type Batch, decode, finish } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { type ContextOptions, type TestContext, testContext } from '../../testing/component.ts';
import type { Output } from '../define.ts';
import { sourceCodec } from '../source_codec.ts';
import type { SourceField } from '../source_fields.ts';
import { StreamReaders } from './readers.ts';
import type { StreamCodec } from './stream.ts';

const LINES: FramingConfig = { method: 'newline_delimited', newline_delimited: { oversized_action: 'drop' } };
const lines = (max_length: number, oversized_action: 'drop' | 'truncate' = 'drop'): FramingConfig => ({
  method: 'newline_delimited',
  newline_delimited: { max_length, oversized_action },
});

const HOST: SourceField = {
  name: ['host'],
  legacyKey: { target: 'event', segments: ['host'] },
  mode: 'overwrite',
  value: 'peer',
};

interface Setup {
  readonly test: TestContext;
  readonly codec: StreamCodec;
  readonly readers: StreamReaders;
}

/** `path` chooses the reader: frames left in the arena, or decoded at once. */
function setup(path: 'raw' | 'decoding', framing: FramingConfig = LINES, options: ContextOptions = {}): Setup {
  const it = testContext('source', 'stdin', { slots: 2, clock: new FakeClock(), ...options });
  const built = sourceCodec({ codec: 'bytes' }, framing, 'stream', it.context);
  const codec = path === 'raw' ? built : { ...built, delimited: undefined };
  return { test: it, codec, readers: new StreamReaders(it.context, codec, 'tcp') };
}

/** Keeps what is sent, and finishes it at once. */
function collector(): { output: Output; values: Value[]; batches: Batch['kind'][]; counts: number[] } {
  const values: Value[] = [];
  const batches: Batch['kind'][] = [];
  const counts: number[] = [];
  const output: Output = {
    send(batch) {
      batches.push(batch.kind);
      counts.push(batch.count);
      const decoded = decode(batch);
      if (decoded.type === 'log') values.push(...decoded.events.map(({ value }) => value));
      finish(decoded);
      return undefined;
    },
  };
  return { output, values, batches, counts };
}

const messages = (values: readonly Value[]): unknown[] => values.map((value) => (value as ObjectValue)['message']);

interface Outcome {
  readonly values: Value[];
  readonly counted: Record<string, number>;
  readonly position: number;
  readonly freeSlots: number;
}

async function readAll(path: 'raw' | 'decoding', framing: FramingConfig, chunks: readonly Buffer[]): Promise<Outcome> {
  const { test: it, readers } = setup(path, framing, { globals: { chunkSizeEvents: 3 } });
  const { output, values, batches, counts } = collector();
  const reader = readers.open(output, { fields: [HOST] });
  for (const chunk of chunks) await reader.push(chunk);
  await reader.end();
  readers.close();
  assert.ok(batches.every((kind) => kind === (path === 'raw' ? 'raw' : 'decoded')));
  assert.ok(counts.every((count) => count <= 3));
  const names = [
    'component_received_events_total',
    'component_received_bytes_total',
    'component_discarded_events_total',
  ];
  const counted = Object.fromEntries(names.map((name) => [name, it.recorder.read(name)]));
  return { values, counted, position: reader.position, freeSlots: it.arena.freeSlots };
}

const bytes = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(10, 13, 97) }, fc.integer({ min: 0, max: 255 })), {
    maxLength: 60,
  })
  .map((list) => Buffer.from(list));

test('both readers make the same events of the same bytes, wherever they are split', async () => {
  const framing = fc.record({
    max: fc.integer({ min: 0, max: 12 }),
    action: fc.constantFrom('drop' as const, 'truncate' as const),
  });
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(60), { maxLength: 6 }), framing, async (data, cuts, { max, action }) => {
      const places = [0, ...cuts.map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b), data.length];
      const chunks = places.slice(1).map((end, index) => data.subarray(places[index], end));
      const whole = await readAll('raw', lines(max, action), [data]);
      assert.deepEqual(await readAll('raw', lines(max, action), chunks), whole);
      assert.deepEqual(await readAll('decoding', lines(max, action), chunks), whole);
      assert.equal(whole.position, data.length);
      assert.equal(whole.freeSlots, 2);
    }),
    { numRuns: 200 },
  );
});

for (const path of ['raw', 'decoding'] as const) {
  test(`${path}: events have the fields of the source, and what came is counted`, async () => {
    const { test: it, readers } = setup(path);
    const { output, values } = collector();
    const reader = readers.open(output, { fields: [HOST] });
    await reader.push(Buffer.from('one\ntwo\nthr'));
    assert.equal(values.length, 2);
    await reader.end();
    assert.deepEqual(messages(values), ['one', 'two', 'thr']);
    const { host, source_type: type } = values[0] as Record<string, unknown>;
    assert.deepEqual([host, type], ['peer', 'stdin']);
    assert.equal(it.recorder.read('component_received_bytes_total', { protocol: 'tcp' }), 11);
    assert.equal(it.recorder.read('component_received_events_total'), 3);
    const perEvent = JSON.stringify({ host: '', message: '', source_type: '', timestamp: '' }).length;
    assert.ok(it.recorder.read('component_received_event_bytes_total') > 3 * perEvent);
  });

  test(`${path}: a frame that is too long is dropped with a reason, and the stream goes on`, async () => {
    const { test: it, readers } = setup(path, lines(5));
    const { output, values } = collector();
    const reader = readers.open(output, { fields: [] });
    for (const chunk of ['short\ntoo ', 'long for it\nend\n', 'and too long at the end'])
      await reader.push(Buffer.from(chunk));
    await reader.end();
    assert.deepEqual(messages(values), ['short', 'end']);
    const reason = 'Discarding frame larger than max_length.';
    assert.equal(it.recorder.read('sluice_discarded_events_total', { reason, intentional: 'false' }), 2);
    assert.deepEqual(
      it.records.map(({ level, fields }) => [level, fields['length']]),
      [
        ['error', 15],
        ['error', 23],
      ],
    );
  });

  test(`${path}: a frame that is too long is cut off where that is wanted, and said`, async () => {
    const { test: it, readers } = setup(path, lines(5, 'truncate'));
    const { output, values } = collector();
    const reader = readers.open(output, { fields: [] });
    for (const chunk of ['abcdefgh\nab', 'cdefgh\nab\nabcdef']) await reader.push(Buffer.from(chunk));
    await reader.end();
    assert.deepEqual(messages(values), ['abcde', 'abcde', 'ab', 'abcde']);
    assert.deepEqual(
      it.records.map(({ level, message, fields }) => [level, message, fields['length']]),
      [8, 8, 6].map((length) => ['warn', 'Frame cut off at its longest allowed length', length]),
    );
    assert.equal(it.recorder.read('component_discarded_events_total'), 0);
  });

  test(`${path}: a line longer than a slot comes out whole`, async () => {
    const { test: it, readers } = setup(path);
    const { output, values } = collector();
    const reader = readers.open(output, { fields: [] });
    const long = Buffer.alloc(3 * SLOT_BYTES + 17, 'xyz');
    for (const chunk of [Buffer.from('a\n'), long, Buffer.from('\nb\n')]) await reader.push(chunk);
    await reader.end();
    readers.close();
    assert.deepEqual(messages(values), ['a', long.toString(), 'b']);
    assert.equal(it.arena.freeSlots, 2);
  });

  test(`${path}: a source waits for its output, and what comes after is sent in order`, async () => {
    const { readers } = setup(path, LINES, { globals: { chunkSizeEvents: 1 } });
    const sent: string[] = [];
    const gates: (() => void)[] = [];
    const output: Output = {
      send(batch) {
        const decoded = decode(batch);
        if (decoded.type === 'log') sent.push(...messages(decoded.events.map(({ value }) => value)).map(String));
        finish(decoded);
        return new Promise((resolve) => gates.push(resolve));
      },
    };
    const reader = readers.open(output, { fields: [] });
    const room = reader.room()!;
    const wait = reader.filled(room.write('one\ntwo\nthree\n'));
    assert.ok(wait instanceof Promise);
    for (const expected of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(sent, expected);
      gates.shift()!();
    }
    await wait;
  });

  test(`${path}: the room is given back when nothing was read`, () => {
    const { test: it, readers } = setup(path, LINES, { slots: 1 });
    const { output, values } = collector();
    const reader = readers.open(output, { fields: [], finalizer: () => assert.fail('nothing was sent') });
    for (let i = 0; i < 10; i++) {
      assert.ok(reader.room()!.length >= 32_768);
      assert.equal(reader.filled(0), undefined);
    }
    assert.deepEqual(values, []);
    assert.equal(it.recorder.read('component_received_bytes_total'), 0);
  });

  test(`${path}: bytes of one stream may be counted apart`, async () => {
    const { test: it, readers } = setup(path);
    let counted = 0;
    const { output } = collector();
    const reader = readers.open(output, { fields: [], receivedBytes: { add: (count) => void (counted += count) } });
    await reader.push(Buffer.from('one\n'));
    assert.equal(counted, 4);
    assert.equal(it.recorder.read('component_received_bytes_total'), 0);
  });

  test(`${path}: a stream that broke off gives up its partial frame`, async () => {
    const { readers } = setup(path);
    const { output, values } = collector();
    const [whole, broken, empty] = [1, 2, 3].map(() => readers.open(output, { fields: [] }));
    await whole!.push(Buffer.from('one\n'));
    await broken!.push(Buffer.from('two\nthr'));
    assert.equal(whole!.giveUp(), 0);
    assert.equal(broken!.giveUp(), 3);
    assert.equal(empty!.giveUp(), 0);
    await broken!.end();
    assert.deepEqual(messages(values), ['one', 'two']);
  });

  test(`${path}: streams of one source share a slot and do not disturb each other`, async () => {
    const { test: it, readers } = setup(path, LINES, { slots: 1 });
    const { output, values } = collector();
    const streams = Array.from({ length: 50 }, () => readers.open(output, { fields: [] }));
    for (const [index, stream] of streams.entries()) await stream.push(Buffer.from(`begin ${index} `));
    for (const [index, stream] of streams.entries()) await stream.push(Buffer.from(`end ${index}\n`));
    assert.deepEqual(
      messages(values),
      streams.map((_, index) => `begin ${index} end ${index}`),
    );
    readers.close();
    assert.equal(it.arena.freeSlots, 1);
  });
}

test('while the arena is full there is no room, and reading goes on when a batch is done with', async () => {
  const { test: it, readers } = setup('raw', LINES, { slots: 1 });
  const held: Batch[] = [];
  const output: Output = { send: (batch) => void held.push(batch) };
  const reader = readers.open(output, { fields: [] });
  const line = Buffer.from(`${'x'.repeat(999)}\n`);
  const data = Buffer.concat(Array.from({ length: 1_000 }, () => line));
  let done = false;
  const pushed = reader.push(data).then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, false);
  assert.equal(it.arena.freeSlots, 0);
  assert.equal(reader.room(), undefined);
  let count = 0;
  while (!done) {
    const batch = held.shift();
    if (batch) {
      count += batch.count;
      finish(batch);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await pushed;
  for (const batch of held) {
    count += batch.count;
    finish(batch);
  }
  assert.equal(count, 1_000);
  readers.close();
  assert.equal(it.arena.freeSlots, 1);
});

test('raw: each batch is finalized under the offset behind its last frame', async () => {
  const { readers } = setup('raw', lines(6), { globals: { chunkSizeEvents: 2 } });
  const ends: [number, string][] = [];
  const { output } = collector();
  const reader = readers.open(output, {
    fields: [],
    offset: 100,
    finalizer: (endOffset) => new Finalizer((status) => void ends.push([endOffset, status])),
  });
  await reader.push(Buffer.from('a\nbb\nccc\nlonger than allowed\ndd'));
  assert.deepEqual(ends, [
    [105, 'delivered'],
    [129, 'delivered'],
  ]);
  assert.equal(reader.position, 129);
  await reader.push(Buffer.from('d\n'));
  await reader.push(Buffer.from('last'));
  await reader.end();
  assert.deepEqual(
    ends.slice(2).map(([end]) => end),
    [133, 137],
  );
});

test('decoding: every batch of a read is finalized under the end of that read', async () => {
  const { readers } = setup('decoding', LINES, { globals: { chunkSizeEvents: 2 } });
  const ends: number[] = [];
  const { output } = collector();
  const reader = readers.open(output, {
    fields: [],
    offset: 100,
    finalizer: (endOffset) => new Finalizer(() => void ends.push(endOffset)),
  });
  await reader.push(Buffer.from('a\nb\nc\npart'));
  await reader.push(Buffer.from('ial\n'));
  assert.deepEqual(ends, [110, 110, 114]);
});

const COUNTED: FramingConfig = {
  method: 'length_delimited',
  length_delimited: {
    length_field_is_big_endian: true,
    length_field_length: 2,
    length_field_offset: 0,
    max_frame_length: 100,
  },
};

const counted = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);

test('where a stream cannot be cut into frames any further, nothing more is read and that is said once', async () => {
  const { test: it, readers } = setup('raw', COUNTED);
  const { output, values } = collector();
  const reader = readers.open(output, { fields: [] });
  assert.equal(reader.broken, false);
  await reader.push(Buffer.concat([counted('one'), counted('two'), Buffer.from([0xff, 0xff]), counted('three')]));
  assert.equal(reader.broken, true);
  await reader.push(counted('four'));
  await reader.end();
  assert.deepEqual(messages(values), ['one', 'two']);
  assert.equal(reader.giveUp(), 0);
  assert.equal(it.recorder.read('component_errors_total', { error_code: 'decoder_frame' }), 1);
});

test('a stream that ends inside a frame is an error, one that breaks off there is not', async () => {
  const { test: it, readers } = setup('raw', COUNTED);
  const { output, values } = collector();
  const [ended, broken] = [1, 2].map(() => readers.open(output, { fields: [] }));
  for (const reader of [ended!, broken!]) await reader.push(Buffer.concat([counted('one'), Buffer.from([0, 5, 97])]));
  await ended!.end();
  assert.equal(ended!.broken, true);
  assert.ok(broken!.giveUp() > 0);
  assert.deepEqual(messages(values), ['one', 'one']);
  assert.equal(it.recorder.read('component_errors_total', { error_code: 'decoder_frame' }), 1);
});

test('a frame that cannot be decoded is an error counted, and its neighbours are events', async () => {
  const { test: it } = setup('decoding');
  const codec = sourceCodec({ codec: 'json', json: { lossy: true } }, undefined, 'stream', it.context);
  assert.equal(codec.isJson, true);
  const readers = new StreamReaders(it.context, codec, 'tcp');
  const { output, values } = collector();
  const reader = readers.open(output, { fields: [HOST] });
  await reader.push(Buffer.from('{"a":1}\n{"a":\n[{"b":1},{"b":2}]\n{"c":3}'));
  await reader.end();
  assert.deepEqual(
    values.map((value) => Object.entries(value as ObjectValue).find(([name]) => 'abc'.includes(name))),
    [
      ['a', 1],
      ['b', 1],
      ['b', 2],
      ['c', 3],
    ],
  );
  assert.equal(it.recorder.read('component_errors_total', { error_code: 'decoder_deserialize' }), 1);
  assert.equal(it.recorder.read('component_received_events_total'), 4);
});

test('events of different types go out in batches of their own, in order', async () => {
  const { test: it } = setup('decoding');
  const codec = sourceCodec({ codec: 'native_json', native_json: { lossy: true } }, undefined, 'stream', it.context);
  const readers = new StreamReaders(it.context, codec, 'tcp');
  const types: [string, number][] = [];
  const output: Output = {
    send(batch) {
      types.push([batch.type, batch.count]);
      finish(batch);
      return undefined;
    },
  };
  const metric = '{"metric":{"name":"m","kind":"absolute","counter":{"value":1}}}';
  const reader = readers.open(output, { fields: [HOST] });
  await reader.push(Buffer.from(`{"log":{"a":1}}\n{"log":{"a":2}}\n${metric}\n{"log":{"a":3}}\n`));
  assert.deepEqual(types, [
    ['log', 2],
    ['metric', 1],
    ['log', 1],
  ]);
});

test('a peer that sends a byte at a time without end is bounded in what it makes us keep', async () => {
  const { test: it, readers } = setup('raw', lines(1_000));
  const { output, values } = collector();
  const reader = readers.open(output, { fields: [] });
  for (let i = 0; i < 5_000; i++) await reader.push(Buffer.from('x'));
  await reader.push(Buffer.from('\nnext\n'));
  assert.deepEqual(messages(values), ['next']);
  assert.equal(it.recorder.read('component_discarded_events_total'), 1);
});
