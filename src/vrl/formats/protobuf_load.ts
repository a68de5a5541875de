// Message types from a descriptor set. The set is itself a message: it is read by the same code, with types given here,
// of no more fields than are needed.

import { getField } from '../../event/object.ts';
import type { ObjectValue } from '../../event/value.ts';
import {
  type EnumType,
  type FieldType,
  type MessageType,
  ProtobufProblem,
  type ScalarName,
  type ValueType,
} from './protobuf.ts';
import { decodeProtobuf } from './protobuf_decode.ts';

/** The message type of a name in a descriptor set; text says why there is none. */
export function loadMessageType(descriptorSet: Uint8Array, name: string): MessageType | string {
  try {
    const type = new DescriptorSet(decodeProtobuf(setType(), descriptorSet)).message(name);
    return type ?? `it has no message type \`${name}\``;
  } catch (error) {
    if (error instanceof ProtobufProblem) return `it is not a descriptor set: ${error.message}`;
    throw error;
  }
}

/** Codes of types that are not scalars. */
const GROUP = 10;
const MESSAGE = 11;
const ENUM = 14;
const REPEATED = 3;

/** By their code in descriptors. */
const SCALARS: Readonly<Record<number, ScalarName>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};

/** A message or enum as the set has it, and what its place in the set says. */
interface Described {
  readonly kind: 'message' | 'enum';
  readonly fullName: string;
  readonly body: ObjectValue;
  readonly isProto3: boolean;
}

class DescriptorSet {
  readonly #described = new Map<string, Described>();
  readonly #messages = new Map<string, MessageType>();
  readonly #enums = new Map<string, EnumType>();

  constructor(set: ObjectValue) {
    const files = objects(set, 'file');
    const names = new Set(files.map((file) => text(file, 'name')));
    for (const file of files) {
      for (const name of list(file, 'dependency') as string[])
        if (!names.has(name)) throw new ProtobufProblem(`it lacks the file \`${name}\`, which another imports`);
      const syntax = text(file, 'syntax');
      if (syntax !== '' && syntax !== 'proto2' && syntax !== 'proto3')
        throw new ProtobufProblem(`the syntax \`${syntax}\` is not known`);
      this.#describe(file, 'message_type', text(file, 'package'), syntax === 'proto3');
    }
    for (const described of this.#described.values()) this.#check(described);
  }

  #describe(parent: ObjectValue, messages: string, scope: string, isProto3: boolean): void {
    for (const body of objects(parent, 'enum_type')) this.#add('enum', body, scope, isProto3);
    for (const body of objects(parent, messages)) {
      const fullName = this.#add('message', body, scope, isProto3);
      this.#describe(body, 'nested_type', fullName, isProto3);
    }
  }

  #add(kind: Described['kind'], body: ObjectValue, scope: string, isProto3: boolean): string {
    const name = text(body, 'name');
    const fullName = scope === '' ? name : `${scope}.${name}`;
    if (this.#described.has(fullName)) throw new ProtobufProblem(`it has \`${fullName}\` twice`);
    this.#described.set(fullName, { kind, fullName, body, isProto3 });
    return fullName;
  }

  /** Fields name what there is, also those of types that nobody asks for. */
  #check({ kind, fullName, body }: Described): void {
    if (kind === 'enum') return;
    const oneofs = list(body, 'oneof_decl').length;
    for (const field of objects(body, 'field')) {
      this.#typeOf(field, fullName);
      const oneof = getField(field, 'oneof_index') as number | undefined;
      if (oneof !== undefined && (oneof < 0 || oneof >= oneofs))
        throw new ProtobufProblem(`a field of \`${fullName}\` is of a group that is not there`);
    }
  }

  message(name: string): MessageType | undefined {
    const known = this.#messages.get(name);
    if (known !== undefined) return known;
    const described = this.#described.get(name);
    if (described?.kind !== 'message') return undefined;
    // Types may hold themselves, so the map stands before its entries.
    const fields = new Map<number, FieldType>();
    const type = { name, fields };
    this.#messages.set(name, type);
    const byNumber = objects(described.body, 'field').sort((a, b) => whole(a, 'number') - whole(b, 'number'));
    for (const field of byNumber) fields.set(whole(field, 'number'), this.#field(field, described));
    return type;
  }

  #field(field: ObjectValue, parent: Described): FieldType {
    const { fullName, isProto3 } = parent;
    const name = text(field, 'name');
    const type = this.#typeOf(field, fullName);
    const isRepeated = whole(field, 'label') === REPEATED;
    const entry = isRepeated && typeof type === 'object' && isMapEntry(type) ? type : undefined;
    const value = this.#valueType(entry === undefined ? field : entryField(entry, 2), entry?.fullName ?? fullName);
    const isOptional = flag(field, 'proto3_optional');
    // What is merely optional stands in a group of its own.
    const oneof = isOptional ? undefined : (getField(field, 'oneof_index') as number | undefined);
    const hasPresence = !isProto3 || oneof !== undefined || isOptional || value.kind === 'message';
    // Any option at all turns off what the newer syntax has by default.
    const options = getField(field, 'options') as ObjectValue | undefined;
    const packed = options === undefined ? isProto3 : flag(options, 'packed');
    return {
      number: whole(field, 'number'),
      name,
      shape: entry !== undefined ? 'map' : isRepeated ? 'list' : 'single',
      value,
      mapKey: entry === undefined ? undefined : this.#mapKey(entry),
      entryName: `${fullName}.${camelCase(name)}Entry`,
      hasPresence: !isRepeated && hasPresence,
      entriesHavePresence: !isProto3,
      isPacked: isRepeated && entry === undefined && packed && isPackable(value),
      oneof: oneof === undefined ? undefined : text(objects(parent.body, 'oneof_decl')[oneof]!, 'name'),
    };
  }

  #mapKey(entry: Described): ScalarName {
    const key = this.#typeOf(entryField(entry, 1), entry.fullName);
    if (typeof key === 'string') return key;
    throw new ProtobufProblem(`the keys of \`${entry.fullName}\` are no scalars`);
  }

  #valueType(field: ObjectValue, scope: string): ValueType {
    const type = this.#typeOf(field, scope);
    if (typeof type === 'string') return { kind: 'scalar', scalar: type };
    if (type.kind === 'enum') return { kind: 'enum', enum: this.#enum(type) };
    return { kind: 'message', message: this.message(type.fullName)!, isGroup: whole(field, 'type') === GROUP };
  }

  #enum({ fullName, body }: Described): EnumType {
    const known = this.#enums.get(fullName);
    if (known !== undefined) return known;
    const values = objects(body, 'value');
    const names = new Map<number, string>();
    const numbers = new Map<string, number>();
    for (const value of values) {
      const [name, number] = [text(value, 'name'), whole(value, 'number')];
      if (!names.has(number)) names.set(number, name);
      if (!numbers.has(name.toLowerCase())) numbers.set(name.toLowerCase(), number);
    }
    const defaultNumber = values.length === 0 ? 0 : whole(values[0]!, 'number');
    const type: EnumType = { name: text(body, 'name'), fullName, names, numbers, defaultNumber };
    this.#enums.set(fullName, type);
    return type;
  }

  #typeOf(field: ObjectValue, scope: string): ScalarName | Described {
    const code = whole(field, 'type');
    const scalar = SCALARS[code];
    if (scalar !== undefined) return scalar;
    const name = text(field, 'type_name');
    const found = this.#resolve(name, scope);
    const isRight = code === ENUM ? found?.kind === 'enum' : found?.kind === 'message';
    // Which of the two a name stands for may be left open.
    if (found === undefined || (code !== 0 && !isRight) || ![0, GROUP, MESSAGE, ENUM].includes(code))
      throw new ProtobufProblem(`\`${scope}\` uses the type \`${name}\`, which is not there`);
    return found;
  }

  /** A name that does not begin with a dot is looked for from the inside out. */
  #resolve(name: string, scope: string): Described | undefined {
    if (name.startsWith('.')) return this.#described.get(name.slice(1));
    for (let outer = scope; outer !== ''; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const found = this.#described.get(`${outer}.${name}`);
      if (found !== undefined) return found;
    }
    return this.#described.get(name);
  }
}

function isMapEntry({ kind, body }: Described): boolean {
  return kind === 'message' && flag(getField(body, 'options') as ObjectValue | undefined, 'map_entry');
}

function entryField(entry: Described, number: 1 | 2): ObjectValue {
  const field = objects(entry.body, 'field').find((one) => whole(one, 'number') === number);
  if (field === undefined) throw new ProtobufProblem(`\`${entry.fullName}\` lacks the field ${number}`);
  return field;
}

function isPackable(type: ValueType): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes');
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function text(object: ObjectValue, name: string): string {
  return (getField(object, name) as string | undefined) ?? '';
}

function whole(object: ObjectValue, name: string): number {
  return (getField(object, name) as number | undefined) ?? 0;
}

function flag(object: ObjectValue | undefined, name: string): boolean {
  return object !== undefined && getField(object, name) === true;
}

function list(object: ObjectValue, name: string): readonly unknown[] {
  return (getField(object, name) as unknown[] | undefined) ?? [];
}

function objects(object: ObjectValue, name: string): ObjectValue[] {
  return [...list(object, name)] as ObjectValue[];
}

type Content = 'string' | 'int32' | 'bool' | MessageType;

function addField(type: MessageType, number: number, name: string, content: Content, shape: FieldType['shape']): void {
  const value: ValueType =
    typeof content === 'string'
      ? { kind: 'scalar', scalar: content }
      : { kind: 'message', message: content, isGroup: false };
  (type.fields as Map<number, FieldType>).set(number, {
    number,
    name,
    shape,
    value,
    mapKey: undefined,
    entryName: '',
    hasPresence: shape === 'single',
    entriesHavePresence: true,
    isPacked: false,
    oneof: undefined,
  });
}

function messageType(name: string, single: readonly (readonly [number, string, Content])[]): MessageType {
  const type: MessageType = { name, fields: new Map() };
  for (const [number, field, content] of single) addField(type, number, field, content, 'single');
  return type;
}

let setTypeOnce: MessageType | undefined;

/** The type of descriptor sets. */
function setType(): MessageType {
  if (setTypeOnce !== undefined) return setTypeOnce;
  const name = [1, 'name', 'string'] as const;
  const enumValue = messageType('EnumValueDescriptorProto', [name, [2, 'number', 'int32']]);
  const enumType = messageType('EnumDescriptorProto', [name]);
  addField(enumType, 2, 'value', enumValue, 'list');
  const field = messageType('FieldDescriptorProto', [
    name,
    [3, 'number', 'int32'],
    [4, 'label', 'int32'],
    [5, 'type', 'int32'],
    [6, 'type_name', 'string'],
    [8, 'options', messageType('FieldOptions', [[2, 'packed', 'bool']])],
    [9, 'oneof_index', 'int32'],
    [17, 'proto3_optional', 'bool'],
  ]);
  const message = messageType('DescriptorProto', [
    name,
    [7, 'options', messageType('MessageOptions', [[7, 'map_entry', 'bool']])],
  ]);
  addField(message, 2, 'field', field, 'list');
  addField(message, 3, 'nested_type', message, 'list');
  addField(message, 4, 'enum_type', enumType, 'list');
  addField(message, 8, 'oneof_decl', messageType('OneofDescriptorProto', [name]), 'list');
  const file = messageType('FileDescriptorProto', [name, [2, 'package', 'string'], [12, 'syntax', 'string']]);
  addField(file, 3, 'dependency', 'string', 'list');
  addField(file, 4, 'message_type', message, 'list');
  addField(file, 5, 'enum_type', enumType, 'list');
  const set = messageType('FileDescriptorSet', []);
  addField(set, 1, 'file', file, 'list');
  setTypeOnce = set;
  return set;
}
