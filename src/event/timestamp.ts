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

/** The last second that was written: the events of a batch mostly share theirs, and dates are slow to make. */
let lastSeconds = Number.NaN;
let lastText = '';

/** RFC 3339 without fraction and zone; undefined when it is beyond what dates can say. */
function wholeSeconds(seconds: number): string | undefined {
  if (seconds === lastSeconds) return lastText;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  // Years of other than four digits have a sign and no more zeros than they need.
  lastText = date
    .toISOString()
    .slice(0, -5)
    .replace(/^([+-])0{1,2}(?=\d{4}-)/, '$1');
  lastSeconds = seconds;
  return lastText;
}

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (nanos % 1_000_000 === 0) return `.${digits.slice(0, 3)}`;
  if (nanos % 1_000 === 0) return `.${digits.slice(0, 6)}`;
  return `.${digits}`;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(Z|z|[+-]\d\d:?\d\d)$/;

/** Reads an RFC 3339 time (a space for `T` is taken too); undefined when it is not one or names no real date. */
export function parseRfc3339(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, digits, zone] = match;
  const seconds = utcSeconds(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Math.min(Number(second), 59),
  );
  if (seconds === undefined || Number(second) > 60) return undefined;
  const offset = zone === 'Z' || zone === 'z' ? 0 : offsetSeconds(zone!);
  if (offset === undefined) return undefined;
  const nanos = Number((digits ?? '').slice(0, 9).padEnd(9, '0'));
  return new Timestamp(seconds - offset + (second === '60' ? 1 : 0), nanos);
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
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
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

function offsetSeconds(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}
