// Numbers of syslog severities.

import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { defineFunction, required } from '../function.ts';

const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['emerg', 0],
  ['panic', 0],
  ['alert', 1],
  ['crit', 2],
  ['err', 3],
  ['error', 3],
  ['warning', 4],
  ['warn', 4],
  ['notice', 5],
  ['info', 6],
  ['debug', 7],
]);

export const toSyslogSeverity = defineFunction({
  name: 'to_syslog_severity',
  category: 'Convert',
  doc: 'Gives the syslog severity that `value` names, as in 3 for `err`. `panic`, `error` and `warn` are known too.',
  parameters: [required('value', 'bytes', 'The name of the severity.')],
  failures: ['There is no severity of that name.'],
  returns: { kinds: ['integer'], fallible: true },
  examples: [
    { title: 'A known name', source: 'to_syslog_severity!("notice")', result: 5 },
    {
      title: 'An unknown name',
      source: 'to_syslog_severity!("fine")',
      error: 'function call error for "to_syslog_severity" at (0:27): syslog level fine not valid',
    },
  ],
  run(value: string | Uint8Array) {
    const name = lossy(value);
    return SEVERITIES.get(name) ?? fail(`syslog level ${name} not valid`);
  },
});
