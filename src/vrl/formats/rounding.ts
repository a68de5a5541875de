// Rounding to decimal places, which may be negative.

import { Float, float, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type TypeDef, typeDef } from '../2_check/type_def.ts';
import type { Call } from '../function.ts';

/** A float rounded by `round`; 0 where the precision leads out of what floats can say. */
export function roundedTo(value: number, precision: number | bigint, round: (value: number) => number): Value {
  return floatOrZero(roundedNumber(value, precision, round));
}

export function roundedNumber(value: number, precision: number | bigint, round: (value: number) => number): number {
  if (precision === 0) return round(value);
  // Not always the float that is nearest to the power (10²³): no more is the original's.
  const factor = 10 ** Number(precision);
  return round(value * factor) / factor;
}

/** A float value; 0 for what is not a number. */
export function floatOrZero(value: number): Value {
  return Number.isNaN(value) ? new Float(0) : float(value);
}

/** To the nearest whole number, halves away from zero. */
export function halfAwayFromZero(value: number): number {
  return value < 0 || Object.is(value, -0) ? -Math.round(-value) : Math.round(value);
}

/** The type of what rounds its argument `value`: a float where that is one, an integer likewise. */
export function numberType(call: Call): TypeDef {
  const { kind } = call.argument('value')!.type;
  return typeDef(kind.is('float') || kind.is('integer') ? kind : Kind.of('integer', 'float'));
}
