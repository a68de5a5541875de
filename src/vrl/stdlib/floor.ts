import { Float } from '../../event/value.ts';
import { numberType, roundedTo } from '../formats/rounding.ts';
import { defineFunction, optional, required } from '../function.ts';

export const floor = defineFunction({
  name: 'floor',
  category: 'Number',
  doc: 'Rounds a number down.',
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
    { title: 'To a whole number', source: 'floor(4.9)', result: new Float(4) },
    { title: 'To two places', source: 'floor(4.349, 2)', result: 4.34 },
    { title: 'A negative number', source: 'floor(-4.7)', result: new Float(-5) },
  ],
  run(value: number | bigint | Float, precision: number | bigint) {
    if (value instanceof Float) return roundedTo(value.value, precision, Math.floor);
    return typeof value === 'bigint' || Number.isInteger(value) ? value : roundedTo(value, precision, Math.floor);
  },
});
