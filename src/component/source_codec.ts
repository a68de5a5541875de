// From the options `framing` and `decoding` of a source to what its readers work with.

import { buildDecoder, type DecodingConfig } from '../codecs/decoding/decoding.ts';
import {
  buildFrameDecoder,
  defaultFraming,
  delimiterOf,
  type FramingConfig,
  type SourceStyle,
} from '../codecs/framing/framing.ts';
import type { EventType } from '../event/event.ts';
import type { SourceContext } from './context.ts';
import { decodingCompiler } from './source_programs.ts';
import type { StreamCodec } from './stream/stream.ts';

/** The codec of a source. Without `framing`, `decoding` and the style of the source decide on it. */
export function sourceCodec(
  decoding: DecodingConfig,
  framing: FramingConfig | undefined,
  style: SourceStyle,
  context: SourceContext,
): StreamCodec {
  const { clock, globals, log, logNamespace } = context;
  const method = framing ?? defaultFraming(decoding.codec, style);
  return {
    delimited: decoding.codec === 'bytes' || decoding.codec === 'json' ? delimiterOf(method) : undefined,
    isJson: decoding.codec === 'json',
    frames: (onDiscard) =>
      buildFrameDecoder(method, {
        onDiscard,
        onTruncate: (length) => log.warn('Frame cut off at its longest allowed length', { length }),
        clock,
      }),
    decoder: buildDecoder(decoding, {
      logSchema: globals.logSchema,
      logNamespace,
      clock,
      timezone: globals.timezone,
      compile: decodingCompiler(context),
    }),
  };
}

/** The types of events that a source with this codec sends. */
export function decodedTypes({ codec }: DecodingConfig): readonly EventType[] {
  if (codec === 'native_json') return ['log', 'metric', 'trace'];
  return codec === 'influxdb' ? ['metric'] : ['log'];
}
