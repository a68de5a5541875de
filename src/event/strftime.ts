// Times as text by a format of `%` specifiers: the set of the chrono library, which Vector's templates and VRL use.
// A format is parsed once into items; composite specifiers (`%F`, `%c`) are spelled out on the way.

import type { Timestamp } from './timestamp.ts';
import { formatOffset, UTC, type Zone } from './timezone.ts';

export type Pad = 'zero' | 'space' | 'none';

/** Specifiers that are numbers, by their letter, with the width they are padded to and their usual padding. */
const NUMERIC = {
  Y: [4, 'zero'],
  C: [2, 'zero'],
  y: [2, 'zero'],
  q: [1, 'zero'],
  m: [2, 'zero'],
  d: [2, 'zero'],
  e: [2, 'space'],
  w: [1, 'zero'],
  u: [1, 'zero'],
  U: [2, 'zero'],
  W: [2, 'zero'],
  G: [4, 'zero'],
  g: [2, 'zero'],
  V: [2, 'zero'],
  j: [3, 'zero'],
  H: [2, 'zero'],
  k: [2, 'space'],
  I: [2, 'zero'],
  l: [2, 'space'],
  M: [2, 'zero'],
  S: [2, 'zero'],
  f: [9, 'zero'],
  s: [9, 'none'],
} as const satisfies Record<string, readonly [number, Pad]>;

export type NumericSpec = keyof typeof NUMERIC;

/** Specifiers that are anything else, as they are written. */
const FIXED = [
  'b',
  'B',
  'a',
  'A',
  'p',
  'P',
  '.f',
  '.3f',
  '.6f',
  '.9f',
  '3f',
  '6f',
  '9f',
  'Z',
  'z',
  ':z',
  '::z',
  ':::z',
  '#z',
  '+',
] as const;

export type FixedSpec = (typeof FIXED)[number];

const COMPOSITE: Readonly<Record<string, string>> = {
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  F: '%Y-%m-%d',
  v: '%e-%b-%Y',
  R: '%H:%M',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
  h: '%b',
  t: '\t',
  n: '\n',
};

export type StrftimeItem =
  | { readonly kind: 'literal'; readonly text: string }
  /** White space, which a parser may take as any amount of it. */
  | { readonly kind: 'space'; readonly text: string }
  | { readonly kind: 'numeric'; readonly spec: NumericSpec; readonly pad: Pad }
  | { readonly kind: 'fixed'; readonly spec: FixedSpec };

const TOKEN = /%([-_0]?)(\.[369]?f|[369]f|:{0,3}z|#z|[A-Za-z+%])|(\s+)|([^%\s]+)|%/gu;

/**
 * Parses a format.
 * @returns its items, or text that says which specifier is none.
 */
export function parseStrftime(format: string): readonly StrftimeItem[] | string {
  const { items, fault } = parseStrftimePart(format);
  return fault === undefined ? items : `\`${fault}\` is not a time specifier`;
}

/** The items of a format up to the first specifier that is none, which is `fault` then. */
export function parseStrftimePart(format: string): {
  readonly items: readonly StrftimeItem[];
  readonly fault: string | undefined;
} {
  const items: StrftimeItem[] = [];
  for (const match of format.matchAll(TOKEN)) {
    const [all, modifier, spec, space, text] = match;
    if (text !== undefined) items.push({ kind: 'literal', text });
    else if (space !== undefined) items.push({ kind: 'space', text: space });
    else if (spec === undefined || !pushSpec(items, spec, modifier!))
      return { items, fault: spec === undefined ? format.slice(match.index, match.index + 2) : all };
  }
  return { items, fault: undefined };
}

const PADS: Readonly<Record<string, Pad>> = { '-': 'none', _: 'space', '0': 'zero' };

function pushSpec(items: StrftimeItem[], spec: string, modifier: string): boolean {
  if (Object.hasOwn(NUMERIC, spec)) {
    const pad = PADS[modifier] ?? NUMERIC[spec as NumericSpec][1];
    items.push({ kind: 'numeric', spec: spec as NumericSpec, pad });
    return true;
  }
  if (modifier !== '') return false;
  if (spec === '%') items.push({ kind: 'literal', text: '%' });
  else if ((FIXED as readonly string[]).includes(spec)) items.push({ kind: 'fixed', spec: spec as FixedSpec });
  else if (Object.hasOwn(COMPOSITE, spec)) items.push(...(parseStrftime(COMPOSITE[spec]!) as StrftimeItem[]));
  else return false;
  return true;
}

/** Whether the items say anything about a time at all. */
export function isDynamic(items: readonly StrftimeItem[]): boolean {
  return items.some(({ kind }) => kind === 'numeric' || kind === 'fixed');
}

/** Whether the text may differ within one second. */
export function showsFraction(items: readonly StrftimeItem[]): boolean {
  return items.some((item) => (item.kind === 'fixed' || item.kind === 'numeric') && /f$|\+/.test(item.spec));
}

/** `timestamp` as text in `zone`. A time outside of the calendar is given as seconds since the epoch. */
export function formatTime(items: readonly StrftimeItem[], timestamp: Timestamp, zone: Zone = UTC): string {
  if (!(Math.abs(timestamp.seconds) < 8.64e12)) return `${timestamp.seconds}s`;
  const local = localTime(timestamp, zone);
  let text = '';
  for (const item of items) {
    if (item.kind === 'numeric') text += numeric(item.spec, item.pad, local);
    else text += item.kind === 'fixed' ? fixed(item.spec, local) : item.text;
  }
  return text;
}

/** `formatTime` with a format that is text; undefined when it is no format. */
export function strftime(format: string, timestamp: Timestamp, zone: Zone = UTC): string | undefined {
  const items = parseStrftime(format);
  return typeof items === 'string' ? undefined : formatTime(items, timestamp, zone);
}

/** The parts of an instant in a zone. */
interface LocalTime {
  readonly timestamp: Timestamp;
  readonly zone: Zone;
  readonly offset: number;
  /** Days since the epoch, local. */
  readonly days: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** From 0. */
  readonly dayOfYear: number;
  /** From Sunday, 0. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function localTime(timestamp: Timestamp, zone: Zone): LocalTime {
  const offset = zone.offsetAt(timestamp.seconds);
  const seconds = timestamp.seconds + offset;
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  if (days !== lastDate.days) lastDate = dateOf(days);
  const { year, month, day, dayOfYear, weekday } = lastDate;
  return {
    timestamp,
    zone,
    offset,
    days,
    year,
    month,
    day,
    dayOfYear,
    weekday,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  };
}

/** The last date that was taken apart: times that are written one after the other are mostly of the same day. */
let lastDate = dateOf(0);

function dateOf(days: number) {
  const date = new Date(days * 86_400_000);
  const year = date.getUTCFullYear();
  return {
    days,
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    dayOfYear: days - daysBeforeYear(year),
    weekday: modulo(days + 4, 7),
  };
}

/** Days from the epoch to the first of January. */
function daysBeforeYear(year: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, 1);
  return date.getTime() / 86_400_000;
}

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

function numeric(spec: NumericSpec, pad: Pad, time: LocalTime): string {
  const value = numberOf(spec, time);
  const width = NUMERIC[spec][0];
  if (width === 2 && pad === 'zero' && value >= 0 && value < 100) return TWO_DIGITS[value]!;
  // Years of more or less than four digits always carry their sign.
  if ((spec === 'Y' || spec === 'G') && (value < 0 || value > 9999)) {
    const digits = String(Math.abs(value));
    const sign = value < 0 ? '-' : '+';
    if (pad === 'zero') return sign + digits.padStart(width, '0');
    return pad === 'space' ? (sign + digits).padStart(width + 1, ' ') : sign + digits;
  }
  const digits = String(value);
  if (pad === 'none' || digits.length >= width) return digits;
  if (pad === 'space') return digits.padStart(width, ' ');
  return value < 0 ? `-${digits.slice(1).padStart(width - 1, '0')}` : digits.padStart(width, '0');
}

function numberOf(spec: NumericSpec, time: LocalTime): number {
  switch (spec) {
    case 'Y':
      return time.year;
    case 'C':
      return Math.floor(time.year / 100);
    case 'y':
      return modulo(time.year, 100);
    case 'q':
      return Math.ceil(time.month / 3);
    case 'm':
      return time.month;
    case 'd':
    case 'e':
      return time.day;
    case 'w':
      return time.weekday;
    case 'u':
      return time.weekday || 7;
    case 'U':
      return Math.floor((time.dayOfYear + 7 - time.weekday) / 7);
    case 'W':
      return Math.floor((time.dayOfYear + 7 - ((time.weekday + 6) % 7)) / 7);
    case 'G':
      return isoWeek(time).year;
    case 'g':
      return modulo(isoWeek(time).year, 100);
    case 'V':
      return isoWeek(time).week;
    case 'j':
      return time.dayOfYear + 1;
    case 'H':
    case 'k':
      return time.hour;
    case 'I':
    case 'l':
      return time.hour % 12 || 12;
    case 'M':
      return time.minute;
    case 'S':
      return time.second;
    case 'f':
      return time.timestamp.nanos;
    case 's':
      return time.timestamp.seconds;
  }
}

/** The week of ISO 8601: it starts on Monday and belongs to the year that its Thursday is in. */
function isoWeek(time: LocalTime): { year: number; week: number } {
  const thursday = time.days + 4 - (time.weekday || 7);
  const year = new Date(thursday * 86_400_000).getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday - daysBeforeYear(year)) / 7) };
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function fixed(spec: FixedSpec, time: LocalTime): string {
  switch (spec) {
    case 'b':
      return MONTHS[time.month - 1]!.slice(0, 3);
    case 'B':
      return MONTHS[time.month - 1]!;
    case 'a':
      return WEEKDAYS[time.weekday]!.slice(0, 3);
    case 'A':
      return WEEKDAYS[time.weekday]!;
    case 'p':
      return time.hour < 12 ? 'AM' : 'PM';
    case 'P':
      return time.hour < 12 ? 'am' : 'pm';
    case '.f':
      return fraction(time.timestamp.nanos);
    case '.3f':
    case '.6f':
    case '.9f':
      return `.${digits(time.timestamp.nanos, Number(spec[1]))}`;
    case '3f':
    case '6f':
    case '9f':
      return digits(time.timestamp.nanos, Number(spec[0]));
    case 'Z':
      return time.zone.nameAt(time.timestamp.seconds);
    case 'z':
    case '#z':
      return formatOffset(time.offset, '');
    case ':z':
      return formatOffset(time.offset, ':');
    case '::z':
      return `${formatOffset(Math.trunc(time.offset / 60) * 60, ':')}:${String(Math.abs(time.offset % 60)).padStart(2, '0')}`;
    case ':::z':
      return formatOffset(Math.trunc(time.offset / 3600) * 3600, '').slice(0, 3);
    case '+':
      return (
        `${numeric('Y', 'zero', time)}-${TWO_DIGITS[time.month]}-${TWO_DIGITS[time.day]}T${TWO_DIGITS[time.hour]}:` +
        `${TWO_DIGITS[time.minute]}:${TWO_DIGITS[time.second]}${fraction(time.timestamp.nanos)}${formatOffset(time.offset, ':')}`
      );
  }
}

/** A fraction of a second with its point and 0, 3, 6 or 9 digits, the fewest that are exact. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  if (nanos % 1_000_000 === 0) return `.${digits(nanos, 3)}`;
  return `.${digits(nanos, nanos % 1_000 === 0 ? 6 : 9)}`;
}

function digits(nanos: number, count: number): string {
  return String(nanos).padStart(9, '0').slice(0, count);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
