// How frames that `ContainerLines` made become events: the header before each frame says time and stream, all else is the
// same for the whole file.

import { fieldWriter, type SourceField, type SourceIdentity } from '../../component/source_fields.ts';
import { type CommonFields, type HeaderFields, layoutOf, type RawBatch, type RawLayout } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { sizeOfValue } from '../../event/event_size.ts';
import { EMPTY_METADATA, type Metadata } from '../../event/metadata.ts';
import { type Path, setPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { bytesValue, cloneValue, type ObjectValue, type Value } from '../../event/value.ts';
import type { HeaderTimes } from './header_times.ts';

export interface ContainerLayoutOptions {
  /** What is known of all lines of the file. */
  readonly fields: readonly SourceField[];
  readonly times: HeaderTimes;
  /** Whether parts of messages go out alone, and say so. */
  readonly marksPartial: boolean;
  /** Where the time of arrival goes in the legacy namespace. */
  readonly ingestionKey: Path | undefined;
  readonly streamKey: Path;
}

const PARTIAL = '_partial';

/** What the header of a frame says. */
interface Header {
  timestamp: Timestamp | undefined;
  stream: string | undefined;
  isPartial: boolean;
}

/** The layout of the lines of one file. There is one for each of thousands of files: it keeps no more than it needs. */
export function containerLayout(identity: SourceIdentity, options: ContainerLayoutOptions): RawLayout {
  return identity.logNamespace === 'vector' ? vectorLayout(identity, options) : legacyLayout(identity, options);
}

function legacyLayout(identity: SourceIdentity, options: ContainerLayoutOptions): RawLayout {
  const { fields, marksPartial, ingestionKey, streamKey, times } = options;
  const { message, timestamp: timestampKey } = identity.logSchema;
  const untimed = { ...identity, logSchema: { ...identity.logSchema, timestamp: undefined } };
  const template: LogEvent = { value: {}, metadata: EMPTY_METADATA };
  fieldWriter(untimed, fields).enrich(template, 0, 0);
  const metadata: Metadata = template.metadata;
  const decodeFrame = (batch: RawBatch, index: number): LogEvent => {
    const text = textAt(batch, index);
    const header = headerAt(batch, index, times);
    const value = cloneValue(template.value) as ObjectValue;
    if (message) setPath(value, message.segments, text);
    if (header.stream !== undefined) setPath(value, streamKey.segments, header.stream);
    if (timestampKey) setPath(value, timestampKey.segments, header.timestamp ?? Timestamp.fromMs(batch.ingestedMs));
    if (ingestionKey) setPath(value, ingestionKey.segments, Timestamp.fromMs(batch.ingestedMs));
    if (marksPartial && header.isPartial) value[PARTIAL] = true;
    return { value, metadata };
  };
  const overheadBytes = sizeOfValue(template.value) + HEADER_FIELDS_BYTES;
  return layoutOf({ decodeFrame, overheadBytes, common: commonFields(identity, options, template) });
}

/**
 * What all lines of a file have, and how their headers tell the rest; there is none where events are more than plain
 * members beside each other.
 */
function commonFields(
  { logSchema: { message, timestamp } }: SourceIdentity,
  { marksPartial, ingestionKey, streamKey, times }: ContainerLayoutOptions,
  template: LogEvent,
): RawLayout['common'] {
  const keys = [message, timestamp, streamKey, ingestionKey].filter((key) => key !== undefined);
  const names = keys.map(({ target, segments }) =>
    target === 'event' && segments.length === 1 ? segments[0] : undefined,
  );
  const value = template.value as ObjectValue;
  const isPlain = names.every(
    (name) => typeof name === 'string' && name !== '__proto__' && !Object.hasOwn(value, name),
  );
  const messageKey = message?.segments[0] as string | undefined;
  if (marksPartial || !isPlain || messageKey === undefined || new Set(names).size < names.length)
    return () => undefined;
  const header: HeaderFields = {
    time: timestamp?.segments[0] as string | undefined,
    stream: streamKey.segments[0] as string,
    has: ({ hold: { bytes }, frames }, index) => hasHeader(bytes, frames[2 * index]!),
    valueOf(batch, index, field) {
      const end = timeEndOf(batch.hold.bytes, batch.frames[2 * index]!);
      return field === 'stream'
        ? streamAt(batch.hold.bytes, end)
        : (timeAt(batch.hold.bytes, end, times) ?? Timestamp.fromMs(batch.ingestedMs));
    },
  };
  const { metadata } = template;
  return ({ ingestedMs }): CommonFields => {
    const ingested = ingestionKey && { [ingestionKey.segments[0] as string]: Timestamp.fromMs(ingestedMs) };
    return { fields: { ...value, ...ingested }, metadata, messageKey, overwriting: [], header };
  };
}

/** `timestamp` and `stream` as JSON. */
const HEADER_FIELDS_BYTES = 64;

function vectorLayout(identity: SourceIdentity, options: ContainerLayoutOptions): RawLayout {
  const { fields, marksPartial, times } = options;
  let header: Header = { timestamp: undefined, stream: undefined, isPartial: false };
  let ingestedMs = 0;
  const own = (name: string, value: () => Value): SourceField => ({
    name: [name],
    legacyKey: undefined,
    mode: 'overwrite',
    value,
  });
  const always = [
    ...fields,
    own('timestamp', () => header.timestamp ?? Timestamp.fromMs(ingestedMs)),
    own('stream', () => header.stream ?? ''),
  ];
  const writer = fieldWriter(identity, always);
  const partialWriter = fieldWriter(identity, [...always, own(PARTIAL, () => true)]);
  const decodeFrame = (batch: RawBatch, index: number): LogEvent => {
    header = headerAt(batch, index, times);
    ({ ingestedMs } = batch);
    const event: LogEvent = { value: textAt(batch, index), metadata: EMPTY_METADATA };
    (marksPartial && header.isPartial ? partialWriter : writer).enrich(event, ingestedMs, 0);
    return event;
  };
  return layoutOf({ decodeFrame });
}

function textAt({ hold, frames }: RawBatch, index: number): Value {
  const start = frames[2 * index]!;
  return bytesValue(hold.bytes.subarray(start, start + frames[2 * index + 1]!));
}

const SPACE = 32;
const NEWLINE = 10;
const LETTER_P = 80;
const LETTER_O = 111;

/** ` stdout `. */
const STREAM_BYTES = 8;

/** Reads the header before a frame, from its end. */
function headerAt({ hold: { bytes }, frames }: RawBatch, index: number, times: HeaderTimes): Header {
  const start = frames[2 * index]!;
  if (!hasHeader(bytes, start)) return { timestamp: undefined, stream: undefined, isPartial: false };
  const end = timeEndOf(bytes, start);
  return {
    timestamp: timeAt(bytes, end, times),
    stream: streamAt(bytes, end),
    isPartial: bytes[end + STREAM_BYTES] === LETTER_P,
  };
}

function hasHeader(bytes: Buffer, start: number): boolean {
  return start > 0 && bytes[start - 1] === SPACE;
}

/** `… stdout F `: the space behind the time is 8 bytes before the tag. */
function timeEndOf(bytes: Buffer, start: number): number {
  let tag = start - 1;
  while (bytes[tag - 1] !== SPACE) tag--;
  return tag - STREAM_BYTES;
}

function timeAt(bytes: Buffer, end: number, times: HeaderTimes): Timestamp | undefined {
  let from = end;
  while (from > 0 && bytes[from - 1] !== NEWLINE) from--;
  return times.at(bytes, from, end);
}

function streamAt(bytes: Buffer, timeEnd: number): string {
  return bytes[timeEnd + 4] === LETTER_O ? 'stdout' : 'stderr';
}
