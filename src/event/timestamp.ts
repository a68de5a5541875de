// Points in time with nanoseconds, in UTC.

/** Seconds since the Unix epoch (floored, may be negative) and 0 to 999,999,999 nanoseconds after it. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }

  /** From milliseconds since the epoch; a fraction of a millisecond is kept. */
  static fromMs(ms: number): Timestamp {
    const seconds = Math.floor(ms / 1000);
    return new Timestamp(seconds, Math.floor((ms - seconds * 1000) * 1e6));
  }

  /** Milliseconds since the epoch, fraction cut off. */
  toMs(): number {
    return this.seconds * 1000 + Math.floor(this.nanos / 1e6);
  }

  /** Nanoseconds since the epoch. */
  toNanos(): bigint {
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanos);
  }

  /** RFC 3339 in UTC with `Z` and 0, 3, 6 or 9 fraction digits, the fewest that are exact. */
  toString(): string {
    const whole = wholeSeconds(this.seconds);
    return whole === undefined ? `${this.seconds}s` : `${whole}${fraction(this.nanos)}Z`;
  }
}

/** The last day that was written: events mostly share theirs, and dates are slow to make. */
let lastDay = Number.NaN;
let lastText = '';

/** `00` to `59`. */
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** RFC 3339 without fraction and zone; undefined when it is beyond what dates can say. */
function wholeSeconds(seconds: number): string | undefined {
  const day = Math.floor(seconds / 86_400);
  if (day !== lastDay) {
    const date = new Date(day * 86_400_000);
    if (Number.isNaN(date.getTime())) return undefined;
    // Years of other than four digits have a sign and no more zeros than they need.
    lastText = date
      .toISOString()
      .slice(0, -13)
      .replace(/^([+-])0{1,2}(?=\d{4,5}-)/, '$1');
    lastDay = day;
  }
  const second = seconds - day * 86_400;
  const minute = Math.floor(second / 60);
  const hour = Math.floor(minute / 60);
  return `${lastText}${TWO_DIGITS[hour]}:${TWO_DIGITS[minute - hour * 60]}:${TWO_DIGITS[second - minute * 60]}`;
}

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (nanos % 1_000_000 === 0) return `.${digits.slice(0, 3)}`;
  if (nanos % 1_000 === 0) return `.${digits.slice(0, 6)}`;
  return `.${digits}`;
}

/** Reads an RFC 3339 time (a space for `T` is taken too); undefined when it is not one or names no real date. */
export function parseRfc3339(text: string): Timestamp | undefined {
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const second = twoDigits(text, 17);
  const separator = text.charCodeAt(10);
  if (
    century < 0 ||
    yearOfCentury < 0 ||
    second < 0 ||
    second > 60 ||
    text.charCodeAt(4) !== DASH ||
    text.charCodeAt(7) !== DASH ||
    ((separator | 32) !== LOWER_T && separator !== SPACE) ||
    text.charCodeAt(13) !== COLON ||
    text.charCodeAt(16) !== COLON
  )
    return undefined;
  const seconds = utcSeconds(
    century * 100 + yearOfCentury,
    twoDigits(text, 5),
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    Math.min(second, 59),
  );
  if (seconds === undefined) return undefined;
  let at = 19;
  let nanos = 0;
  if (text.charCodeAt(at) === POINT) {
    const start = ++at;
    for (let scale = 1e8; isDigit(text.charCodeAt(at)); at++, scale /= 10)
      if (scale >= 1) nanos += (text.charCodeAt(at) - ZERO) * scale;
    if (at === start || at - start > FRACTION_DIGITS_MAX) return undefined;
  }
  const offset = offsetSeconds(text, at);
  return offset === undefined ? undefined : new Timestamp(seconds - offset + (second === 60 ? 1 : 0), nanos);
}

const FRACTION_DIGITS_MAX = 18;
const SPACE = 0x20;
const DASH = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

/** The number of two digits; -1 when they are none. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  return isDigit(high) && isDigit(low) ? (high - ZERO) * 10 + low - ZERO : -1;
}

/** The offset that `text` ends in: `Z`, `+01:00` or `+0100`. */
function offsetSeconds(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if ((sign | 32) === LOWER_Z) return text.length === at + 1 ? 0 : undefined;
  if (sign !== DASH && sign !== 0x2b) return undefined;
  const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, minutesAt);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || text.length !== minutesAt + 2) return undefined;
  return (sign === DASH ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Seconds since the epoch of a calendar time in UTC; undefined when there is no such date. */
export function utcSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second > 59)
    return undefined;
  if (day > 28 && day > daysIn(year, month)) return undefined;
  return daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
}

/** How many days a month has. */
export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01. Counts years from March, so that the leap day is their last; no `Date`, which costs more. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 719_469;
}
