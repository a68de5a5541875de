// Values as protobuf messages. Values of a kind near enough to a field's are converted, others refused; members that the
// message does not have are left out.

import { getField, sortedKeys } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { bytesOf } from './bytes.ts';
import {
  type FieldType,
  type MessageType,
  ProtobufProblem,
  type ScalarName,
  typeWord,
  type ValueType,
  wireTypeOf,
} from './protobuf.ts';
import { cannotEncode, convertScalar, type EncodeOptions, type Scalar, scalarOf } from './protobuf_scalar.ts';

/** Messages inside each other. */
const NESTING_MAX = 100;

/** The message that a value makes. Throws `ProtobufProblem`. */
export function encodeProtobuf(type: MessageType, value: Value, options: EncodeOptions): Uint8Array {
  const writer = new Writer();
  writeMessage(writer, type, value, options, NESTING_MAX);
  return writer.end();
}

class Writer {
  #bytes = new Uint8Array(256);
  length = 0;

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + more, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  varint(value: bigint | number): void {
    this.#reserve(10);
    if (typeof value === 'number' && value >= 0 && value < 0x8000_0000) {
      let rest = value;
      for (; rest > 127; rest >>>= 7) this.#bytes[this.length++] = (rest & 127) | 128;
      this.#bytes[this.length++] = rest;
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.length++] = Number(rest & 127n) | 128;
    this.#bytes[this.length++] = Number(rest);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  delimited(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  fixed(size: 4 | 8, write: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(size));
    write(view);
    this.raw(new Uint8Array(view.buffer));
  }

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

function writeMessage(writer: Writer, type: MessageType, value: Value, options: EncodeOptions, depth: number): void {
  if (!isObject(value)) throw new ProtobufProblem('ProtobufSerializer only supports serializing objects');
  if (depth === 0) throw new ProtobufProblem(`messages are nested deeper than ${NESTING_MAX}`);
  const chosen = chosenOfGroups(type, value);
  for (const field of type.fields.values()) {
    const member = getField(value, field.name);
    if (member === undefined || member === null) continue;
    const start = writer.length;
    try {
      writeField(writer, field, member, options, depth);
    } catch (error) {
      if (!(error instanceof ProtobufProblem)) throw error;
      const isNamed = error instanceof SettingProblem;
      throw new ProtobufProblem(isNamed ? error.message : `Error converting ${field.name} field: ${error.message}`);
    }
    // Of fields that exclude each other the last is kept, but all must be right.
    if (field.oneof !== undefined && chosen.get(field.oneof) !== field) writer.length = start;
  }
}

/** A problem that already names the field of this message. */
class SettingProblem extends ProtobufProblem {}

function chosenOfGroups(type: MessageType, object: ObjectValue): ReadonlyMap<string, FieldType> {
  const chosen = new Map<string, FieldType>();
  for (const field of type.fields.values()) {
    const member = field.oneof === undefined ? null : (getField(object, field.name) ?? null);
    if (member !== null) chosen.set(field.oneof!, field);
  }
  return chosen;
}

function writeField(writer: Writer, field: FieldType, value: Value, options: EncodeOptions, depth: number): void {
  if (Array.isArray(value)) writeArray(writer, field, value, options, depth);
  else if (field.shape === 'map') writeMap(writer, field, value, options, depth);
  // A value that is no array is a list of one.
  else
    writeValue(writer, field.number, field.value, value, options, depth, field.hasPresence || field.shape === 'list');
}

function writeArray(writer: Writer, field: FieldType, items: Value[], options: EncodeOptions, depth: number): void {
  if (field.shape === 'single') throw new ProtobufProblem('Cannot encode array into a non-repeated protobuf field');
  if (field.shape === 'map') {
    for (const item of items) if (!isObject(item)) throw cannotEncode(item, field.entryName);
    throw new SettingProblem(
      `Error setting ${field.name} field: expected a value of type 'map<${field.mapKey}, ${typeWord(field.value)}>', but found '[]'`,
    );
  }
  if (!field.isPacked || items.length === 0) {
    for (const item of items) writeValue(writer, field.number, field.value, item, options, depth, true);
    return;
  }
  const packed = new Writer();
  for (const item of items) writeScalarOf(packed, field.value, item, options);
  writer.varint(field.number * 8 + 2);
  writer.delimited(packed.end());
}

function writeMap(writer: Writer, field: FieldType, value: Value, options: EncodeOptions, depth: number): void {
  if (!isObject(value)) throw cannotEncode(value, field.entryName);
  const keyType: ValueType = { kind: 'scalar', scalar: field.mapKey! };
  for (const key of sortedKeys(value)) {
    const entry = new Writer();
    writePart(entry, 1, keyType, mapKeyOf(field.mapKey!, key), field.entriesHavePresence);
    writeMapValue(entry, field, value[key]!, options, depth);
    writer.varint(field.number * 8 + 2);
    writer.delimited(entry.end());
  }
}

function writeMapValue(entry: Writer, field: FieldType, value: Value, options: EncodeOptions, depth: number): void {
  if (Array.isArray(value)) throw new ProtobufProblem('Cannot encode array into a non-repeated protobuf field');
  writeValue(entry, 2, field.value, value, options, depth, field.entriesHavePresence);
}

function mapKeyOf(scalar: ScalarName, key: string): Scalar {
  if (scalar === 'string') return key;
  if (scalar === 'bool') {
    if (key === 'true' || key === 'false') return key === 'true';
    throw new ProtobufProblem(`Cannot parse map key '${key}' as bool: provided string was not \`true\` or \`false\``);
  }
  return convertScalar(scalar, key, { coercesToText: false }, (name, problem) => {
    return `Cannot parse map key '${key}' as ${name}: ${problem}`;
  })!;
}

/** Number, length and value. */
function writeValue(
  writer: Writer,
  number: number,
  type: ValueType,
  value: Value,
  options: EncodeOptions,
  depth: number,
  hasPresence: boolean,
): void {
  if (type.kind !== 'message') {
    writePart(writer, number, type, scalarOf(type, value, options), hasPresence);
    return;
  }
  const { message, isGroup } = type;
  const inner = new Writer();
  if (value instanceof Timestamp && message.name === 'google.protobuf.Timestamp') writeTimestamp(inner, value);
  else if (isObject(value)) writeMessage(inner, message, value, options, depth - 1);
  else throw cannotEncode(value, message.name);
  writer.varint(number * 8 + (isGroup ? 3 : 2));
  if (!isGroup) writer.delimited(inner.end());
  else {
    writer.raw(inner.end());
    writer.varint(number * 8 + 4);
  }
}

function writeTimestamp(writer: Writer, { seconds, nanos }: Timestamp): void {
  writePart(writer, 1, { kind: 'scalar', scalar: 'int64' }, BigInt(seconds), false);
  writePart(writer, 2, { kind: 'scalar', scalar: 'int32' }, BigInt(nanos), false);
}

/** A scalar with its number, unless it is the default and that means nothing. */
function writePart(writer: Writer, number: number, type: ValueType, scalar: Scalar, hasPresence: boolean): void {
  if (!hasPresence && isDefault(type, scalar)) return;
  writer.varint(number * 8 + wireTypeOf(type));
  writeScalar(writer, type, scalar);
}

function isDefault(type: ValueType, scalar: Scalar): boolean {
  if (type.kind === 'enum') return scalar === BigInt(type.enum.defaultNumber);
  if (scalar instanceof Uint8Array) return scalar.length === 0;
  return scalar === 0n || scalar === 0 || scalar === '' || scalar === false;
}

function writeScalarOf(writer: Writer, type: ValueType, value: Value, options: EncodeOptions): void {
  writeScalar(writer, type, scalarOf(type, value, options));
}

function writeScalar(writer: Writer, type: ValueType, scalar: Scalar): void {
  if (typeof scalar === 'string' || scalar instanceof Uint8Array) writer.delimited(bytesOf(scalar));
  else if (typeof scalar === 'boolean') writer.varint(scalar ? 1 : 0);
  else if (typeof scalar === 'number') {
    if (type.kind === 'scalar' && type.scalar === 'float') writer.fixed(4, (view) => view.setFloat32(0, scalar, true));
    else writer.fixed(8, (view) => view.setFloat64(0, scalar, true));
  } else writeInteger(writer, type.kind === 'scalar' ? type.scalar : 'int32', scalar);
}

function writeInteger(writer: Writer, scalar: ScalarName, value: bigint): void {
  switch (scalar) {
    case 'fixed32':
    case 'sfixed32':
      writer.fixed(4, (view) => view.setUint32(0, Number(BigInt.asUintN(32, value)), true));
      return;
    case 'fixed64':
    case 'sfixed64':
      writer.fixed(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, value), true));
      return;
    case 'sint32':
    case 'sint64':
      writer.varint((value << 1n) ^ (value < 0n ? -1n : 0n));
      return;
    default:
      writer.varint(value);
  }
}
