// Reads a line of the log of Linux's authorizations: syslog by another name.

import { typeDef } from '../2_check/type_def.ts';
import { SYSLOG_KIND, syslogParser } from '../formats/syslog_fields.ts';
import { defineFunction, required } from '../function.ts';

export const parseLinuxAuthorization = defineFunction({
  name: 'parse_linux_authorization',
  category: 'Parse',
  doc: 'Reads a line of `/var/log/auth.log` or `/var/log/secure`, where Linux tells about authorizations in the form of syslog.',
  parameters: [required('value', 'bytes', 'The line.')],
  failures: ['`value` is no syslog message.'],
  notices: ['A time without a year is of this year; one in December that arrives in January is of the year before.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(SYSLOG_KIND, 'maybe'),
  examples: [
    {
      title: 'A login',
      source:
        "entry = parse_linux_authorization!(s'Mar 23 01:49:58 web1 sshd[1111]: Accepted publickey for ann')\ndel(entry.timestamp)\nentry",
      result: { hostname: 'web1', appname: 'sshd', procid: 1111, message: 'Accepted publickey for ann' },
    },
  ],
  prepare: (call) => syslogParser(call.environment),
});
