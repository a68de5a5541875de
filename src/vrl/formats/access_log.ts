// Lines of Apache's access logs:
//
//   host identity user [time] "method path protocol" status size                           (common)
//   host identity user [time] "method path protocol" status size "referrer" "agent" …      (combined)
//
// `-` stands for what is missing, and nearly anything may stand in the request. What a line means is defined by the
// patterns below. A scanner reads the usual lines in a tenth of the time; where it is not sure that the pattern would
// say the same, it leaves the line to the pattern.

import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { LogPattern, type LogTime, logFields, parseInteger, readLogTime } from './log_fields.ts';
import { isWhitespace } from './utf8_text.ts';

const REQUEST = String.raw`(-|"(-|(\s*(?P<message>((?P<method>\w+)\s+(?P<path>(?s:.)*?)\s+(?P<protocol>(?s:.)*?)\s*|(?s:.)*?))\s*))")`;
const START = String.raw`^\s*(-|(?P<host>.*?))\s+(-|(?P<identity>.*?))\s+(-|(?P<user>.*?))\s+(-|\[(-|(?P<timestamp>[^\[]*))\])\s+${REQUEST}\s+(-|(?P<status>\d+))\s+`;

const COMMON = new LogPattern(String.raw`${START}(-|(?P<size>\d+))\s*$`);
const COMBINED = new LogPattern(
  String.raw`${START}(-|(?P<size>\d+))\s+(-|"(-|(\s*(?P<referrer>(?s:.)*?)")))\s+(-|"(-|(\s*(?P<agent>(?s:.)*?)")))`,
);

const TEXT = Kind.of('bytes', 'null');
const INTEGER = Kind.of('integer', 'null');

export const ACCESS_LOG_KINDS: Readonly<Record<string, Kind>> = {
  host: TEXT,
  identity: TEXT,
  user: TEXT,
  timestamp: Kind.of('timestamp', 'null'),
  message: TEXT,
  method: TEXT,
  path: TEXT,
  protocol: TEXT,
  status: INTEGER,
  size: INTEGER,
};
export const COMBINED_LOG_KINDS: Readonly<Record<string, Kind>> = { ...ACCESS_LOG_KINDS, referrer: TEXT, agent: TEXT };

/** Reads a line of the `common` format. */
export function parseCommonLog(line: string, time: LogTime): ObjectValue | Failure {
  return parse(line, time, false, COMMON, 'failed parsing common log line');
}

/** Reads a line of the `combined` format. */
export function parseCombinedLog(line: string, time: LogTime): ObjectValue | Failure {
  return parse(line, time, true, COMBINED, 'failed parsing combined log line');
}

function parse(line: string, time: LogTime, combined: boolean, pattern: LogPattern, message: string) {
  const read = scan(line, combined);
  if (read) return fieldsOf(read, time);
  const groups = pattern.groupsOf(line);
  return groups ? logFields(groups, time) : fail(message);
}

/** The parts of a usual line. */
interface Parts {
  readonly host: string;
  readonly identity: string;
  readonly user: string;
  readonly timestamp: string;
  readonly request: Request | undefined;
  readonly status: string;
  readonly size: string;
  readonly referrer: string | undefined;
  readonly agent: string | undefined;
}

interface Request {
  readonly message: string;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const DASH = 0x2d;

/** Parts that single spaces separate; undefined when a line has anything unusual. */
function scan(line: string, combined: boolean): Parts | undefined {
  const hostEnd = wordEnd(line, 0);
  const identityEnd = wordEnd(line, hostEnd + 1);
  const userEnd = wordEnd(line, identityEnd + 1);
  if (hostEnd < 1 || identityEnd <= hostEnd + 1 || userEnd <= identityEnd + 1) return undefined;
  const timeStart = userEnd + 2;
  if (line.charCodeAt(timeStart - 1) !== 0x5b) return undefined;
  const timeEnd = line.indexOf('] "', timeStart);
  if (timeEnd === -1) return undefined;
  // The last bracket in front of the next opening one closes the time: another one further on could fit as well.
  const next = line.indexOf('[', timeStart);
  if (next !== -1 && next < timeEnd) return undefined;
  const requestStart = timeEnd + 3;
  const requestEnd = line.indexOf('" ', requestStart);
  if (requestEnd === -1) return undefined;
  const other = line.indexOf(']', timeEnd + 1);
  if (other !== -1 && (next === -1 || other < next) && mayEndTime(line, other, next)) return undefined;
  const status = numberEnd(line, requestEnd + 2);
  const size = numberEnd(line, status + 1);
  if (status === -1 || size === -1 || line.charCodeAt(status) !== SPACE) return undefined;
  const request = requestOf(line, requestStart, requestEnd);
  if (request === null) return undefined;
  const parts = {
    host: line.slice(0, hostEnd),
    identity: line.slice(hostEnd + 1, identityEnd),
    user: line.slice(identityEnd + 1, userEnd),
    timestamp: line.slice(timeStart, timeEnd),
    request,
    status: line.slice(requestEnd + 2, status),
    size: line.slice(status + 1, size),
    referrer: undefined,
    agent: undefined,
  };
  if (!combined) return size === line.length ? parts : undefined;
  return scanCombined(line, size, parts);
}

/** The end of a word of visible ASCII that a space follows; 0 when there is none. */
function wordEnd(line: string, start: number): number {
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === SPACE) return at;
    if (code < SPACE || code > 0x7e) return 0;
  }
  return 0;
}

/** Whether one of the brackets from `from` on, in front of `end`, has white space behind it. */
function mayEndTime(line: string, from: number, end: number): boolean {
  for (let at = from; at !== -1 && (end === -1 || at < end); at = line.indexOf(']', at + 1)) {
    if (isWhitespace(line.charCodeAt(at + 1))) return true;
  }
  return false;
}

/** The end of digits or of a dash; -1 when there is neither. */
function numberEnd(line: string, start: number): number {
  let at = start;
  if (line.charCodeAt(at) === DASH) return at + 1;
  while (line.charCodeAt(at) >= 0x30 && line.charCodeAt(at) <= 0x39) at++;
  return at === start ? -1 : at;
}

/** A request of three words; undefined when there is a dash in its place, null when it is anything else. */
function requestOf(line: string, start: number, end: number): Request | undefined | null {
  if (end === start + 1 && line.charCodeAt(start) === DASH) return undefined;
  let methodEnd = start;
  while (isAsciiWord(line.charCodeAt(methodEnd))) methodEnd++;
  const pathStart = methodEnd + 1;
  const pathEnd = wordEnd(line, pathStart);
  const protocolStart = pathEnd + 1;
  if (methodEnd === start || line.charCodeAt(methodEnd) !== SPACE || pathEnd <= pathStart || protocolStart >= end)
    return null;
  for (let at = protocolStart; at < end; at++) {
    const code = line.charCodeAt(at);
    if (code <= SPACE || code > 0x7e || code === QUOTE) return null;
  }
  const path = line.slice(pathStart, pathEnd);
  if (path.includes('"')) return null;
  return {
    message: line.slice(start, end),
    method: line.slice(start, methodEnd),
    path,
    protocol: line.slice(protocolStart, end),
  };
}

function isAsciiWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f
  );
}

/** Referrer and agent in quotes, the agent up to the first quote in it. */
function scanCombined(line: string, from: number, parts: Parts): Parts | undefined {
  if (!line.startsWith(' "', from)) return undefined;
  const start = from + 2;
  const end = line.indexOf('" "', start);
  // A quote that is no end in the referrer, and a dash that starts it, have rules of their own.
  if (end === -1 || line.indexOf('"', start) !== end || (line.charCodeAt(start) === DASH && end !== start + 1))
    return undefined;
  const agentStart = end + 3;
  const referrer = trimmedStart(line, start, end);
  if (line.charCodeAt(agentStart) === DASH) return { ...parts, referrer };
  const agentEnd = line.indexOf('"', agentStart);
  if (agentEnd === -1) return undefined;
  return { ...parts, referrer, agent: trimmedStart(line, agentStart, agentEnd) };
}

function trimmedStart(line: string, start: number, end: number): string {
  let from = start;
  while (from < end && isWhitespace(line.charCodeAt(from))) from++;
  return line.slice(from, end);
}

/** The fields in the order of their names. */
function fieldsOf(parts: Parts, time: LogTime): ObjectValue | Failure {
  const fields: ObjectValue = {};
  const { host, identity, user, request, status, size, referrer, agent } = parts;
  const timestamp = parts.timestamp === '-' ? undefined : readLogTime(parts.timestamp, time);
  if (typeof timestamp === 'string') return fail(timestamp);
  if (agent !== undefined) fields['agent'] = agent;
  if (host !== '-') fields['host'] = host;
  if (identity !== '-') fields['identity'] = identity;
  if (request) {
    fields['message'] = request.message;
    fields['method'] = request.method;
    fields['path'] = request.path;
    fields['protocol'] = request.protocol;
  }
  if (referrer !== undefined) fields['referrer'] = referrer;
  const statusNumber = status === '-' ? undefined : parseInteger(status);
  const sizeNumber = size === '-' ? undefined : parseInteger(size);
  if (statusNumber === undefined && status !== '-') return fail('failed parsing status');
  if (sizeNumber === undefined && size !== '-') return fail('failed parsing size');
  if (sizeNumber !== undefined) fields['size'] = sizeNumber;
  if (statusNumber !== undefined) fields['status'] = statusNumber;
  if (timestamp !== undefined) fields['timestamp'] = timestamp;
  if (user !== '-') fields['user'] = user;
  return fields;
}
