// What the parsers of web server logs share: they match a line and make an object of the named groups, some of which
// are times or numbers.

import { STRPTIME_FAULTS, type Strptime } from '../../event/strptime.ts';
import type { Timestamp } from '../../event/timestamp.ts';
import type { Zone } from '../../event/timezone.ts';
import { float, INTEGER_MAX, INTEGER_MIN, integer, type ObjectValue, type Value } from '../../event/value.ts';
import { compilePattern, PatternProblem } from '../../std/pattern.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { type CompiledRegex, compileRegex } from './regex.ts';

/** How the time of a line is written, as text and compiled, and where it is local. */
export interface LogTime {
  readonly format: string;
  readonly reader: Strptime;
  readonly zone: Zone;
}

type Groups = Readonly<Record<string, string | undefined>>;

/** A pattern of ours as an expression that no line can stall. */
export class LogPattern {
  readonly #source: string;
  readonly #plain: RegExp;
  /** For lines with other characters than those of ASCII, some of which are letters and digits. */
  #full: CompiledRegex | undefined;

  constructor(source: string) {
    const pattern = compilePattern(source);
    if (pattern instanceof PatternProblem) throw new Error(pattern.message);
    this.#source = source;
    this.#plain = pattern;
  }

  /** The named groups, where the line matches. */
  groupsOf(line: string): Groups | undefined {
    if (!BEYOND_ASCII.test(line)) return this.#plain.exec(line)?.groups;
    const regex = this.#exact();
    const match = regex.exec(line);
    return (
      match && Object.fromEntries(regex.names.flatMap((name, i) => (name === undefined ? [] : [[name, match[i]]])))
    );
  }

  #exact(): CompiledRegex {
    if (this.#full === undefined) {
      const compiled = compileRegex(this.#source);
      if (typeof compiled === 'string') throw new Error(compiled);
      this.#full = compiled;
    }
    return this.#full;
  }
}

const BEYOND_ASCII = /[^\x00-\x7f]/;

const INTEGERS = new Set([
  'status',
  'size',
  'pid',
  'tid',
  'cid',
  'port',
  'body_bytes_size',
  'request_length',
  'upstream_response_length',
  'upstream_status',
]);
const FLOATS = new Set(['excess', 'request_time', 'upstream_response_time']);

/** The groups that took part in a match, as fields; the first that is not what it should be is the failure. */
export function logFields(groups: Groups, time: LogTime): ObjectValue | Failure {
  const fields: ObjectValue = {};
  for (const [name, text] of Object.entries(groups)) {
    if (text === undefined) continue;
    if (name === 'timestamp') {
      const timestamp = readLogTime(text, time);
      if (typeof timestamp === 'string') return fail(timestamp);
      fields[name] = timestamp;
    } else if (INTEGERS.has(name) || FLOATS.has(name)) {
      const number = INTEGERS.has(name) ? parseInteger(text) : parseFloatText(text);
      if (number === undefined) return fail(`failed parsing ${name}`);
      fields[name] = number;
    } else fields[name] = text;
  }
  return fields;
}

/** A time is local unless it names an offset; text says why it is none. */
export function readLogTime(text: string, { format, reader, zone }: LogTime): Timestamp | string {
  const time = reader.readAny(text, zone);
  if (typeof time !== 'number') return time;
  return `failed parsing timestamp ${text} using format ${format}: ${STRPTIME_FAULTS[time]}`;
}

const DIGITS = /^[+-]?[0-9]+$/;

/** An integer of 64 bits; undefined when it is none. */
export function parseInteger(text: string): number | bigint | undefined {
  if (!DIGITS.test(text)) return undefined;
  if (text.length < 16) return Number(text) + 0;
  const digits = text.replace(/^([+-]?)0+(?=\d)/, '$1').replace('+', '');
  if (digits.length > 20) return undefined;
  const value = BigInt(digits);
  return value < INTEGER_MIN || value > INTEGER_MAX ? undefined : integer(value);
}

const FLOAT = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity)$/i;

/** A float as Rust reads it; undefined when it is none, or no number. */
export function parseFloatText(text: string): Value | undefined {
  if (!FLOAT.test(text)) return undefined;
  if (/inf/i.test(text)) return float(text.startsWith('-') ? -Infinity : Infinity);
  return float(Number(text));
}
