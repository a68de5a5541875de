// Messages are read and written; damage is described as the original describes it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../event/value.ts';
import { loadMessageType, type MessageType, ProtobufProblem } from './protobuf.ts';
import { decodeProtobuf } from './protobuf_decode.ts';
import { encodeProtobuf } from './protobuf_encode.ts';

const utf8 = new TextEncoder();
const part = (number: number, bytes: Uint8Array | string): Uint8Array => {
  const content = typeof bytes === 'string' ? utf8.encode(bytes) : bytes;
  const { length } = content;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Uint8Array.from([number * 8 + 2, ...size, ...content]);
};
const whole = (number: number, value: number): Uint8Array => Uint8Array.of(number * 8, value);
const all = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((bytes) => [...bytes]));

const OPTIONAL = 1;
const REPEATED = 3;
const types = { int32: 5, string: 9, message: 11, enum: 14, sint64: 18 };

function field(name: string, number: number, label: number, type: keyof typeof types, typeName?: string): Uint8Array {
  const name_ = typeName === undefined ? new Uint8Array(0) : part(6, typeName);
  return part(2, all(part(1, name), whole(3, number), whole(4, label), whole(5, types[type]), name_));
}

const level = part(5, all(part(1, 'Level'), part(2, part(1, 'LOW')), part(2, all(part(1, 'HIGH'), whole(2, 1)))));
const entry = part(
  3,
  all(
    part(1, 'CountsEntry'),
    field('key', 1, OPTIONAL, 'string'),
    field('value', 2, OPTIONAL, 'sint64'),
    part(7, whole(7, 1)),
  ),
);
const item = part(
  4,
  all(
    part(1, 'Item'),
    field('name', 1, OPTIONAL, 'string'),
    field('numbers', 2, REPEATED, 'int32'),
    field('level', 3, OPTIONAL, 'enum', '.t.Level'),
    field('inner', 4, OPTIONAL, 'message', '.t.Item'),
    field('counts', 5, REPEATED, 'message', '.t.Item.CountsEntry'),
    entry,
  ),
);
const descriptors = part(1, all(part(1, 't.proto'), part(2, 't'), item, level, part(12, 'proto3')));
const type = loadMessageType(descriptors, 't.Item') as MessageType;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const encode = (value: Value): Uint8Array => encodeProtobuf(type, value, { coercesToText: true });

test('the type is found by its full name', () => {
  assert.equal(typeof loadMessageType(descriptors, 't.Item'), 'object');
  assert.match(String(loadMessageType(descriptors, 'Item')), /no message type/);
  assert.match(String(loadMessageType(Uint8Array.of(255), 't.Item')), /not a descriptor set/);
});

test('a message goes there and back', () => {
  const value = { name: 'x', numbers: [1, -1], level: 'HIGH', inner: { name: 'y' }, counts: { a: -3, __proto: 4 } };
  assert.deepEqual(decodeProtobuf(type, encode(value)), value);
});

test('defaults and what is not known are left out', () => {
  assert.equal(hex(encode({ name: '', level: 'LOW', numbers: [], other: 1, inner: {} })), '2200');
  assert.deepEqual(decodeProtobuf(type, Uint8Array.of(0x0a, 0, 0x78, 1, 0x22, 0)), { inner: {} });
});

test('values are converted where they can be', () => {
  assert.equal(hex(encode({ name: 12, numbers: ['7'], level: 'high' })), '0a0231321201071801');
  assert.throws(() => encode({ inner: { numbers: ['x'] } }), {
    message:
      "Error converting inner field: Error converting numbers field: Can't convert 'x' to i32: invalid digit found in string",
  });
  assert.throws(() => encode({ name: ['x'] }), /Cannot encode array into a non-repeated protobuf field/);
  assert.throws(() => encode('x'), /only supports serializing objects/);
});

const damaged: readonly [hex: string, problem: RegExp][] = [
  ['0a05', /buffer underflow/],
  ['08', /invalid wire type: Varint \(expected LengthDelimited\)/],
  ['00', /invalid tag value: 0/],
  ['0f', /invalid wire type value: 7/],
  ['0a01ff', /data is not UTF-8 encoded/],
  ['80', /invalid varint/],
  ['1807', /The number 7 cannot be in 'Level'/],
];

for (const [bytes, problem] of damaged) {
  test(`${bytes} is refused`, () => {
    assert.throws(
      () => decodeProtobuf(type, Buffer.from(bytes, 'hex')),
      (error) => error instanceof ProtobufProblem && problem.test(error.message),
    );
  });
}

test('depth is limited both ways', () => {
  let bytes: Uint8Array = new Uint8Array(0);
  let value: Value = {};
  for (let i = 0; i < 110; i++) {
    bytes = part(4, bytes);
    value = { inner: value };
  }
  assert.throws(() => decodeProtobuf(type, bytes), /recursion limit reached/);
  assert.throws(() => encode(value), /nested deeper/);
});
