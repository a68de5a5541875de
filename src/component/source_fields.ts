// What a source adds to its logs besides the decoded data: host, file, peer, `source_type`, the time of arrival.
//
//   legacy namespace   fields of the event, at keys from options or `log_schema`, overwriting or only where absent
//   vector namespace   `%<source_type>.<name>`, and `%vector.source_type`, `%vector.ingest_timestamp`

import { frameOf, layoutOf, type RawBatch, type RawLayout } from '../event/batch.ts';
import type { LogEvent } from '../event/event.ts';
import { sizeOfValue } from '../event/event_size.ts';
import { parseJson } from '../event/json.ts';
import type { LogNamespace, LogSchema } from '../event/log_schema.ts';
import { EMPTY_METADATA, type Metadata } from '../event/metadata.ts';
import { getField, setField, setFieldIfAbsent } from '../event/object.ts';
import { getPath, type Path, type Segment, setPath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { bytesValue, cloneValue, isObject, type ObjectValue, type Value } from '../event/value.ts';
import { utf8Text } from '../std/bytes.ts';

/** One thing that the source knows about its events. */
export interface SourceField {
  /** Where it stands in the vector namespace, below `%<source_type>`. */
  readonly name: readonly Segment[];
  /** Where it stands in the legacy namespace; undefined where the user switched it off. */
  readonly legacyKey: Path | undefined;
  readonly mode: 'overwrite' | 'insert_if_empty';
  /** The value, or how to tell it from the stream offset of the event's frame, or from the event as it is by then. */
  readonly value: Value | ((streamOffset: number, event: LogEvent) => Value);
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

/** A place in the event and what goes there. */
interface Entry {
  readonly key: Path;
  readonly onlyIfAbsent: boolean;
  readonly value: SourceField['value'];
}

class LegacyFields implements FieldWriter {
  readonly #timestampKey: Path | undefined;
  readonly #entries: readonly Entry[];
  readonly #toMetadata: readonly Entry[];
  readonly #stamps = new Stamps();
  readonly #origins: Origins;

  constructor({ id, type, logSchema }: SourceIdentity, fields: readonly SourceField[]) {
    this.#timestampKey = logSchema.timestamp;
    this.#origins = new Origins(id, type);
    const entries: Entry[] = logSchema.sourceType
      ? [{ key: logSchema.sourceType, onlyIfAbsent: true, value: type }]
      : [];
    for (const { legacyKey: key, mode, value } of fields)
      if (key) entries.push({ key, onlyIfAbsent: mode === 'insert_if_empty', value });
    this.#entries = entries.filter(({ key }) => key.target === 'event');
    this.#toMetadata = entries.filter(({ key }) => key.target === 'metadata');
  }

  enrich(event: LogEvent, nowMs: number, streamOffset: number): void {
    event.metadata = this.#origins.add(event.metadata);
    if (isObject(event.value)) {
      const root = event.value;
      if (this.#timestampKey?.target === 'event') write(root, this.#timestampKey, this.#stamps.at(nowMs), true);
      for (const { key, onlyIfAbsent, value } of this.#entries)
        write(root, key, valueFor(value, streamOffset, event), onlyIfAbsent);
    }
    if (this.#toMetadata.length > 0 || this.#timestampKey?.target === 'metadata')
      this.#writeMetadata(event, nowMs, streamOffset);
  }

  /** Metadata may be shared, so a copy is written. */
  #writeMetadata(event: LogEvent, nowMs: number, streamOffset: number): void {
    const value = cloneValue(event.metadata.value) as ObjectValue;
    if (this.#timestampKey?.target === 'metadata') write(value, this.#timestampKey, this.#stamps.at(nowMs), true);
    for (const entry of this.#toMetadata)
      write(value, entry.key, valueFor(entry.value, streamOffset, event), entry.onlyIfAbsent);
    event.metadata = { ...event.metadata, value };
  }
}

class VectorFields implements FieldWriter {
  readonly #type: string;
  readonly #fields: readonly SourceField[];
  /** Whether the fields are the same for all events, which then share their metadata. */
  readonly #areConstant: boolean;
  readonly #stamps = new Stamps();
  readonly #origins: Origins;
  #last: { readonly before: Metadata; readonly nowMs: number; readonly after: Metadata } | undefined;

  constructor({ id, type }: SourceIdentity, fields: readonly SourceField[]) {
    this.#type = type;
    this.#fields = fields;
    this.#areConstant = fields.every(({ value }) => typeof value !== 'function');
    this.#origins = new Origins(id, type);
  }

  enrich(event: LogEvent, nowMs: number, streamOffset: number): void {
    const before = event.metadata;
    if (this.#areConstant && this.#last?.before === before && this.#last.nowMs === nowMs) {
      event.metadata = this.#last.after;
      return;
    }
    const after = { ...this.#origins.add(before), value: this.#valueFor(event, nowMs, streamOffset) };
    event.metadata = after;
    this.#last = { before, nowMs, after };
  }

  #valueFor(event: LogEvent, nowMs: number, streamOffset: number): ObjectValue {
    const before = event.metadata.value;
    const value: ObjectValue = { ...before };
    if (this.#fields.length > 0) {
      const own = cloneValue(objectOr(getField(before, this.#type))) as ObjectValue;
      for (const field of this.#fields) setPath(own, field.name, valueFor(field.value, streamOffset, event));
      setField(value, this.#type, own);
    }
    setField(value, 'vector', {
      ...objectOr(getField(before, 'vector')),
      source_type: this.#type,
      ingest_timestamp: this.#stamps.at(nowMs),
    });
    return value;
  }
}

/** Adds the id and type of the source to metadata; events that come with the same go on with the same. */
class Origins {
  readonly #sourceId: string;
  readonly #sourceType: string;
  #last: { readonly before: Metadata; readonly after: Metadata } | undefined;

  constructor(sourceId: string, sourceType: string) {
    this.#sourceId = sourceId;
    this.#sourceType = sourceType;
  }

  add(before: Metadata): Metadata {
    if (this.#last?.before !== before)
      this.#last = { before, after: { ...before, sourceId: this.#sourceId, sourceType: this.#sourceType } };
    return this.#last.after;
  }
}

/** One timestamp for all events of a millisecond. */
class Stamps {
  #ms = Number.NaN;
  #stamp = Timestamp.fromMs(0);

  at(ms: number): Timestamp {
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#stamp = Timestamp.fromMs(ms);
    }
    return this.#stamp;
  }
}

function objectOr(value: Value | undefined): ObjectValue {
  return isObject(value) ? value : {};
}

/** A value of one event's own: what is done to it must not be seen in another event. */
function valueFor(value: SourceField['value'], streamOffset: number, event: LogEvent): Value {
  if (typeof value === 'string') return value;
  return typeof value === 'function' ? value(streamOffset, event) : cloneValue(value);
}

function write(root: ObjectValue, key: Path, value: Value, onlyIfAbsent: boolean): void {
  const [first] = key.segments;
  if (key.segments.length === 1 && typeof first === 'string') {
    if (onlyIfAbsent) setFieldIfAbsent(root, first, value);
    else setField(root, first, value);
    return;
  }
  if (onlyIfAbsent && getPath(root, key.segments) !== undefined) return;
  setPath(root, key.segments, value);
}

/**
 * The layout of raw batches whose frames are the text of the message: what the `bytes` codec makes of each frame, with
 * the source's fields.
 */
export function textLayout(source: SourceIdentity, fields: readonly SourceField[]): RawLayout {
  const writer = fieldWriter(source, fields);
  const isLegacy = source.logNamespace === 'legacy';
  const messageKey = source.logSchema.message;
  const eventOf = (text: Value): LogEvent => {
    if (!isLegacy) return { value: text, metadata: EMPTY_METADATA };
    const value: ObjectValue = {};
    if (messageKey?.target === 'event') write(value, messageKey, text, false);
    if (messageKey?.target !== 'metadata') return { value, metadata: EMPTY_METADATA };
    const own: ObjectValue = {};
    write(own, messageKey, text, false);
    return { value, metadata: { value: own } };
  };
  const empty = eventOf('');
  writer.enrich(empty, 0, 0);
  const decodeFrame = ({ hold, frames, ingestedMs, streamOffset }: RawBatch, index: number): LogEvent => {
    const offset = frames[2 * index]!;
    const event = eventOf(bytesValue(hold.bytes.subarray(offset, offset + frames[2 * index + 1]!)));
    writer.enrich(event, ingestedMs, streamOffset + offset - frames[0]!);
    return event;
  };
  const plainKey = isLegacy ? messageKeyOf(messageKey, source.logSchema, fields) : undefined;
  const { id, type, logSchema, logNamespace } = source;
  const recipe: LayoutRecipe = { source: { id, type, logSchema, logNamespace }, fields };
  return layoutOf({
    overheadBytes: sizeOfValue(empty.value),
    recipe,
    decodeFrame,
    common({ ingestedMs }) {
      if (plainKey === undefined) return undefined;
      const event = eventOf('');
      writer.enrich(event, ingestedMs, 0);
      const { [plainKey]: _message, ...rest } = event.value as ObjectValue;
      return { fields: rest, metadata: event.metadata, messageKey: plainKey, overwriting: [] };
    },
  });
}

interface LayoutRecipe {
  readonly source: SourceIdentity;
  readonly fields: readonly SourceField[];
  /** Whether frames are JSON objects. */
  readonly isJson?: boolean;
}

/**
 * The layout of raw batches whose frames are JSON objects that the kernel can read: what the `json` codec makes of each,
 * with the source's fields. Undefined where events are more than their frame and plain fields around it.
 */
export function jsonLayout(source: SourceIdentity, fields: readonly SourceField[]): RawLayout | undefined {
  const { id, type, logSchema, logNamespace } = source;
  const keys = [logSchema.timestamp, logSchema.sourceType, ...fields.map(({ legacyKey }) => legacyKey)];
  const isPlain = keys.every((key) => key === undefined || isPlainMember(key));
  if (logNamespace !== 'legacy' || !isPlain || fields.some(({ value }) => typeof value === 'function'))
    return undefined;
  const writer = fieldWriter(source, fields);
  const around = (ingestedMs: number): { readonly value: ObjectValue; readonly metadata: Metadata } => {
    const event = { value: {}, metadata: EMPTY_METADATA };
    writer.enrich(event, ingestedMs, 0);
    return event;
  };
  const recipe: LayoutRecipe = { source: { id, type, logSchema, logNamespace }, fields, isJson: true };
  const overwriting = fields.flatMap(({ legacyKey, mode }) =>
    legacyKey && mode === 'overwrite' ? [legacyKey.segments[0] as string] : [],
  );
  return layoutOf({
    form: 'json_text',
    overheadBytes: sizeOfValue(around(0).value),
    recipe,
    decodeFrame(batch, index) {
      const frame = frameOf(batch, index);
      const event = { value: parseJson(utf8Text(frame, 0, frame.length)), metadata: EMPTY_METADATA };
      writer.enrich(event, batch.ingestedMs, 0);
      return event;
    },
    common({ ingestedMs }) {
      const { value, metadata } = around(ingestedMs);
      return { fields: value, metadata, messageKey: undefined, overwriting };
    },
  });
}

function isPlainMember({ target, segments }: Path): boolean {
  return target === 'event' && segments.length === 1 && typeof segments[0] === 'string' && segments[0] !== '__proto__';
}

/** The layout that `textLayout` or `jsonLayout` made, on another thread: from its recipe, when that is plain data. */
export function layoutOfRecipe(recipe: unknown): RawLayout {
  const { source, fields, isJson } = recipe as LayoutRecipe;
  return (isJson ? jsonLayout(source, fields) : undefined) ?? textLayout(source, fields);
}

/** The name of the message where it is a plain member that no other field touches, and all fields are the same for all. */
function messageKeyOf(
  message: Path | undefined,
  { timestamp, sourceType }: LogSchema,
  fields: readonly SourceField[],
): string | undefined {
  const [key] = message?.segments ?? [];
  if (message?.target !== 'event' || message.segments.length !== 1 || typeof key !== 'string') return undefined;
  if (key === '__proto__' || fields.some(({ value }) => typeof value === 'function')) return undefined;
  const others = [timestamp, sourceType, ...fields.map(({ legacyKey }) => legacyKey)];
  const isTouched = others.some((path) => path?.target === 'event' && (path.segments[0] ?? key) === key);
  return isTouched ? undefined : key;
}
