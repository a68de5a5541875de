// Reading and writing places inside values, when the generated code's shortcuts do not apply. Writing happens in place
// and creates what is missing; the root itself may be replaced, so writers return it.

import { getField, setField } from '../../event/object.ts';
import { getPath as find, removePath, type Segment } from '../../event/path.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { fail } from './failure.ts';

/** The longest array that writing to an index may make. */
export const ITEMS_MAX = 1_000_000;

export function getPath(value: Value, segments: readonly Segment[]): Value | undefined {
  return segments.length === 0 ? value : find(value, segments);
}

/** The member of an object; undefined for anything else. */
export function field(value: Value | undefined, name: string): Value | undefined {
  return isObject(value) ? getField(value, name) : undefined;
}

/** The item of an array; undefined for anything else. */
export function item(value: Value | undefined, index: number): Value | undefined {
  return Array.isArray(value) ? value.at(index) : undefined;
}

/** Puts `value` at the path and returns the root. Throws a failure when an array would become too long. */
export function insert(root: Value, segments: readonly Segment[], value: Value): Value {
  if (segments.length === 0) return value;
  const top = holder(root, segments[0]!);
  let parent = top;
  for (let i = 0; i < segments.length - 1; i++) {
    const segment = segments[i]!;
    const current = typeof segment === 'number' ? item(parent, segment) : field(parent, segment);
    const child = holder(current, segments[i + 1]!);
    if (child !== current) put(parent, segment, child);
    parent = child;
  }
  put(parent, segments[segments.length - 1]!, value);
  return top;
}

/** The value if it can hold the segment, else a new one that can. */
function holder(value: Value | undefined, segment: Segment): ObjectValue | Value[] {
  if (typeof segment === 'number') return Array.isArray(value) ? value : [];
  return isObject(value) ? value : {};
}

function put(parent: ObjectValue | Value[], segment: Segment, value: Value): void {
  if (typeof segment === 'string') setField(parent as ObjectValue, segment, value);
  else putItem(parent as Value[], segment, value);
}

function putItem(items: Value[], segment: number, value: Value): void {
  const needed = segment < 0 ? -segment : segment + 1;
  if (needed > ITEMS_MAX) throw fail(`the index ${segment} is beyond the longest array of ${ITEMS_MAX} items`);
  if (segment >= 0) {
    while (items.length < segment) items.push(null);
    items[segment] = value;
  } else if (items.length >= needed) items[items.length + segment] = value;
  else items.unshift(value, ...new Array<Value>(needed - items.length - 1).fill(null));
}

/**
 * Takes away what is at the path, and with `compact` the objects and arrays left empty on the way. An object that loses
 * a member is replaced by a copy without it, as `delete` would make a dictionary of it; but for the root, which stays.
 */
export function remove(root: Value, segments: readonly Segment[], compact: boolean): Value {
  const holders: Value[] = [root];
  for (let i = 0; i < segments.length - 1; i++) {
    const next = find(holders[i]!, [segments[i]!]);
    if (next === undefined) return null;
    holders.push(next);
  }
  let at = segments.length - 1;
  const removed = find(holders[at]!, [segments[at]!]);
  if (removed === undefined) return null;
  let left = takeOut(holders, segments, at);
  while (compact && at > 0 && isEmpty(left)) left = takeOut(holders, segments, --at);
  return removed;
}

/** Takes the segment `at` out of its holder; the holder as it is then. */
function takeOut(holders: Value[], segments: readonly Segment[], at: number): Value {
  const holder = holders[at]!;
  const segment = segments[at]!;
  if (typeof segment === 'number' || at === 0) {
    removePath(holder, [segment]);
    return holder;
  }
  const { [segment]: _, ...rest } = holder as ObjectValue;
  put(holders[at - 1] as ObjectValue | Value[], segments[at - 1]!, rest);
  holders[at] = rest;
  return rest;
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** What is left of a root that was removed: an empty one of its kind. */
export function emptied(root: Value): Value {
  if (Array.isArray(root)) return [];
  return isObject(root) ? {} : null;
}
