// Codes of syslog facilities.

import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { SYSLOG_FACILITY_NAMES } from '../formats/syslog_codes.ts';
import { defineFunction, required } from '../function.ts';

export const toSyslogFacilityCode = defineFunction({
  name: 'to_syslog_facility_code',
  category: 'Convert',
  doc: 'Gives the code of the syslog facility that `value` names, as in 16 for `local0`.',
  parameters: [required('value', 'bytes', 'The name of the facility.')],
  failures: ['There is no facility of that name.'],
  returns: { kinds: ['integer'], fallible: true },
  examples: [
    { title: 'A known name', source: 'to_syslog_facility_code!("daemon")', result: 3 },
    {
      title: 'An unknown name',
      source: 'to_syslog_facility_code!("disk")',
      error: 'function call error for "to_syslog_facility_code" at (0:32): syslog facility \'disk\' not valid',
    },
  ],
  run(value: string | Uint8Array) {
    const name = lossy(value);
    const code = SYSLOG_FACILITY_NAMES.indexOf(name);
    return code === -1 ? fail(`syslog facility '${name}' not valid`) : code;
  },
});
