// Reads a line of one of Apache's logs.

import { Timestamp } from '../../event/timestamp.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { ACCESS_LOG_KINDS, COMBINED_LOG_KINDS, parseCombinedLog, parseCommonLog } from '../formats/access_log.ts';
import { ERROR_LOG_KINDS, parseErrorLog } from '../formats/error_log.ts';
import { timeReader } from '../formats/time_format.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const FORMATS = {
  common: { parse: parseCommonLog, kind: Kind.objectOf(ACCESS_LOG_KINDS) },
  combined: { parse: parseCombinedLog, kind: Kind.objectOf(COMBINED_LOG_KINDS) },
  error: { parse: parseErrorLog, kind: Kind.objectOf(ERROR_LOG_KINDS) },
} as const;
const NAMES = Object.keys(FORMATS);

export const parseApacheLog = defineFunction({
  name: 'parse_apache_log',
  category: 'Parse',
  doc: 'Reads a line of an [Apache log](https://httpd.apache.org/docs/current/logs.html): the access log in the `common` or `combined` format, or the `error` log.',
  parameters: [
    required('value', 'bytes', 'The line.'),
    required('format', 'bytes', 'The format of the line.', {
      values: { common: 'The common format.', combined: 'The combined format.', error: 'The usual error log.' },
      compileTime: true,
    }),
    optional(
      'timestamp_format',
      'bytes',
      'The strptime format of the time. A time that names no offset is in the zone of the configuration.',
      { default: '%d/%b/%Y:%T %z' },
    ),
  ],
  failures: [
    '`value` is not in the format.',
    '`timestamp_format` is not a format.',
    'The time in `value` is not written in `timestamp_format`.',
  ],
  notices: ['What is missing in the line, which a `-` says, is missing in the result.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: (call) => typeDef(formatOf(call.oneOf('format', NAMES)).kind, 'maybe'),
  examples: [
    {
      title: 'An access log',
      source: `parse_apache_log!(s'203.0.113.9 - - [03/Feb/2021:21:13:55 +0000] "GET / HTTP/1.1" 200 512 "https://example.com/" "curl/8.5"', "combined")`,
      result: {
        host: '203.0.113.9',
        timestamp: new Timestamp(1612386835, 0),
        message: 'GET / HTTP/1.1',
        method: 'GET',
        path: '/',
        protocol: 'HTTP/1.1',
        status: 200,
        size: 512,
        referrer: 'https://example.com/',
        agent: 'curl/8.5',
      },
    },
    {
      title: 'The error log',
      source: `parse_apache_log!(s'[03/Feb/2021:21:13:55 +0000] [core:error] [pid 7:tid 8] [client 203.0.113.9:4711] No such file', "error")`,
      result: {
        timestamp: new Timestamp(1612386835, 0),
        module: 'core',
        severity: 'error',
        pid: 7,
        thread: '8',
        client: '203.0.113.9',
        port: 4711,
        message: 'No such file',
      },
    },
  ],
  prepare(call) {
    const { zone } = call.environment.timezone;
    const { parse } = formatOf(call.oneOf('format', NAMES));
    return (value: string | Uint8Array, _format: undefined, timestampFormat: string | Uint8Array) => {
      const format = utf8Text(timestampFormat);
      return parse(utf8Text(value), { format, reader: timeReader(format), zone });
    };
  },
});

function formatOf(name: string | undefined) {
  return FORMATS[(name ?? 'common') as keyof typeof FORMATS];
}
