// Values have no identity in the language: what was stored in one place does not change when another is written. The
// generated code writes in place, so whatever may be reached from elsewhere is copied when it is stored.

import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { fail } from './failure.ts';

/** Items and members that one copy may have. Programs that double a value over and over end here. */
export const COPY_MAX = 2_000_000;
const DEPTH_MAX = 1_000;

let left = 0;

/** A value that nothing else can change. Throws a failure when it is too big or too deep. */
export function own(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value) && !isObject(value)) return value;
  left = COPY_MAX;
  return copy(value, 0);
}

function copy(value: Value, depth: number): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    spend(value.length, depth);
    const items: Value[] = new Array(value.length);
    for (let i = 0; i < value.length; i++) items[i] = copy(value[i]!, depth + 1);
    return items;
  }
  return isObject(value) ? copyObject(value, depth) : value;
}

/** As `cloneValue` does it, but counted. */
function copyObject(value: ObjectValue, depth: number): Value {
  const members: ObjectValue = { ...value };
  spend(0, depth);
  let entries = 0;
  for (const key in members) {
    entries++;
    const member = members[key]!;
    if (typeof member === 'object' && member !== null) members[key] = copy(member, depth + 1);
  }
  left -= entries;
  return members;
}

function spend(entries: number, depth: number): void {
  left -= entries + 1;
  if (left < 0) throw fail(`the value has more than ${COPY_MAX} items and members`);
  if (depth > DEPTH_MAX) throw fail(`the value has more than ${DEPTH_MAX} arrays and objects inside each other`);
}
