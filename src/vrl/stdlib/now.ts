// The time of day.

import { Timestamp } from '../../event/timestamp.ts';
import { defineFunction, type RunContext } from '../function.ts';

export const now = defineFunction({
  name: 'now',
  category: 'Timestamp',
  doc: 'Returns the current time in UTC.',
  parameters: [],
  returns: { kinds: ['timestamp'], fallible: false },
  context: true,
  examples: [{ title: 'The current time', source: 'now()', result: new Timestamp(1_330_864_496, 0), varies: true }],
  run({ environment }: RunContext) {
    return environment.now();
  },
});
