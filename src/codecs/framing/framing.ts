// The door of framing on the way in: how the bytes of a stream or message become frames.

import { type ChunkedGelf, ChunkedGelfDecoder } from './chunked_gelf.ts';
import { type Delimited, DelimitedDecoder } from './delimited.ts';
import {
  FRAME_BYTES_CEILING,
  FRAME_BYTES_MAX,
  type FrameContext,
  type FrameDecoder,
  frameLimit,
} from './frame_decoder.ts';
import { type LengthDelimited, lengthDelimitedDecoder, varintDelimitedDecoder } from './headed.ts';
import { OctetCountingDecoder } from './octet_counting.ts';
import { WholeDecoder } from './whole.ts';

export type { Delimited } from './delimited.ts';
export { FRAME_BYTES_MAX, type FrameContext, type FrameDecoder, FramingError } from './frame_decoder.ts';

interface LineLimits {
  readonly max_length?: number | undefined;
  readonly oversized_action: 'drop' | 'truncate';
}

/** The option `framing` of sources, parsed. */
export type FramingConfig =
  | { readonly method: 'bytes' }
  | { readonly method: 'newline_delimited'; readonly newline_delimited: LineLimits }
  | {
      readonly method: 'character_delimited';
      readonly character_delimited: LineLimits & { readonly delimiter: number };
    }
  | { readonly method: 'length_delimited'; readonly length_delimited: LengthDelimited }
  | { readonly method: 'octet_counting'; readonly octet_counting: { readonly max_length?: number | undefined } }
  | { readonly method: 'varint_length_delimited'; readonly max_frame_length: number }
  | { readonly method: 'chunked_gelf'; readonly chunked_gelf: ChunkedGelf };

const NEWLINE = 0x0a;

/** The decoder of one stream. */
export function buildFrameDecoder(config: FramingConfig, context: FrameContext): FrameDecoder {
  const delimited = delimiterOf(config, context.frameBytesMax);
  if (delimited) return new DelimitedDecoder(delimited, context);
  switch (config.method) {
    case 'length_delimited':
      return lengthDelimitedDecoder(config.length_delimited, context);
    case 'varint_length_delimited':
      return varintDelimitedDecoder(config.max_frame_length, context);
    case 'octet_counting':
      return new OctetCountingDecoder(frameLimit(config.octet_counting.max_length, context), context);
    case 'chunked_gelf':
      return new ChunkedGelfDecoder(config.chunked_gelf, context);
    default:
      return new WholeDecoder(frameLimit(undefined, context), context);
  }
}

/** For frames that end in one byte, which byte and how long they may be; undefined for every other method. */
export function delimiterOf(config: FramingConfig, frameBytesMax = FRAME_BYTES_MAX): Delimited | undefined {
  if (config.method === 'newline_delimited') return delimited(NEWLINE, config.newline_delimited, frameBytesMax);
  if (config.method !== 'character_delimited') return undefined;
  return delimited(config.character_delimited.delimiter, config.character_delimited, frameBytesMax);
}

function delimited(byte: number, limits: LineLimits, frameBytesMax: number): Delimited {
  const maxLength = Math.min(limits.max_length ?? frameBytesMax, FRAME_BYTES_CEILING);
  return { byte, maxLength, oversized: limits.oversized_action };
}

/** Streams (files, sockets) or messages (requests, datagrams, records), which differ in their default framing. */
export type SourceStyle = 'stream' | 'message';

/** The framing of a codec where the configuration names none. */
export function defaultFraming(codec: string, style: SourceStyle): FramingConfig {
  if (style === 'message') return codec === 'gelf' ? CHUNKED_GELF : { method: 'bytes' };
  if (codec === 'vrl') return { method: 'bytes' };
  if (codec === 'gelf')
    return { method: 'character_delimited', character_delimited: { delimiter: 0, oversized_action: 'drop' } };
  return { method: 'newline_delimited', newline_delimited: { oversized_action: 'drop' } };
}

const CHUNKED_GELF: FramingConfig = {
  method: 'chunked_gelf',
  chunked_gelf: { decompression: 'Auto', timeout_secs: 5 },
};
