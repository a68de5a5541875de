// Reads a syslog message.

import { Timestamp } from '../../event/timestamp.ts';
import { typeDef } from '../2_check/type_def.ts';
import { SYSLOG_KIND, syslogParser } from '../formats/syslog_fields.ts';
import { defineFunction, required } from '../function.ts';

export const parseSyslog = defineFunction({
  name: 'parse_syslog',
  category: 'Parse',
  doc: 'Reads a [syslog](https://en.wikipedia.org/wiki/Syslog) message of RFC 5424 or RFC 3164, with the liberties that senders take.',
  parameters: [required('value', 'bytes', 'The message.')],
  failures: ['`value` is no syslog message.'],
  notices: [
    'A time without a year is of this year; one in December that arrives in January is of the year before.',
    'Each element of structured data is an object under its own name.',
  ],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(SYSLOG_KIND, 'maybe'),
  examples: [
    {
      title: 'RFC 5424',
      source:
        'parse_syslog!(s\'<165>1 2021-02-03T21:13:55.003Z web1 shop 4711 ID47 [order@32473 id="17" state="paid"] Order placed\')',
      result: {
        facility: 'local4',
        severity: 'notice',
        version: 1,
        timestamp: new Timestamp(1612386835, 3_000_000),
        hostname: 'web1',
        appname: 'shop',
        procid: 4711,
        msgid: 'ID47',
        'order@32473': { id: '17', state: 'paid' },
        message: 'Order placed',
      },
    },
    {
      title: 'RFC 3164 with a year',
      source: "parse_syslog!(s'<34>Oct 11 2003 22:14:15 web1 su[231]: failed for ann').appname",
      result: 'su',
    },
    {
      title: 'Something else',
      source: 'parse_syslog!("hello")',
      error: 'function call error for "parse_syslog" at (0:22): unable to parse input as valid syslog message',
    },
  ],
  prepare: (call) => syslogParser(call.environment),
});
