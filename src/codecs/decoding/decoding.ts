// The door of decoding: how frames become events.

import { bytesDecoder } from './bytes.ts';
import type { DecodeContext, Decoder } from './decoder.ts';
import { type GelfOptions, gelfDecoder } from './gelf.ts';
import { influxdbDecoder } from './influxdb.ts';
import { jsonDecoder } from './json.ts';
import { nativeJsonDecoder } from './native_json.ts';
import { syslogDecoder } from './syslog.ts';
import { type VrlOptions, vrlDecoder } from './vrl.ts';

export { type CompileProgram, type DecodeContext, DecodeError, type Decoder, FRAME_EVENTS_MAX } from './decoder.ts';
export { syslogSourceDecoder } from './syslog.ts';

interface Lossy {
  readonly lossy: boolean;
}

/** The option `decoding` of sources, parsed. */
export type DecodingConfig =
  | { readonly codec: 'bytes' }
  | { readonly codec: 'gelf'; readonly gelf: GelfOptions }
  | { readonly codec: 'influxdb'; readonly influxdb: Lossy }
  | { readonly codec: 'json'; readonly json: Lossy }
  | { readonly codec: 'native_json'; readonly native_json: Lossy }
  | { readonly codec: 'syslog'; readonly syslog: Lossy }
  | { readonly codec: 'vrl'; readonly vrl: VrlOptions };

export function buildDecoder(config: DecodingConfig, context: DecodeContext): Decoder {
  switch (config.codec) {
    case 'bytes':
      return bytesDecoder(context);
    case 'gelf':
      return gelfDecoder(config.gelf, context);
    case 'influxdb':
      return influxdbDecoder(config.influxdb);
    case 'json':
      return jsonDecoder(config.json, context);
    case 'native_json':
      return nativeJsonDecoder(config.native_json);
    case 'syslog':
      return syslogDecoder(config.syslog, context);
    case 'vrl':
      return vrlDecoder(config.vrl, context);
  }
}
