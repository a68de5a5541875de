// Message types of protobuf, as descriptor sets describe them (`protobuf_load.ts`). Messages are read and written by our
// own code (`protobuf_decode.ts`, `protobuf_encode.ts`), straight from and to values.

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
