import { Float } from '../../event/value.ts';
import { numberType, roundedTo } from '../formats/rounding.ts';
import { defineFunction, optional, required } from '../function.ts';

export const ceil = defineFunction({
  name: 'ceil',
  category: 'Number',
  doc: 'Rounds a number up.',
  notices: ['An integer stays an integer, a float a float.'],
  parameters: [
    required('value', ['float', 'integer'], 'The number to round.'),
    optional('precision', 'integer', 'How many decimal places to keep.', { default: 0 }),
  ],
  returns: { kinds: ['integer', 'float'], fallible: false },
  checkOrder: ['precision', 'value'],
  evaluationOrder: ['precision', 'value'],
  type: numberType,
  examples: [
    { title: 'To a whole number', source: 'ceil(4.1)', result: new Float(5) },
    { title: 'To two places', source: 'ceil(4.341, 2)', result: 4.35 },
    { title: 'A negative number', source: 'ceil(-4.7)', result: new Float(-4) },
  ],
  run(value: number | bigint | Float, precision: number | bigint) {
    if (value instanceof Float) return roundedTo(value.value, precision, Math.ceil);
    return typeof value === 'bigint' || Number.isInteger(value) ? value : roundedTo(value, precision, Math.ceil);
  },
});
