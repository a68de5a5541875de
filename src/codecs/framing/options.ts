// The option `framing` of sources.

import { asciiChar, bool, float, object, oneOf, uint, variants } from '../../schema/schema.ts';
import { FRAME_BYTES_MAX } from './frame_decoder.ts';

const maxLength = () =>
  uint('Longest frame, without delimiter. Longer ones are dropped or cut, as `oversized_action` says.', {
    optional: true,
    unit: 'bytes',
  });

const oversizedAction = () =>
  oneOf(['drop', 'truncate'], 'What becomes of a frame longer than `max_length`: nothing, or its first bytes.', {
    default: 'drop',
  });

const maxFrameLength = () =>
  uint('Longest frame. The length of a longer one is an error that ends the stream.', {
    default: FRAME_BYTES_MAX,
    unit: 'bytes',
  });

/** Vector ignores unknown members everywhere below `framing`. */
const lenient = { unknown: 'warn' } as const;

const cases = {
  bytes: {},
  character_delimited: {
    character_delimited: object(
      'Options of `character_delimited`.',
      {
        delimiter: asciiChar('The character that ends each frame.'),
        max_length: maxLength(),
        oversized_action: oversizedAction(),
      },
      { ...lenient, required: true },
    ),
  },
  chunked_gelf: {
    chunked_gelf: object(
      'Options of `chunked_gelf`.',
      {
        decompression: oneOf(
          ['Auto', 'Gzip', 'None', 'Zlib'],
          'How messages are compressed; `Auto` tells by their first bytes.',
          { default: 'Auto' },
        ),
        max_length: uint('Longest message as sent, chunk headers not counted. Longer ones are dropped.', {
          optional: true,
          unit: 'bytes',
        }),
        pending_messages_limit: uint('Most messages that wait for their chunks. Chunks of further ones are dropped.', {
          optional: true,
          min: 1,
        }),
        timeout_secs: float('How long a message waits for its chunks before it is dropped.', {
          default: 5,
          unit: 'seconds',
          validate: (value) => (value >= 0 ? undefined : 'must not be below 0'),
        }),
      },
      lenient,
    ),
  },
  length_delimited: {
    length_delimited: object(
      'Options of `length_delimited`.',
      {
        length_field_is_big_endian: bool('Whether the length has its highest byte first.', { default: true }),
        length_field_length: uint('Bytes of the length.', { default: 4, min: 1, max: 8, unit: 'bytes' }),
        length_field_offset: uint('Bytes in front of the length, which are skipped.', {
          default: 0,
          max: 65_536,
          unit: 'bytes',
        }),
        max_frame_length: maxFrameLength(),
      },
      { ...lenient, required: true },
    ),
  },
  newline_delimited: {
    newline_delimited: object(
      'Options of `newline_delimited`.',
      { max_length: maxLength(), oversized_action: oversizedAction() },
      lenient,
    ),
  },
  octet_counting: {
    octet_counting: object(
      'Options of `octet_counting`.',
      { max_length: uint('Longest frame. Longer ones are dropped.', { optional: true, unit: 'bytes' }) },
      lenient,
    ),
  },
  varint_length_delimited: { max_frame_length: maxFrameLength() },
} as const;

const DOC =
  'How bytes become frames, each of which is decoded by itself. Frames are found by a delimiter, by a length in front ' +
  'of them, or are whole messages.';

const TAG_DOC = 'The way of framing.';

/** `framing` of sources of messages, whole unless said otherwise. */
export function messageFraming() {
  return variants(DOC, 'method', cases, {}, { ...lenient, default: 'bytes', tagDoc: TAG_DOC });
}

/** `framing` of sources of streams: the codec's own way where nothing is said. */
export function framing() {
  return variants(DOC, 'method', cases, {}, { ...lenient, optional: true, tagDoc: TAG_DOC });
}
