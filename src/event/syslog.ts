// Syslog messages as they come: RFC 5424, and RFC 3164 with the liberties that senders take.
//
//   <165>1 2003-10-11T22:14:15.003Z host app 111 ID47 [id@1 key="value"][…] message      (5424; `-` for what is missing)
//   <34>Oct 11 22:14:15 host app[111]: message                                           (3164)
//
// The priority may be missing in both; in 3164 host and tag may be, and the time may be RFC 3339. Which liberties are
// taken follows the syslog_loose library down to its oddities, as pipelines are built on them; beyond it go a time that
// is `-` in RFC 5424, and fractions and a year behind the time in RFC 3164.

import { setField } from './object.ts';
import { parseRfc3339, Timestamp, utcSeconds } from './timestamp.ts';
import { localOffsets, type Zone } from './timezone.ts';
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
  /** Times that name a year and no zone are in UTC: so it is where the zone was named and is not the machine's own. */
  readonly datedInUtc?: boolean;
  /** Takes no liberties beyond those of the library. */
  readonly isExact?: boolean;
}

/** Reads a message of either RFC; undefined when it is of neither. */
export function parseSyslog(text: string, options: SyslogOptions): SyslogMessage | undefined {
  const line = trimmed(text);
  return parse5424(line, options.isExact ?? false) ?? parse3164(line, options);
}

/** Names of all fields but those that are structured data. */
export const SYSLOG_FIELDS = [
  'message',
  'timestamp',
  'hostname',
  'severity',
  'facility',
  'version',
  'appname',
  'msgid',
  'procid',
] as const;

/** All that a message says, under Vector's names. */
export function syslogFields(read: SyslogMessage): ObjectValue {
  const { message, timestamp, hostname, severity, facility, version, appname, msgid, procid } = read;
  // An object that is written as a whole takes half the time of one that grows: so it is for whatever has all fields.
  if (
    timestamp !== undefined &&
    hostname !== undefined &&
    severity !== undefined &&
    facility !== undefined &&
    version !== undefined &&
    appname !== undefined &&
    msgid !== undefined &&
    procid !== undefined
  ) {
    const fields = { message, timestamp, hostname, severity, facility, version, appname, msgid, procid };
    addElements(fields, read.structuredData);
    return fields;
  }
  const fields: ObjectValue = { message };
  if (timestamp) fields['timestamp'] = timestamp;
  addSyslogDetails(fields, read);
  return fields;
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
  addElements(target, structuredData);
}

function addElements(target: ObjectValue, elements: readonly StructuredElement[]): void {
  for (const { id, params } of elements) {
    const element: ObjectValue = {};
    for (const [name, value] of params) setField(element, name, value);
    setField(target, id, element);
  }
}

/** White space in the sense of Unicode: JavaScript's own counts the byte order mark too, which is text here. */
const WIDE_SPACE = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 9 && code <= 13);
  return WIDE_SPACE.test(String.fromCharCode(code));
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

// biome-ignore format: eight in a row, as they are numbered.
export const SYSLOG_FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news',
  'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit', 'alert', 'clockd',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const;

export const SYSLOG_SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

const PRIORITY_DIGITS_MAX = 16;
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
    structuredData: NO_ELEMENTS,
    message: '',
  };
  if (line.charCodeAt(0) !== LESS) return { message, start: 0 };
  const end = behindDigits(line, 1);
  if (end === 1 || end > 1 + PRIORITY_DIGITS_MAX || line.charCodeAt(end) !== GREATER) return { message, start: 0 };
  const priority = Number(line.slice(1, end));
  if (priority > PRIORITY_MAX) return { message, start: 0 };
  message.facility = SYSLOG_FACILITIES[priority >> 3];
  message.severity = SYSLOG_SEVERITIES[priority & 7];
  return { message, start: end + 1 };
}

const NO_ELEMENTS: readonly StructuredElement[] = [];
const TAB = 0x09;
const BLANK = 0x20;
const QUOTE = 0x22;
const DASH = 0x2d;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const U32_MAX = 2 ** 32 - 1;

function parse5424(line: string, isExact: boolean): SyslogMessage | undefined {
  const { message, start } = begin(line);
  const versionEnd = behindDigits(line, start);
  if (versionEnd === start || versionEnd - start > 16) return undefined;
  const version = Number(line.slice(start, versionEnd));
  const timeStart = behindBlanks(line, versionEnd);
  const timeEnd = line.indexOf(' ', timeStart);
  if (version > U32_MAX || timeStart === versionEnd || timeEnd === -1) return undefined;
  if (isExact || timeEnd !== timeStart + 1 || line.charCodeAt(timeStart) !== DASH) {
    message.timestamp = strictTime(line.slice(timeStart, timeEnd));
    if (!message.timestamp) return undefined;
  }
  message.version = version;
  const hostStart = behindBlanks(line, timeEnd);
  const hostEnd = wordEnd(line, hostStart);
  const appStart = behindBlanks(line, hostEnd);
  const appEnd = wordEnd(line, appStart);
  const processStart = behindBlanks(line, appEnd);
  const processEnd = wordEnd(line, processStart);
  const idStart = behindBlanks(line, processEnd);
  const idEnd = wordEnd(line, idStart);
  if (!isField(line, hostStart, hostEnd) || line.charCodeAt(hostEnd - 1) === COLON) return undefined;
  if (appStart === hostEnd || processStart === appEnd || idStart === processEnd) return undefined;
  if (!isField(line, appStart, appEnd) || !isField(line, processStart, processEnd) || !isField(line, idStart, idEnd))
    return undefined;
  message.hostname = given(line, hostStart, hostEnd);
  message.appname = given(line, appStart, appEnd);
  const process = given(line, processStart, processEnd);
  if (process !== undefined) message.procid = processId(process);
  message.msgid = given(line, idStart, idEnd);
  const dataEnd = readData(line, behindBlanks(line, idEnd), true, message);
  if (dataEnd === -1) return undefined;
  message.message = line.slice(behindBlanks(line, dataEnd));
  return message;
}

/** A time in RFC 3339, whose offset has a colon here. */
export function strictTime(text: string): Timestamp | undefined {
  const isZulu = (text.charCodeAt(text.length - 1) | 32) === 0x7a;
  return isZulu || text.charCodeAt(text.length - 3) === COLON ? parseRfc3339(text) : undefined;
}

/** A field is a word, and not the colon that separates the header from the message. */
function isField(line: string, start: number, end: number): boolean {
  return end > start && (end !== start + 1 || line.charCodeAt(start) !== COLON);
}

/** The word there, unless it is the hyphen that stands for none. */
function given(line: string, start: number, end: number): string | undefined {
  return end === start + 1 && line.charCodeAt(start) === DASH ? undefined : line.slice(start, end);
}

const I32_MAX = 2 ** 31 - 1;

/** Numbers of so few digits are small enough whatever they are. */
const SMALL_DIGITS = 9;

export function processId(text: string): number | string {
  if (text.length <= SMALL_DIGITS && behindDigits(text, 0) === text.length) return Number(text);
  if (!/^[+-]?\d{1,20}$/.test(text)) return text;
  const id = Number(text);
  return id <= I32_MAX && id >= -I32_MAX - 1 ? id + 0 : text;
}

function behindDigits(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) >= 0x30 && line.charCodeAt(at) <= 0x39) at++;
  return at;
}

function behindBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === BLANK || line.charCodeAt(at) === TAB) at++;
  return at;
}

function wordEnd(line: string, from: number): number {
  let at = from;
  while (at < line.length && !isWordEnd(line.charCodeAt(at))) at++;
  return at;
}

/** White space; decided at once for what words are mostly made of. */
function isWordEnd(code: number): boolean {
  return (code <= BLANK || code >= 0x80) && isSpace(code);
}

/**
 * Puts the structured data at `start` into `message` and says where it ends; -1 when there is none. `-` is none that
 * counts as some. In RFC 5424 an element that is malformed is skipped; in RFC 3164 it begins the message, and so does
 * one without parameters, which is how people write levels.
 */
function readData(line: string, start: number, is5424: boolean, message: SyslogMessage): number {
  if (line.charCodeAt(start) === DASH) return start + 1;
  let end = start;
  let elements: StructuredElement[] | undefined;
  while (line.charCodeAt(end) === OPEN) {
    const read = readElement(line, end);
    if (read && (is5424 || read.element.params.length > 0)) {
      elements ??= [];
      elements.push(read.element);
      end = read.end;
    } else {
      const close = is5424 ? line.indexOf(']', end) : -1;
      if (close === -1) break;
      end = close + 1;
    }
  }
  if (elements) message.structuredData = elements;
  return end > start ? end : -1;
}

/** `[id name="value" …]` at `start`. Not a regular expression: hostile lines would exhaust its stack. */
function readElement(line: string, start: number) {
  let at = start + 1;
  while (at < line.length && !isIdEnd(line.charCodeAt(at))) at++;
  if (at === start + 1) return undefined;
  const id = line.slice(start + 1, at);
  at = behindBlanks(line, at);
  const params: [string, string][] = [];
  let next = at;
  for (;;) {
    // Names may hold anything but these two, white space too.
    let nameEnd = next;
    while (nameEnd < line.length && line.charCodeAt(nameEnd) !== CLOSE && line.charCodeAt(nameEnd) !== EQUALS)
      nameEnd++;
    const open = behindBlanks(line, nameEnd + 1);
    if (nameEnd === next || line.charCodeAt(nameEnd) !== EQUALS || line.charCodeAt(open) !== QUOTE) break;
    const close = closingQuote(line, open + 1);
    if (close === -1) break;
    params.push([line.slice(next, nameEnd), unescaped(line, open + 1, close)]);
    at = close + 1;
    if (line.charCodeAt(at) !== BLANK) break;
    next = at + 1;
  }
  return line.charCodeAt(at) === CLOSE ? { element: { id, params }, end: at + 1 } : undefined;
}

function isIdEnd(code: number): boolean {
  return code === CLOSE || code === EQUALS || isSpace(code);
}

/** The next quote with no backslash that escapes it. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (at - backslashes > from && line.charCodeAt(at - backslashes - 1) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function unescaped(line: string, start: number, end: number): string {
  const text = line.slice(start, end);
  if (!text.includes('\\')) return text;
  return text.replace(/\\(["\\\]n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Oct 11 22:14:15`, with a year, a fraction or a colon behind it where senders like that. */
const TIME_3164 =
  /([A-Za-z]{3})[ \t]+(\d{1,9})[ \t]+(?:(\d{1,9})[ \t]+)?(\d{1,9}):(\d{1,9}):(\d{1,9})(?:[.,](\d{1,9}))?(?: +(\d{4})(?=[ :]|$))?:?/y;
/** The same, with nothing but a colon behind it. */
const EXACT_TIME_3164 = /([A-Za-z]{3})[ \t]+(\d{1,9})[ \t]+(?:(\d{1,9})[ \t]+)?(\d{1,9}):(\d{1,9}):(\d{1,9}):?/y;

function parse3164(line: string, options: SyslogOptions): SyslogMessage | undefined {
  const { message, start } = begin(line);
  const timeStart = behindBlanks(line, start);
  const timeEnd = read3164Time(line, timeStart, options, message) || read3339Time(line, timeStart, message);
  if (timeEnd === 0) return undefined;
  let at = behindBlanks(line, readOrigin(line, timeEnd, message));
  if (line.charCodeAt(at) === COLON) at++;
  at = behindBlanks(line, at);
  const dataEnd = readData(line, at, false, message);
  message.message = line.slice(behindBlanks(line, dataEnd === -1 ? at : dataEnd));
  return message;
}

/** Where the time ends that it puts into `message`; 0 when there is none. */
function read3164Time(line: string, start: number, options: SyslogOptions, message: SyslogMessage): number {
  const end = readUsual3164Time(line, start, options, message);
  if (end !== 0) return end;
  const pattern = options.isExact ? EXACT_TIME_3164 : TIME_3164;
  pattern.lastIndex = start;
  const match = pattern.exec(line);
  if (!match) return 0;
  const [, monthName, day, yearBefore, hour, minute, second, fraction = '', yearBehind] = match;
  const month = MONTHS.indexOf(monthName!.toLowerCase()) + 1;
  const year = yearBefore ?? yearBehind;
  const local = utcSeconds(
    year === undefined ? yearOf(month, options.nowSeconds) : Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (local === undefined) return 0;
  let offset: number | undefined = 0;
  if (yearBefore === undefined || !options.datedInUtc) offset = localOffsets(options.zone, local)[0];
  // An hour that the clock skipped; a date with a year is taken as UTC then.
  if (offset === undefined) {
    if (yearBefore === undefined) return 0;
    offset = 0;
  }
  message.timestamp = new Timestamp(local - offset, Number(fraction.padEnd(9, '0')));
  return pattern.lastIndex;
}

const MONTH_LETTERS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** A time with nothing unusual in it, which needs no regular expression; 0 when it has. */
function readUsual3164Time(line: string, start: number, options: SyslogOptions, message: SyslogMessage): number {
  const letters = MONTH_LETTERS.indexOf(line.slice(start, start + 3).toLowerCase());
  const timeAt = start + 7;
  if (letters % 3 !== 0 || line.charCodeAt(start + 3) !== BLANK || line.charCodeAt(timeAt - 1) !== BLANK) return 0;
  if (line.charCodeAt(timeAt + 2) !== COLON || line.charCodeAt(timeAt + 5) !== COLON) return 0;
  const end = timeAt + 8;
  if (line.charCodeAt(end) !== BLANK || isDigit(line.charCodeAt(end + 1)) || line.charCodeAt(end + 1) === BLANK)
    return 0;
  const month = letters / 3 + 1;
  const tens = line.charCodeAt(start + 4) === BLANK ? 0 : digitAt(line, start + 4);
  const local = utcSeconds(
    yearOf(month, options.nowSeconds),
    month,
    tens * 10 + digitAt(line, start + 5),
    digitAt(line, timeAt) * 10 + digitAt(line, timeAt + 1),
    digitAt(line, timeAt + 3) * 10 + digitAt(line, timeAt + 4),
    digitAt(line, timeAt + 6) * 10 + digitAt(line, timeAt + 7),
  );
  // What is no digit made it NaN.
  if (local === undefined || Number.isNaN(local)) return 0;
  const offset = localOffsets(options.zone, local)[0];
  if (offset === undefined) return 0;
  message.timestamp = new Timestamp(local - offset, 0);
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitAt(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return isDigit(code) ? code - 0x30 : Number.NaN;
}

/** This year, but last year for a December that arrives in January. */
function yearOf(month: number, nowSeconds: number): number {
  const now = new Date(nowSeconds * 1000);
  return now.getUTCFullYear() - (now.getUTCMonth() === 0 && month === 12 ? 1 : 0);
}

/** A time in RFC 3339 that a space follows. */
function read3339Time(line: string, start: number, message: SyslogMessage): number {
  const end = line.indexOf(' ', start);
  if (end - start < 20 || end - start > 64) return 0;
  const timestamp = strictTime(line.slice(start, end));
  if (!timestamp) return 0;
  message.timestamp = timestamp;
  return end;
}

/** `app[111]`, and nothing else. */
const TAG = /^([^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000:[]*)\[([^\]]+)\]$/;

/**
 * Puts host, application and process id, each of which may be missing, into `message`, and says where they end. They
 * are one or two words, each behind a single space; one alone is the host, unless it has a process id.
 */
function readOrigin(line: string, start: number, message: SyslogMessage): number {
  if (line.charCodeAt(start) !== BLANK) return start;
  let firstEnd = wordEnd(line, start + 1);
  const first = line.slice(start + 1, firstEnd);
  // Without a host there may still be a tag; its colon cannot be one.
  if (first === '' || first === ':') return start;
  const isLast = first.endsWith(':');
  if (isLast) firstEnd--;
  const host = isLast ? first.slice(0, -1) : first === '-' ? undefined : first;
  const second = isLast ? '' : tagAt(line, firstEnd);
  if (second === '') {
    const tag = host === undefined ? null : TAG.exec(host);
    if (tag) setTag(tag, message);
    else message.hostname = host;
    return firstEnd;
  }
  // A tag that is missing takes the host with it.
  if (second !== '-') {
    message.hostname = host;
    const tag = TAG.exec(second);
    if (tag) setTag(tag, message);
    else message.appname = second;
  }
  return firstEnd + 1 + second.length;
}

/** The word up to a colon behind the space at `start`; empty when there is none. */
function tagAt(line: string, start: number): string {
  if (line.charCodeAt(start) !== BLANK) return '';
  let end = start + 1;
  while (end < line.length && line.charCodeAt(end) !== COLON && !isSpace(line.charCodeAt(end))) end++;
  return line.slice(start + 1, end);
}

function setTag([, name, id]: RegExpExecArray, message: SyslogMessage): void {
  message.appname = name;
  message.procid = processId(id!);
}
