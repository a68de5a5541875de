// Reads a line of one of Nginx's logs.

import { Timestamp } from '../../event/timestamp.ts';
import { typeDef } from '../2_check/type_def.ts';
import { NGINX_FORMATS, NGINX_KINDS, type NginxFormat, nginxTimeFormat, parseNginxLine } from '../formats/nginx_log.ts';
import { timeReader } from '../formats/time_format.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { type Call, defineFunction, optional, required } from '../function.ts';

export const parseNginxLog = defineFunction({
  name: 'parse_nginx_log',
  category: 'Parse',
  doc: 'Reads a line of an [Nginx log](https://nginx.org/en/docs/http/ngx_http_log_module.html): the access log in the `combined` or `main` format or that of the [Kubernetes ingress](https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/), or the `error` log.',
  parameters: [
    required('value', 'bytes', 'The line.'),
    required('format', 'bytes', 'The format of the line.', {
      values: {
        combined: 'The format `combined`.',
        error: 'The error log.',
        ingress_upstreaminfo: 'The access log of the ingress controller, which tells about upstreams.',
        main: 'The format `main` of the container images.',
      },
      compileTime: true,
    }),
    optional(
      'timestamp_format',
      'bytes',
      'The strptime format of the time; `%Y/%m/%d %H:%M:%S` for the error log and `%d/%b/%Y:%T %z` for the others when not given. A time that names no offset is in the zone of the configuration.',
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
  type: (call) => typeDef(NGINX_KINDS[formatOf(call)], 'maybe'),
  examples: [
    {
      title: 'An access log',
      source: `parse_nginx_log!(s'203.0.113.9 - ann [03/Feb/2021:21:13:55 +0000] "GET / HTTP/2.0" 200 512 "https://example.com/" "curl/8.5" "-"', "main")`,
      result: {
        remote_addr: '203.0.113.9',
        remote_user: 'ann',
        timestamp: new Timestamp(1612386835, 0),
        request: 'GET / HTTP/2.0',
        status: 200,
        body_bytes_size: 512,
        http_referer: 'https://example.com/',
        http_user_agent: 'curl/8.5',
      },
    },
    {
      title: 'The error log',
      source: `parse_nginx_log!(s'2021/02/03 21:13:55 [error] 7#8: *9 open() failed, client: 203.0.113.9, server: example.com', "error")`,
      result: {
        timestamp: new Timestamp(1612386835, 0),
        severity: 'error',
        pid: 7,
        tid: 8,
        cid: 9,
        message: 'open() failed',
        client: '203.0.113.9',
        server: 'example.com',
      },
    },
  ],
  prepare(call) {
    const { zone } = call.environment.timezone;
    const format = formatOf(call);
    const usual = nginxTimeFormat(format);
    return (value: string | Uint8Array, _format: undefined, timestampFormat: string | Uint8Array | undefined) => {
      const written = timestampFormat === undefined ? usual : utf8Text(timestampFormat);
      return parseNginxLine(utf8Text(value), format, { format: written, reader: timeReader(written), zone });
    };
  },
});

function formatOf(call: Call): NginxFormat {
  return (call.oneOf('format', NGINX_FORMATS) ?? 'combined') as NginxFormat;
}
