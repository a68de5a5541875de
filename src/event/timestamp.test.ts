import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRfc3339, Timestamp, utcSeconds } from './timestamp.ts';

test('calendar times are those of the proleptic Gregorian calendar', () => {
  const days = (year: number, month: number, day: number) => {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    return date.getUTCMonth() === month - 1 ? date.getTime() / 1000 : undefined;
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (...date) => {
        assert.equal(utcSeconds(...date, 0, 0, 0), days(...date));
      },
    ),
    { numRuns: 2000 },
  );
  for (const [year, leap] of [
    [1900, false],
    [2000, true],
    [2023, false],
    [2024, true],
  ] as const)
    assert.equal(utcSeconds(year, 2, 29, 0, 0, 0) !== undefined, leap);
});

test('timestamps of one second written in turn do not disturb each other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 0, max: 999_999_999 }))),
      (times) => {
        for (const [seconds, nanos] of times) {
          const written = new Timestamp(seconds, nanos);
          assert.deepEqual(parseRfc3339(written.toString()), written);
        }
      },
    ),
  );
  assert.equal(new Timestamp(1e15, 5).toString(), '1000000000000000s');
});
