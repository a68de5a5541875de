// What a source adds to its logs besides the decoded data: host, file, peer, `source_type`, the time of arrival.
//
//   legacy namespace   fields of the event, at keys from options or `log_schema`, overwriting or only where absent
//   vector namespace   `%<source_type>.<name>`, and `%vector.source_type`, `%vector.ingest_timestamp`

import type { RawBatch, RawLayout } from '../event/batch.ts';
import type { LogEvent } from '../event/event.ts';
import type { LogNamespace, LogSchema } from '../event/log_schema.ts';
import type { Metadata } from '../event/metadata.ts';
import { getField, setField, setFieldIfAbsent } from '../event/object.ts';
import { getPath, type Path, type Segment, setPath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { bytesValue, isObject, type ObjectValue, type Value } from '../event/value.ts';

/** One thing that the source knows about its events. */
export interface SourceField {
  /** Where it stands in the vector namespace, below `%<source_type>`. */
  readonly name: readonly Segment[];
  /** Where it stands in the legacy namespace; undefined where the user switched it off. */
  readonly legacyKey: Path | undefined;
  readonly mode: 'overwrite' | 'insert_if_empty';
  /** The value, or how to tell it from the stream offset of the event's frame. */
  readonly value: Value | ((streamOffset: number) => Value);
}

export interface SourceIdentity {
  readonly id: string;
  readonly type: string;
  readonly logSchema: LogSchema;
  readonly logNamespace: LogNamespace;
}

/** Adds the source's fields to logs that a decoder made. One per source, file or peer. */
export interface FieldWriter {
  /** Writes into `event`, which must not be shared yet. */
  enrich(event: LogEvent, nowMs: number, streamOffset: number): void;
}

/** The writer of a source's fields. */
export function fieldWriter(source: SourceIdentity, fields: readonly SourceField[]): FieldWriter {
  return source.logNamespace === 'vector' ? new VectorFields(source, fields) : new LegacyFields(source, fields);
}

class LegacyFields implements FieldWriter {
  readonly #source: SourceIdentity;
  readonly #fields: readonly SourceField[];

  constructor(source: SourceIdentity, fields: readonly SourceField[]) {
    this.#source = source;
    this.#fields = fields.filter(({ legacyKey }) => legacyKey !== undefined);
  }

  enrich(event: LogEvent, nowMs: number, streamOffset: number): void {
    const { id, type, logSchema } = this.#source;
    const metadata = event.metadata;
    event.metadata = { ...metadata, sourceId: id, sourceType: type };
    if (!isObject(event.value)) return;
    write(event.value, logSchema.sourceType, type, true);
    write(event.value, logSchema.timestamp, Timestamp.fromMs(nowMs), true);
    for (const { legacyKey, mode, value } of this.#fields) {
      write(
        event.value,
        legacyKey,
        typeof value === 'function' ? value(streamOffset) : value,
        mode === 'insert_if_empty',
      );
    }
  }
}

class VectorFields implements FieldWriter {
  readonly #source: SourceIdentity;
  readonly #fields: readonly SourceField[];

  constructor(source: SourceIdentity, fields: readonly SourceField[]) {
    this.#source = source;
    this.#fields = fields;
  }

  enrich(event: LogEvent, nowMs: number, streamOffset: number): void {
    const { id, type } = this.#source;
    const own: ObjectValue = {};
    for (const { name, value } of this.#fields)
      setPath(own, name, typeof value === 'function' ? value(streamOffset) : value);
    const standard: ObjectValue = { source_type: type, ingest_timestamp: Timestamp.fromMs(nowMs) };
    const before = event.metadata.value;
    const value: ObjectValue = { ...before };
    if (this.#fields.length > 0) {
      const given = getField(before, type);
      setField(value, type, isObject(given) ? { ...given, ...own } : own);
    }
    const given = getField(before, 'vector');
    value['vector'] = isObject(given) ? { ...given, ...standard } : standard;
    event.metadata = { ...event.metadata, value, sourceId: id, sourceType: type };
  }
}

function write(root: ObjectValue, key: Path | undefined, value: Value, onlyIfAbsent: boolean): void {
  if (!key) return;
  if (key.target === 'metadata') return;
  const [first, ...more] = key.segments;
  if (more.length === 0 && typeof first === 'string') {
    if (onlyIfAbsent) setFieldIfAbsent(root, first, value);
    else setField(root, first, value);
    return;
  }
  if (onlyIfAbsent && getPath(root, key.segments) !== undefined) return;
  setPath(root, key.segments, value);
}

/** JSON bytes around a field: quotes, colon, comma. */
const MEMBER_BYTES = 6;
const TIMESTAMP_BYTES = 30;

/**
 * The layout of raw batches whose frames are the text of the message: what the `bytes` codec makes of each frame, with
 * the source's fields.
 */
export function textLayout(source: SourceIdentity, fields: readonly SourceField[]): RawLayout {
  const writer = fieldWriter(source, fields);
  const { logNamespace, logSchema } = source;
  const messageKey = logSchema.message;
  const metadata: Metadata = { value: {} };
  let overheadBytes = logNamespace === 'vector' ? 2 : MEMBER_BYTES * 3 + 30 + source.type.length + TIMESTAMP_BYTES;
  if (logNamespace === 'legacy') {
    for (const { legacyKey, value } of fields) {
      if (legacyKey)
        overheadBytes +=
          MEMBER_BYTES + String(legacyKey.segments[0]).length + (typeof value === 'string' ? value.length : 6);
    }
  }
  return {
    overheadBytes,
    decode(batch: RawBatch): LogEvent[] {
      const events = new Array<LogEvent>(batch.count);
      const { hold, frames, count, ingestedMs, streamOffset } = batch;
      const first = count > 0 ? frames[0]! : 0;
      for (let i = 0; i < count; i++) {
        const offset = frames[2 * i]!;
        const text = bytesValue(hold.bytes.subarray(offset, offset + frames[2 * i + 1]!));
        let value: Value = text;
        if (logNamespace === 'legacy') {
          value = {};
          if (messageKey) write(value, messageKey, text, false);
        }
        const event: LogEvent = { value, metadata };
        writer.enrich(event, ingestedMs, streamOffset + offset - first);
        events[i] = event;
      }
      return events;
    },
  };
}
