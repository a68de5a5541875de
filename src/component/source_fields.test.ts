import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawBatch } from '../event/batch.ts';
import type { LogEvent } from '../event/event.ts';
import { sizeOfValue } from '../event/event_size.ts';
import { Finalizer } from '../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA, type LogNamespace, type LogSchema } from '../event/log_schema.ts';
import { EMPTY_METADATA, type Metadata } from '../event/metadata.ts';
import { type Path, parsePath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import type { ObjectValue, Value } from '../event/value.ts';
import { fieldWriter, type SourceField, type SourceIdentity, textLayout } from './source_fields.ts';

const NOW = 1_700_000_000_123;
const now = Timestamp.fromMs(NOW);
const key = (text: string): Path => parsePath(text) as Path;

function source(logNamespace: LogNamespace, logSchema: Partial<LogSchema> = {}): SourceIdentity {
  return { id: 'in', type: 'stdin', logNamespace, logSchema: { ...DEFAULT_LOG_SCHEMA, ...logSchema } };
}

const host: SourceField = { name: ['host'], legacyKey: key('host'), mode: 'overwrite', value: 'me' };

function enriched(
  identity: SourceIdentity,
  fields: readonly SourceField[],
  value: Value,
  metadata: Metadata = EMPTY_METADATA,
): LogEvent {
  const event: LogEvent = { value, metadata };
  fieldWriter(identity, fields).enrich(event, NOW, 77);
  return event;
}

test('legacy: what the source knows stands in the event', () => {
  const { value, metadata } = enriched(source('legacy'), [host], { message: 'x' });
  assert.deepEqual(value, { message: 'x', host: 'me', source_type: 'stdin', timestamp: now });
  assert.deepEqual(metadata, { value: {}, sourceId: 'in', sourceType: 'stdin' });
});

test('vector: the event stays as it is, and what the source knows stands in the metadata', () => {
  const { value, metadata } = enriched(source('vector'), [host], 'x');
  assert.equal(value, 'x');
  assert.deepEqual(metadata, {
    value: { stdin: { host: 'me' }, vector: { source_type: 'stdin', ingest_timestamp: now } },
    sourceId: 'in',
    sourceType: 'stdin',
  });
});

test('legacy: type and time are added only where absent, a field as its mode says', () => {
  const given = { source_type: 'mine', timestamp: 'then', host: 'other', path: '/own' };
  const path: SourceField = { name: ['path'], legacyKey: key('path'), mode: 'insert_if_empty', value: '/' };
  assert.deepEqual(enriched(source('legacy'), [host, path], { ...given }).value, { ...given, host: 'me' });
  assert.equal((enriched(source('legacy'), [path], { path: null }).value as ObjectValue)['path'], null);
});

test('vector: the mode does not matter, and members of the decoder’s metadata stay', () => {
  const before = { value: { stdin: { host: 'other', more: 1 }, vector: { x: 1, source_type: 'y' }, own: true } };
  const { metadata } = enriched(source('vector'), [{ ...host, mode: 'insert_if_empty' }], 'x', before);
  assert.deepEqual(metadata.value, {
    stdin: { host: 'me', more: 1 },
    vector: { x: 1, source_type: 'stdin', ingest_timestamp: now },
    own: true,
  });
  assert.deepEqual(before.value.stdin, { host: 'other', more: 1 });
});

test('vector: what is not an object below the names of source and `vector` gives way', () => {
  const { metadata } = enriched(source('vector'), [host], 'x', { value: { stdin: 'text', vector: [1] } });
  assert.deepEqual(metadata.value['stdin'], { host: 'me' });
  assert.deepEqual(Object.keys(metadata.value['vector'] as object), ['source_type', 'ingest_timestamp']);
});

test('vector: a source that knows nothing has no place of its own', () => {
  assert.deepEqual(Object.keys(enriched(source('vector'), [], 'x').metadata.value), ['vector']);
});

test('keys that are switched off are not written in the legacy namespace, and are in the other', () => {
  const off = { ...host, legacyKey: undefined };
  const schema = { sourceType: undefined, timestamp: undefined };
  assert.deepEqual(enriched(source('legacy', schema), [off], { message: 'x' }).value, { message: 'x' });
  assert.deepEqual(enriched(source('vector', schema), [off], 'x').metadata.value['stdin'], { host: 'me' });
});

test('keys may be paths, whose missing parts are made and wrong ones replaced', () => {
  const schema = { sourceType: key('meta.type'), timestamp: key('meta.times[1]') };
  const fields: SourceField[] = [
    { ...host, legacyKey: key('meta."peer host".name') },
    { name: ['port'], legacyKey: key('message.port'), mode: 'overwrite', value: 80 },
  ];
  assert.deepEqual(enriched(source('legacy', schema), fields, { message: 'x' }).value, {
    message: { port: 80 },
    meta: { type: 'stdin', times: [null, now], 'peer host': { name: 'me' } },
  });
  const given = { meta: { type: 'mine', 'peer host': { name: 'theirs' } } };
  const careful: SourceField[] = [{ ...fields[0]!, mode: 'insert_if_empty' }];
  assert.deepEqual(enriched(source('legacy', schema), careful, structuredClone(given)).value, {
    meta: { ...given.meta, times: [null, now] },
  });
});

test('a key of the metadata is written there, in a copy', () => {
  const schema = { sourceType: key('%type'), timestamp: key('%at.time') };
  const before: Metadata = { value: { at: { x: 1 } } };
  const { value, metadata } = enriched(source('legacy', schema), [host], { message: 'x' }, before);
  assert.deepEqual(value, { message: 'x', host: 'me' });
  assert.deepEqual(metadata.value, { at: { x: 1, time: now }, type: 'stdin' });
  assert.deepEqual(before.value, { at: { x: 1 } });
});

for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
  test(`\`${name}\` is a key like any other, in both namespaces`, () => {
    const hostile: SourceField[] = [
      {
        name: ['headers', name],
        legacyKey: { target: 'event', segments: [name] },
        mode: 'insert_if_empty',
        value: 'v',
      },
      { name: [name], legacyKey: { target: 'event', segments: ['deep', name] }, mode: 'insert_if_empty', value: 'w' },
    ];
    const legacy = enriched(source('legacy'), hostile, {}).value as ObjectValue;
    assert.equal(Object.getOwnPropertyDescriptor(legacy, name)?.value, 'v');
    assert.equal(Object.getOwnPropertyDescriptor(legacy['deep'], name)?.value, 'w');
    assert.equal(Object.getPrototypeOf(legacy), Object.prototype);
    const own = enriched(source('vector'), hostile, 'x').metadata.value['stdin'] as ObjectValue;
    assert.equal(Object.getOwnPropertyDescriptor(own['headers'], name)?.value, 'v');
    assert.equal(Object.getOwnPropertyDescriptor(own, name)?.value, 'w');
  });

  test(`a source of the type \`${name}\` finds its own place in the metadata`, () => {
    const { metadata } = enriched({ ...source('vector'), type: name }, [host], 'x');
    assert.deepEqual(Object.getOwnPropertyDescriptor(metadata.value, name)?.value, { host: 'me' });
  });
}

test('a value may depend on where in the stream the event was', () => {
  const offset: SourceField = { name: ['offset'], legacyKey: key('offset'), mode: 'overwrite', value: (at) => at + 1 };
  assert.equal((enriched(source('legacy'), [offset], {}).value as ObjectValue)['offset'], 78);
  const writer = fieldWriter(source('vector'), [offset]);
  const offsets = [5, 6].map((at) => {
    const event: LogEvent = { value: 'x', metadata: EMPTY_METADATA };
    writer.enrich(event, NOW, at);
    return (event.metadata.value['stdin'] as ObjectValue)['offset'];
  });
  assert.deepEqual(offsets, [6, 7]);
});

test('legacy: what is done to a field of one event is not seen in another', () => {
  const headers: SourceField = { name: ['h'], legacyKey: key('h'), mode: 'overwrite', value: { a: ['b'] } };
  const writer = fieldWriter(source('legacy'), [headers]);
  const [first, second] = [{}, {}].map((value) => {
    const event: LogEvent = { value, metadata: EMPTY_METADATA };
    writer.enrich(event, NOW, 0);
    return event.value as { h: { a: string[] } };
  });
  first!.h.a.push('changed');
  assert.deepEqual(second!.h, { a: ['b'] });
  assert.deepEqual(headers.value, { a: ['b'] });
});

for (const namespace of ['legacy', 'vector'] as const) {
  test(`${namespace}: events of a batch share their metadata, and a later batch has its own time`, () => {
    const writer = fieldWriter(source(namespace), [host]);
    const events = [NOW, NOW, NOW + 1].map((ms) => {
      const event: LogEvent = { value: {}, metadata: EMPTY_METADATA };
      writer.enrich(event, ms, 0);
      return event;
    });
    assert.equal(events[0]!.metadata, events[1]!.metadata);
    const time = ({ value, metadata }: LogEvent): Value | undefined =>
      namespace === 'legacy'
        ? (value as ObjectValue)['timestamp']
        : (metadata.value['vector'] as ObjectValue)['ingest_timestamp'];
    assert.deepEqual(events.map(time), [now, now, Timestamp.fromMs(NOW + 1)]);
    assert.deepEqual(EMPTY_METADATA.value, {});
  });

  test(`${namespace}: events with different metadata keep what is theirs`, () => {
    const writer = fieldWriter(source(namespace), [host]);
    const given: Metadata[] = [{ value: { a: 1 } }, { value: { b: 2 } }, { value: { a: 1 } }];
    const metadatas = given.map((metadata) => {
      const event: LogEvent = { value: {}, metadata };
      writer.enrich(event, NOW, 0);
      return Object.keys(event.metadata.value)[0];
    });
    assert.deepEqual(metadatas, ['a', 'b', 'a']);
  });
}

/** A raw batch of lines that lie one behind the other. */
function batch(bytes: Buffer, layout: ReturnType<typeof textLayout>): RawBatch {
  const frames: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    frames.push(at, end - at);
    at = end + 1;
  }
  return {
    kind: 'raw',
    type: 'log',
    hold: { bytes, retain() {}, release() {} },
    frames: Int32Array.from(frames),
    count: frames.length / 2,
    sizeBytes: bytes.length - frames.length / 2,
    delimiter: 10,
    ingestedMs: NOW,
    streamOffset: 1_000,
    layout,
    finalizer: new Finalizer(),
  };
}

const offset: SourceField = { name: ['offset'], legacyKey: key('offset'), mode: 'overwrite', value: (at) => at };
const lines = Buffer.from('one\n\nthree 3\n');

test('legacy: frames are the message of one event each, with their offsets in the stream', () => {
  const layout = textLayout(source('legacy'), [host, offset]);
  const common = { host: 'me', source_type: 'stdin', timestamp: now };
  assert.deepEqual(
    layout.decode(batch(lines, layout)).map(({ value }) => value),
    [
      { ...common, message: 'one', offset: 1_000 },
      { ...common, message: '', offset: 1_004 },
      { ...common, message: 'three 3', offset: 1_005 },
    ],
  );
});

test('vector: frames are the events themselves', () => {
  const layout = textLayout(source('vector'), [host, offset]);
  const events = layout.decode(batch(lines, layout));
  assert.deepEqual(
    events.map(({ value }) => value),
    ['one', '', 'three 3'],
  );
  assert.deepEqual(events[2]!.metadata.value['stdin'], { host: 'me', offset: 1_005 });
});

test('bytes that are not UTF-8 stay bytes, and events own what they hold', () => {
  const bytes = Buffer.from([0xff, 0x41, 10, 0x42, 10]);
  const layout = textLayout(source('legacy'), []);
  const values = layout.decode(batch(bytes, layout)).map(({ value }) => (value as ObjectValue)['message']);
  bytes.fill(0);
  assert.deepEqual(values, [new Uint8Array([0xff, 0x41]), 'B']);
});

test('the message goes where `message_key` says, or nowhere where that is switched off', () => {
  const messageAt = (path: string | undefined): LogEvent => {
    const layout = textLayout(source('legacy', { message: path === undefined ? undefined : key(path) }), []);
    return layout.decode(batch(Buffer.from('x\n'), layout))[0]!;
  };
  const common = { source_type: 'stdin', timestamp: now };
  assert.deepEqual(messageAt('a.b').value, { ...common, a: { b: 'x' } });
  assert.deepEqual(messageAt(undefined).value, common);
  assert.deepEqual(messageAt('%a.b').value, common);
  assert.deepEqual(messageAt('%a.b').metadata.value, { a: { b: 'x' } });
});

for (const namespace of ['legacy', 'vector'] as const) {
  test(`${namespace}: the size of a raw batch is that of its events`, () => {
    const layout = textLayout(source(namespace), [host, offset]);
    const raw = batch(lines, layout);
    const decoded = layout.decode(raw).reduce((size, { value }) => size + sizeOfValue(value), 0);
    assert.equal(raw.sizeBytes + raw.count * layout.overheadBytes, decoded);
  });
}
