// Lines of Nginx's logs: the access log in the formats `combined`, `main` and that of its Kubernetes ingress, and the
// error log.

import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { LogPattern, type LogTime, logFields } from './log_fields.ts';

export const NGINX_FORMATS = ['combined', 'error', 'ingress_upstreaminfo', 'main'] as const;
export type NginxFormat = (typeof NGINX_FORMATS)[number];

const COMBINED =
  String.raw`^\s*(-|(?P<client>\S+))\s+-\s+(-|(?P<user>\S+))\s+\[(?P<timestamp>.+)\]\s+"(?P<request>[^"]*)"\s+` +
  String.raw`(?P<status>\d+)\s+(?P<size>\d+)\s+"(?P<referer>[^"]*)"\s+"(?P<agent>[^"]*)"(\s+"(-|(?P<compression>[^"]+))")?\s*$`;

/** What `main` and the ingress begin with. */
const REMOTE =
  String.raw`^\s*(-|(?P<remote_addr>\S+))\s+-\s+(-|(?P<remote_user>\S+))\s+\[(?P<timestamp>[^\]]+)\]\s+"(?P<request>[^"]*)"\s+` +
  String.raw`(?P<status>\d+)\s+(?P<body_bytes_size>\d+)\s+"(-|(?P<http_referer>[^"]*))"\s+"(-|(?P<http_user_agent>[^"]+))"\s+`;

const INGRESS =
  REMOTE +
  String.raw`(?P<request_length>\d+)\s+(?P<request_time>\d+\.\d+)\s+\[(?P<proxy_upstream_name>[^\]]+)\]\s+` +
  String.raw`\[(?P<proxy_alternative_upstream_name>[^\]]+)?\]\s+(?P<upstream_addr>\S+)\s+(-|(?P<upstream_response_length>\d+))\s+` +
  String.raw`(-|(?P<upstream_response_time>\d+\.\d+))\s+(-|(?P<upstream_status>\d+))\s+(?P<req_id>\S+)\s*$`;

const MAIN = REMOTE + String.raw`"(-|(?P<http_x_forwarded_for>[^"]+))"\s*$`;

const ERROR =
  String.raw`^\s*(?P<timestamp>.+)\s+\[(?P<severity>\w+)\]\s+(?P<pid>\d+)#(?P<tid>\d+):(\s+\*(?P<cid>\d+))?\s+(?P<message>.+?)` +
  String.raw`(,\s+excess:\s+(?P<excess>[^\s,]+),?\sby\szone\s"(?P<zone>[^,]+)")?(,\s+client:\s+(?P<client>[^,]+))?` +
  String.raw`(,\s+server:\s+(?P<server>[^,]*))?(,\s+request:\s+"(?P<request>[^"]*)")?(,\s+upstream:\s+"(?P<upstream>[^"]*)")?` +
  String.raw`(,\s+host:\s+"(?P<host>[^"]*)")?(,\s+refer?rer:\s+"(?P<referer>[^"]*)")?\s*$`;

const PATTERNS: Readonly<Record<NginxFormat, LogPattern>> = {
  combined: new LogPattern(COMBINED),
  error: new LogPattern(ERROR),
  ingress_upstreaminfo: new LogPattern(INGRESS),
  main: new LogPattern(MAIN),
};

const TEXT = Kind.of('bytes');
const TEXT_OR_NULL = Kind.of('bytes', 'null');
const TEXT_OR_NOTHING = Kind.of('bytes', 'undefined');
const INTEGER = Kind.of('integer');
const FLOAT = Kind.of('float');
const TIME = Kind.of('timestamp');

const REMOTE_KINDS: Readonly<Record<string, Kind>> = {
  remote_addr: TEXT_OR_NOTHING,
  remote_user: TEXT_OR_NOTHING,
  timestamp: TIME,
  request: TEXT,
  status: INTEGER,
  body_bytes_size: INTEGER,
  http_referer: TEXT_OR_NOTHING,
  http_user_agent: TEXT_OR_NOTHING,
};

/** What the checker knows of the results. */
export const NGINX_KINDS: Readonly<Record<NginxFormat, Kind>> = {
  combined: Kind.objectOf({
    client: TEXT,
    user: TEXT_OR_NULL,
    timestamp: TIME,
    request: TEXT,
    status: INTEGER,
    size: INTEGER,
    referer: TEXT_OR_NULL,
    agent: TEXT_OR_NULL,
    compression: TEXT_OR_NULL,
  }),
  error: Kind.objectOf({
    timestamp: TIME,
    severity: TEXT,
    pid: INTEGER,
    tid: INTEGER,
    cid: INTEGER,
    message: TEXT,
    excess: Kind.of('float', 'null'),
    zone: TEXT_OR_NULL,
    client: TEXT_OR_NULL,
    server: TEXT_OR_NULL,
    request: TEXT_OR_NULL,
    upstream: TEXT_OR_NULL,
    host: TEXT_OR_NULL,
    port: TEXT_OR_NULL,
  }),
  ingress_upstreaminfo: Kind.objectOf({
    ...REMOTE_KINDS,
    request_length: INTEGER,
    request_time: FLOAT,
    proxy_upstream_name: TEXT,
    proxy_alternative_upstream_name: TEXT_OR_NOTHING,
    upstream_addr: TEXT,
    upstream_response_length: INTEGER,
    upstream_response_time: FLOAT,
    upstream_status: INTEGER,
    req_id: TEXT,
  }),
  main: Kind.objectOf({ ...REMOTE_KINDS, http_x_forwarded_for: TEXT_OR_NOTHING }),
};

/** How times are written in a format unless the call says otherwise. */
export function nginxTimeFormat(format: NginxFormat): string {
  return format === 'error' ? '%Y/%m/%d %H:%M:%S' : '%d/%b/%Y:%T %z';
}

export function parseNginxLine(line: string, format: NginxFormat, time: LogTime): ObjectValue | Failure {
  const groups = PATTERNS[format].groupsOf(line);
  return groups ? logFields(groups, time) : fail('failed parsing log line');
}
