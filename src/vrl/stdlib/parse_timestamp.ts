// Reads a timestamp by a format. Checks its arguments itself: a timestamp passes whatever the rest is, and the message
// for other kinds is one of its own.

import type { Strptime } from '../../event/strptime.ts';
import { Timestamp } from '../../event/timestamp.ts';
import type { Zone } from '../../event/timezone.ts';
import { isObject, Regex, type Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { kindWord } from '../4_run/kind_text.ts';
import { readTime, timeReader, zoneNamed } from '../formats/time_format.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseTimestamp = defineFunction({
  name: 'parse_timestamp',
  category: 'Parse',
  doc: 'Reads `value` as a time written in `format`, whose specifiers are those of strptime.',
  parameters: [
    required('value', ['bytes', 'timestamp'], 'The text of the time. A timestamp is returned as it is.'),
    required('format', 'bytes', 'The format, such as `%Y-%m-%d %H:%M:%S`.'),
    optional(
      'timezone',
      'bytes',
      'The zone of times that name none, by its name in the IANA database, or `local`. Without it, the zone of the configuration.',
    ),
  ],
  failures: ['`value` is not a time in `format`.', '`timezone` is not a time zone.'],
  returns: { kinds: ['timestamp'], fallible: true },
  unchecked: true,
  examples: [
    {
      title: 'A format with an offset',
      source: 'parse_timestamp!("03/Feb/2021:21:13:55 -0500", "%d/%b/%Y:%T %z")',
      result: new Timestamp(1612404835, 0),
    },
    {
      title: 'A time in a zone of its own',
      source: 'parse_timestamp!("2021-07-01 09:30", "%F %R", timezone: "Europe/Berlin")',
      result: new Timestamp(1625124600, 0),
    },
    {
      title: 'Something else',
      source: 'parse_timestamp!("tomorrow", "%F")',
      error:
        'function call error for "parse_timestamp" at (0:34): Invalid timestamp "tomorrow": input contains invalid characters',
    },
  ],
  prepare(call) {
    const { zone: defaultZone } = call.environment.timezone;
    const known = constantText(call.argument('format')?.constant);
    const reader = known === undefined ? undefined : timeReader(known);
    return (value: Value, format: Value, timezone: Value | undefined) => {
      if (value instanceof Timestamp) return value;
      if (!isText(value)) return fail(`unable to convert ${sourceWord(value)} value to timestamp`);
      let read: Strptime | undefined = reader;
      if (!read) {
        if (!isText(format)) return wrongKind(format, 'bytes');
        read = timeReader(utf8Text(format));
      }
      let zone: Zone | undefined = defaultZone;
      if (timezone !== undefined) {
        if (!isText(timezone)) return wrongKind(timezone, 'bytes');
        const name = utf8Text(timezone);
        zone = zoneNamed(name);
        if (!zone) return fail(`unable to parse timezone: ${name}`);
      }
      const time = readTime(read, utf8Text(value), zone);
      return typeof time === 'string' ? fail(time) : time;
    };
  },
});

/** What a value is called that is no string: a word of its own for objects, and regexes pass for strings. */
function sourceWord(value: Value): string {
  if (isObject(value)) return 'map';
  return value instanceof Regex ? 'string' : kindWord(value);
}

function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function constantText(value: Value | undefined): string | undefined {
  return value !== undefined && isText(value) ? utf8Text(value) : undefined;
}
