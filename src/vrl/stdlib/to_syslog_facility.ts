// Names of syslog facilities.

import { fail } from '../4_run/failure.ts';
import { SYSLOG_FACILITY_NAMES } from '../formats/syslog_codes.ts';
import { defineFunction, required } from '../function.ts';

export const toSyslogFacility = defineFunction({
  name: 'to_syslog_facility',
  category: 'Convert',
  doc: 'Gives the name of the syslog facility with the code `value`, as in `local0` for 16.',
  parameters: [required('value', 'integer', 'The code, 0 to 23.')],
  failures: ['There is no facility with that code.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'A known code', source: 'to_syslog_facility!(3)', result: 'daemon' },
    {
      title: 'An unknown code',
      source: 'to_syslog_facility!(24)',
      error: 'function call error for "to_syslog_facility" at (0:23): facility code 24 not valid',
    },
  ],
  run(value: number | bigint) {
    return SYSLOG_FACILITY_NAMES[Number(value)] ?? fail(`facility code ${value} not valid`);
  },
});
