// Kinds of arguments that an implementation checks itself: those that are not named in `checkOrder`.

import type { Value } from '../../event/value.ts';

export function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

export function isInteger(value: Value): value is number | bigint {
  return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'bigint';
}
