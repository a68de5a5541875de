// Times read from text by a format of `%` specifiers, with the rules of the chrono library: what a specifier takes,
// which parts make a date and time, what contradicts what, and what is said when it does not work out.
//
// A format is compiled once into operations. Reading fills the fields of a `Fields`; resolving makes an instant of them.

import { parseStrftimePart, type StrftimeItem } from './strftime.ts';
import {
  BAD_FORMAT,
  clash,
  Fields,
  I32_MAX,
  IMPOSSIBLE,
  INVALID,
  NONE,
  NOT_ENOUGH,
  OUT_OF_RANGE,
  TIMESTAMP_MAX,
  TOO_LONG,
  TOO_SHORT,
} from './strptime_fields.ts';
import { Timestamp } from './timestamp.ts';
import { localOffsets, type Zone } from './timezone.ts';

export { IMPOSSIBLE, NOT_ENOUGH, OUT_OF_RANGE, STRPTIME_FAULTS } from './strptime_fields.ts';

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
