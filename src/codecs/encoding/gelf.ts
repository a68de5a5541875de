// The codec `gelf`: the Graylog Extended Log Format 1.1, a JSON object with prescribed fields; others begin with `_`.
// Over UDP a message that is too large for a datagram is sent in chunks:
//
//   1e 0f | message id (8) | sequence number (1) | sequence count (1) | part of the message

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { stringifyJson } from '../../event/json.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import { getField, setField, sortedKeys } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { float, isObject, kindOf, type ObjectValue, type Value } from '../../event/value.ts';
import { type Codec, EncodeError } from './codec.ts';
import { messageOf } from './text.ts';

const VERSION = '1.1';

export function gelfCodec(logSchema: LogSchema): Codec {
  return {
    name: 'gelf',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => stringifyJson(gelfObject(event as LogEvent, logSchema)),
  };
}

/** The event as GELF has it. Throws `EncodeError` when a required field is missing or one is of the wrong type. */
export function gelfObject(event: LogEvent, logSchema: LogSchema): ObjectValue {
  const { value } = event;
  if (!isObject(value)) throw new EncodeError('a GELF message is made of an object');
  const result: ObjectValue = {};
  if (getField(value, 'version') === undefined) result['version'] = VERSION;
  if (getField(value, 'host') === undefined) throw new EncodeError('the event has no `host`, which GELF requires');
  // Without `short_message` the message stands in, under its new name.
  const message = getField(value, 'short_message') === undefined ? messageKey(event, logSchema) : undefined;
  for (const name of sortedKeys(value)) {
    const member = value[name]!;
    if (name === message) result['short_message'] = gelfValue('short_message', member);
    else setField(result, fieldName(name), gelfValue(name, member));
  }
  return result;
}

/** The name of the field that holds the message. */
function messageKey(event: LogEvent, logSchema: LogSchema): string {
  const name = logSchema.message?.segments[0];
  if (messageOf(event, logSchema) === undefined || typeof name !== 'string' || logSchema.message!.segments.length > 1)
    throw new EncodeError('the event has no `short_message`, which GELF requires');
  return name;
}

const TEXTS = ['version', 'host', 'short_message', 'full_message', 'facility', 'file'];
const OWN = new Set([...TEXTS, 'timestamp', 'level', 'line']);

function fieldName(name: string): string {
  if (OWN.has(name) || name.startsWith('_')) return name;
  return `_${name}`;
}

function gelfValue(name: string, value: Value): Value {
  const kind = kindOf(value);
  const isNumber = kind === 'integer' || kind === 'float';
  if (TEXTS.includes(name)) return kind === 'bytes' ? value : refuse(name, 'a string', kind);
  if (name === 'timestamp') {
    if (value instanceof Timestamp) return seconds(value);
    return isNumber ? value : refuse(name, 'a timestamp or a number', kind);
  }
  if (name === 'level') return kind === 'integer' ? value : refuse(name, 'an integer', kind);
  if (name === 'line') return isNumber ? value : refuse(name, 'a number', kind);
  if (!/^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}.-]*$/u.test(name))
    throw new EncodeError(`\`${name}\` is no name of a GELF field`);
  return isNumber || kind === 'bytes' ? value : refuse(name, 'a string or a number', kind);
}

/** Seconds since the epoch, with milliseconds as a fraction where there are any. */
function seconds(timestamp: Timestamp): Value {
  const milliseconds = timestamp.toMs();
  return milliseconds % 1000 === 0 ? timestamp.seconds : float(milliseconds / 1000);
}

function refuse(name: string, wanted: string, kind: string): never {
  throw new EncodeError(`the GELF field \`${name}\` must be ${wanted}, not ${kind}`);
}

/** Bytes before the part of a message in each chunk. */
export const GELF_HEADER_BYTES = 12;

const CHUNKS_MAX = 128;

/** The default of `gelf.max_chunk_size`. */
export const GELF_CHUNK_BYTES = 8192;

/**
 * The datagrams that carry one message: itself when it is at most `maxChunkBytes` long (13 or more), else chunks.
 * `messageId` is eight random bytes. Throws `EncodeError` when more than 128 chunks were needed.
 */
export function gelfChunks(message: Buffer, maxChunkBytes: number, messageId: () => Uint8Array): Buffer[] {
  if (message.length <= maxChunkBytes) return [message];
  const room = maxChunkBytes - GELF_HEADER_BYTES;
  const count = Math.ceil(message.length / room);
  if (count > CHUNKS_MAX)
    throw new EncodeError(
      `a GELF message of ${message.length} bytes takes ${count} chunks of ${maxChunkBytes} bytes, more than ${CHUNKS_MAX}`,
    );
  const id = messageId();
  return Array.from({ length: count }, (_, index) => {
    const part = message.subarray(index * room, (index + 1) * room);
    const chunk = Buffer.allocUnsafe(GELF_HEADER_BYTES + part.length);
    chunk.set([0x1e, 0x0f]);
    chunk.set(id, 2);
    chunk[10] = index;
    chunk[11] = count;
    chunk.set(part, GELF_HEADER_BYTES);
    return chunk;
  });
}
