// Reads a line in the Common Log Format.

import { Timestamp } from '../../event/timestamp.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { ACCESS_LOG_KINDS, parseCommonLog as parseLine } from '../formats/access_log.ts';
import { timeReader } from '../formats/time_format.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const LINE = '203.0.113.9 - ann [03/Feb/2021:21:13:55 +0000] "GET /a?b=1 HTTP/1.1" 200 512';

export const parseCommonLog = defineFunction({
  name: 'parse_common_log',
  category: 'Parse',
  doc: 'Reads a line in the [Common Log Format](https://httpd.apache.org/docs/current/logs.html#common) of web servers.',
  parameters: [
    required('value', 'bytes', 'The line.'),
    optional('timestamp_format', 'bytes', 'The strptime format of the time.', { default: '%d/%b/%Y:%T %z' }),
  ],
  failures: [
    '`value` is no such line.',
    '`timestamp_format` is not a format.',
    'The time in `value` is not written in `timestamp_format`.',
  ],
  notices: ['What is missing in the line, which a `-` says, is missing in the result.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(Kind.objectOf(ACCESS_LOG_KINDS), 'maybe'),
  examples: [
    {
      title: 'A request',
      source: `parse_common_log!(s'${LINE}')`,
      result: {
        host: '203.0.113.9',
        user: 'ann',
        timestamp: new Timestamp(1612386835, 0),
        message: 'GET /a?b=1 HTTP/1.1',
        method: 'GET',
        path: '/a?b=1',
        protocol: 'HTTP/1.1',
        status: 200,
        size: 512,
      },
    },
    {
      title: 'Another format of times',
      source: `parse_common_log!(s'203.0.113.9 - - [2021-02-03T21:13:55Z] "-" 408 -', "%+")`,
      result: { host: '203.0.113.9', timestamp: new Timestamp(1612386835, 0), status: 408 },
    },
    {
      title: 'Another line',
      source: 'parse_common_log!("hello")',
      error: 'function call error for "parse_common_log" at (0:26): failed parsing common log line',
    },
  ],
  prepare(call) {
    const { zone } = call.environment.timezone;
    return (value: string | Uint8Array, timestampFormat: string | Uint8Array) => {
      const format = utf8Text(timestampFormat);
      return parseLine(utf8Text(value), { format, reader: timeReader(format), zone });
    };
  },
});
