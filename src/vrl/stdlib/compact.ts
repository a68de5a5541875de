import { setField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { trimText, utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

/** What lies deeper is kept as it is: nothing that comes in is nested so. */
const NESTING_MAX = 1000;

interface Options {
  readonly recursive: boolean;
  readonly null: boolean;
  readonly string: boolean;
  readonly object: boolean;
  readonly array: boolean;
  readonly nullish: boolean;
}

export const compact = defineFunction({
  name: 'compact',
  category: 'Enumerate',
  doc: 'Takes empty values out of an object or array.',
  parameters: [
    required('value', ['object', 'array'], 'The object or array to go over.'),
    optional('recursive', 'boolean', 'Whether objects and arrays in it are gone over first.', { default: true }),
    optional('null', 'boolean', 'Whether `null` is empty.', { default: true }),
    optional('string', 'boolean', 'Whether a string of length 0 is empty.', { default: true }),
    optional('object', 'boolean', 'Whether an object without members is empty.', { default: true }),
    optional('array', 'boolean', 'Whether an array without items is empty.', { default: true }),
    optional('nullish', 'boolean', 'Whether all that `is_nullish` tells is empty.', { default: false }),
  ],
  returns: { kinds: ['array', 'object'], fallible: false },
  hasLooseType: true,
  checkOrder: ['recursive', 'null', 'string', 'object', 'array', 'nullish', 'value'],
  evaluationOrder: ['recursive', 'null', 'string', 'object', 'array', 'nullish', 'value'],
  type: (call) => typeDef(Kind.of(call.argument('value')!.type.kind.is('array') ? 'array' : 'object')),
  examples: [
    { title: 'An array', source: 'compact(["a", "", null, "b"])', result: ['a', 'b'] },
    { title: 'What becomes empty', source: 'compact({ "a": { "b": null }, "c": 1 })', result: { c: 1 } },
    { title: 'Strings kept', source: 'compact({ "a": "", "b": null }, string: false)', result: { a: '' } },
    {
      title: 'Nullish values',
      source: 'compact({ "a": "-", "b": "  ", "c": "x" }, nullish: true)',
      result: { c: 'x' },
    },
  ],
  run(
    value: Value,
    recursive: boolean,
    isNull: boolean,
    string: boolean,
    object: boolean,
    array: boolean,
    nullish: boolean,
  ) {
    return compacted(value, { recursive, null: isNull, string, object, array, nullish }, 0);
  },
});

function compacted(value: Value, options: Options, depth: number): Value {
  if (depth >= NESTING_MAX) return value;
  const inner = (item: Value) =>
    options.recursive && typeof item === 'object' ? compacted(item, options, depth + 1) : item;
  if (Array.isArray(value)) {
    const kept: Value[] = [];
    for (const item of value) {
      const left = inner(item);
      if (!isEmpty(left, options)) kept.push(left);
    }
    return kept;
  }
  if (!isObject(value)) return value;
  const kept: ObjectValue = {};
  for (const key of Object.keys(value)) {
    const left = inner(value[key]!);
    if (!isEmpty(left, options)) setField(kept, key, left);
  }
  return kept;
}

function isEmpty(value: Value, options: Options): boolean {
  if (value === null) return options.null || options.nullish;
  if (typeof value === 'string' || value instanceof Uint8Array) {
    if (options.nullish && isNullishText(utf8Text(value))) return true;
    return options.string && value.length === 0;
  }
  if (Array.isArray(value)) return options.array && value.length === 0;
  return options.object && isObject(value) && isWithoutMembers(value);
}

function isNullishText(text: string): boolean {
  return text === '-' || trimText(text) === '';
}

function isWithoutMembers(value: ObjectValue): boolean {
  for (const _ in value) return false;
  return true;
}
