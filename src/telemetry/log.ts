// Log lines about ourselves: levels, context fields, a rate limit per place, text or JSON on standard error.

import type { Clock } from '../std/clock.ts';

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
  /** Seconds in which one place logs once; the suppressed count is told afterwards. 0 switches the limit off. */
  readonly rateLimitSecs: number;
}

/** Places remembered for the rate limit; beyond it the oldest is forgotten. */
const PLACES_MAX = 1_000;

interface Place {
  untilMs: number;
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

  /** Whether lines of this level are written at all. */
  enabled(level: Level): boolean {
    return RANK[level] <= RANK[this.#options.level];
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  #log(level: Level, message: string, fields: LogFields = {}): void {
    if (!this.enabled(level)) return;
    const { clock, write, rateLimitSecs } = this.#options;
    const now = clock.now();
    const all = { ...this.#fields, ...fields };
    if (rateLimitSecs > 0) {
      const key = `${level}\0${message}\0${all['component_id'] ?? ''}`;
      const place = this.#places.get(key);
      if (place && now < place.untilMs) {
        place.suppressed += 1;
        if (place.suppressed === 1)
          write({
            timeMs: now,
            level,
            message: `${message} (more of these follow; shown again in ${rateLimitSecs} s)`,
            fields: all,
          });
        return;
      }
      if (place && place.suppressed > 1) all['suppressed'] = place.suppressed - 1;
      this.#places.delete(key);
      this.#places.set(key, { untilMs: now + rateLimitSecs * 1000, suppressed: 0 });
      if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.keys().next().value!);
    }
    write({ timeMs: now, level, message, fields: all });
  }
}

/** A logger that keeps its lines, for tests. */
export function memoryLogger(clock: Clock, level: Level = 'trace'): { logger: Logger; records: LogRecord[] } {
  const records: LogRecord[] = [];
  const logger = new Logger({ level, clock, rateLimitSecs: 0, write: (record) => void records.push(record) });
  return { logger, records };
}
