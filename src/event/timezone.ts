// Time zones: how far local time is from UTC at an instant, and what the zone is called then.

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
  // An offset is a zone to `Intl` and none to Vector.
  if (/^[+-]/.test(name)) return undefined;
  try {
    const zone = intlZone(name === 'local' ? undefined : name);
    if (zones.size < ZONES_MAX) zones.set(name, zone);
    return zone;
  } catch {
    return undefined;
  }
}

/** The same offsets as `zone`, named by themselves (`+02:00`), which is how Vector's templates print `%Z`. */
export function namedByOffset(zone: Zone): Zone {
  if (zone === UTC) return zone;
  return { offsetAt: zone.offsetAt, nameAt: (seconds) => formatOffset(zone.offsetAt(seconds), ':') };
}

/** An offset as `+hh:mm` with the given separator. */
export function formatOffset(offsetSeconds: number, separator: string): string {
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
  const offsetAt = (seconds: number): number => {
    if (!(Math.abs(seconds) < DATE_SECONDS_MAX)) return 0;
    const span = seconds >= QUARTERS_SINCE_SECONDS ? Math.floor(seconds / 900) : -1 - Math.abs(seconds);
    if (span !== spanKnown || span < 0) {
      spanKnown = span;
      offsetKnown = parseOffset(zonePart(format, seconds));
    }
    return offsetKnown;
  };
  const names = namesOf(timeZone);
  return { offsetAt, nameAt: (seconds) => names(seconds) ?? shortOffset(offsetAt(seconds)) };
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
