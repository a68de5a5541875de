// The range `min` to `max` of functions that draw a number.

import { toNumber } from '../../event/value.ts';
import { displayValue } from '../4_run/display.ts';
import { type Call, invalidArgument } from '../function.ts';

export const EMPTY_RANGE = 'max must be greater than min';

/** Whether the range is known while compiling, and not empty. */
export function isRange(call: Call): boolean {
  const min = call.argument('min')?.constant;
  const max = call.argument('max')?.constant;
  return min !== undefined && max !== undefined && !isEmpty(call);
}

/** Refuses a range that is known to be empty. */
export function checkRange(call: Call): void {
  if (isEmpty(call)) throw invalidArgument('max', displayValue(call.argument('max')!.constant!), EMPTY_RANGE);
}

function isEmpty(call: Call): boolean {
  const min = call.argument('min')?.constant;
  const max = call.argument('max')?.constant;
  if (toNumber(min) === undefined || toNumber(max) === undefined) return false;
  const low = typeof min === 'bigint' ? min : toNumber(min)!;
  const high = typeof max === 'bigint' ? max : toNumber(max)!;
  return high <= low;
}
