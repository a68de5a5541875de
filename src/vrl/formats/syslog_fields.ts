// A syslog message as the object that `parse_syslog` and `parse_linux_authorization` give.

import { parseSyslog, syslogFields } from '../../event/syslog.ts';
import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import type { Environment } from '../function.ts';
import { utf8Text } from './utf8_text.ts';

/** Fields that are structured data are not known. */
export const SYSLOG_KIND = Kind.objectOf({
  message: Kind.of('bytes'),
  hostname: Kind.of('bytes', 'null'),
  severity: Kind.of('bytes', 'null'),
  facility: Kind.of('bytes', 'null'),
  appname: Kind.of('bytes', 'null'),
  msgid: Kind.of('bytes', 'null'),
  timestamp: Kind.of('timestamp', 'null'),
  procid: Kind.of('bytes', 'integer', 'null'),
  version: Kind.of('integer', 'null'),
});

/** The parser of messages whose times are at home where the program is. */
export function syslogParser(environment: Environment): (value: string | Uint8Array) => ObjectValue | Failure {
  const { timezone } = environment;
  const options = {
    zone: timezone.zone,
    isExact: true,
    // Asked for late: the name of local time costs megabytes.
    get datedInUtc() {
      return timezone.name !== 'local' && timezone.name !== '';
    },
    get nowSeconds() {
      return environment.now().seconds;
    },
  };
  return (value) => {
    const read = parseSyslog(utf8Text(value), options);
    if (!read) return fail('unable to parse input as valid syslog message');
    return syslogFields(read);
  };
}
