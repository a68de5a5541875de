// Paths that programs put together at run time, as arrays of names and indices. Writing and removing copy what lies on
// the path and share the rest, so the value they start from stays as it is.

import { getField, setField } from '../../event/object.ts';
import type { Segment } from '../../event/path.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type TypeDef, typeDef } from '../2_check/type_def.ts';
import { lossy } from '../4_run/convert.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';

/** Longer paths are not written: they would nest values deeper than they can be encoded. */
const SEGMENTS_MAX = 128;

/** An array is not padded with nulls beyond this index: one short path must not allocate without bound. */
const INDEX_MAX = 65_535;

/** The type of what is left of a value after a change at such a path; nothing is known of its entries. */
export function collectionType(value: Kind): TypeDef {
  let kind = Kind.never();
  if (value.is('array')) kind = kind.with('array');
  if (value.is('object')) kind = kind.with('object');
  return typeDef(kind, true);
}

/** The segments in a path argument. */
export function pathOf(value: Value): Segment[] | Failure {
  if (!Array.isArray(value)) return fail(`expected array, got ${displayKind(value)}`);
  const segments: Segment[] = [];
  for (const item of value) {
    if (typeof item === 'string') segments.push(item);
    else if (item instanceof Uint8Array) segments.push(lossy(item));
    else if (typeof item === 'number' && Number.isInteger(item)) segments.push(item);
    // No array is that long; the float stands for any index that is not there.
    else if (typeof item === 'bigint') segments.push(Number(item));
    else return fail(`path segment must be either string or integer, not ${displayKind(item)}`);
  }
  return segments;
}

/** `root` with `value` at the path. What is not an object or array where the path needs one is replaced. */
export function withValueAt(root: Value, path: readonly Segment[], value: Value): Value | Failure {
  if (path.length > SEGMENTS_MAX) return fail(`path has more than ${SEGMENTS_MAX} segments`);
  return write(root, path, 0, value);
}

function write(current: Value | undefined, path: readonly Segment[], depth: number, value: Value): Value | Failure {
  const segment = path[depth];
  if (segment === undefined) return value;
  if (typeof segment === 'number') return writeItem(Array.isArray(current) ? current : [], path, depth, value);
  const copy: ObjectValue = isObject(current) ? { ...current } : {};
  const member = write(getField(copy, segment), path, depth + 1, value);
  if (member instanceof Failure) return member;
  setField(copy, segment, member);
  return copy;
}

function writeItem(items: readonly Value[], path: readonly Segment[], depth: number, value: Value): Value | Failure {
  const index = path[depth] as number;
  const lengthNeeded = index < 0 ? -index : index + 1;
  if (lengthNeeded > items.length && lengthNeeded > INDEX_MAX + 1)
    return fail(`array index ${index} is beyond the limit of ${INDEX_MAX}`);
  const padding = Math.max(0, lengthNeeded - items.length);
  const missing = new Array<Value>(padding).fill(null);
  const copy = index < 0 ? [...missing, ...items] : [...items, ...missing];
  const at = index < 0 ? copy.length + index : index;
  const item = write(padding > 0 ? undefined : copy[at], path, depth + 1, value);
  if (item instanceof Failure) return item;
  copy[at] = item;
  return copy;
}

/**
 * `root` without what is at the path; `root` itself when nothing is there. With `compact`, arrays and objects that are
 * left empty on the way go too. Without segments, an empty value of the root's kind is left.
 */
export function withoutValueAt(root: Value, path: readonly Segment[], compact: boolean): Value {
  if (path.length === 0) return Array.isArray(root) ? [] : isObject(root) ? {} : null;
  // Copied from the inside out, not recursively: a path may be of any length.
  const parents: Value[] = [root];
  for (let depth = 0; depth < path.length; depth++) {
    const child = entryAt(parents[depth]!, path[depth]!);
    if (child === undefined) return root;
    parents.push(child);
  }
  let changed = withoutEntry(parents[path.length - 1]!, path[path.length - 1]!);
  for (let depth = path.length - 2; depth >= 0; depth--) {
    const segment = path[depth]!;
    changed =
      compact && isEmptyCollection(changed)
        ? withoutEntry(parents[depth]!, segment)
        : withEntry(parents[depth]!, segment, changed);
  }
  return changed;
}

function entryAt(parent: Value, segment: Segment): Value | undefined {
  if (typeof segment === 'number') return Array.isArray(parent) ? parent.at(segment) : undefined;
  return isObject(parent) ? getField(parent, segment) : undefined;
}

function withEntry(parent: Value, segment: Segment, value: Value): Value {
  if (typeof segment === 'number') return (parent as Value[]).with(segment, value);
  const copy = { ...(parent as ObjectValue) };
  setField(copy, segment, value);
  return copy;
}

function withoutEntry(parent: Value, segment: Segment): Value {
  if (typeof segment === 'number') return (parent as Value[]).toSpliced(segment, 1);
  const copy = { ...(parent as ObjectValue) };
  delete copy[segment];
  return copy;
}

function isEmptyCollection(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
