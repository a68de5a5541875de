import { Float, float, integer, toNumber, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallible, type TypeDef, typeDef } from '../2_check/type_def.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { type Call, defineFunction, required } from '../function.ts';

export const mod = defineFunction({
  name: 'mod',
  category: 'Number',
  doc: 'Returns what remains of a number when it is divided. It has the sign of the number.',
  parameters: [
    required('value', ['integer', 'float'], 'The number to divide.'),
    required('modulus', ['integer', 'float'], 'The number to divide by.'),
  ],
  failures: ['`value` or `modulus` is not a number.', '`modulus` is 0.', '`value` is infinite.'],
  returns: { kinds: ['integer', 'float'], fallible: true },
  hasLooseType: true,
  type: typeOf,
  unchecked: true,
  examples: [
    { title: 'Integers', source: 'mod(17, 5)', result: 2 },
    { title: 'A float', source: 'mod(7.5, 2.0)', result: 1.5 },
    {
      title: 'By zero',
      source: 'mod!(5, 0)',
      error: 'function call error for "mod" at (0:10): can\'t divide by zero',
    },
  ],
  run: remainder,
});

function remainder(value: Value, modulus: Value): Value | Failure {
  const divisor = toNumber(modulus);
  if (divisor === 0) return fail("can't divide by zero");
  const dividend = toNumber(value);
  if (dividend === undefined || divisor === undefined)
    return fail(`can't calculate remainder of type ${displayKind(value)} and ${displayKind(modulus)}`);
  if (isInteger(value) && isInteger(modulus)) {
    if (typeof value === 'number' && typeof modulus === 'number') return (value % modulus) + 0;
    return integer(BigInt(value) % BigInt(modulus));
  }
  const rest = dividend % divisor;
  return Number.isNaN(rest) ? fail('operation would produce NaN') : float(rest);
}

function isInteger(value: Value): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** The smallest float with full precision. */
const NORMAL_MIN = 2.2250738585072014e-308;

/** The kind follows the divisor where that is known, whatever the dividend is: so does the original. */
function typeOf(call: Call): TypeDef {
  const divisor = call.argument('modulus')!.constant;
  const number = toNumber(divisor);
  const dividend = call.argument('value')!.constant;
  const isInfinite = dividend instanceof Float && !Number.isFinite(dividend.value);
  if (divisor === undefined || number === undefined) return typeDef(Kind.of('float', 'integer'), true);
  if (isInteger(divisor)) return fallible(typeDef(Kind.of('integer')), number === 0 || isInfinite);
  const isNormal = Number.isFinite(number) && Math.abs(number) >= NORMAL_MIN;
  return fallible(typeDef(Kind.of('float')), !isNormal || isInfinite);
}
