// What a time in text says, field by field, and the date and time that it makes: chrono's rules of which fields
// suffice, and that all others have to agree.

import { daysIn, daysSinceEpoch } from './timestamp.ts';

/** Why text is not read. The texts of `STRPTIME_FAULTS` are those of chrono: programs see them. */
export const OUT_OF_RANGE = 1;
export const IMPOSSIBLE = 2;
export const NOT_ENOUGH = 3;
export const INVALID = 4;
export const TOO_SHORT = 5;
export const TOO_LONG = 6;
export const BAD_FORMAT = 7;

export const STRPTIME_FAULTS: readonly string[] = [
  '',
  'input is out of range',
  'no possible date and time matching input',
  'input is not enough for unique date and time',
  'input contains invalid characters',
  'premature end of input',
  'trailing input',
  'bad or unsupported format string',
];

/** A field that nothing was read for. No year, which is the only field that may be negative, gets there. */
export const NONE = -2147483648;
export const I32_MAX = 2147483647;

/** What was read of a text, and what it makes. One object serves all texts of a format. */
export class Fields {
  year = NONE;
  century = NONE;
  yearOfCentury = NONE;
  isoYear = NONE;
  isoYearOfCentury = NONE;
  quarter = NONE;
  month = NONE;
  day = NONE;
  weekFromSunday = NONE;
  weekFromMonday = NONE;
  isoWeek = NONE;
  /** From Sunday, 0. */
  weekday = NONE;
  dayOfYear = NONE;
  /** 0 before noon, 1 after. */
  halfDay = NONE;
  /** 0 to 11. */
  hour = NONE;
  minute = NONE;
  /** Up to 60. */
  second = NONE;
  nanosecond = NONE;
  timestamp = NONE;
  offset = NONE;
  /** Whether there is more than year, month and day to say the date. */
  isMixed = false;
  /** What `findDate` found, in days since the epoch. */
  days = 0;
  /** What `findTime` found: seconds of the day, and nanoseconds that a leap second adds a second to. */
  seconds = 0;
  nanos = 0;

  clear(): void {
    this.year = this.month = this.day = NONE;
    this.halfDay = this.hour = this.minute = this.second = this.nanosecond = NONE;
    this.timestamp = this.offset = NONE;
    if (!this.isMixed) return;
    this.isMixed = false;
    this.century = this.yearOfCentury = this.isoYear = this.isoYearOfCentury = this.quarter = NONE;
    this.weekFromSunday = this.weekFromMonday = this.isoWeek = this.weekday = this.dayOfYear = NONE;
  }

  /** Local date and time, in seconds since the epoch, in a zone that is `offset` from UTC; negative faults. */
  findLocal(offset: number): number {
    const dateFault = this.findDate();
    const timeFault = this.findTime();
    if (dateFault !== 0 || timeFault !== 0) {
      if (this.timestamp === NONE) return dateFault || timeFault;
      if (dateFault === OUT_OF_RANGE || timeFault === OUT_OF_RANGE) return OUT_OF_RANGE;
      if (dateFault === IMPOSSIBLE || timeFault === IMPOSSIBLE) return IMPOSSIBLE;
      return this.fillFromTimestamp(offset);
    }
    if (this.timestamp === NONE) return 0;
    const behind = this.timestamp - (this.local - offset);
    return behind === 0 || (behind === 1 && this.nanos >= 1e9) ? 0 : IMPOSSIBLE;
  }

  /** What `findLocal` found. */
  get local(): number {
    return this.days * 86_400 + this.seconds;
  }

  /** The seconds since the epoch say what is missing of date and time. */
  private fillFromTimestamp(offset: number): number {
    let local = this.timestamp + offset;
    if (!(Math.abs(local) <= TIMESTAMP_MAX)) return OUT_OF_RANGE;
    const second = modulo(local, 60);
    if (this.second === 60) {
      // A leap second: the epoch's seconds show it as the one before or the one after.
      if (second === 0) local -= 1;
      else if (second !== 59) return IMPOSSIBLE;
    } else if (clash(this.second, second)) return IMPOSSIBLE;
    else this.second = second;
    const days = Math.floor(local / 86_400);
    const date = dateOf(days);
    const rest = local - days * 86_400;
    const hour = Math.floor(rest / 3600);
    const minute = Math.floor(rest / 60) % 60;
    const halfDay = hour < 12 ? 0 : 1;
    if (clash(this.year, date.year) || clash(this.dayOfYear, date.dayOfYear)) return IMPOSSIBLE;
    if (clash(this.halfDay, halfDay) || clash(this.hour, hour % 12) || clash(this.minute, minute)) return IMPOSSIBLE;
    this.year = date.year;
    this.dayOfYear = date.dayOfYear;
    this.isMixed = true;
    this.halfDay = halfDay;
    this.hour = hour % 12;
    this.minute = minute;
    return this.findDate() || this.findTime();
  }

  private findTime(): number {
    if (this.halfDay === NONE || this.hour === NONE || this.minute === NONE) return NOT_ENOUGH;
    let second = this.second;
    let nanos = 0;
    if (second === NONE) {
      if (this.nanosecond !== NONE) return NOT_ENOUGH;
      second = 0;
    } else {
      if (this.nanosecond !== NONE) nanos = this.nanosecond;
      if (second === 60) {
        second = 59;
        nanos += 1e9;
      }
    }
    this.seconds = (this.halfDay * 12 + this.hour) * 3600 + this.minute * 60 + second;
    this.nanos = nanos;
    return 0;
  }

  private findDate(): number {
    if (this.isMixed) return this.findMixedDate();
    if (this.year === NONE || this.month === NONE || this.day === NONE) return NOT_ENOUGH;
    return this.setDate(this.year, this.month, this.day);
  }

  private setDate(year: number, month: number, day: number): number {
    if (!isYear(year) || (day > 28 && day > daysIn(year, month))) return OUT_OF_RANGE;
    this.days = daysSinceEpoch(year, month, day);
    return 0;
  }

  /** The date of whichever fields suffice, in chrono's order; all others have to agree. */
  private findMixedDate(): number {
    const year = wholeYear(this.year, this.century, this.yearOfCentury);
    if (year < NONE) return FAULT_BASE - year;
    const isoYear = wholeYear(this.isoYear, NONE, this.isoYearOfCentury);
    if (isoYear < NONE) return FAULT_BASE - isoYear;
    let fault: number;
    if (year !== NONE && this.month !== NONE && this.day !== NONE) fault = this.setDate(year, this.month, this.day);
    else if (year !== NONE && this.dayOfYear !== NONE) fault = this.setDayOfYear(year);
    else if (year !== NONE && this.weekFromSunday !== NONE && this.weekday !== NONE)
      fault = this.setWeekDate(year, this.weekFromSunday, 0);
    else if (year !== NONE && this.weekFromMonday !== NONE && this.weekday !== NONE)
      fault = this.setWeekDate(year, this.weekFromMonday, 1);
    else if (isoYear !== NONE && this.isoWeek !== NONE && this.weekday !== NONE) fault = this.setIsoDate(isoYear);
    else return NOT_ENOUGH;
    return fault || (this.agrees() ? 0 : IMPOSSIBLE);
  }

  private setDayOfYear(year: number): number {
    if (!isYear(year) || this.dayOfYear > daysInYear(year)) return OUT_OF_RANGE;
    this.days = daysSinceEpoch(year, 1, 1) + this.dayOfYear - 1;
    return 0;
  }

  /** The day of a week that starts on Sunday (0) or Monday (1), the first whole one of the year being the first. */
  private setWeekDate(year: number, week: number, start: number): number {
    if (!isYear(year)) return OUT_OF_RANGE;
    const first = daysSinceEpoch(year, 1, 1);
    const weekStart = 1 + modulo(start - weekdayOf(first), 7);
    const day = weekStart + (week - 1) * 7 + modulo(this.weekday - start, 7);
    if (day <= 0 || day > daysInYear(year)) return IMPOSSIBLE;
    this.days = first + day - 1;
    return 0;
  }

  private setIsoDate(isoYear: number): number {
    if (!isYear(isoYear) || this.isoWeek > isoWeeksIn(isoYear)) return OUT_OF_RANGE;
    this.days = isoYearStart(isoYear) + (this.isoWeek - 1) * 7 + modulo(this.weekday - 1, 7);
    return 0;
  }

  private agrees(): boolean {
    const { year, month, day, dayOfYear } = dateOf(this.days);
    const weekday = weekdayOf(this.days);
    const iso = isoWeekOf(this.days);
    return !(
      clash(this.year, year) ||
      clash(this.century, year < 0 ? -1 : Math.floor(year / 100)) ||
      clash(this.yearOfCentury, year < 0 ? -1 : year % 100) ||
      clash(this.month, month) ||
      clash(this.day, day) ||
      clash(this.isoYear, iso.year) ||
      clash(this.isoYearOfCentury, iso.year < 0 ? -1 : iso.year % 100) ||
      clash(this.isoWeek, iso.week) ||
      clash(this.weekday, weekday) ||
      clash(this.dayOfYear, dayOfYear) ||
      clash(this.weekFromSunday, Math.floor((dayOfYear + 6 - weekday) / 7)) ||
      clash(this.weekFromMonday, Math.floor((dayOfYear + 6 - modulo(weekday - 1, 7)) / 7)) ||
      clash(this.quarter, Math.ceil(month / 3))
    );
  }
}

/** Whether a field was read and holds something else. */
export function clash(field: number, value: number): boolean {
  return field !== NONE && field !== value;
}

/** Faults of functions that return a year, which lie below all years. */
const FAULT_BASE = NONE - 1;

/** The year of what was read of it, `NONE`, or a fault. */
function wholeYear(year: number, century: number, yearOfCentury: number): number {
  if (century === NONE && yearOfCentury === NONE) return year;
  if (year !== NONE) {
    if (year < 0 || clash(century, Math.floor(year / 100)) || clash(yearOfCentury, year % 100))
      return FAULT_BASE - IMPOSSIBLE;
    return year;
  }
  if (yearOfCentury === NONE) return FAULT_BASE - NOT_ENOUGH;
  if (century !== NONE) return century * 100 + yearOfCentury;
  return yearOfCentury + (yearOfCentury < 70 ? 2000 : 1900);
}

const YEAR_MIN = -262_143;
const YEAR_MAX = 262_142;
export const TIMESTAMP_MAX = 8_210_266_876_799;

function isYear(year: number): boolean {
  return year >= YEAR_MIN && year <= YEAR_MAX;
}

function daysInYear(year: number): number {
  return 337 + daysIn(year, 2);
}

/** From Sunday, 0. */
function weekdayOf(days: number): number {
  return modulo(days + 4, 7);
}

/** The Monday of the week that the fourth of January is in. */
function isoYearStart(year: number): number {
  const fourth = daysSinceEpoch(year, 1, 4);
  return fourth - modulo(weekdayOf(fourth) - 1, 7);
}

function isoWeeksIn(year: number): number {
  return (isoYearStart(year + 1) - isoYearStart(year)) / 7;
}

function isoWeekOf(days: number): { year: number; week: number } {
  const thursday = days - modulo(weekdayOf(days) - 1, 7) + 3;
  const { year, dayOfYear } = dateOf(thursday);
  return { year, week: Math.floor((dayOfYear - 1) / 7) + 1 };
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** From 1. */
  readonly dayOfYear: number;
}

/** The date of a day since the epoch, counted in eras of 400 years that start in March. */
function dateOf(days: number): DateParts {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfMarchYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfMarchYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const day = dayOfMarchYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year, month, day, dayOfYear: days - daysSinceEpoch(year, 1, 1) + 1 };
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
