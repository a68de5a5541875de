// How log lines about ourselves look: one line each on standard error, as text for people or JSON for machines. What a
// peer sent may be quoted in them, so nothing in a line can move a cursor, forge another line or make it endless.

import { writeSync } from 'node:fs';
import type { Level, LogRecord, LogWriter } from '../telemetry/log.ts';

const COLOURS: Record<Level, string> = { error: '31', warn: '33', info: '32', debug: '34', trace: '35', off: '0' };

/** Texts of a line that is longer than this are cut until it fits. */
const LINE_MAX = 16_384;

/** A character takes up to six in a line: `\u0000`. */
const ESCAPE_LENGTH = 6;

/** What is left of a text in a line with many. */
const TEXT_MIN = 64;

/** Bytes of lines kept for a standard error whose reader is slow. */
const PENDING_MAX_BYTES = 262_144;

/** How often a slow reader is tried again. */
const RETRY_MS = 50;

/** Writes lines to standard error at once, so that none is lost when the process ends. */
export function stderrWriter(format: 'text' | 'json', colour: boolean): LogWriter {
  const output = new LineOutput((bytes) => writeSync(2, bytes));
  return (record) => output.write(renderLine(record, format, colour));
}

/** A record as one line without its newline, of bounded length. */
export function renderLine(record: LogRecord, format: 'text' | 'json', colour: boolean): string {
  const render = (one: LogRecord): string => (format === 'json' ? renderJson(one) : renderText(one, colour));
  const line = render(record);
  if (line.length <= LINE_MAX) return line;
  const texts = 1 + Object.keys(record.fields).length;
  return render(shortened(record, Math.max(TEXT_MIN, Math.floor(LINE_MAX / ESCAPE_LENGTH / texts))));
}

/** The record with every text cut to `length` characters. */
function shortened({ timeMs, level, message, fields }: LogRecord, length: number): LogRecord {
  const cut = (text: string): string => (text.length > length ? `${text.slice(0, length)}…` : text);
  const entries = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]);
  return { timeMs, level, message: cut(message), fields: Object.fromEntries(entries) };
}

/** `2026-01-02T03:04:05.678Z  INFO Message. field=value` */
function renderText({ timeMs, level, message, fields }: LogRecord, colour: boolean): string {
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${paint('2', `${printable(name)}=`)}${typeof value === 'string' ? quoted(value) : value}`);
  const head = `${paint('2', new Date(timeMs).toISOString())} ${paint(COLOURS[level], level.toUpperCase().padStart(5))} ${printable(message)}`;
  return [head, ...rest].join(' ');
}

/** The fields of a record stand beside `timestamp`, `level` and `message`, which no field replaces. */
function renderJson({ timeMs, level, message, fields }: LogRecord): string {
  const own = { timestamp: new Date(timeMs).toISOString(), level: level.toUpperCase(), message };
  return printable(JSON.stringify({ ...own, ...fields, ...own }));
}

function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : printable(JSON.stringify(text));
}

/** Control characters, line separators and marks that turn the direction of writing must not reach the terminal. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Writes lines at once where that is possible. While the reader of a pipe is slow, lines wait up to a limit; what is
 * beyond it is lost, and said as soon as lines go out again.
 */
export class LineOutput {
  readonly #write: (bytes: Buffer) => number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #lost = 0;
  #retry: NodeJS.Timeout | undefined;
  #watchesExit = false;
  readonly #flushAtExit = (): void => this.#flush();

  /** `write` gives the number of bytes it took, or throws. */
  constructor(write: (bytes: Buffer) => number) {
    this.#write = write;
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#pendingBytes + bytes.length > PENDING_MAX_BYTES) this.#lost += 1;
    else this.#push(bytes);
    this.#flush();
  }

  #push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #flush(): void {
    clearTimeout(this.#retry);
    while (this.#pending.length > 0) {
      const taken = this.#try(this.#pending[0]!);
      if (taken <= 0) {
        this.#later();
        return;
      }
      this.#pendingBytes -= taken;
      const rest = this.#pending[0]!.subarray(taken);
      if (rest.length > 0) this.#pending[0] = rest;
      else this.#pending.shift();
      if (this.#pending.length === 0 && this.#lost > 0) {
        this.#push(Buffer.from(`${this.#lost} log lines were lost: standard error was not read fast enough\n`));
        this.#lost = 0;
      }
    }
    if (this.#watchesExit) process.off('exit', this.#flushAtExit);
    this.#watchesExit = false;
  }

  /** The bytes that were taken; 0 when none can be now. */
  #try(bytes: Buffer): number {
    try {
      return this.#write(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      // Nobody listens on standard error: a log line is not worth stopping for.
      return bytes.length;
    }
  }

  #later(): void {
    this.#retry = setTimeout(() => this.#flush(), RETRY_MS);
    this.#retry.unref();
    if (!this.#watchesExit) process.on('exit', this.#flushAtExit);
    this.#watchesExit = true;
  }
}

const LEVELS: readonly Level[] = ['off', 'error', 'warn', 'info', 'debug', 'trace'];

/** The level from flags and environment: `-v` and `-q` move it from `base`, the environment sets it. */
export function logLevel(
  verbose: number,
  quiet: number,
  fromEnvironment: string | undefined,
  base: Level = 'info',
): Level {
  const set = fromEnvironment === undefined ? undefined : levelOfFilter(fromEnvironment);
  if (set) return set;
  const index = LEVELS.indexOf(base) + verbose - quiet;
  return LEVELS[Math.min(Math.max(index, 0), LEVELS.length - 1)]!;
}

/**
 * The level in a filter such as `debug` or `warn,vector=debug,rdkafka=off`: what it says of this program, else what it
 * says of everything. Parts about something else do not matter here.
 */
function levelOfFilter(filter: string): Level | undefined {
  let general: Level | undefined;
  let own: Level | undefined;
  for (const part of filter.toLowerCase().split(',')) {
    const [target, level] = part.includes('=') ? part.split('=', 2) : ['', part];
    const known = LEVELS.find((one) => one === level!.trim());
    if (known === undefined) continue;
    if (target!.trim() === '') general = known;
    else if (/^(vector|sluice)$/.test(target!.trim())) own = known;
  }
  return own ?? general;
}

/** Whether to paint: as asked for, or when a person watches. */
export function wantsColour(
  mode: 'auto' | 'always' | 'never',
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (mode !== 'auto') return mode === 'always';
  return Boolean(stream.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
