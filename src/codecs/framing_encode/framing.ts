// Framing on the way out: what stands around each encoded event, so that a reader finds where it ends.

import type { ByteSink } from '../encoding/byte_sink.ts';
import type { CodecName } from '../encoding/codec.ts';
import { EncodeError } from '../encoding/codec.ts';

export type FramingConfig =
  | { readonly method: 'bytes' }
  | { readonly method: 'newline_delimited' }
  | { readonly method: 'character_delimited'; readonly character_delimited: { readonly delimiter: number } }
  | { readonly method: 'length_delimited'; readonly length_delimited: LengthDelimited }
  | { readonly method: 'varint_length_delimited'; readonly max_frame_length: number };

export interface LengthDelimited {
  readonly length_field_is_big_endian: boolean;
  /** Bytes of the length, 1 to 8. */
  readonly length_field_length: number;
  /** Where a reader finds the length; written frames always begin with it. */
  readonly length_field_offset: number;
  readonly max_frame_length: number;
}

/** Default of `max_frame_length`, in bytes. */
export const FRAME_LENGTH_MAX = 8 * 1024 * 1024;

export interface Framer {
  readonly method: FramingConfig['method'];
  /** The byte behind each frame; -1 where frames have none. */
  readonly delimiter: number;
  /** Appends the head of a frame of `length` bytes. Throws `EncodeError` when it is too long. */
  head?(out: ByteSink, length: number): void;
}

/** Streams (files, sockets, consoles) or messages (requests, records), which differ in their default framing. */
export type SinkStyle = 'stream' | 'message';

const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** The framing of a codec where the configuration names none. */
export function defaultFraming(codec: CodecName, style: SinkStyle): FramingConfig {
  if (codec === 'gelf') return { method: 'character_delimited', character_delimited: { delimiter: 0 } };
  if (codec === 'json' && style === 'message')
    return { method: 'character_delimited', character_delimited: { delimiter: COMMA } };
  return { method: 'newline_delimited' };
}

export function framer(config: FramingConfig): Framer {
  switch (config.method) {
    case 'bytes':
      return { method: 'bytes', delimiter: -1 };
    case 'newline_delimited':
      return { method: 'newline_delimited', delimiter: NEWLINE };
    case 'character_delimited':
      return { method: 'character_delimited', delimiter: config.character_delimited.delimiter };
    case 'length_delimited':
      return { method: 'length_delimited', delimiter: -1, head: lengthHead(config.length_delimited) };
    case 'varint_length_delimited':
      return { method: 'varint_length_delimited', delimiter: -1, head: varintHead(config.max_frame_length) };
  }
}

function lengthHead(config: LengthDelimited): (out: ByteSink, length: number) => void {
  const { length_field_length: size, length_field_is_big_endian: bigEndian, max_frame_length: max } = config;
  const longest = Math.min(max, 2 ** (8 * size) - 1);
  return (out, length) => {
    refuseLonger(length, longest);
    for (let i = 0; i < size; i++) {
      const place = bigEndian ? size - 1 - i : i;
      out.byte(Math.floor(length / 2 ** (8 * place)) & 0xff);
    }
  };
}

function varintHead(max: number): (out: ByteSink, length: number) => void {
  return (out, length) => {
    refuseLonger(length, max);
    let rest = length;
    while (rest > 0x7f) {
      out.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.byte(rest);
  };
}

function refuseLonger(length: number, max: number): void {
  if (length > max) throw new EncodeError(`a frame of ${length} bytes is longer than ${max}`);
}

/** What stands around the events of one request body. */
export interface Wrapper {
  readonly prefix: string;
  readonly suffix: string;
}

/** JSON between commas is an array; lines end in a newline, the last one too. */
export function wrapperOf(codec: CodecName, { method, delimiter }: Framer): Wrapper {
  if (isArray(codec, delimiter)) return { prefix: '[', suffix: ']' };
  return { prefix: '', suffix: method === 'newline_delimited' ? '\n' : '' };
}

/** The media type of encoded events. */
export function contentTypeOf(codec: CodecName, { method, delimiter }: Framer): string {
  const isJson = codec === 'json' || codec === 'native_json';
  if (isJson && method === 'newline_delimited') return 'application/x-ndjson';
  return isArray(codec, delimiter) || (codec === 'gelf' && delimiter === COMMA) ? 'application/json' : 'text/plain';
}

/** What the `http` sink announces: Vector does so only for text and JSON. */
export function requestContentTypeOf(codec: CodecName, framing: Framer): string | undefined {
  if (codec === 'text' || codec === 'raw_message') return 'text/plain';
  if (codec !== 'json') return undefined;
  const type = contentTypeOf(codec, framing);
  return type === 'text/plain' ? undefined : type;
}

function isArray(codec: CodecName, delimiter: number): boolean {
  return delimiter === COMMA && (codec === 'json' || codec === 'native_json');
}
