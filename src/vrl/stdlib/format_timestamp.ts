// Writes a timestamp by a format.

import { formatTime } from '../../event/strftime.ts';
import type { Timestamp } from '../../event/timestamp.ts';
import { UTC, type Zone } from '../../event/timezone.ts';
import { fail } from '../4_run/failure.ts';
import { timeWriter, zoneNamed } from '../formats/time_format.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const formatTimestamp = defineFunction({
  name: 'format_timestamp',
  category: 'Timestamp',
  doc: 'Writes the timestamp `value` in `format`, whose specifiers are those of strftime.',
  parameters: [
    required('value', 'timestamp', 'The timestamp to write.'),
    required('format', 'bytes', 'The format, such as `%Y-%m-%d %H:%M:%S`.'),
    optional(
      'timezone',
      'bytes',
      'The zone to write the time in, by its name in the IANA database, or `local`. Without it, UTC.',
    ),
  ],
  failures: ['`format` is not a format.', '`timezone` is not a time zone.'],
  returns: { kinds: ['bytes'], fallible: true },
  evaluationOrder: ['format', 'value', 'timezone'],
  examples: [
    {
      title: 'RFC 3339',
      source: 'format_timestamp!(t\'2021-02-10T23:32:00Z\', "%+")',
      result: '2021-02-10T23:32:00+00:00',
    },
    {
      title: 'In another zone',
      source: 'format_timestamp!(t\'2021-02-10T23:32:00Z\', "%d %B %Y, %H:%M", timezone: "Asia/Tokyo")',
      result: '11 February 2021, 08:32',
    },
  ],
  run(value: Timestamp, format: string | Uint8Array, timezone: string | Uint8Array | undefined) {
    const items = timeWriter(utf8Text(format));
    if (!items) return fail('invalid format');
    let zone: Zone | undefined = UTC;
    if (timezone !== undefined) {
      const name = utf8Text(timezone);
      zone = zoneNamed(name);
      if (!zone) return fail(`unable to parse timezone: ${name}`);
    }
    return formatTime(items, value, zone);
  },
});
