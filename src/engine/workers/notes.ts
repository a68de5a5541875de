// What the steps of a worker count and say while they run a batch: noted there, and done by the main thread when the
// batch is delivered. So a batch whose worker ends before it has answered leaves nothing behind, and is run again.

import type { Clock } from '../../std/clock.ts';
import { type Level, type LogFields, Logger } from '../../telemetry/log.ts';
import type { Counter, Labels, SeriesDefinition } from '../../telemetry/telemetry.ts';

/** Lines of a batch that are kept as they are; from then on, those of one place are one line and a count. */
const LINES_MAX = 100;
/** Places of lines of one batch. */
const PLACES_MAX = 1_000;

/** A line of a component, or of a program where a limit of its own is given. */
interface Line {
  readonly step: number;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields | undefined;
  readonly place: string | undefined;
  readonly rateLimitSecs: number | undefined;
  /** How often. */
  count: number;
}

interface Count {
  readonly step: number;
  readonly definition: SeriesDefinition;
  readonly labels: Labels | undefined;
  count: number;
}

/** Goes to the main thread with the answer to a job. */
export interface Notes {
  readonly counts: readonly Count[];
  readonly lines: readonly Line[];
}

/** What notes of a component are told to: its context on the main thread. */
export interface NoteTarget {
  readonly log: Logger;
  counter(definition: SeriesDefinition, labels?: Labels): Counter;
}

/** The notes of one thread about the batch that it runs. */
export class Notebook {
  readonly #levels: ReadonlySet<Level>;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  readonly #lines: Line[] = [];
  readonly #places = new Map<string, Line>();

  /** Lines of other levels than these are not wanted. */
  constructor(levels: Iterable<Level>, clock: Clock) {
    this.#levels = new Set(levels);
    this.#clock = clock;
  }

  /** A counter of the component that is step number `step`. */
  counter(step: number, definition: SeriesDefinition, labels?: Labels): Counter {
    const key = JSON.stringify([step, definition.name, labels]);
    return {
      add: (count) => {
        const known = this.#counts.get(key);
        if (known) known.count += count;
        else if (count !== 0) this.#counts.set(key, { step, definition, labels, count });
      },
    };
  }

  line(step: number, level: Level, message: string, fields?: LogFields, place?: string, rateLimitSecs?: number): void {
    if (!this.#levels.has(level)) return;
    const line: Line = { step, level, message, fields, place, rateLimitSecs, count: 1 };
    if (this.#lines.length < LINES_MAX) {
      this.#lines.push(line);
      return;
    }
    // Programs say what they like, so that only the place tells their lines apart.
    const key = JSON.stringify([step, level, place, rateLimitSecs === undefined ? message : '']);
    const known = this.#places.get(key);
    if (known) known.count += 1;
    else if (this.#places.size < PLACES_MAX) this.#places.set(key, line);
  }

  /** The log of a component, for lines that say no place. */
  logger(step: number): Logger {
    return new Logger({
      level: 'trace',
      clock: this.#clock,
      rateLimitSecs: 0,
      write: ({ level, message, fields }) => this.line(step, level, message, fields),
    });
  }

  /** The notes since the last call. Undefined when there are none. */
  take(): Notes | undefined {
    if (this.#counts.size === 0 && this.#lines.length === 0) return undefined;
    const notes = { counts: [...this.#counts.values()], lines: [...this.#lines, ...this.#places.values()] };
    this.#counts.clear();
    this.#places.clear();
    this.#lines.length = 0;
    return notes;
  }
}

/** Counts and says what was noted. `targets` are the components by number of their step. */
export function tell({ counts, lines }: Notes, targets: readonly NoteTarget[]): void {
  for (const { step, definition, labels, count } of counts) targets[step]!.counter(definition, labels).add(count);
  for (const line of lines) {
    const { log } = targets[line.step]!;
    // As often as it was said: the log counts what it leaves out.
    for (let i = 0; i < line.count; i++) say(log, line);
  }
}

function say(log: Logger, { level, message, fields, place, rateLimitSecs }: Line): void {
  if (rateLimitSecs !== undefined) log.program(level, message, place ?? '', rateLimitSecs, fields);
  else if (level === 'error') log.error(message, fields, place);
  else if (level === 'warn') log.warn(message, fields, place);
  else if (level === 'info') log.info(message, fields, place);
  else log.debug(message, fields, place);
}
