// A timestamp as time since the epoch.

import { Timestamp } from '../../event/timestamp.ts';
import { INTEGER_MAX, INTEGER_MIN, integer, type Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { TIME_UNITS, type TimeUnit, UNITS_PER_SECOND } from '../formats/unix_time.ts';
import { defineFunction, optional, required } from '../function.ts';

export const toUnixTimestamp = defineFunction({
  name: 'to_unix_timestamp',
  category: 'Convert',
  doc: 'Gives the time from the Unix epoch to `value`, rounded down to whole units.',
  parameters: [
    required('value', 'timestamp', 'The timestamp.'),
    optional('unit', 'bytes', 'What to count.', { default: 'seconds', values: TIME_UNITS, compileTime: true }),
  ],
  returns: { kinds: ['integer'], fallible: false },
  unchecked: true,
  examples: [
    { title: 'Seconds', source: "to_unix_timestamp(t'2021-01-01T00:00:00Z')", result: 1_609_459_200 },
    {
      title: 'Milliseconds',
      source: 'to_unix_timestamp(t\'2021-01-01T00:00:00.25Z\', unit: "milliseconds")',
      result: 1_609_459_200_250,
    },
  ],
  prepare(call) {
    const unit = (call.oneOf('unit', Object.keys(TIME_UNITS)) ?? 'seconds') as TimeUnit;
    const perSecond = UNITS_PER_SECOND[unit];
    const nanosPerUnit = 1e9 / perSecond;
    return (value: Value) => {
      if (!(value instanceof Timestamp)) return fail(`expected timestamp, got ${displayKind(value)}`);
      const { seconds, nanos } = value;
      const exact = seconds * perSecond + Math.floor(nanos / nanosPerUnit);
      if (Number.isSafeInteger(exact) && Number.isSafeInteger(seconds * perSecond)) return exact;
      const count = BigInt(seconds) * BigInt(perSecond) + BigInt(Math.floor(nanos / nanosPerUnit));
      if (count > INTEGER_MAX || count < INTEGER_MIN) return fail("can't convert out of range timestamp");
      return integer(count);
    };
  },
});
