// Names of syslog severities.

import { SYSLOG_SEVERITIES } from '../../event/syslog.ts';
import { fail } from '../4_run/failure.ts';
import { defineFunction, required } from '../function.ts';

export const toSyslogLevel = defineFunction({
  name: 'to_syslog_level',
  category: 'Convert',
  doc: 'Gives the name of the syslog severity `value`, as in `err` for 3.',
  parameters: [required('value', 'integer', 'The severity, 0 to 7.')],
  failures: ['There is no such severity.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'A known severity', source: 'to_syslog_level!(5)', result: 'notice' },
    {
      title: 'An unknown severity',
      source: 'to_syslog_level!(-1)',
      error: 'function call error for "to_syslog_level" at (0:20): severity level -1 not valid',
    },
  ],
  run(value: number | bigint) {
    return SYSLOG_SEVERITIES[Number(value)] ?? fail(`severity level ${value} not valid`);
  },
});
