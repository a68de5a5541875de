// Asks for timestamps.

import { Timestamp } from '../../event/timestamp.ts';
import type { Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isTimestamp = defineFunction({
  name: 'is_timestamp',
  category: 'Type',
  doc: 'Tells whether `value` is a timestamp.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: "is_timestamp(t'2021-01-01T00:00:00Z')", result: true },
    { title: 'It is not', source: 'is_timestamp("2021-01-01T00:00:00Z")', result: false },
  ],
  run(value: Value) {
    return value instanceof Timestamp;
  },
});
