// Journal entries as `journalctl --output=json` writes them, and the events they become.
//
// All values are text. What is no text is an array of its bytes there, and a field that an entry has several times is an
// array of such values.

import type { LogEvent } from '../../event/event.ts';
import type { LogNamespace, LogSchema } from '../../event/log_schema.ts';
import type { Metadata } from '../../event/metadata.ts';
import { removeField, setField, setFieldIfAbsent } from '../../event/object.ts';
import { getPath, type Path, setPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { bytesValue, type ObjectValue, type Value } from '../../event/value.ts';

export const CURSOR = '__CURSOR';

/** An entry: fields of text, or of bytes that are none. */
export type JournalRecord = Record<string, string | Uint8Array>;

/** The entry of one line. Throws when it is none. */
export function parseRecord(line: string): JournalRecord {
  const parsed = JSON.parse(line) as unknown;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('an entry is an object');
  const record: ObjectValue = {};
  for (const [field, value] of Object.entries(parsed)) {
    // A field too large for journalctl's own limit has no value.
    if (value === null) continue;
    setField(record, field, textOf(value));
  }
  return record as JournalRecord;
}

function textOf(value: unknown): string | Uint8Array {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return bytesOf(value) ?? JSON.stringify(value);
  throw new Error(`a field is text or an array of bytes, not ${typeof value}`);
}

function bytesOf(values: readonly unknown[]): string | Uint8Array | undefined {
  for (const value of values)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) return undefined;
  return bytesValue(Uint8Array.from(values as number[])) as string | Uint8Array;
}

const PRIORITIES = ['EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

/** Puts the name of the priority in place of its number. */
export function remapPriority(record: JournalRecord): void {
  const priority = Object.hasOwn(record, 'PRIORITY') ? record['PRIORITY'] : undefined;
  if (priority === undefined) return;
  const isNumber = typeof priority === 'string' && /^[0-7]$/.test(priority);
  record['PRIORITY'] = isNumber ? PRIORITIES[Number(priority)]! : 'UNKNOWN';
}

export interface RecordOptions {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly logSchema: LogSchema;
  readonly logNamespace: LogNamespace;
}

/** The event of an entry, which it takes over. */
export function eventOfRecord(record: JournalRecord, options: RecordOptions, nowMs: number): LogEvent {
  const timestamp = timeOf(record['_SOURCE_REALTIME_TIMESTAMP']) ?? timeOf(record['__REALTIME_TIMESTAMP']);
  return options.logNamespace === 'vector'
    ? vectorEvent(record, timestamp, options, nowMs)
    : legacyEvent(record, timestamp ?? Timestamp.fromMs(nowMs), options);
}

function legacyEvent(record: JournalRecord, timestamp: Timestamp, options: RecordOptions): LogEvent {
  const { logSchema, sourceType } = options;
  const value: ObjectValue = record;
  const metadata: ObjectValue = {};
  const put = (key: Path | undefined, what: Value | undefined, onlyIfAbsent = false): void => {
    if (!key || what === undefined) return;
    const root = key.target === 'event' ? value : metadata;
    if (!onlyIfAbsent || getPath(root, key.segments) === undefined) setPath(root, key.segments, what);
  };
  put(logSchema.message, removeField(value, 'MESSAGE'));
  put(logSchema.host, removeField(value, '_HOSTNAME'));
  put(logSchema.timestamp, timestamp);
  put(logSchema.sourceType, sourceType, true);
  return { value, metadata: { ...origin(options), value: metadata } };
}

function vectorEvent(
  record: JournalRecord,
  timestamp: Timestamp | undefined,
  options: RecordOptions,
  nowMs: number,
): LogEvent {
  const { sourceType } = options;
  const fields: ObjectValue = record;
  const message = removeField(fields, 'MESSAGE') ?? null;
  const own: ObjectValue = { metadata: fields };
  if (Object.hasOwn(fields, '_HOSTNAME')) own['host'] = fields['_HOSTNAME']!;
  if (timestamp) own['timestamp'] = timestamp;
  const value: ObjectValue = {};
  setField(value, sourceType, own);
  setFieldIfAbsent(value, 'vector', { source_type: sourceType, ingest_timestamp: Timestamp.fromMs(nowMs) });
  return { value: message, metadata: { ...origin(options), value } };
}

function origin({ sourceId, sourceType }: RecordOptions): Omit<Metadata, 'value'> {
  return { sourceId, sourceType };
}

/** A time of the journal: microseconds since the epoch. */
function timeOf(text: string | Uint8Array | undefined): Timestamp | undefined {
  if (typeof text !== 'string' || !/^\d{1,18}$/.test(text)) return undefined;
  const microseconds = BigInt(text);
  const seconds = Number(microseconds / 1_000_000n);
  return seconds > SECONDS_MAX ? undefined : new Timestamp(seconds, Number(microseconds % 1_000_000n) * 1000);
}

/** The year 9999 ends then. */
const SECONDS_MAX = 253_402_300_799;
