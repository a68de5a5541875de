// Which field names generated code may read by plain property access.
//
// `value?.name` is `undefined` for everything but an object that has the member, and one machine instruction long,
// unless some kind of value has a property of that name by itself (`"".length`, `[].map`, `{}.constructor`). Those names
// are found out here, from the prototypes themselves, and read through the core.

import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex } from '../../event/value.ts';

const OWN_BY_VALUES: readonly object[] = [
  Object.prototype,
  String.prototype,
  Number.prototype,
  BigInt.prototype,
  Boolean.prototype,
  Array.prototype,
  Uint8Array.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
  Timestamp.prototype,
  Float.prototype,
  Regex.prototype,
  new Timestamp(0, 0),
  new Float(0),
  new Regex(''),
  new String(''),
  [],
];

const taken = new Set<string>(OWN_BY_VALUES.flatMap((owner) => Object.getOwnPropertyNames(owner)));
for (const name of ['buffer', 'parent', 'offset', '__proto__']) taken.add(name);
// A Node `Buffer` is a `Uint8Array` with more methods.
if (typeof Buffer === 'function') for (const name of Object.getOwnPropertyNames(Buffer.prototype)) taken.add(name);

const INDEX = /^\d+$/;

/** Whether `value?.name` is right for every value. */
export function isPlainlyReadable(name: string): boolean {
  return !taken.has(name) && !INDEX.test(name);
}

/** Whether `object.name = value` makes a member like any other. */
export function isPlainlyWritable(name: string): boolean {
  return name !== '__proto__';
}
