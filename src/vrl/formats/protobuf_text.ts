// Values as protobuf's text format shows them in messages of errors.

import { getField } from '../../event/object.ts';
import { displayFloat } from '../../event/text.ts';
import { isObject, type Value } from '../../event/value.ts';
import { bytesOf } from './bytes.ts';
import type { FieldType, ValueType } from './protobuf.ts';
import { cannotEncode, type EncodeOptions, type Scalar, scalarOf } from './protobuf_scalar.ts';

/** The text of what a value becomes in a field of a type. Throws `ProtobufProblem` as encoding it does. */
export function protobufText(type: ValueType, value: Value, options: EncodeOptions): string {
  if (type.kind !== 'message') return scalarText(scalarOf(type, value, options));
  if (!isObject(value)) throw cannotEncode(value, type.message.name);
  const parts: string[] = [];
  for (const field of type.message.fields.values()) {
    const member = getField(value, field.name) ?? null;
    if (member !== null) parts.push(fieldText(field, member, options));
  }
  return `{${parts.join(',')}}`;
}

function fieldText(field: FieldType, value: Value, options: EncodeOptions): string {
  const one = (item: Value): string => protobufText(field.value, item, options);
  const text = Array.isArray(value) ? `[${value.map(one).join(',')}]` : one(value);
  return field.value.kind === 'message' ? `${field.name}${text}` : `${field.name}:${text}`;
}

function scalarText(scalar: Scalar): string {
  if (typeof scalar === 'string' || scalar instanceof Uint8Array) return quoted(bytesOf(scalar));
  if (typeof scalar !== 'number') return String(scalar);
  return Number.isInteger(scalar) ? scalar.toFixed(1) : displayFloat(scalar);
}

const ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  39: "\\'",
  92: '\\\\',
};

function quoted(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const isSeen = byte >= 0x20 && byte < 0x7f;
    text += ESCAPES[byte] ?? (isSeen ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`);
  }
  return `${text}"`;
}
