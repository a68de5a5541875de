// Going over the entries of objects and arrays with a closure.

import { setField, sortedKeys } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import type { Closure } from '../function.ts';

/** How deep recursion goes: a closure that nests what it is given would never end. */
const NESTING_MAX = 256;

/**
 * Calls the closure with the key or index and the value of each entry, members in the order of their keys. Stops at
 * the first failure and returns it; a `return` ends the closure alone where it goes over members, and the program
 * where it goes over items.
 */
export function runOverEntries(
  value: Value,
  closure: Closure,
  take: (result: Value, key: string | number, value: Value) => void,
): Failure | undefined {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const result = closure(index, value[index]!);
      if (result instanceof Failure) return result;
      take(result, index, value[index]!);
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const key of sortedKeys(value)) {
    const member = value[key]!;
    const result = closure(key, member);
    if (!(result instanceof Failure)) take(result, key, member);
    else if (result.kind === 'return') take(result.value, key, member);
    else return result;
  }
  return undefined;
}

/** The value with its keys replaced by what the closure makes of them, in the order of the old keys. */
export function withMappedKeys(value: Value, closure: Closure, isRecursive: boolean, depth = 0): Value | Failure {
  if (depth > NESTING_MAX) return tooDeep();
  if (Array.isArray(value)) {
    if (!isRecursive) return value;
    return mapItems(value, (item) => withMappedKeys(item, closure, true, depth + 1));
  }
  if (!isObject(value)) return value;
  const result: ObjectValue = {};
  for (const key of sortedKeys(value)) {
    const mapped = closure(key);
    if (mapped instanceof Failure) return mapped;
    if (typeof mapped !== 'string' && !(mapped instanceof Uint8Array))
      return fail(`expected string, got ${displayKind(mapped)}`);
    const member = isRecursive ? withMappedKeys(value[key]!, closure, true, depth + 1) : value[key]!;
    if (member instanceof Failure) return member;
    setField(result, lossy(mapped), member);
  }
  return result;
}

/**
 * The value with its entries replaced by what the closure makes of them. With recursion, an entry that was an object
 * or array and still is one is gone into after it was replaced.
 */
export function withMappedValues(value: Value, closure: Closure, isRecursive: boolean, depth = 0): Value | Failure {
  if (depth > NESTING_MAX) return tooDeep();
  const map = (entry: Value): Value | Failure => {
    const mapped = closure(entry);
    if (!isRecursive || mapped instanceof Failure || !isCollection(entry) || !isCollection(mapped)) return mapped;
    return withMappedValues(mapped, closure, true, depth + 1);
  };
  if (Array.isArray(value)) return mapItems(value, map);
  if (!isObject(value)) return value;
  const result: ObjectValue = {};
  for (const key of sortedKeys(value)) {
    const mapped = map(value[key]!);
    if (mapped instanceof Failure) return mapped;
    setField(result, key, mapped);
  }
  return result;
}

function mapItems(items: readonly Value[], map: (item: Value) => Value | Failure): Value | Failure {
  const result: Value[] = [];
  for (const item of items) {
    const mapped = map(item);
    if (mapped instanceof Failure) return mapped;
    result.push(mapped);
  }
  return result;
}

function isCollection(value: Value): boolean {
  return typeof value === 'object' && value !== null && (Array.isArray(value) || isObject(value));
}

function tooDeep(): Failure {
  return fail(`the value has more than ${NESTING_MAX} arrays and objects inside each other`);
}
