// Protobuf messages as values: enums by name, maps and messages as objects, fields that are not set left out. First the
// whole message is read, then values are made of it: a damaged message is reported as such, whatever it says before.

import { setField } from '../../event/object.ts';
import { bytesValue, float, integer, type ObjectValue, type Value } from '../../event/value.ts';
import {
  type EnumType,
  type FieldType,
  type MessageType,
  ProtobufProblem,
  type ScalarName,
  type ValueType,
  type WireType,
  wireTypeOf,
} from './protobuf.ts';

/** The value of a message. Throws `ProtobufProblem`. */
export function decodeProtobuf(type: MessageType, bytes: Uint8Array): ObjectValue {
  const message = new Message(type);
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) readField(reader, message, NESTING_MAX);
  return valueOfMessage(message);
}

/** Messages and groups inside each other. */
const NESTING_MAX = 100;

function damaged(description: string): ProtobufProblem {
  return new ProtobufProblem(`Error parsing protobuf: DecodeError { description: "${description}", stack: [] }`);
}

/** A message that is read: scalars are bigint, number, text or bytes. */
type Raw = bigint | number | boolean | string | Uint8Array | Message | RawList | RawMap;
type RawList = Raw[];
type RawMap = Map<string, Raw>;

class Message {
  readonly type: MessageType;
  readonly values = new Map<FieldType, Raw>();

  constructor(type: MessageType) {
    this.type = type;
  }
}

const WIRE_WORDS = ['Varint', 'SixtyFourBit', 'LengthDelimited', 'StartGroup', 'EndGroup', 'ThirtyTwoBit'];

class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  key(): { readonly number: number; readonly wire: WireType } {
    const key = this.varint();
    if (key > 0xffff_ffffn) throw damaged(`invalid key value: ${key}`);
    const wire = Number(key & 7n);
    if (wire > 5) throw damaged(`invalid wire type value: ${wire}`);
    const number = Number(key >> 3n);
    if (number === 0) throw damaged('invalid tag value: 0');
    return { number, wire: wire as WireType };
  }

  varint(): bigint {
    let low = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.#byte();
      low |= (byte & 127) << (7 * i);
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let i = 4; i < 10; i++) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte >= 128) continue;
      if (i === 9 && byte > 1) break;
      return value;
    }
    throw damaged('invalid varint');
  }

  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw damaged('invalid varint');
    return byte;
  }

  /** The bytes of a length and what it counts. */
  delimited(): Uint8Array {
    const start = this.take(this.varint());
    return this.bytes.subarray(start, this.at);
  }

  /** Steps over bytes; where they begin. */
  take(length: bigint | number): number {
    if (length > this.bytes.length - this.at) throw damaged('buffer underflow');
    this.at += Number(length);
    return this.at - Number(length);
  }

  /** Reads a length, and calls `read` until so many bytes are used up. */
  repeat(read: () => void): void {
    const length = this.varint();
    if (length > this.bytes.length - this.at) throw damaged('buffer underflow');
    const end = this.at + Number(length);
    while (this.at < end) read();
    if (this.at !== end) throw damaged('delimited length exceeded');
  }

  view(length: number): { readonly view: DataView; readonly at: number } {
    return { view: this.#view, at: this.take(length) };
  }
}

function expectWire(actual: WireType, expected: WireType): void {
  if (actual !== expected) throw damaged(`invalid wire type: ${WIRE_WORDS[actual]} (expected ${WIRE_WORDS[expected]})`);
}

function readField(reader: Reader, message: Message, depth: number): void {
  const { number, wire } = reader.key();
  readFieldOf(reader, message, number, wire, depth);
}

function readFieldOf(reader: Reader, message: Message, number: number, wire: WireType, depth: number): void {
  const field = message.type.fields.get(number);
  if (field === undefined) {
    skip(reader, number, wire, depth);
    return;
  }
  const before = message.values.get(field);
  if (field.oneof !== undefined) clearOthers(message, field);
  if (field.shape === 'map')
    readEntry(reader, field, (before as RawMap) ?? newIn(message, field, new Map()), wire, depth);
  else if (field.shape === 'list')
    readItems(reader, field, (before as RawList) ?? newIn(message, field, []), wire, depth);
  else message.values.set(field, readValue(reader, field.value, number, wire, depth, before));
}

function newIn<T extends Raw>(message: Message, field: FieldType, value: T): T {
  message.values.set(field, value);
  return value;
}

function clearOthers(message: Message, field: FieldType): void {
  for (const other of message.values.keys())
    if (other !== field && other.oneof === field.oneof) message.values.delete(other);
}

function readItems(reader: Reader, field: FieldType, items: RawList, wire: WireType, depth: number): void {
  const { value, number } = field;
  const own = wireTypeOf(value);
  if (wire === 2 && own !== 2 && own !== 3) {
    reader.repeat(() => items.push(readValue(reader, value, number, own, depth, undefined)));
  } else items.push(readValue(reader, value, number, wire, depth, undefined));
}

const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/** The layout of an entry is not looked at: what it holds is. */
function readEntry(reader: Reader, field: FieldType, map: RawMap, _wire: WireType, depth: number): void {
  const scalar = field.mapKey!;
  const keyType: ValueType = { kind: 'scalar', scalar };
  let key: Raw = scalar === 'string' ? '' : scalar === 'bool' ? false : 0n;
  let value: Raw | undefined;
  reader.repeat(() => {
    const { number, wire } = reader.key();
    if (number === ENTRY_KEY) key = readValue(reader, keyType, number, wire, depth, undefined);
    else if (number === ENTRY_VALUE) value = readValue(reader, field.value, number, wire, depth, value);
    else skip(reader, number, wire, depth);
  });
  map.set(String(key), value ?? defaultOf(field.value));
}

function defaultOf(type: ValueType): Raw {
  if (type.kind === 'message') return new Message(type.message);
  if (type.kind === 'enum') return type.enum.defaultNumber;
  if (type.scalar === 'string') return '';
  if (type.scalar === 'bytes') return new Uint8Array(0);
  return type.scalar === 'bool' ? false : type.scalar === 'double' || type.scalar === 'float' ? 0 : 0n;
}

function readValue(
  reader: Reader,
  type: ValueType,
  number: number,
  wire: WireType,
  depth: number,
  before: Raw | undefined,
): Raw {
  expectWire(wire, wireTypeOf(type));
  if (type.kind === 'scalar') return readScalar(reader, type.scalar);
  if (type.kind === 'enum') return Number(BigInt.asIntN(32, reader.varint()));
  if (depth === 0) throw damaged('recursion limit reached');
  const message = before instanceof Message ? before : new Message(type.message);
  if (!type.isGroup) {
    reader.repeat(() => readField(reader, message, depth - 1));
    return message;
  }
  for (;;) {
    const inner = reader.key();
    if (inner.wire === 4) {
      if (inner.number !== number) throw damaged('unexpected end group tag');
      return message;
    }
    readFieldOf(reader, message, inner.number, inner.wire, depth - 1);
  }
}

function readScalar(reader: Reader, scalar: ScalarName): Raw {
  switch (scalar) {
    case 'string': {
      const text = bytesValue(reader.delimited());
      if (typeof text === 'string') return text;
      throw damaged('invalid string value: data is not UTF-8 encoded');
    }
    case 'bytes':
      return reader.delimited();
    case 'bool':
      return reader.varint() !== 0n;
    case 'int32':
      return BigInt.asIntN(32, reader.varint());
    case 'int64':
    case 'uint64':
      return BigInt.asIntN(64, reader.varint());
    case 'uint32':
      return BigInt.asUintN(32, reader.varint());
    case 'sint32':
      return unfolded(BigInt.asUintN(32, reader.varint()));
    case 'sint64':
      return unfolded(reader.varint());
    default:
      return readFixed(reader, scalar);
  }
}

function readFixed(reader: Reader, scalar: ScalarName): Raw {
  const { view, at } = reader.view(scalar === 'double' || scalar.endsWith('64') ? 8 : 4);
  switch (scalar) {
    case 'double':
      return view.getFloat64(at, true);
    case 'float':
      return view.getFloat32(at, true);
    case 'fixed32':
      return BigInt(view.getUint32(at, true));
    case 'sfixed32':
      return BigInt(view.getInt32(at, true));
    default:
      // Values have no unsigned integers of this size: they wrap around.
      return view.getBigInt64(at, true);
  }
}

function unfolded(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

function skip(reader: Reader, number: number, wire: WireType, depth: number): void {
  if (depth === 0) throw damaged('recursion limit reached');
  switch (wire) {
    case 0:
      reader.varint();
      return;
    case 1:
      reader.take(8);
      return;
    case 2:
      reader.delimited();
      return;
    case 3:
      for (;;) {
        const inner = reader.key();
        if (inner.wire === 4) {
          if (inner.number !== number) throw damaged('unexpected end group tag');
          return;
        }
        skip(reader, inner.number, inner.wire, depth - 1);
      }
    case 4:
      throw damaged('unexpected end group tag');
    case 5:
      reader.take(4);
  }
}

function valueOfMessage(message: Message): ObjectValue {
  const object: ObjectValue = {};
  for (const field of message.type.fields.values()) {
    const raw = message.values.get(field);
    if (raw === undefined || (!field.hasPresence && isDefault(field, raw))) continue;
    setField(object, field.name, valueOfField(field, raw));
  }
  return object;
}

function isDefault(field: FieldType, raw: Raw): boolean {
  if (field.shape === 'map') return (raw as RawMap).size === 0;
  if (field.shape === 'list') return (raw as RawList).length === 0;
  if (raw instanceof Uint8Array) return raw.length === 0;
  if (field.value.kind === 'enum') return raw === field.value.enum.defaultNumber;
  return raw === 0n || raw === 0 || raw === '' || raw === false;
}

function valueOfField({ shape, value }: FieldType, raw: Raw): Value {
  if (shape === 'list') return (raw as RawList).map((item) => valueOfType(value, item));
  if (shape === 'single') return valueOfType(value, raw);
  const object: ObjectValue = {};
  for (const [key, member] of raw as RawMap) setField(object, key, valueOfType(value, member));
  return object;
}

function valueOfType(type: ValueType, raw: Raw): Value {
  if (type.kind === 'enum') return enumName(type.enum, raw as number);
  if (raw instanceof Message) return valueOfMessage(raw);
  if (raw instanceof Uint8Array) return bytesValue(raw);
  if (typeof raw === 'bigint') return integer(raw);
  if (typeof raw !== 'number') return raw as string | boolean;
  if (Number.isNaN(raw))
    throw new ProtobufProblem(
      type.kind === 'scalar' && type.scalar === 'float' ? 'Float number cannot be Nan' : 'F64 number cannot be Nan',
    );
  return float(raw);
}

function enumName({ name, names }: EnumType, number: number): string {
  const text = names.get(number);
  if (text === undefined) throw new ProtobufProblem(`The number ${number} cannot be in '${name}'`);
  return text;
}
