// The name of the machine.

import { hostname } from 'node:os';
import { fail } from '../4_run/failure.ts';
import { defineFunction } from '../function.ts';

export const getHostname = defineFunction({
  name: 'get_hostname',
  category: 'System',
  doc: 'Gives the name of the machine that the program runs on.',
  parameters: [],
  failures: ['The system does not tell its name.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [{ title: 'The name', source: 'get_hostname!()', result: 'localhost', varies: true }],
  run() {
    try {
      return hostname();
    } catch (error) {
      return fail(`failed to get hostname: ${(error as Error).message}`);
    }
  },
});
