import { Float, INTEGER_MIN, integer } from '../../event/value.ts';
import { numberType } from '../formats/rounding.ts';
import { defineFunction, required } from '../function.ts';

export const abs = defineFunction({
  name: 'abs',
  category: 'Number',
  doc: 'Returns a number without its sign.',
  parameters: [required('value', ['float', 'integer'], 'The number.')],
  returns: { kinds: ['integer', 'float'], fallible: false },
  type: numberType,
  examples: [
    { title: 'An integer', source: 'abs(-7)', result: 7 },
    { title: 'A float', source: 'abs(-0.5)', result: 0.5 },
  ],
  run(value: number | bigint | Float) {
    if (typeof value === 'number') return Math.abs(value);
    if (value instanceof Float) return value.value < 0 || Object.is(value.value, -0) ? new Float(-value.value) : value;
    // The smallest integer has no positive counterpart.
    return value >= 0n || value === INTEGER_MIN ? value : integer(-value);
  },
});
