// Messages that go on as they came: those of RFC 5424 with nothing unusual in them, whose fields are found where they lie
// by whoever needs them. All others are decoded at once.

import type { Decoder } from '../../codecs/decoding/decoding.ts';
import { fieldWriter, type SourceField, type SourceIdentity } from '../../component/source_fields.ts';
import type { FramesAsTheyAre } from '../../component/stream/stream.ts';
import { frameOf, layoutOf } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { sizeOfValue } from '../../event/event_size.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { Path } from '../../event/path.ts';
import { SYSLOG_FIELDS } from '../../event/syslog.ts';
import { SyslogParts } from '../../event/syslog_parts.ts';
import type { ObjectValue } from '../../event/value.ts';

/** What the names and values of the fields add to the text of a message. */
const FIELDS_BYTES = 120;

export interface FrameOptions {
  readonly source: SourceIdentity;
  /** What messages lie in. */
  readonly bytes: Buffer;
  readonly decoder: Decoder;
  /** Where the host goes that the message names, or else the peer. */
  readonly hostKey: Path | undefined;
  readonly peer: string;
  /** All fields that the source adds, that one included. */
  readonly fields: readonly SourceField[];
}

/** Undefined where events are more than the fields of a message with plain fields around them. */
export function messageFrames(options: FrameOptions): FramesAsTheyAre | undefined {
  const { source, bytes, decoder, hostKey, peer, fields } = options;
  const { logNamespace, logSchema } = source;
  const keys = [logSchema.sourceType, ...fields.map(({ legacyKey }) => legacyKey)];
  const isPlain = keys.every((key) => key === undefined || isPlainMember(key));
  const isUsual = isMember(logSchema.message, 'message') && isMember(logSchema.timestamp, 'timestamp');
  if (logNamespace !== 'legacy' || !isPlain || !isUsual) return undefined;
  const writer = fieldWriter(source, fields);
  // What is around a message, as it is around one without fields.
  const around: LogEvent = { value: {}, metadata: EMPTY_METADATA };
  writer.enrich(around, 0, 0);
  const name = hostKey?.segments[0] as string | undefined;
  const { timestamp: _, ...others } = around.value as ObjectValue;
  const rest = Object.fromEntries(Object.entries(others).filter(([key]) => key !== name));
  const common = {
    fields: rest,
    metadata: around.metadata,
    messageKey: undefined,
    overwriting: [],
    syslog: { hostKey: name, peer },
  };
  const parts = new SyslogParts(bytes, () => true);
  return {
    takes: ({ byteOffset, length }) => parts.find(byteOffset, byteOffset + length),
    layout: layoutOf({
      form: 'syslog',
      overheadBytes: sizeOfValue(others) + FIELDS_BYTES,
      decodeFrame(batch, index) {
        const event = decoder.decode(frameOf(batch, index))[0]!.event as LogEvent;
        writer.enrich(event, batch.ingestedMs, 0);
        return event;
      },
      common: () => common,
    }),
  };
}

function isMember(path: Path | undefined, name: string): boolean {
  return path?.target === 'event' && path.segments.length === 1 && path.segments[0] === name;
}

/** Whether a field stands at the top and in nobody's way. */
function isPlainMember({ target, segments }: Path): boolean {
  const [name] = segments;
  if (target !== 'event' || segments.length !== 1 || typeof name !== 'string') return false;
  return name !== '__proto__' && !name.includes('@') && !(SYSLOG_FIELDS as readonly string[]).includes(name);
}
