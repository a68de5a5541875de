// The `bytes` codec: a frame is the text of the message, as it is.

import { bytesValue, type ObjectValue } from '../../event/value.ts';
import { type DecodeContext, type Decoder, logEvent, put } from './decoder.ts';

export function bytesDecoder({ logSchema, logNamespace }: DecodeContext): Decoder {
  if (logNamespace === 'vector') return { decode: (frame) => [logEvent(bytesValue(frame))] };
  return {
    decode(frame) {
      const log: ObjectValue = {};
      put(log, logSchema.message, bytesValue(frame));
      return [logEvent(log)];
    },
  };
}
