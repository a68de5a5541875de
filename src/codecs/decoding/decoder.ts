// What every codec offers on the way in, and how it fails.

import { isUtf8 } from 'node:buffer';
import type { LogEvent, TypedEvent } from '../../event/event.ts';
import type { LogNamespace, LogSchema } from '../../event/log_schema.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { type Path, setPath } from '../../event/path.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { utf8Text } from '../../std/bytes.ts';
import type { Clock } from '../../std/clock.ts';
import type { Compiled } from '../../vrl/vrl.ts';

/** Turns frames into events. It keeps nothing from one frame to the next. */
export interface Decoder {
  /** The events of one frame, which may be none. They own their text. Throws `DecodeError`. */
  decode(frame: Buffer): TypedEvent[];
}

/** What decoders need of their surroundings. */
export interface DecodeContext {
  readonly logSchema: LogSchema;
  readonly logNamespace: LogNamespace;
  readonly clock: Clock;
  /** Where times are at home that name no zone: an IANA name, or `local` (the default). */
  readonly timezone?: string;
  /** Compiles a program of the `vrl` codec; the time zone is the global one unless given. */
  readonly compile?: CompileProgram;
}

export type CompileProgram = (source: string, timezone: string | undefined) => Compiled;

/** A frame that cannot be decoded. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

/** Most events of one frame: small elements of a list take a hundred times the memory of their text. */
export const FRAME_EVENTS_MAX = 200_000;

/** Refuses a frame with more events than are allowed. */
export function limitEvents(count: number): void {
  if (count > FRAME_EVENTS_MAX) throw new DecodeError(`a frame holds ${count} events, more than ${FRAME_EVENTS_MAX}`);
}

/** The text of a frame. What is not UTF-8 becomes U+FFFD (`lossy`) or is refused. */
export function textOf(frame: Buffer, lossy: boolean): string {
  if (!lossy && !isUtf8(frame)) throw new DecodeError('the frame is not valid UTF-8');
  return utf8Text(frame, 0, frame.length);
}

/** A log event with nothing known about it but its value. */
export function logEvent(value: Value): { type: 'log'; event: LogEvent } {
  return { type: 'log', event: { value, metadata: EMPTY_METADATA } };
}

const TIMESTAMP: Path = { target: 'event', segments: ['timestamp'] };
const MESSAGE: Path = { target: 'event', segments: ['message'] };

/** Where codecs put the text and the time of a log: as `log_schema` says, or under their own names. */
export function standardKeys({ logSchema, logNamespace }: DecodeContext) {
  if (logNamespace === 'vector') return { message: MESSAGE, timestamp: TIMESTAMP };
  return { message: logSchema.message, timestamp: logSchema.timestamp };
}

/** Puts `value` at `key`, unless the key is switched off. */
export function put(log: ObjectValue, key: Path | undefined, value: Value): void {
  if (key && key.target === 'event') setPath(log, key.segments, value);
}
