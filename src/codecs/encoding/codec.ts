// What every codec is: the text or bytes of one event, without framing.

import type { Event, EventType } from '../../event/event.ts';

/** The event cannot be written in this form: a field is missing, of the wrong type, or too large. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

export interface Codec {
  readonly name: CodecName;
  /** Whether it writes the event as compact JSON and nothing else. */
  readonly isPlainJson?: boolean;
  readonly accepts: readonly EventType[];
  /** Text, or bytes where the event holds some that are not UTF-8. Throws `EncodeError`. */
  encode(event: Event, type: EventType): string | Uint8Array;
  /** Forgets what earlier events left behind. Called before each request body. */
  reset?(): void;
}

export type CodecName = 'cef' | 'csv' | 'gelf' | 'json' | 'logfmt' | 'native_json' | 'raw_message' | 'syslog' | 'text';
