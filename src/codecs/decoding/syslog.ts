// The `syslog` codec: a frame is one message of RFC 5424 or RFC 3164.

import { EMPTY_METADATA } from '../../event/metadata.ts';
import { setField } from '../../event/object.ts';
import { addSyslogDetails, parseSyslog, type SyslogMessage } from '../../event/syslog.ts';
import { namedZone, UTC } from '../../event/timezone.ts';
import type { ObjectValue } from '../../event/value.ts';
import { type DecodeContext, DecodeError, type Decoder, logEvent, put, standardKeys, textOf } from './decoder.ts';

export function syslogDecoder(options: { readonly lossy: boolean }, context: DecodeContext): Decoder {
  const keys = standardKeys(context);
  return decoderOf(options, context, (message) => {
    const log: ObjectValue = {};
    put(log, keys.message, message.message);
    if (message.timestamp) put(log, keys.timestamp, message.timestamp);
    addSyslogDetails(log, message);
    return logEvent(log);
  });
}

/**
 * The decoder of a source of syslog messages named `source`: in the vector namespace the event is the text of the
 * message, and what is said about it stands in the metadata below the name of the source.
 */
export function syslogSourceDecoder(source: string, context: DecodeContext): Decoder {
  if (context.logNamespace !== 'vector') return syslogDecoder({ lossy: true }, context);
  return decoderOf({ lossy: true }, context, (message) => {
    const details: ObjectValue = {};
    if (message.timestamp) details['timestamp'] = message.timestamp;
    addSyslogDetails(details, { ...message, structuredData: [] });
    if (message.structuredData.length > 0) {
      const data: ObjectValue = {};
      addSyslogDetails(data, { ...NOTHING, structuredData: message.structuredData });
      details['structured_data'] = data;
    }
    const value: ObjectValue = {};
    setField(value, source, details);
    return { type: 'log', event: { value: message.message, metadata: { ...EMPTY_METADATA, value } } };
  });
}

const NOTHING: SyslogMessage = {
  facility: undefined,
  severity: undefined,
  version: undefined,
  timestamp: undefined,
  hostname: undefined,
  appname: undefined,
  procid: undefined,
  msgid: undefined,
  structuredData: [],
  message: '',
};

function decoderOf(
  { lossy }: { readonly lossy: boolean },
  context: DecodeContext,
  eventOf: (message: SyslogMessage) => ReturnType<typeof logEvent>,
): Decoder {
  const zone = namedZone(context.timezone ?? 'local') ?? UTC;
  return {
    decode(frame) {
      const nowSeconds = Math.floor(context.clock.now() / 1000);
      const message = parseSyslog(textOf(frame, lossy), { nowSeconds, zone });
      if (!message) throw new DecodeError('unable to parse input as valid syslog message');
      return [eventOf(message)];
    },
  };
}
