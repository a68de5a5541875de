// Shows what the compiler knows.

import { setField } from '../../event/object.ts';
import { isPlainField } from '../../event/path.ts';
import { cloneValue, type ObjectValue } from '../../event/value.ts';
import type { AnyKindName, Collection, Kind } from '../2_check/kind.ts';
import { isFallible } from '../2_check/type_def.ts';
import { defineFunction, required } from '../function.ts';

export const typeDef = defineFunction({
  name: 'type_def',
  category: 'Type',
  doc: 'Shows what the compiler knows of the type of an expression. For debugging only: the form of the result may change.',
  parameters: [required('value', 'any', 'The expression to tell about.', { compileTime: true })],
  returns: { kinds: ['any'], fallible: false },
  examples: [
    { title: 'An integer', source: 'type_def(42)', result: { integer: true } },
    {
      title: 'An array',
      source: 'type_def([1, "a"])',
      result: { array: { 0: { integer: true }, 1: { bytes: true } } },
    },
  ],
  prepare(call) {
    const { type } = call.argument('value')!;
    const tree = described(type.kind, true, true);
    if (isFallible(type)) tree['fallible'] = true;
    return () => cloneValue(tree);
  },
});

const PRIMITIVES = ['bytes', 'integer', 'float', 'boolean', 'timestamp', 'regex', 'null', 'undefined'] as const;

/** `isRoot`: entries that say no more than the unknown ones are left out at the top alone. */
function described(kind: Kind, isRoot: boolean, showUnknown: boolean): ObjectValue {
  if (kind.isNever()) return { never: true };
  if (kind.isAny()) return { any: true };
  if (kind.isJson()) return { json: true };
  const tree: ObjectValue = {};
  for (const name of PRIMITIVES) if (kind.contains(name)) tree[name] = true;
  if (kind.objectMembers) describeCollection(tree, 'object', kind.objectMembers, isRoot, showUnknown);
  if (kind.arrayItems) describeCollection(tree, 'array', kind.arrayItems, isRoot, showUnknown);
  return tree;
}

function describeCollection(
  tree: ObjectValue,
  prefix: AnyKindName,
  entries: Collection<number> | Collection<string>,
  isRoot: boolean,
  showUnknown: boolean,
): void {
  const known: ObjectValue = {};
  const unknown = entries.unknownKind;
  for (const [key, kind] of entries.known) {
    if (isRoot && kind.equals(unknown)) continue;
    setField(known, fieldText(key), described(kind, false, showUnknown));
  }
  tree[prefix] = known;
  if (!showUnknown || unknown.is('undefined')) return;
  const isInfinite = unknown.isAny() || unknown.isJson();
  tree[`${prefix}_unknown_${unknown.isExact() ? 'exact' : 'infinite'}`] = described(unknown, false, !isInfinite);
}

function fieldText(key: string | number): string {
  return typeof key === 'number' || isPlainField(key) ? String(key) : `"${key}"`;
}
