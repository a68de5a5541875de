// Time since the Unix epoch in several units, and how far from it timestamps reach.

export const TIME_UNITS = {
  seconds: 'Whole seconds.',
  milliseconds: 'Thousandths of a second.',
  microseconds: 'Millionths of a second.',
  nanoseconds: 'Billionths of a second.',
} as const;

export type TimeUnit = keyof typeof TIME_UNITS;

export const UNITS_PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  seconds: 1,
  milliseconds: 1e3,
  microseconds: 1e6,
  nanoseconds: 1e9,
};

/** The years -262143 to 262142. */
const SECONDS_MIN = -8_334_601_228_800;
const SECONDS_MAX = 8_210_266_876_799;

export function isTimestampSecond(seconds: number): boolean {
  return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX;
}
