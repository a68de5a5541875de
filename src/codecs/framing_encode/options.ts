// The option group `framing` of sinks.

import { asciiChar, bool, object, uint, variants } from '../../schema/schema.ts';
import { FRAME_LENGTH_MAX } from './framing.ts';

/** `framing` of a sink; absent, the codec and the sink decide. */
export function framing() {
  return variants(
    'How events are set apart in the output. The default depends on the codec.',
    'method',
    {
      bytes: {},
      character_delimited: {
        character_delimited: object(
          'Options of `character_delimited` framing.',
          { delimiter: asciiChar('The character behind each event.') },
          { required: true, unknown: 'warn' },
        ),
      },
      length_delimited: { length_delimited: lengthDelimited() },
      newline_delimited: {},
      varint_length_delimited: { max_frame_length: maxFrameLength() },
    },
    {},
    { optional: true, unknown: 'warn', tagDoc: 'What sets events apart.' },
  );
}

function lengthDelimited() {
  return object(
    'Options of `length_delimited` framing.',
    {
      length_field_is_big_endian: bool('Whether the length begins with its most significant byte.', { default: true }),
      length_field_length: uint('Size of the length.', { default: 4, min: 1, max: 8, unit: 'bytes' }),
      length_field_offset: uint('Bytes before the length; written frames always begin with it.', { default: 0 }),
      max_frame_length: maxFrameLength(),
    },
    { required: true, unknown: 'warn' },
  );
}

function maxFrameLength() {
  return uint('Longest frame; an event that is longer is dropped.', { default: FRAME_LENGTH_MAX, unit: 'bytes' });
}
