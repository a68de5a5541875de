// Syslog messages as they come: RFC 5424, and RFC 3164 with the liberties that senders take.
//
//   <165>1 2003-10-11T22:14:15.003Z host app 111 ID47 [id@1 key="value"][…] message      (5424; `-` for what is missing)
//   <34>Oct 11 22:14:15 host app[111]: message                                           (3164)
//
// The priority may be missing in both; in 3164 the host may be, and the time may be RFC 3339.

import { setField } from './object.ts';
import { parseRfc3339, Timestamp, utcSeconds } from './timestamp.ts';
import type { Zone } from './timezone.ts';
import type { ObjectValue } from './value.ts';

export interface SyslogMessage {
  facility: string | undefined;
  severity: string | undefined;
  /** Of RFC 5424 alone. */
  version: number | undefined;
  timestamp: Timestamp | undefined;
  hostname: string | undefined;
  appname: string | undefined;
  /** A number where it is one. */
  procid: number | string | undefined;
  msgid: string | undefined;
  structuredData: readonly StructuredElement[];
  message: string;
}

export interface StructuredElement {
  readonly id: string;
  readonly params: readonly (readonly [name: string, value: string])[];
}

export interface SyslogOptions {
  /** Now, in seconds since the epoch: RFC 3164 names no year. */
  readonly nowSeconds: number;
  /** Where times are at home that name no zone. */
  readonly zone: Zone;
}

/** Reads a message of either RFC; undefined when it is of neither. */
export function parseSyslog(text: string, options: SyslogOptions): SyslogMessage | undefined {
  const line = trimmed(text);
  return parse5424(line) ?? parse3164(line, options);
}

/** Adds to `target` what a message says besides its text and time, under Vector's names. */
export function addSyslogDetails(target: ObjectValue, message: SyslogMessage): void {
  const { hostname, severity, facility, version, appname, msgid, procid, structuredData } = message;
  if (hostname !== undefined) target['hostname'] = hostname;
  if (severity !== undefined) target['severity'] = severity;
  if (facility !== undefined) target['facility'] = facility;
  if (version !== undefined) target['version'] = version;
  if (appname !== undefined) target['appname'] = appname;
  if (msgid !== undefined) target['msgid'] = msgid;
  if (procid !== undefined) target['procid'] = procid;
  for (const { id, params } of structuredData) {
    const element: ObjectValue = {};
    for (const [name, value] of params) setField(element, name, value);
    setField(target, id, element);
  }
}

/** White space in the sense of Unicode: JavaScript's own counts the byte order mark too, which is text here. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text[start]!)) start++;
  while (end > start && SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

// biome-ignore format: eight in a row, as they are numbered.
export const SYSLOG_FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news',
  'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit', 'alert', 'clockd',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const;

export const SYSLOG_SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

const PRIORITY = /<(\d{1,3})>/y;
const PRIORITY_MAX = 255;

/** A message with nothing in it but the priority, and where the line goes on behind that. */
function begin(line: string): { message: SyslogMessage; start: number } {
  const message: SyslogMessage = {
    facility: undefined,
    severity: undefined,
    version: undefined,
    timestamp: undefined,
    hostname: undefined,
    appname: undefined,
    procid: undefined,
    msgid: undefined,
    structuredData: [],
    message: '',
  };
  PRIORITY.lastIndex = 0;
  const priority = Number(PRIORITY.exec(line)?.[1] ?? Number.NaN);
  if (!(priority <= PRIORITY_MAX)) return { message, start: 0 };
  message.facility = SYSLOG_FACILITIES[priority >> 3];
  message.severity = SYSLOG_SEVERITIES[priority & 7];
  return { message, start: PRIORITY.lastIndex };
}

/** Version, time, host, application, process, message id: everything in front of the structured data. */
const HEADER_5424 = /(\d{1,3}) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) */y;

function parse5424(line: string): SyslogMessage | undefined {
  const { message, start } = begin(line);
  HEADER_5424.lastIndex = start;
  const match = HEADER_5424.exec(line);
  if (!match) return undefined;
  const [, version, time, hostname, appname, procid, msgid] = match;
  if (time !== '-') {
    message.timestamp = parseRfc3339(time!);
    if (!message.timestamp) return undefined;
  }
  const dataStart = HEADER_5424.lastIndex;
  const data = line[dataStart] === '-' ? { elements: [], end: dataStart + 1 } : readElements(line, dataStart, true);
  if (!data) return undefined;
  message.version = Number(version);
  if (hostname !== '-') message.hostname = hostname;
  if (appname !== '-') message.appname = appname;
  if (procid !== '-') message.procid = processId(procid!);
  if (msgid !== '-') message.msgid = msgid;
  message.structuredData = data.elements;
  message.message = line.slice(behindSpaces(line, data.end));
  return message;
}

const I32_MAX = 2 ** 31 - 1;

function processId(text: string): number | string {
  if (!/^[+-]?\d{1,10}$/.test(text)) return text;
  const id = Number(text);
  return id <= I32_MAX && id >= -I32_MAX - 1 ? id : text;
}

function behindSpaces(line: string, from: number): number {
  let start = from;
  while (line[start] === ' ') start++;
  return start;
}

/**
 * The structured data at `start`, at least one element. In RFC 5424, an element that is malformed is skipped; in
 * RFC 3164 it is the begin of the message, and so is one without parameters, which is how people write levels.
 */
function readElements(line: string, start: number, is5424: boolean) {
  const elements: StructuredElement[] = [];
  let end = start;
  while (line[end] === '[') {
    const read = readElement(line, end);
    if (read && (is5424 || read.element.params.length > 0)) {
      elements.push(read.element);
      end = read.end;
    } else {
      const close = is5424 ? line.indexOf(']', end) : -1;
      if (close === -1) break;
      end = close + 1;
    }
  }
  return end > start ? { elements, end } : undefined;
}

const NAME = /[^\s\]="]+/y;

/** `[id name="value" …]` at `start`. Not one regular expression: hostile lines would exhaust its stack. */
function readElement(line: string, start: number) {
  const id = nameAt(line, start + 1);
  if (id === '') return undefined;
  const params: [string, string][] = [];
  let at = start + 1 + id.length;
  for (;;) {
    const space = at;
    while (line[at] === ' ') at++;
    if (line[at] === ']') return { element: { id, params }, end: at + 1 };
    const name = nameAt(line, at);
    const open = at + name.length + 1;
    if (at === space || name === '' || !line.startsWith('="', open - 1)) return undefined;
    const close = closingQuote(line, open + 1);
    if (close === -1) return undefined;
    params.push([name, line.slice(open + 1, close).replace(/\\(["\\\]])/g, '$1')]);
    at = close + 1;
  }
}

function nameAt(line: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(line)?.[0] ?? '';
}

/** The next quote with an even number of backslashes before it. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (at - backslashes > from && line[at - backslashes - 1] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Oct 11 22:14:15`, with a year, a fraction or a colon behind it where senders like that. */
const TIME_3164 =
  / *([A-Za-z]{3}) +(\d{1,2}) +(?:(\d{4}) +)?(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: +(\d{4})(?=[ :]|$))?(?::(?= |$))?(?= |$)/y;
const TIME_3339 = / *(\d{4}-\d\d-\d\d[Tt]\S+?):?(?= |$)/y;

function parse3164(line: string, options: SyslogOptions): SyslogMessage | undefined {
  const { message, start } = begin(line);
  const time = read3164Time(line, start, options) ?? read3339Time(line, start);
  if (!time) return undefined;
  message.timestamp = time.timestamp;
  const text = behindSpaces(line, readOrigin(line, time.end, message));
  const data = readElements(line, text, false);
  if (data) message.structuredData = data.elements;
  message.message = line.slice(behindSpaces(line, data?.end ?? text));
  return message;
}

interface ReadTime {
  readonly timestamp: Timestamp;
  readonly end: number;
}

function read3164Time(line: string, start: number, { nowSeconds, zone }: SyslogOptions): ReadTime | undefined {
  TIME_3164.lastIndex = start;
  const match = TIME_3164.exec(line);
  if (!match) return undefined;
  const [, monthName, day, yearBefore, hour, minute, second, fraction = '', yearBehind] = match;
  const month = MONTHS.indexOf(monthName!.toLowerCase()) + 1;
  const year = yearBefore ?? yearBehind;
  const local = utcSeconds(
    year === undefined ? yearOf(month, nowSeconds) : Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (local === undefined) return undefined;
  const seconds = local - zone.offsetAt(local - zone.offsetAt(local));
  return { timestamp: new Timestamp(seconds, Number(fraction.padEnd(9, '0'))), end: TIME_3164.lastIndex };
}

/** This year, but last year for a December that arrives in January. */
function yearOf(month: number, nowSeconds: number): number {
  const now = new Date(nowSeconds * 1000);
  return now.getUTCFullYear() - (now.getUTCMonth() === 0 && month === 12 ? 1 : 0);
}

function read3339Time(line: string, start: number): ReadTime | undefined {
  TIME_3339.lastIndex = start;
  const match = TIME_3339.exec(line);
  const timestamp = match ? parseRfc3339(match[1]!) : undefined;
  return timestamp && { timestamp, end: TIME_3339.lastIndex };
}

/** `app:`, `app[111]`, `app[111]:`, also with the message right behind the colon. */
const TAG = /^([^\s:[]+)(?:\[([^\]\s]*)\]:?|:)/;
/** As above, and a bare word. */
const BARE_TAG = /^([^\s:[]+)(?:\[([^\]\s]*)\])?:?/;
const WORD = / *(\S+)/y;

/** Puts host, application and process id, each of which may be missing, into `message`, and says where they end. */
function readOrigin(line: string, start: number, message: SyslogMessage): number {
  const first = wordAt(line, start);
  if (!first) return start;
  // A word that ends in a colon, or has a process id, is the application; then there is no host.
  const tag = TAG.exec(first.word);
  if (tag && (first.word.endsWith(':') || tag[2] !== undefined)) return first.start + readTag(tag, message);
  if (first.word !== '-') message.hostname = first.word;
  const second = wordAt(line, first.end);
  const bare = second && BARE_TAG.exec(second.word);
  return bare ? second.start + readTag(bare, message) : first.end;
}

function wordAt(line: string, from: number) {
  WORD.lastIndex = from;
  const match = WORD.exec(line);
  return match && { word: match[1]!, start: WORD.lastIndex - match[1]!.length, end: WORD.lastIndex };
}

/** The length of the tag. */
function readTag([all, name, id]: RegExpExecArray, message: SyslogMessage): number {
  message.appname = name;
  if (id) message.procid = processId(id);
  return all.length;
}
