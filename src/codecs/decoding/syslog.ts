// The `syslog` codec: a frame is one message of RFC 5424 or RFC 3164.

import { addSyslogDetails, parseSyslog } from '../../event/syslog.ts';
import { namedZone, UTC } from '../../event/timezone.ts';
import type { ObjectValue } from '../../event/value.ts';
import { type DecodeContext, DecodeError, type Decoder, logEvent, put, standardKeys, textOf } from './decoder.ts';

export function syslogDecoder({ lossy }: { readonly lossy: boolean }, context: DecodeContext): Decoder {
  const zone = namedZone(context.timezone ?? 'local') ?? UTC;
  const keys = standardKeys(context);
  return {
    decode(frame) {
      const nowSeconds = Math.floor(context.clock.now() / 1000);
      const message = parseSyslog(textOf(frame, lossy), { nowSeconds, zone });
      if (!message) throw new DecodeError('unable to parse input as valid syslog message');
      const log: ObjectValue = {};
      put(log, keys.message, message.message);
      if (message.timestamp) put(log, keys.timestamp, message.timestamp);
      addSyslogDetails(log, message);
      return [logEvent(log)];
    },
  };
}
