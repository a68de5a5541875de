import { setField, sortedKeys } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { displayValue } from '../4_run/display.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Argument, defineFunction, expectedStatic, invalidArgument, optional, required } from '../function.ts';

/** What lies deeper is kept as it is: nothing that comes in is nested so. */
const NESTING_MAX = 1000;

export const flatten = defineFunction({
  name: 'flatten',
  category: 'Enumerate',
  doc: 'Makes one level of an object of objects, or of an array of arrays. Keys are joined.',
  notices: ['Arrays in objects, and objects in arrays, stay as they are. Empty ones go.'],
  parameters: [
    required('value', ['object', 'array'], 'The object or array to flatten.'),
    optional('separator', 'bytes', 'What to put between joined keys.', { default: '.' }),
    optional(
      'except',
      'array',
      'Keys whose objects are kept whole, at any depth. They must be known while compiling.',
      {
        default: [],
        compileTime: true,
      },
    ),
  ],
  returns: { kinds: ['array', 'object'], fallible: false },
  hasLooseType: true,
  checkOrder: ['separator', 'value'],
  type: (call) => typeDef(Kind.of(call.argument('value')!.type.kind.is('array') ? 'array' : 'object')),
  examples: [
    { title: 'An object', source: 'flatten({ "a": { "b": 1, "c": { "d": 2 } } })', result: { 'a.b': 1, 'a.c.d': 2 } },
    { title: 'An array', source: 'flatten([1, [2, [3]]])', result: [1, 2, 3] },
    { title: 'Another separator', source: 'flatten({ "a": { "b": 1 } }, "_")', result: { a_b: 1 } },
    {
      title: 'Some kept',
      source: 'flatten({ "a": { "b": { "c": 1 } } }, except: ["b"])',
      result: { 'a.b': { c: 1 } },
    },
  ],
  prepare(call) {
    const except = new Set(call.array('except')?.map(keyOf));
    return (value: Value, separator: string | Uint8Array) => {
      if (Array.isArray(value)) {
        const items: Value[] = [];
        addItems(value, items, 0);
        return items;
      }
      const result: ObjectValue = {};
      addMembers(value as ObjectValue, '', { separator: utf8Text(separator), except, result }, 0);
      return result;
    };
  },
});

function keyOf(argument: Argument): string {
  const { constant } = argument;
  if (constant === undefined) throw expectedStatic('except', argument);
  if (typeof constant === 'string' || constant instanceof Uint8Array) return utf8Text(constant);
  throw invalidArgument('except', displayValue(constant), 'expected a string value');
}

function addItems(array: readonly Value[], items: Value[], depth: number): void {
  for (const item of array) {
    if (Array.isArray(item) && depth < NESTING_MAX) addItems(item, items, depth + 1);
    else items.push(item);
  }
}

interface Flattening {
  readonly separator: string;
  readonly except: ReadonlySet<string>;
  readonly result: ObjectValue;
}

function addMembers(object: ObjectValue, prefix: string, flattening: Flattening, depth: number): void {
  const { separator, except, result } = flattening;
  for (const key of sortedKeys(object)) {
    const value = object[key]!;
    const name = depth === 0 ? key : prefix + key;
    if (isObject(value) && !except.has(key) && depth < NESTING_MAX)
      addMembers(value, name + separator, flattening, depth + 1);
    else setField(result, name, value);
  }
}
