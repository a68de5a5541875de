import { setField, sortedKeys } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

/** Keys of more parts keep the rest as one, and objects nested deeper stay as they are. */
const NESTING_MAX = 256;

export const unflatten = defineFunction({
  name: 'unflatten',
  category: 'Enumerate',
  doc: 'Makes nested objects of an object whose keys are joined, the reverse of `flatten`.',
  notices: ['Where one key is the beginning of others, its own value is dropped. Objects in arrays stay as they are.'],
  parameters: [
    required('value', 'object', 'The object to unflatten.'),
    optional('separator', 'bytes', 'What stands between joined keys.', { default: '.' }),
    optional('recursive', 'boolean', 'Whether objects in it are unflattened too.', { default: true }),
  ],
  returns: { kinds: ['object'], fallible: false },
  checkOrder: ['separator', 'recursive', 'value'],
  examples: [
    { title: 'Joined keys', source: 'unflatten({ "a.b": 1, "a.c.d": 2 })', result: { a: { b: 1, c: { d: 2 } } } },
    { title: 'A value that is dropped', source: 'unflatten({ "a": 1, "a.b": 2 })', result: { a: { b: 2 } } },
    {
      title: 'Another separator',
      source: 'unflatten({ "a_b": { "c_d": 1 } }, "_")',
      result: { a: { b: { c: { d: 1 } } } },
    },
  ],
  run(value: ObjectValue, separator: string | Uint8Array, recursive: boolean) {
    return unflattened(value, { separator: utf8Text(separator), recursive }, 0);
  },
});

interface Options {
  readonly separator: string;
  readonly recursive: boolean;
}

type Entry = readonly [key: string, value: Value];

function unflattened(value: Value, options: Options, depth: number): Value {
  if (!isObject(value) || depth > NESTING_MAX) return value;
  return fromEntries(
    sortedKeys(value).map((key): Entry => [key, value[key]!]),
    options,
    depth,
  );
}

/** Objects of entries whose keys begin alike. */
function fromEntries(entries: readonly Entry[], options: Options, depth: number): ObjectValue {
  const groups = new Map<string, [rest: string | undefined, value: Value][]>();
  for (const [key, value] of entries) {
    const cut = depth < NESTING_MAX ? key.indexOf(options.separator) : -1;
    const head = cut === -1 ? key : key.slice(0, cut);
    const rest = cut === -1 ? undefined : key.slice(cut + options.separator.length);
    const group = groups.get(head);
    if (group) group.push([rest, value]);
    else groups.set(head, [[rest, value]]);
  }
  const result: ObjectValue = {};
  for (const [head, group] of groups) setField(result, head, grouped(group, options, depth));
  return result;
}

function grouped(group: readonly [string | undefined, Value][], options: Options, depth: number): Value {
  if (group.length > 1) {
    const inner = group.filter((entry): entry is [string, Value] => entry[0] !== undefined);
    return fromEntries(inner, options, depth + 1);
  }
  const [rest, value] = group[0]!;
  const last = options.recursive ? unflattened(value, options, depth + 1) : value;
  return rest === undefined ? last : nested(partsOf(rest, options.separator), last);
}

function nested(parts: readonly string[], value: Value): Value {
  let result = value;
  for (let i = parts.length - 1; i >= 0; i--) {
    const outer: ObjectValue = {};
    setField(outer, parts[i]!, result);
    result = outer;
  }
  return result;
}

function partsOf(key: string, separator: string): string[] {
  const parts = separator === '' ? ['', ...key, ''] : key.split(separator, NESTING_MAX + 1);
  if (parts.length <= NESTING_MAX) return parts;
  // Too many: the last one is all that remains.
  let start = 0;
  for (let i = 0; i < NESTING_MAX - 1; i++) start += parts[i]!.length + separator.length;
  return [...parts.slice(0, NESTING_MAX - 1), key.slice(start)];
}
