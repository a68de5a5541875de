// Message types of protobuf as a descriptor set describes them. The only user of the library, which reads descriptors;
// messages are read and written by our own code (`protobuf_decode.ts`, `protobuf_encode.ts`), straight from and to values.

import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
} from '@bufbuild/protobuf';
import { Edition, FeatureSet_FieldPresence, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

export interface MessageType {
  readonly name: string;
  /** By number, in order. */
  readonly fields: ReadonlyMap<number, FieldType>;
}

export interface EnumType {
  readonly name: string;
  readonly fullName: string;
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>;
  /** Numbers by name in lower case, the first of each. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly defaultNumber: number;
}

export type ScalarName =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

/** What one value of a field is. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName }
  | { readonly kind: 'enum'; readonly enum: EnumType }
  | { readonly kind: 'message'; readonly message: MessageType; readonly isGroup: boolean };

export interface FieldType {
  readonly number: number;
  readonly name: string;
  readonly shape: 'single' | 'list' | 'map';
  /** Of a map, the type of its values. */
  readonly value: ValueType;
  readonly mapKey: ScalarName | undefined;
  /** The full name of a map's entries, which messages show. */
  readonly entryName: string;
  /** Whether a value that is the default differs from none. */
  readonly hasPresence: boolean;
  /** Whether the entries of a map differ from defaults: they do in the oldest syntax. */
  readonly entriesHavePresence: boolean;
  readonly isPacked: boolean;
  /** Fields of one group exclude each other. */
  readonly oneof: string | undefined;
}

/** The message type of a name in a descriptor set; text says why there is none. */
export function loadMessageType(descriptorSet: Uint8Array, name: string): MessageType | string {
  let message: DescMessage | undefined;
  try {
    message = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet)).getMessage(name);
  } catch (error) {
    return `it is not a descriptor set: ${error instanceof Error ? error.message : error}`;
  }
  return message === undefined ? `it has no message type \`${name}\`` : new TypeBuilder().message(message);
}

class TypeBuilder {
  readonly #messages = new Map<DescMessage, MessageType>();
  readonly #enums = new Map<DescEnum, EnumType>();

  message(description: DescMessage): MessageType {
    const known = this.#messages.get(description);
    if (known !== undefined) return known;
    // Types may hold themselves, so the map stands before its entries.
    const fields = new Map<number, FieldType>();
    const type = { name: description.typeName, fields };
    this.#messages.set(description, type);
    for (const field of [...description.fields].sort((a, b) => a.number - b.number))
      fields.set(field.number, this.#field(field, description));
    return type;
  }

  #field(field: DescField, parent: DescMessage): FieldType {
    const shape = field.fieldKind === 'map' || field.fieldKind === 'list' ? field.fieldKind : 'single';
    return {
      number: field.number,
      name: field.name,
      shape,
      value: this.#value(field),
      mapKey: field.fieldKind === 'map' ? SCALARS[field.mapKey] : undefined,
      entryName: `${parent.typeName}.${camelCase(field.name)}Entry`,
      hasPresence: shape === 'single' && field.presence !== FeatureSet_FieldPresence.IMPLICIT,
      entriesHavePresence: parent.file.edition === Edition.EDITION_PROTO2,
      isPacked: field.fieldKind === 'list' && field.packed,
      oneof: field.oneof?.name,
    };
  }

  #value(field: DescField): ValueType {
    if (field.message !== undefined)
      return { kind: 'message', message: this.message(field.message), isGroup: field.delimitedEncoding };
    if (field.enum !== undefined) return { kind: 'enum', enum: this.#enum(field.enum) };
    return { kind: 'scalar', scalar: SCALARS[field.scalar]! };
  }

  #enum(description: DescEnum): EnumType {
    const known = this.#enums.get(description);
    if (known !== undefined) return known;
    const names = new Map<number, string>();
    const numbers = new Map<string, number>();
    for (const { name, number } of description.values) {
      if (!names.has(number)) names.set(number, name);
      if (!numbers.has(name.toLowerCase())) numbers.set(name.toLowerCase(), number);
    }
    const type: EnumType = {
      name: description.name,
      fullName: description.typeName,
      names,
      numbers,
      defaultNumber: description.values[0]?.number ?? 0,
    };
    this.#enums.set(description, type);
    return type;
  }
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const SCALARS: Readonly<Record<number, ScalarName>> = {
  [ScalarType.DOUBLE]: 'double',
  [ScalarType.FLOAT]: 'float',
  [ScalarType.INT32]: 'int32',
  [ScalarType.INT64]: 'int64',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.UINT64]: 'uint64',
  [ScalarType.SINT32]: 'sint32',
  [ScalarType.SINT64]: 'sint64',
  [ScalarType.FIXED32]: 'fixed32',
  [ScalarType.FIXED64]: 'fixed64',
  [ScalarType.SFIXED32]: 'sfixed32',
  [ScalarType.SFIXED64]: 'sfixed64',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.STRING]: 'string',
  [ScalarType.BYTES]: 'bytes',
};

/** How values are laid out, by the number in front of them. */
export type WireType = 0 | 1 | 2 | 3 | 4 | 5;

const FIXED_WIRES: Readonly<Partial<Record<ScalarName, WireType>>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  float: 5,
  fixed32: 5,
  sfixed32: 5,
  string: 2,
  bytes: 2,
};

export function wireTypeOf(type: ValueType): WireType {
  if (type.kind === 'scalar') return FIXED_WIRES[type.scalar] ?? 0;
  return type.kind === 'enum' ? 0 : type.isGroup ? 3 : 2;
}

/** A type as messages of errors show it. */
export function typeWord(type: ValueType): string {
  if (type.kind === 'scalar') return type.scalar;
  return type.kind === 'enum' ? type.enum.fullName : type.message.name;
}

/** A problem of a message or value, thrown inside and made a failure at the edge. */
export class ProtobufProblem extends Error {}
