// Time zones: how far local time is from UTC at an instant, and what the zone is called then.

import { abbreviationOf } from './timezone_names.ts';

export interface Zone {
  /** Seconds to add to UTC at that instant (seconds since the epoch). */
  offsetAt(epochSeconds: number): number;
  /** What `%Z` prints at that instant: `UTC`, `CET`, `+05:30`. */
  nameAt(epochSeconds: number): string;
}

export const UTC: Zone = { offsetAt: () => 0, nameAt: () => 'UTC' };

/** Names kept with their formatters; the IANA database has about 600. */
const ZONES_MAX = 1024;
const zones = new Map<string, Zone>();

/**
 * The zone of an IANA name, or of the machine for `local`; undefined when there is no such zone.
 */
export function namedZone(name: string): Zone | undefined {
  if (name === 'UTC') return UTC;
  const known = zones.get(name);
  if (known) return known;
  if (!isSpelled(name)) return undefined;
  try {
    const zone = name === 'local' ? localZone() : intlZone(name);
    if (zones.size < ZONES_MAX) zones.set(name, zone);
    return zone;
  } catch {
    return undefined;
  }
}

/** The names of one word in the IANA database. `Intl` knows others, and takes all in any case. */
const ONE_WORD = new Set(
  (
    'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran ' +
    'Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK ' +
    'Singapore Turkey UCT UTC Universal W-SU WET Zulu'
  ).split(' '),
);

/** `Intl` takes offsets, names in any case and some of its own for zones: Vector takes the names of the database. */
function isSpelled(name: string): boolean {
  if (name === 'local') return true;
  if (!name.includes('/')) return ONE_WORD.has(name);
  return (
    !name.startsWith('SystemV/') && name.split('/').every((part) => /^[A-Z]/.test(part) && !/^[A-Z]{4,}$/.test(part))
  );
}

/** The same offsets as `zone`, named by themselves (`+02:00`), which is how Vector's templates print `%Z`. */
export function namedByOffset(zone: Zone): Zone {
  if (zone === UTC) return zone;
  return { offsetAt: zone.offsetAt, nameAt: (seconds) => formatOffset(zone.offsetAt(seconds), ':') };
}

/** An offset as `+hh:mm` with the given separator. */
export function formatOffset(offsetSeconds: number, separator: string): string {
  if (offsetSeconds === 0) return separator === ':' ? '+00:00' : `+00${separator}00`;
  const minutes = Math.round(Math.abs(offsetSeconds) / 60);
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** `Date` ends here, 275 thousand years off; instants beyond have no zone. */
const DATE_SECONDS_MAX = 8.64e12;

/** Since 1973 every transition of every zone lies on a quarter of an hour in UTC; before, nothing is sure. */
const QUARTERS_SINCE_SECONDS = 1e8;

function intlZone(timeZone: string | undefined): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  let spanKnown = Number.NaN;
  let offsetKnown = 0;
  const offsets = new Map<number, number>();
  const offsetAt = (seconds: number): number => {
    if (!(Math.abs(seconds) < DATE_SECONDS_MAX)) return 0;
    if (seconds < QUARTERS_SINCE_SECONDS) return parseOffset(zonePart(format, seconds));
    const span = Math.floor(seconds / 900);
    if (span !== spanKnown) {
      spanKnown = span;
      offsetKnown = offsets.get(span) ?? keep(offsets, span, parseOffset(zonePart(format, seconds)));
    }
    return offsetKnown;
  };
  const names = namesOf(timeZone);
  const nameAt = (seconds: number): string => {
    const offset = offsetAt(seconds);
    // Before zones there was local mean time, to the second.
    if (offset % 60 !== 0) return 'LMT';
    return abbreviationOf(timeZone ?? '', offset) ?? names(seconds) ?? shortOffset(offset);
  };
  return { offsetAt, nameAt };
}

/**
 * That of the machine. `Date` knows its offsets to the minute, which is what they are by now. `Intl` is asked for the
 * rest only: at its first use it takes 9 MiB.
 */
function localZone(): Zone {
  let asked: Zone | undefined;
  const intl = (): Zone => (asked ??= intlZone(undefined));
  return {
    offsetAt(seconds) {
      if (seconds < QUARTERS_SINCE_SECONDS) return intl().offsetAt(seconds);
      return seconds < DATE_SECONDS_MAX ? 0 - new Date(seconds * 1000).getTimezoneOffset() * 60 : 0;
    },
    nameAt: (seconds) => intl().nameAt(seconds),
  };
}

/** Quarters of an hour kept per zone: `Intl` takes microseconds for each. */
const SPANS_MAX = 4096;

function keep<T>(spans: Map<number, T>, span: number, value: T): T {
  if (spans.size >= SPANS_MAX) spans.clear();
  spans.set(span, value);
  return value;
}

const NO_OFFSETS: readonly number[] = [];
const UTC_OFFSETS: readonly number[] = [0];
const localSpans = new WeakMap<Zone, Map<number, readonly number[]>>();

/**
 * The offsets that a local time (seconds since the epoch, as if it were UTC) can have: one, two where the clock is put
 * back (that of the earlier instant first), none where it is put forward.
 */
export function localOffsets(zone: Zone, localSeconds: number): readonly number[] {
  if (zone === UTC) return UTC_OFFSETS;
  // A day more, as the local time is not the time in UTC.
  if (localSeconds < QUARTERS_SINCE_SECONDS + 86_400) return findLocalOffsets(zone, localSeconds);
  let spans = localSpans.get(zone);
  if (!spans) localSpans.set(zone, (spans = new Map()));
  const span = Math.floor(localSeconds / 900);
  return spans.get(span) ?? keep(spans, span, findLocalOffsets(zone, localSeconds));
}

function findLocalOffsets(zone: Zone, local: number): readonly number[] {
  const before = zone.offsetAt(local - 86_400);
  const after = zone.offsetAt(local + 86_400);
  const found = before === after ? [before] : [before, after];
  const held = found.filter((offset) => zone.offsetAt(local - offset) === offset);
  if (held.length === 0) return NO_OFFSETS;
  return held.sort((a, b) => b - a);
}

function zonePart(format: Intl.DateTimeFormat, seconds: number): string {
  return format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Seconds of `GMT`, `GMT+05:30`, `GMT-00:25:21`. */
function parseOffset(text: string): number {
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0));
}

/** Abbreviations are known to a locale only for its own region; these cover what has one in English. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN', 'en-NZ', 'en-ZA'];

function namesOf(timeZone: string | undefined): (seconds: number) => string | undefined {
  let formats: Intl.DateTimeFormat[] | undefined;
  return (seconds) => {
    if (!(Math.abs(seconds) < DATE_SECONDS_MAX)) return undefined;
    formats ??= LOCALES.map((locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }));
    for (const format of formats) {
      const name = zonePart(format, seconds);
      if (/^[A-Z]+$/.test(name)) return name;
    }
    return undefined;
  };
}

/** `+03` or `+0530`, as the IANA database names zones that have no abbreviation. */
function shortOffset(offsetSeconds: number): string {
  const text = formatOffset(offsetSeconds, '');
  return text.endsWith('00') ? text.slice(0, 3) : text;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
