// Times read from text by a format of `%` specifiers, with the rules of the chrono library: what a specifier takes,
// which parts make a date and time, what contradicts what, and what is said when it does not work out.
//
// A format is compiled once into operations. Reading fills the fields of a `Fields`; resolving makes an instant of them.

import { parseStrftimePart, type StrftimeItem } from './strftime.ts';
import { daysIn, daysSinceEpoch, Timestamp } from './timestamp.ts';
import { localOffsets, type Zone } from './timezone.ts';

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

/** A compiled format. */
export interface Strptime {
  /** Whether the text itself says how far it is from UTC, by Vector's way to tell: `read` takes no zone then. */
  readonly hasZone: boolean;
  /** Reads a time; one that names no offset is local in `zone`. A number is a fault. */
  read(text: string, zone: Zone): Timestamp | number;
  /** Reads a time that has to say its offset (or seconds since the epoch) itself. */
  readZoned(text: string): Timestamp | number;
  /** Reads a time by the offset that it says, or else as one that is local in `zone`. */
  readAny(text: string, zone: Zone): Timestamp | number;
  /** Reads date and time as they stand, as if in UTC; offsets are read and ignored. */
  readNaive(text: string): Timestamp | number;
}

const HAS_ZONE = /%(?:[:#]?z|[Z+])/;

export function compileStrptime(format: string): Strptime {
  const { items, fault } = parseStrftimePart(format);
  const scanner = new Scanner(items, fault !== undefined);
  return {
    hasZone: HAS_ZONE.test(format),
    read(text, zone) {
      return scanner.scan(text) || scanner.inZone(zone);
    },
    readZoned(text) {
      return scanner.scan(text) || scanner.zoned();
    },
    readAny(text, zone) {
      const fault = scanner.scan(text);
      if (fault !== 0) return fault;
      if (scanner.saysOffset) return scanner.zoned();
      const time = scanner.inZone(zone);
      return time instanceof Timestamp ? time : scanner.scan(text) || scanner.zoned();
    },
    readNaive(text) {
      return scanner.scan(text) || scanner.naive();
    },
  };
}

/** A field that nothing was read for. No year, which is the only field that may be negative, gets there. */
const NONE = -2147483648;
const I32_MAX = 2147483647;

// Operations: one per kind of item. Those before `MONTH_NAME` read a number.
const YEAR = 0;
const CENTURY = 1;
const YEAR_OF_CENTURY = 2;
const ISO_YEAR = 3;
const ISO_YEAR_OF_CENTURY = 4;
const QUARTER = 5;
const MONTH = 6;
const DAY = 7;
const WEEK_FROM_SUNDAY = 8;
const WEEK_FROM_MONDAY = 9;
const ISO_WEEK = 10;
const WEEKDAY_FROM_SUNDAY = 11;
const WEEKDAY_FROM_MONDAY = 12;
const DAY_OF_YEAR = 13;
const HOUR = 14;
const HOUR_12 = 15;
const MINUTE = 16;
const SECOND = 17;
const NANOSECOND = 18;
const TIMESTAMP = 19;
const MONTH_NAME = 20;
const MONTH_NAME_LONG = 21;
const WEEKDAY_NAME = 22;
const WEEKDAY_NAME_LONG = 23;
const AM_PM = 24;
const FRACTION = 25;
const FRACTION_FIXED = 26;
const FRACTION_FIXED_BARE = 27;
const ZONE_NAME = 28;
const OFFSET = 29;
const OFFSET_PERMISSIVE = 30;
const RFC3339 = 31;
const LITERAL = 32;
const CHARACTER = 33;
const SPACE = 34;
const ERROR = 35;

/** The operation of a numeric specifier, and how many digits it takes. */
const NUMERIC: Readonly<Record<string, readonly [operation: number, width: number]>> = {
  Y: [YEAR, 4],
  C: [CENTURY, 2],
  y: [YEAR_OF_CENTURY, 2],
  G: [ISO_YEAR, 4],
  g: [ISO_YEAR_OF_CENTURY, 2],
  q: [QUARTER, 1],
  m: [MONTH, 2],
  d: [DAY, 2],
  e: [DAY, 2],
  U: [WEEK_FROM_SUNDAY, 2],
  W: [WEEK_FROM_MONDAY, 2],
  V: [ISO_WEEK, 2],
  w: [WEEKDAY_FROM_SUNDAY, 1],
  u: [WEEKDAY_FROM_MONDAY, 1],
  j: [DAY_OF_YEAR, 3],
  H: [HOUR, 2],
  k: [HOUR, 2],
  I: [HOUR_12, 2],
  l: [HOUR_12, 2],
  M: [MINUTE, 2],
  S: [SECOND, 2],
  f: [NANOSECOND, 9],
  s: [TIMESTAMP, I32_MAX],
};

/** The operation of any other specifier, and the digits of a fraction. */
const FIXED: Readonly<Record<string, readonly [operation: number, width: number]>> = {
  b: [MONTH_NAME, 0],
  B: [MONTH_NAME_LONG, 0],
  a: [WEEKDAY_NAME, 0],
  A: [WEEKDAY_NAME_LONG, 0],
  p: [AM_PM, 0],
  P: [AM_PM, 0],
  '.f': [FRACTION, 0],
  '.3f': [FRACTION_FIXED, 3],
  '.6f': [FRACTION_FIXED, 6],
  '.9f': [FRACTION_FIXED, 9],
  '3f': [FRACTION_FIXED_BARE, 3],
  '6f': [FRACTION_FIXED_BARE, 6],
  '9f': [FRACTION_FIXED_BARE, 9],
  Z: [ZONE_NAME, 0],
  z: [OFFSET, 0],
  ':z': [OFFSET, 0],
  '::z': [OFFSET, 0],
  ':::z': [OFFSET, 0],
  '#z': [OFFSET_PERMISSIVE, 0],
  '+': [RFC3339, 0],
};

interface Operation {
  readonly code: number;
  /** Digits at most, or the code of a character. */
  readonly width: number;
  readonly text: string;
}

function operations(items: readonly StrftimeItem[], faulty: boolean): Operation[] {
  const list = items.map((item): Operation => {
    if (item.kind === 'space') return { code: SPACE, width: 0, text: item.text };
    if (item.kind === 'literal') {
      if (item.text.length > 1) return { code: LITERAL, width: 0, text: item.text };
      return { code: CHARACTER, width: item.text.charCodeAt(0), text: item.text };
    }
    const [code, width] = (item.kind === 'numeric' ? NUMERIC[item.spec] : FIXED[item.spec])!;
    return { code, width, text: '' };
  });
  if (faulty) list.push({ code: ERROR, width: 0, text: '' });
  return list;
}

const DATE_OF_RFC3339: readonly Operation[] = operations(parseStrftimePart('%Y -%m -%d').items, false);
const TIME_OF_RFC3339: readonly Operation[] = operations(parseStrftimePart('%H :%M :%S%.f').items, false);

/** What was read of a text, and what it makes. One object serves all texts of a format. */
class Fields {
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
function clash(field: number, value: number): boolean {
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
const TIMESTAMP_MAX = 8_210_266_876_799;

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

/** Reads texts of one format. */
class Scanner {
  private readonly operations: readonly Operation[];
  private readonly fields = new Fields();
  /** Where reading stands. */
  private at = 0;

  constructor(items: readonly StrftimeItem[], faulty: boolean) {
    this.operations = operations(items, faulty);
  }

  /** Fills the fields; a fault, or 0. */
  scan(text: string): number {
    this.fields.clear();
    this.at = 0;
    return this.run(this.operations, text) || (this.at < text.length ? TOO_LONG : 0);
  }

  /** Whether the text named an offset, and no seconds since the epoch that could contradict it. */
  get saysOffset(): boolean {
    return this.fields.offset !== NONE && this.fields.timestamp === NONE;
  }

  naive(): Timestamp | number {
    const { fields } = this;
    return fields.findLocal(0) || instant(fields.local, fields.nanos);
  }

  zoned(): Timestamp | number {
    const { fields } = this;
    if (fields.offset === NONE && fields.timestamp === NONE) return NOT_ENOUGH;
    const offset = fields.offset === NONE ? 0 : fields.offset;
    const fault = fields.findLocal(offset);
    if (fault !== 0) return fault;
    return Math.abs(offset) < 86_400 ? instant(fields.local - offset, fields.nanos) : OUT_OF_RANGE;
  }

  inZone(zone: Zone): Timestamp | number {
    const { fields } = this;
    let guess = 0;
    if (fields.timestamp !== NONE) {
      if (!(Math.abs(fields.timestamp) <= TIMESTAMP_MAX)) return OUT_OF_RANGE;
      guess = zone.offsetAt(fields.timestamp);
    }
    const fault = fields.findLocal(guess);
    if (fault !== 0) return fault;
    const { local } = fields;
    const offsets = localOffsets(zone, local);
    const fitting = fields.offset === NONE ? offsets : offsets.filter((offset) => offset === fields.offset);
    if (fitting.length === 1) return instant(local - fitting[0]!, fields.nanos);
    return fitting.length === 0 ? IMPOSSIBLE : NOT_ENOUGH;
  }

  private run(list: readonly Operation[], text: string): number {
    for (let i = 0; i < list.length; i++) {
      const operation = list[i]!;
      const { code } = operation;
      let fault = 0;
      if (code < MONTH_NAME) fault = this.readNumber(code, operation.width, text);
      else if (code === CHARACTER) {
        if (text.charCodeAt(this.at) === operation.width) this.at++;
        else fault = this.unlike(operation.text, text);
      } else if (code === LITERAL) {
        if (text.startsWith(operation.text, this.at)) this.at += operation.text.length;
        else fault = this.unlike(operation.text, text);
      } else if (code === SPACE) this.at = behindSpace(text, this.at);
      else fault = this.readFixed(code, operation.width, text);
      if (fault !== 0) return fault;
    }
    return 0;
  }

  /** A text that is not there: the fault depends on whether there are as many bytes left. */
  private unlike(wanted: string, text: string): number {
    return byteLength(text, this.at) < byteLength(wanted, 0) ? TOO_SHORT : INVALID;
  }

  private readNumber(code: number, width: number, text: string): number {
    this.at = behindSpace(text, this.at);
    let sign = 1;
    let digitsMax = width;
    if (code === YEAR || code === ISO_YEAR) {
      const first = text.charCodeAt(this.at);
      if (first === 0x2d || first === 0x2b) {
        if (first === 0x2d) sign = -1;
        this.at++;
        digitsMax = I32_MAX;
      }
    }
    const value = this.digits(text, 1, digitsMax);
    if (value < 0) return -value;
    return this.set(code, sign * value);
  }

  /** The number of at least `min` and at most `max` digits; negative faults. */
  private digits(text: string, min: number, max: number): number {
    const start = this.at;
    const end = max < text.length - start ? start + max : text.length;
    let value = 0;
    let at = start;
    while (at < end) {
      const digit = text.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    if (at - start < min) return byteLength(text, start) < min ? -TOO_SHORT : -INVALID;
    if (value >= 2 ** 63) return -OUT_OF_RANGE;
    this.at = at;
    return value;
  }

  /** Puts what a numeric item read into its field: a fault when it cannot be, or when it is another one already. */
  private set(code: number, value: number): number {
    const { fields } = this;
    switch (code) {
      case YEAR:
        if (value > I32_MAX || value <= NONE) return OUT_OF_RANGE;
        if (clash(fields.year, value)) return IMPOSSIBLE;
        fields.year = value;
        return 0;
      case MONTH:
        if (value < 1 || value > 12) return OUT_OF_RANGE;
        if (clash(fields.month, value)) return IMPOSSIBLE;
        fields.month = value;
        return 0;
      case DAY:
        if (value < 1 || value > 31) return OUT_OF_RANGE;
        if (clash(fields.day, value)) return IMPOSSIBLE;
        fields.day = value;
        return 0;
      case HOUR:
        if (value > 23) return OUT_OF_RANGE;
        if (clash(fields.halfDay, value < 12 ? 0 : 1) || clash(fields.hour, value % 12)) return IMPOSSIBLE;
        fields.halfDay = value < 12 ? 0 : 1;
        fields.hour = value % 12;
        return 0;
      case HOUR_12:
        if (value < 1 || value > 12) return OUT_OF_RANGE;
        if (clash(fields.hour, value % 12)) return IMPOSSIBLE;
        fields.hour = value % 12;
        return 0;
      case MINUTE:
        if (value > 59) return OUT_OF_RANGE;
        if (clash(fields.minute, value)) return IMPOSSIBLE;
        fields.minute = value;
        return 0;
      case SECOND:
        if (value > 60) return OUT_OF_RANGE;
        if (clash(fields.second, value)) return IMPOSSIBLE;
        fields.second = value;
        return 0;
      case NANOSECOND:
        if (clash(fields.nanosecond, value)) return IMPOSSIBLE;
        fields.nanosecond = value;
        return 0;
      case TIMESTAMP:
        if (clash(fields.timestamp, value)) return IMPOSSIBLE;
        fields.timestamp = value;
        return 0;
    }
    fields.isMixed = true;
    return setMixed(fields, code, value);
  }

  private readFixed(code: number, width: number, text: string): number {
    switch (code) {
      case MONTH_NAME:
      case MONTH_NAME_LONG: {
        const month = this.name(MONTHS, code === MONTH_NAME_LONG, text);
        return month < 0 ? -month : this.set(MONTH, month + 1);
      }
      case WEEKDAY_NAME:
      case WEEKDAY_NAME_LONG: {
        const weekday = this.name(WEEKDAYS, code === WEEKDAY_NAME_LONG, text);
        return weekday < 0 ? -weekday : this.set(WEEKDAY_FROM_SUNDAY, weekday);
      }
      case AM_PM:
        return this.readHalfDay(text);
      case FRACTION:
        return text.charCodeAt(this.at) === 0x2e ? this.readFraction(text) : 0;
      case FRACTION_FIXED:
        if (text.charCodeAt(this.at) !== 0x2e) return 0;
        this.at++;
        return this.readFractionFixed(width, text);
      case FRACTION_FIXED_BARE:
        return this.readFractionFixed(width, text);
      case ZONE_NAME:
        while (this.at < text.length && !isSpace(text.charCodeAt(this.at))) this.at++;
        return 0;
      case OFFSET:
        this.at = behindSpace(text, this.at);
        return this.readOffset(text, false, false);
      case OFFSET_PERMISSIVE:
        this.at = behindSpace(text, this.at);
        return this.readOffset(text, true, true);
      case RFC3339:
        return this.readRfc3339(text);
    }
    return BAD_FORMAT;
  }

  /** A name by its first three letters in any case, and the rest of it where it is there; its number or a negative fault. */
  private name(names: readonly string[], long: boolean, text: string): number {
    const { at } = this;
    if (text.length - at < 3 && byteLength(text, at) < 3) return -TOO_SHORT;
    const key = (lower(text, at) << 16) | (lower(text, at + 1) << 8) | lower(text, at + 2);
    const index = names === MONTHS ? MONTH_KEYS.indexOf(key) : WEEKDAY_KEYS.indexOf(key);
    if (index === -1) return -INVALID;
    const name = names[index]!;
    this.at += long && text.slice(at + 3, at + name.length).toLowerCase() === name.slice(3) ? name.length : 3;
    return index;
  }

  private readHalfDay(text: string): number {
    if (byteLength(text, this.at) < 2) return TOO_SHORT;
    const first = lower(text, this.at);
    if ((first !== 0x61 && first !== 0x70) || lower(text, this.at + 1) !== 0x6d) return INVALID;
    const halfDay = first === 0x61 ? 0 : 1;
    if (clash(this.fields.halfDay, halfDay)) return IMPOSSIBLE;
    this.fields.halfDay = halfDay;
    this.at += 2;
    return 0;
  }

  /** `.` and digits, of which nine count. */
  private readFraction(text: string): number {
    const start = ++this.at;
    const value = this.digits(text, 1, 9);
    if (value < 0) return -value;
    const nanos = value * SCALE[this.at - start]!;
    while (isDigit(text.charCodeAt(this.at))) this.at++;
    return this.set(NANOSECOND, nanos);
  }

  private readFractionFixed(width: number, text: string): number {
    const value = this.digits(text, width, width);
    return value < 0 ? -value : this.set(NANOSECOND, value * SCALE[width]!);
  }

  private readOffset(text: string, allowZulu: boolean, allowMissingMinutes: boolean): number {
    const first = text.charCodeAt(this.at);
    let offset = 0;
    if (allowZulu && (first | 32) === 0x7a) this.at++;
    else {
      if (this.at >= text.length) return TOO_SHORT;
      // Also the typographic minus.
      if (first !== 0x2b && first !== 0x2d && first !== 0x2212) return INVALID;
      this.at++;
      const hours = this.twoDigits(text);
      if (hours < 0) return -hours;
      while (text.charCodeAt(this.at) === 0x3a || isSpace(text.charCodeAt(this.at))) this.at++;
      let minutes = this.twoDigits(text);
      if (minutes === -TOO_SHORT && allowMissingMinutes && this.at === text.length) minutes = 0;
      if (minutes < 0) return -minutes;
      if (minutes > 59) return OUT_OF_RANGE;
      offset = (first === 0x2b ? 1 : -1) * (hours * 3600 + minutes * 60);
    }
    if (clash(this.fields.offset, offset)) return IMPOSSIBLE;
    this.fields.offset = offset;
    return 0;
  }

  private twoDigits(text: string): number {
    const high = text.charCodeAt(this.at) - 0x30;
    const low = text.charCodeAt(this.at + 1) - 0x30;
    if (high >= 0 && high <= 9 && low >= 0 && low <= 9) {
      this.at += 2;
      return high * 10 + low;
    }
    return byteLength(text, this.at) < 2 ? -TOO_SHORT : -INVALID;
  }

  /** The lenient form of RFC 3339 that `%+` takes: spaces between the parts, `UTC` for the offset. */
  private readRfc3339(text: string): number {
    const fault = this.run(DATE_OF_RFC3339, text);
    if (fault !== 0) return fault;
    if (this.at >= text.length) return TOO_SHORT;
    const separator = text.charCodeAt(this.at);
    if (separator !== 0x20 && (separator | 32) !== 0x74) return INVALID;
    this.at++;
    const timeFault = this.run(TIME_OF_RFC3339, text);
    if (timeFault !== 0) return timeFault;
    this.at = behindSpace(text, this.at);
    if ((text.charCodeAt(this.at) | 32) !== 0x75 || text.slice(this.at, this.at + 3).toUpperCase() !== 'UTC')
      return this.readOffset(text, true, false);
    this.at += 3;
    if (clash(this.fields.offset, 0)) return IMPOSSIBLE;
    this.fields.offset = 0;
    return 0;
  }
}

function setMixed(fields: Fields, code: number, value: number): number {
  switch (code) {
    case CENTURY:
      if (clash(fields.century, value)) return IMPOSSIBLE;
      fields.century = value;
      return 0;
    case YEAR_OF_CENTURY:
      if (clash(fields.yearOfCentury, value)) return IMPOSSIBLE;
      fields.yearOfCentury = value;
      return 0;
    case ISO_YEAR:
      if (value > I32_MAX || value <= NONE) return OUT_OF_RANGE;
      if (clash(fields.isoYear, value)) return IMPOSSIBLE;
      fields.isoYear = value;
      return 0;
    case ISO_YEAR_OF_CENTURY:
      if (clash(fields.isoYearOfCentury, value)) return IMPOSSIBLE;
      fields.isoYearOfCentury = value;
      return 0;
    case QUARTER:
      if (value < 1 || value > 4) return OUT_OF_RANGE;
      if (clash(fields.quarter, value)) return IMPOSSIBLE;
      fields.quarter = value;
      return 0;
    case WEEK_FROM_SUNDAY:
      if (value > 53) return OUT_OF_RANGE;
      if (clash(fields.weekFromSunday, value)) return IMPOSSIBLE;
      fields.weekFromSunday = value;
      return 0;
    case WEEK_FROM_MONDAY:
      if (value > 53) return OUT_OF_RANGE;
      if (clash(fields.weekFromMonday, value)) return IMPOSSIBLE;
      fields.weekFromMonday = value;
      return 0;
    case ISO_WEEK:
      if (value < 1 || value > 53) return OUT_OF_RANGE;
      if (clash(fields.isoWeek, value)) return IMPOSSIBLE;
      fields.isoWeek = value;
      return 0;
    case DAY_OF_YEAR:
      if (value < 1 || value > 366) return OUT_OF_RANGE;
      if (clash(fields.dayOfYear, value)) return IMPOSSIBLE;
      fields.dayOfYear = value;
      return 0;
    case WEEKDAY_FROM_SUNDAY:
    case WEEKDAY_FROM_MONDAY: {
      if (code === WEEKDAY_FROM_SUNDAY ? value > 6 : value < 1 || value > 7) return OUT_OF_RANGE;
      if (clash(fields.weekday, value % 7)) return IMPOSSIBLE;
      fields.weekday = value % 7;
      return 0;
    }
  }
  return BAD_FORMAT;
}

/** Nanoseconds of a fraction's last digit, by the count of digits. */
const SCALE = [0, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];

/** A leap second becomes the second after. */
function instant(seconds: number, nanos: number): Timestamp {
  return nanos >= 1e9 ? new Timestamp(seconds + 1, nanos - 1e9) : new Timestamp(seconds, nanos);
}

// biome-ignore format: months and weekdays in a row.
const MONTHS = [
  'january', 'february', 'march', 'april', 'may', 'june',
  'july', 'august', 'september', 'october', 'november', 'december',
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const nameKey = (name: string): number => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2);
const MONTH_KEYS = MONTHS.map(nameKey);
const WEEKDAY_KEYS = WEEKDAYS.map(nameKey);

/** The code of a letter in lower case; of anything beyond ASCII, something that is no letter. */
function lower(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x80 ? code | 32 : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** White space in the sense of Unicode. */
function isSpace(code: number): boolean {
  if (code === 0x20 || (code >= 9 && code <= 13)) return true;
  return (
    code >= 0x85 && /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(String.fromCharCode(code))
  );
}

function behindSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Bytes of `text` from `at` on; faults tell short text from other text by it. */
function byteLength(text: string, at: number): number {
  let bytes = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xe000 ? 2 : 3;
  }
  return bytes;
}
