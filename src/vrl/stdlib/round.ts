import { Float } from '../../event/value.ts';
import { halfAwayFromZero, numberType, roundedTo } from '../formats/rounding.ts';
import { defineFunction, optional, required } from '../function.ts';

export const round = defineFunction({
  name: 'round',
  category: 'Number',
  doc: 'Rounds a number to the nearest; what lies in the middle, away from zero.',
  notices: ['An integer stays an integer, a float a float.'],
  parameters: [
    required('value', ['integer', 'float'], 'The number to round.'),
    optional('precision', 'integer', 'How many decimal places to keep.', { default: 0 }),
  ],
  returns: { kinds: ['integer', 'float'], fallible: false },
  checkOrder: ['precision', 'value'],
  evaluationOrder: ['precision', 'value'],
  type: numberType,
  examples: [
    { title: 'To a whole number', source: 'round(4.5)', result: new Float(5) },
    { title: 'To two places', source: 'round(4.346, 2)', result: 4.35 },
    { title: 'To tens', source: 'round(124.5, -1)', result: new Float(120) },
  ],
  run(value: number | bigint | Float, precision: number | bigint) {
    if (value instanceof Float) return roundedTo(value.value, precision, halfAwayFromZero);
    return typeof value === 'bigint' || Number.isInteger(value) ? value : roundedTo(value, precision, halfAwayFromZero);
  },
});
