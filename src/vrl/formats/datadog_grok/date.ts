// The matcher `date`: finds a date by its format and makes milliseconds since the epoch of it.

import { compileStrptime, IMPOSSIBLE, NOT_ENOUGH, OUT_OF_RANGE, type Strptime } from '../../../event/strptime.ts';
import { Timestamp } from '../../../event/timestamp.ts';
import { localOffsets, namedZone } from '../../../event/timezone.ts';
import { type CompiledRegex, compileRegex } from '../regex.ts';
import { type DateExpression, dateExpression, fieldExpression, strptimeFormat } from './date_format.ts';
import type { Filter } from './filters.ts';

export interface DateMatcher {
  /** The expression without captures, for the rule. */
  readonly pattern: string;
  readonly filter: Filter;
}

/** The matcher for a format and the zone that its times are in; undefined when one of them is none. */
export function dateMatcher(format: string, zone: string | undefined, now: () => Timestamp): DateMatcher | undefined {
  const expression = dateExpression(format, true);
  const plain = dateExpression(format, false);
  const strptime = strptimeFormat(format);
  if (!expression || !plain || strptime === undefined) return undefined;
  const regex = compileRegex(expression.source);
  if (typeof regex === 'string') return undefined;
  if (zone !== undefined && zoneOffset(zone, now) === undefined) return undefined;
  const date = new DateReader(format, strptime, expression, regex, zone, now);
  return { pattern: plain.source, filter: (value) => (typeof value === 'string' ? date.read(value) : undefined) };
}

class DateReader {
  readonly #format: string;
  readonly #endsInZ: boolean;
  readonly #expression: DateExpression;
  readonly #regex: CompiledRegex;
  readonly #zone: string | undefined;
  readonly #now: () => Timestamp;
  readonly #lacksDay: boolean;
  readonly #lacksYear: boolean;
  readonly #reader: Strptime;
  readonly #dateReader: Strptime;
  /** What the date alone needs behind it to be a date and time. */
  readonly #midnight: string;
  #fieldRegex: CompiledRegex | string | undefined;

  constructor(
    format: string,
    strptime: string,
    expression: DateExpression,
    regex: CompiledRegex,
    zone: string | undefined,
    now: () => Timestamp,
  ) {
    this.#format = format;
    this.#endsInZ = format.endsWith('Z');
    this.#expression = expression;
    this.#regex = regex;
    this.#zone = zone;
    this.#now = now;
    this.#lacksDay = !strptime.includes('d');
    this.#lacksYear = !/[yY]/.test(strptime);
    const whole = `${this.#lacksYear ? '%Y ' : ''}${this.#lacksDay ? '%-m %-d ' : ''}${strptime}`;
    this.#reader = compileStrptime(whole);
    const missing = [...(/%[HI]/.test(whole) ? [] : [['%H', '00']]), ...(whole.includes('%M') ? [] : [['%M', '00']])];
    this.#dateReader = compileStrptime(`${whole}${missing.map(([specifier]) => ` ${specifier}`).join('')}`);
    this.#midnight = missing.map(([, text]) => ` ${text}`).join('');
  }

  /** Milliseconds since the epoch; undefined when the text is no such date. */
  read(original: string): number | undefined {
    const text = this.#completed(original);
    if (this.#expression.capturesZone) return this.#readNamed(original, text);
    if (this.#expression.hasZone) return millis(this.#reader.readZoned(text), 0);
    const time = this.#reader.readNaive(text);
    if (time instanceof Timestamp) {
      const offset = this.#zone === undefined ? 0 : zoneOffset(this.#zone, this.#now);
      return offset === undefined ? undefined : millis(time, offset);
    }
    if (time === NOT_ENOUGH) return this.#readTimeOfDay(original) ?? this.#readDate(text);
    return time === IMPOSSIBLE || time === OUT_OF_RANGE ? this.#readTimeOfDay(original) : undefined;
  }

  /** Adds the date that the format lacks, as it is today, and brings fraction and `Z` into the form that is read. */
  #completed(original: string): string {
    let text = original;
    if (this.#lacksDay || this.#lacksYear) {
      const today = this.#now().toString();
      if (this.#lacksDay) text = `${Number(today.slice(5, 7))} ${Number(today.slice(8, 10))} ${text}`;
      if (this.#lacksYear) text = `${today.slice(0, 4)} ${text}`;
    }
    if (this.#endsInZ && text.endsWith('Z')) text = `${text.slice(0, -1)}+0000`;
    return this.#expression.capturesFraction ? this.#withPoint(text) : text;
  }

  #withPoint(text: string): string {
    const { names } = this.#regex;
    const match = this.#regex.exec(text);
    const char = match?.[names.indexOf('fr')];
    if (!match || char === undefined || char === '.') return text;
    const at = match.index + (match[names.indexOf('before')] ?? '').length;
    return `${text.slice(0, at)}.${text.slice(at + char.length)}`;
  }

  /** A time that names its zone, in which it must be exactly once. */
  #readNamed(original: string, text: string): number | undefined {
    const name = this.#regex.exec(original)?.[this.#regex.names.indexOf('tz')];
    const zone = name === undefined ? undefined : namedZone(name);
    const time = this.#reader.readNaive(text);
    if (!zone || !(time instanceof Timestamp)) return undefined;
    const offsets = localOffsets(zone, time.seconds);
    return offsets.length === 1 ? millis(time, offsets[0]!) : undefined;
  }

  /** Where the date lacks something or contradicts itself, as by a wrong day of the week, the time of the day counts. */
  #readTimeOfDay(original: string): number | undefined {
    // A month beside that of today is no date at all.
    if (this.#lacksDay && this.#format.includes('M')) return undefined;
    this.#fieldRegex ??= compileRegex(fieldExpression(this.#format).source);
    const match = typeof this.#fieldRegex === 'string' ? undefined : this.#fieldRegex.exec(original);
    if (!match) return undefined;
    const fields = new Map<string, string>();
    for (const [index, letter] of fieldExpression(this.#format).letters.entries()) {
      const text = match[index + 1] ?? '';
      const before = fields.get(letter);
      // Two minutes, say, where the first stands in the place of a month.
      if (before !== undefined && 'HhmsS'.includes(letter) && Number(before) !== Number(text)) return undefined;
      fields.set(letter, text);
    }
    // These are refused as they stand, whatever they are of.
    if (Number(fields.get('M')) > 12 || Number(fields.get('d')) > 31) return undefined;
    return millisOfDay(fields);
  }

  #readDate(text: string): number | undefined {
    const time = this.#dateReader.readNaive(text + this.#midnight);
    return time instanceof Timestamp ? Math.floor(time.seconds / 86_400) * 86_400_000 : undefined;
  }
}

function millisOfDay(fields: ReadonlyMap<string, string>): number | undefined {
  const [half, minute] = [fields.get('a')?.toLowerCase(), fields.get('m')];
  const hour = fields.get('H') ?? (half === undefined ? undefined : fields.get('h'));
  if (hour === undefined || minute === undefined) return undefined;
  const hours = fields.has('H') ? Number(hour) : (Number(hour) % 12) + (half === 'pm' ? 12 : 0);
  const seconds = hours * 3600 + Number(minute) * 60 + Number(fields.get('s') ?? 0);
  if (hours > 23 || Number(minute) > 59) return undefined;
  return seconds * 1000 + Number((fields.get('S') ?? '').padEnd(3, '0').slice(0, 3));
}

function millis(time: Timestamp | number, offset: number): number | undefined {
  return time instanceof Timestamp ? (time.seconds - offset) * 1000 + Math.floor(time.nanos / 1e6) : undefined;
}

/** Seconds that a zone is ahead of UTC, named zones as they are today; undefined when there is no such zone. */
function zoneOffset(name: string, now: () => Timestamp): number | undefined {
  if (/^(?:GMT|UTC|UT|Z)$/.test(name)) return 0;
  const sign = /^[+-]/.test(name) ? 0 : name.includes('+') ? name.indexOf('+') : name.indexOf('-');
  if (sign === -1) return namedZone(name)?.offsetAt(now().seconds);
  const match = /^([+-])(?:(\d{1,2})|(\d\d):?(\d\d))$/.exec(name.slice(sign));
  if (!match) return undefined;
  const hours = Number(match[2] ?? match[3]);
  const minutes = Number(match[4] ?? 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (match[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}
