// The time zone of programs.

import { defineFunction, type RunContext } from '../function.ts';

export const getTimezoneName = defineFunction({
  name: 'get_timezone_name',
  category: 'System',
  doc: 'Gives the name of the time zone that programs run in, as the IANA database spells it.',
  parameters: [],
  returns: { kinds: ['bytes'], fallible: true },
  context: true,
  examples: [{ title: 'The zone', source: 'get_timezone_name!()', result: 'UTC', varies: true }],
  run({ environment }: RunContext) {
    const { name } = environment.timezone;
    return name === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : name;
  },
});
