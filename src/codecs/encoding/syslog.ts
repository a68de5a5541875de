// The codec `syslog`: one message of RFC 5424 or RFC 3164 per log.
//
//   <PRI>1 TIMESTAMP HOST APP PROCID MSGID [id name="value" …] MESSAGE        RFC 5424, `-` for what is missing
//   <PRI>Mmm dd hh:mm:ss HOST APP[PROCID]: MESSAGE                            RFC 3164

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import { getField, sortedKeys } from '../../event/object.ts';
import { getPath, type Path } from '../../event/path.ts';
import { strftime } from '../../event/strftime.ts';
import { textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { isObject, type ObjectValue, toNumber, type Value } from '../../event/value.ts';
import type { Clock } from '../../std/clock.ts';
import type { Codec } from './codec.ts';
import { messageOf } from './text.ts';

export const SYSLOG_RFCS = ['rfc3164', 'rfc5424'] as const;

export interface SyslogOptions {
  readonly rfc: (typeof SYSLOG_RFCS)[number];
  /** Fields of the event. */
  readonly facility?: Path | undefined;
  readonly severity?: Path | undefined;
  readonly app_name?: Path | undefined;
  readonly msg_id?: Path | undefined;
  readonly proc_id?: Path | undefined;
}

export interface SyslogContext {
  readonly logSchema: LogSchema;
  /** Stamps events that have no time. */
  readonly clock: Clock;
}

const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'solaris-cron'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];
const SEVERITY_ALIASES: Readonly<Record<string, string>> = {
  emerg: 'emergency',
  panic: 'emergency',
  crit: 'critical',
  err: 'error',
  warn: 'warning',
  info: 'informational',
};

const USER = 1;
const INFORMATIONAL = 6;
const APP_NAME = 'vector';

/** Longest fields of RFC 5424, in characters. */
const APP_NAME_MAX = 48;
const PROC_ID_MAX = 128;
const MSG_ID_MAX = 32;
const HOST_MAX = 255;
const SD_NAME_MAX = 32;
/** Longest tag of RFC 3164. */
const TAG_MAX = 32;

export function syslogCodec(options: SyslogOptions, context: SyslogContext): Codec {
  const write = options.rfc === 'rfc5424' ? rfc5424 : rfc3164;
  return {
    name: 'syslog',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => write(messageParts(event as LogEvent, options, context)),
  };
}

interface Parts {
  readonly priority: number;
  readonly timestamp: Timestamp;
  readonly host: string | undefined;
  readonly appName: string;
  readonly procId: string | undefined;
  readonly msgId: string | undefined;
  readonly structuredData: ObjectValue | undefined;
  readonly message: string;
}

function messageParts(log: LogEvent, options: SyslogOptions, { logSchema, clock }: SyslogContext): Parts {
  const facility = code(valueAt(log, options.facility), FACILITIES, {}) ?? USER;
  const severity = code(valueAt(log, options.severity), SEVERITIES, SEVERITY_ALIASES) ?? INFORMATIONAL;
  const timestamp = valueAt(log, logSchema.timestamp);
  const data = isObject(log.value) ? getField(log.value, 'structured_data') : undefined;
  const message = messageOf(log, logSchema);
  return {
    priority: facility * 8 + severity,
    timestamp: timestamp instanceof Timestamp ? timestamp : Timestamp.fromMs(clock.now()),
    host: textAt(log, logSchema.host),
    appName: textAt(log, options.app_name) ?? ownAppName(log) ?? APP_NAME,
    procId: textAt(log, options.proc_id),
    msgId: textAt(log, options.msg_id),
    structuredData: isObject(data) ? data : undefined,
    message: message === undefined ? '' : textOf(message),
  };
}

/** What the syslog decoder calls the program that a message is from: a relay passes it on unless told otherwise. */
function ownAppName({ value }: LogEvent): string | undefined {
  const name = isObject(value) ? getField(value, 'appname') : undefined;
  return typeof name === 'string' ? name : undefined;
}

function valueAt({ value, metadata }: LogEvent, path: Path | undefined): Value | undefined {
  return path && getPath(path.target === 'metadata' ? metadata.value : value, path.segments);
}

function textAt(log: LogEvent, path: Path | undefined): string | undefined {
  const value = valueAt(log, path);
  return value === undefined ? undefined : textOf(value);
}

/** A facility or severity by name, or by number as a number or text; undefined when it is neither. */
function code(
  value: Value | undefined,
  names: readonly string[],
  aliases: Readonly<Record<string, string>>,
): number | undefined {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  const number = text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : toNumber(value);
  if (number !== undefined)
    return Number.isInteger(number) && number >= 0 && number < names.length ? number : undefined;
  if (text === undefined) return undefined;
  const index = names.indexOf(Object.hasOwn(aliases, text) ? aliases[text]! : text);
  return index < 0 ? undefined : index;
}

function rfc5424(parts: Parts): string {
  const head = [
    `<${parts.priority}>1`,
    toMicroseconds(parts.timestamp).toString(),
    headerWord(parts.host, HOST_MAX),
    headerWord(parts.appName, APP_NAME_MAX),
    headerWord(parts.procId, PROC_ID_MAX),
    headerWord(parts.msgId, MSG_ID_MAX),
    structuredData(parts.structuredData),
  ].join(' ');
  return parts.message === '' ? head : `${head} ${parts.message}`;
}

/** The RFC takes six digits of a second at most. */
function toMicroseconds(timestamp: Timestamp): Timestamp {
  const micros = Math.round(timestamp.nanos / 1000);
  return micros === 1_000_000
    ? new Timestamp(timestamp.seconds + 1, 0)
    : new Timestamp(timestamp.seconds, micros * 1000);
}

/** A word of the header: visible ASCII alone, `_` for anything else; `-` when there is none. */
function headerWord(text: string | undefined, max: number): string {
  if (text === undefined || text === '') return '-';
  return text.replace(/[^\x21-\x7e]/gu, '_').slice(0, max);
}

function structuredData(data: ObjectValue | undefined): string {
  if (!data) return '-';
  const elements = sortedKeys(data).map((id) => `[${dataName(id)}${parameters(data[id]!)}]`);
  return elements.length === 0 ? '-' : elements.join('');
}

function parameters(element: Value): string {
  if (!isObject(element)) return ` value="${dataText(element)}"`;
  let text = '';
  for (const name of sortedKeys(element)) text += ` ${dataName(name)}="${dataText(element[name]!)}"`;
  return text;
}

function dataName(name: string): string {
  return name.replace(/[^\x21-\x7e]|[="\]]/gu, '_').slice(0, SD_NAME_MAX) || '_';
}

function dataText(value: Value): string {
  return textOf(value).replace(/["\\\]]/g, '\\$&');
}

function rfc3164(parts: Parts): string {
  const time = strftime('%b %e %H:%M:%S', parts.timestamp)!;
  const process = parts.procId === undefined ? '' : `[${parts.procId}]`;
  let tag = `${parts.appName}${process}`.replace(/[^\x21-\x7e]/gu, '_');
  if (tag.length >= TAG_MAX) tag = tag.slice(0, TAG_MAX - 1);
  const head = `<${parts.priority}>${time} ${headerWord(parts.host, HOST_MAX)} ${tag}:`;
  return parts.message === '' ? head : `${head} ${parts.message}`;
}
