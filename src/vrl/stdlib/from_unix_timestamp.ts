// Time since the epoch as a timestamp.

import { Timestamp } from '../../event/timestamp.ts';
import type { Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { isTimestampSecond, TIME_UNITS, type TimeUnit, UNITS_PER_SECOND } from '../formats/unix_time.ts';
import { defineFunction, optional, required } from '../function.ts';

export const fromUnixTimestamp = defineFunction({
  name: 'from_unix_timestamp',
  category: 'Convert',
  doc: 'Makes a timestamp of the time since the Unix epoch.',
  parameters: [
    required('value', 'integer', 'How long after the epoch, in `unit`.'),
    optional('unit', 'bytes', 'What `value` counts.', { default: 'seconds', values: TIME_UNITS, compileTime: true }),
  ],
  failures: ['`value` is beyond the range of timestamps.'],
  returns: { kinds: ['timestamp'], fallible: true },
  unchecked: true,
  examples: [
    { title: 'Seconds', source: 'from_unix_timestamp!(5)', result: new Timestamp(5, 0) },
    {
      title: 'Milliseconds before the epoch',
      source: 'from_unix_timestamp!(-1, unit: "milliseconds")',
      result: new Timestamp(-1, 999_000_000),
    },
  ],
  prepare(call) {
    const unit = (call.oneOf('unit', Object.keys(TIME_UNITS)) ?? 'seconds') as TimeUnit;
    const perSecond = UNITS_PER_SECOND[unit];
    return (value: Value) => {
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
        return timestampOf(value, perSecond) ?? fail(`unable to coerce ${value} into timestamp`);
      }
      return fail(`unable to coerce ${displayKind(value)} into timestamp`);
    };
  },
});

function timestampOf(value: number | bigint, perSecond: number): Timestamp | undefined {
  let seconds: number;
  let rest: number;
  if (typeof value === 'number') {
    seconds = Math.floor(value / perSecond);
    rest = value - seconds * perSecond;
    // The division may round up to the next second; the product is exact as both are whole and small enough.
    if (rest < 0) {
      seconds--;
      rest += perSecond;
    }
  } else {
    const divisor = BigInt(perSecond);
    const remainder = ((value % divisor) + divisor) % divisor;
    seconds = Number((value - remainder) / divisor);
    rest = Number(remainder);
  }
  return isTimestampSecond(seconds) ? new Timestamp(seconds, rest * (1e9 / perSecond)) : undefined;
}
