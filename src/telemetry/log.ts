// Log lines about ourselves: levels, context fields, and a rate limit per place, so that a fault that repeats a
// thousand times a second costs three lines.

import { own } from '../event/value.ts';
import type { Clock } from '../std/clock.ts';
import type { LogTap } from './log_tap.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'off';

const RANK: Record<Level, number> = { off: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 };

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogRecord {
  readonly timeMs: number;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

/** Takes the lines that pass level and rate limit. */
export type LogWriter = (record: LogRecord) => void;

export interface LogOptions {
  readonly level: Level;
  readonly clock: Clock;
  readonly write: LogWriter;
  /**
   * Seconds in which one place logs once. The second line of a place is replaced by one that says so; how many were
   * left out is told before the first line after that time. 0 switches the limit off.
   */
  readonly rateLimitSecs: number;
  /** Gets every line of the level, before the rate limit. */
  readonly tap?: LogTap;
}

/** Places remembered for the rate limit; beyond it the oldest is forgotten. */
const PLACES_MAX = 1_000;

/** One of them with its texts and fields, as measured. */
const PLACE_BYTES = 400;

/** As much of a message as tells its place from others. */
const PLACE_LENGTH_MAX = 256;

interface Place {
  readonly level: Level;
  readonly message: string;
  /** Fields of the logger, on lines about the place too. */
  readonly fields: LogFields;
  readonly untilMs: number;
  suppressed: number;
}

export class Logger {
  readonly #options: LogOptions;
  readonly #fields: LogFields;
  readonly #places: Map<string, Place>;

  constructor(options: LogOptions, fields: LogFields = {}, places = new Map<string, Place>()) {
    this.#options = options;
    this.#fields = fields;
    this.#places = places;
  }

  /** The same logger with more fields on every line. */
  child(fields: LogFields): Logger {
    return new Logger(this.#options, { ...this.#fields, ...fields }, this.#places);
  }

  /** The same logger without a rate limit, for lines that come at a pace that somebody asked for. */
  unlimited(): Logger {
    return new Logger({ ...this.#options, rateLimitSecs: 0 }, this.#fields, this.#places);
  }

  /** Estimated bytes of what is remembered for the rate limit, and of lines that wait for followers. */
  get heldBytes(): number {
    return this.#places.size * PLACE_BYTES + (this.tap?.heldBytes ?? 0);
  }

  /** Where every line of the level can be followed; undefined where nobody can. */
  get tap(): LogTap | undefined {
    return this.#options.tap;
  }

  /** Whether lines of this level are written at all. */
  enabled(level: Level): boolean {
    return RANK[level] <= RANK[this.#options.level];
  }

  /**
   * Lines with the same level, message and component share the rate limit. `place` tells apart what the message does
   * not: a word of our own, never what a peer sent.
   */
  error(message: string, fields?: LogFields, place?: string): void {
    this.#log('error', message, fields, place);
  }

  warn(message: string, fields?: LogFields, place?: string): void {
    this.#log('warn', message, fields, place);
  }

  info(message: string, fields?: LogFields, place?: string): void {
    this.#log('info', message, fields, place);
  }

  debug(message: string, fields?: LogFields, place?: string): void {
    this.#log('debug', message, fields, place);
  }

  /** A line of a user's program. Each `place` has its own limit, whatever is said there. */
  program(level: Level, message: string, place: string, rateLimitSecs: number, fields?: LogFields): void {
    if (!this.enabled(level)) return;
    this.#tell(level, message, fields);
    if (rateLimitSecs > 0 && this.#isSuppressed(level, `line of a program at ${place}`, fields, place, rateLimitSecs))
      return;
    this.#write(level, message, { ...this.#fields, ...fields });
  }

  #log(level: Level, message: string, fields: LogFields | undefined, place: string | undefined): void {
    if (!this.enabled(level)) return;
    this.#tell(level, message, fields);
    const { rateLimitSecs } = this.#options;
    if (rateLimitSecs > 0 && this.#isSuppressed(level, message, fields, place, rateLimitSecs)) return;
    this.#write(level, message, { ...this.#fields, ...fields });
  }

  #tell(level: Level, message: string, fields: LogFields | undefined): void {
    const { tap, clock } = this.#options;
    if (tap?.isFollowed) tap.take({ timeMs: clock.now(), level, message, fields: { ...this.#fields, ...fields } });
  }

  /** Takes note of a line; whether it is left out. */
  #isSuppressed(
    level: Level,
    message: string,
    given: LogFields = {},
    what = '',
    rateLimitSecs = this.#options.rateLimitSecs,
  ): boolean {
    const { clock } = this.#options;
    const component = given['component_id'] ?? this.#fields['component_id'] ?? '';
    const short = message.slice(0, PLACE_LENGTH_MAX);
    const key = JSON.stringify([level, component, what, short]);
    // Not the time of day, which may be set back by years.
    const now = clock.monotonic();
    const place = this.#places.get(key);
    if (place && now < place.untilMs) {
      place.suppressed += 1;
      if (place.suppressed === 1)
        this.#write(level, `Internal log [${message}] is being suppressed to avoid flooding.`, {
          ...this.#fields,
          internal_log_rate_secs: rateLimitSecs,
        });
      return true;
    }
    if (place) this.#forget(key, place);
    const untilMs = now + rateLimitSecs * 1000;
    this.#places.set(key, { level, message: own(short), fields: this.#fields, untilMs, suppressed: 0 });
    if (this.#places.size > PLACES_MAX) this.#forget(...this.#places.entries().next().value!);
    return false;
  }

  /** Nothing was lost silently: says how many lines were left out. */
  #forget(key: string, { level, message, fields, suppressed }: Place): void {
    this.#places.delete(key);
    if (suppressed > 0)
      this.#write(level, `Internal log [${message}] has been suppressed ${suppressed} times.`, fields);
  }

  #write(level: Level, message: string, fields: LogFields): void {
    const { clock, write } = this.#options;
    write({ timeMs: clock.now(), level, message, fields });
  }
}

/** A logger that keeps its lines, for tests. */
export function memoryLogger(
  clock: Clock,
  level: Level = 'trace',
  rateLimitSecs = 0,
): { logger: Logger; records: LogRecord[] } {
  const records: LogRecord[] = [];
  const logger = new Logger({ level, clock, rateLimitSecs, write: (record) => void records.push(record) });
  return { logger, records };
}
