// The `gelf` codec: a frame is one message of the Graylog Extended Log Format, version 1.1.

import { getField, setField } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { float, isObject, type ObjectValue, toNumber, type Value } from '../../event/value.ts';
import { type DecodeContext, DecodeError, type Decoder, logEvent, put, standardKeys, textOf } from './decoder.ts';
import { parse } from './json.ts';

export interface GelfOptions {
  readonly lossy: boolean;
  /** `strict` refuses what the format forbids: other versions, names and types of additional fields. */
  readonly validation: 'strict' | 'relaxed';
}

const VERSION = '1.1';

export function gelfDecoder({ lossy, validation }: GelfOptions, context: DecodeContext): Decoder {
  const keys = standardKeys(context);
  return {
    decode(frame) {
      const gelf = parse(textOf(frame, lossy));
      if (!isObject(gelf)) throw new DecodeError('a GELF message must be a JSON object');
      const version = textField(gelf, 'version');
      if (validation === 'strict' && version !== VERSION)
        throw new DecodeError(`GELF version ${JSON.stringify(version)} is not ${VERSION}`);
      const log: ObjectValue = {};
      put(log, keys.message, textField(gelf, 'short_message'));
      log['version'] = version;
      log['host'] = textField(gelf, 'host');
      addOptional(log, gelf);
      const time = optional(gelf, 'timestamp', timeOf);
      put(log, keys.timestamp, time ?? Timestamp.fromMs(context.clock.now()));
      addAdditional(log, gelf, validation === 'strict');
      return [logEvent(log)];
    },
  };
}

function addOptional(log: ObjectValue, gelf: ObjectValue): void {
  const fields = {
    full_message: optional(gelf, 'full_message', stringOf),
    level: optional(gelf, 'level', levelOf),
    facility: optional(gelf, 'facility', stringOf),
    line: optional(gelf, 'line', lineOf),
    file: optional(gelf, 'file', stringOf),
  };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) setField(log, name, value);
}

const STANDARD = new Set([
  'version',
  'host',
  'short_message',
  'full_message',
  'timestamp',
  'level',
  'facility',
  'line',
  'file',
]);

/** Letters, digits, marks and the like, dots and hyphens. */
const ADDITIONAL_NAME = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}.-]*$/u;

function addAdditional(log: ObjectValue, gelf: ObjectValue, strict: boolean): void {
  for (const name of Object.keys(gelf)) {
    // The format keeps `_id` for the server.
    if (STANDARD.has(name) || name === '_id') continue;
    const value = gelf[name]!;
    if (strict) checkAdditional(name, value);
    setField(log, name, value);
  }
}

function checkAdditional(name: string, value: Value): void {
  const shown = JSON.stringify(name.slice(0, 64));
  if (!name.startsWith('_')) throw new DecodeError(`additional GELF field ${shown} does not begin with an underscore`);
  if (!ADDITIONAL_NAME.test(name))
    throw new DecodeError(`additional GELF field ${shown} has more than letters, digits, underscores, dashes and dots`);
  if (typeof value !== 'string' && toNumber(value) === undefined)
    throw new DecodeError(`additional GELF field ${shown} is neither text nor a number`);
}

function textField(gelf: ObjectValue, name: string): string {
  return stringOf(getField(gelf, name) ?? null, name);
}

function optional<T>(gelf: ObjectValue, name: string, read: (value: Value, name: string) => T): T | undefined {
  const value = getField(gelf, name);
  return value === undefined || value === null ? undefined : read(value, name);
}

function stringOf(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  throw new DecodeError(`\`${name}\` of a GELF message must be text`);
}

function numberOf(value: Value, name: string): number {
  const number = toNumber(value);
  if (number !== undefined) return number;
  throw new DecodeError(`\`${name}\` of a GELF message must be a number`);
}

const LEVEL_MAX = 255;

function levelOf(value: Value, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LEVEL_MAX) return value;
  throw new DecodeError(`\`${name}\` of a GELF message must be a whole number from 0 to ${LEVEL_MAX}`);
}

function lineOf(value: Value, name: string): Value {
  return float(numberOf(value, name));
}

/** Seconds beyond these are no date. */
const SECONDS_MAX = 8.64e12;

/**
 * Seconds since the epoch. Vector multiplies first and cuts off then, which gives back the decimal digits that a
 * double holds of today's times: …62.3072 is 307,200,000 nanoseconds and not 307,199,954.
 */
function timeOf(value: Value, name: string): Timestamp {
  const seconds = numberOf(value, name);
  if (!(Math.abs(seconds) <= SECONDS_MAX)) throw new DecodeError(`\`${name}\` of a GELF message is out of range`);
  const nanos = BigInt(Math.trunc(seconds * 1e9));
  const within = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return new Timestamp(Number((nanos - within) / 1_000_000_000n), Number(within));
}
