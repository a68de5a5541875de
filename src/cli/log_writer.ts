// How log lines about ourselves look: one line each on standard error, as text for people or JSON for machines.

import { writeSync } from 'node:fs';
import type { Level, LogRecord, LogWriter } from '../telemetry/log.ts';

const COLOURS: Record<Level, string> = { error: '31', warn: '33', info: '32', debug: '34', trace: '35', off: '0' };

/** Lines longer than this are cut off: a message may quote what a peer sent. */
const LINE_MAX = 16_384;

/** Writes lines to standard error at once, so that none is lost when the process ends. */
export function stderrWriter(format: 'text' | 'json', colour: boolean): LogWriter {
  const render = format === 'json' ? renderJson : (record: LogRecord) => renderText(record, colour);
  return (record) => {
    const line = render(record);
    try {
      writeSync(2, `${line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line}\n`);
    } catch {
      // Nobody listens on standard error, or its pipe is full: a log line is not worth stopping for.
    }
  };
}

/** `2026-01-02T03:04:05.678Z  INFO Message. field=value` */
export function renderText({ timeMs, level, message, fields }: LogRecord, colour: boolean): string {
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${paint('2', `${name}=`)}${typeof value === 'string' ? quoted(value) : String(value)}`);
  const head = `${paint('2', new Date(timeMs).toISOString())} ${paint(COLOURS[level], level.toUpperCase().padStart(5))} ${printable(message)}`;
  return [head, ...rest].join(' ');
}

function renderJson({ timeMs, level, message, fields }: LogRecord): string {
  return JSON.stringify({ timestamp: new Date(timeMs).toISOString(), level: level.toUpperCase(), message, ...fields });
}

function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Control characters of a peer must not reach the terminal. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** The level from flags and environment: `-v` and `-q` move it, `VECTOR_LOG` sets it. */
export function logLevel(
  verbose: number,
  quiet: number,
  fromEnvironment: string | undefined,
  base: Level = 'info',
): Level {
  const steps: Level[] = ['off', 'error', 'warn', 'info', 'debug', 'trace'];
  const set = fromEnvironment
    ?.toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part): part is Level => steps.includes(part as Level))
    .at(-1);
  if (set) return set;
  const index = steps.indexOf(base) + verbose - quiet;
  return steps[Math.min(Math.max(index, 0), steps.length - 1)]!;
}

/** Whether to paint: as asked for, or when a person watches. */
export function wantsColour(
  mode: 'auto' | 'always' | 'never',
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (mode !== 'auto') return mode === 'always';
  return Boolean(stream.isTTY) && !env['NO_COLOR'];
}
