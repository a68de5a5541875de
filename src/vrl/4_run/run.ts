// The hand-written core that generated code calls, under the names it calls it by.

import { Timestamp } from '../../event/timestamp.ts';
import { Float, isObject as isObjectValue, Regex, type Value } from '../../event/value.ts';
import { equalsLossy } from './compare.ts';
import { lossy } from './convert.ts';
import { Failure, fail } from './failure.ts';
import { displayKind } from './kind_text.ts';
import {
  add,
  and,
  concat,
  divide,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  merge,
  multiply,
  subtract,
} from './operators.ts';
import { own } from './own.ts';
import { emptied, field, getPath, insert, item, remove } from './paths.ts';

export const core = {
  Failure,
  Float,
  Timestamp,
  Regex,
  add,
  subtract,
  multiply,
  divide,
  merge,
  concat,
  and,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  equals: equalsLossy,
  own,
  field,
  item,
  insert,
  remove,
  emptied,
  getPath,
  isObject,
  isInteger,
  isFloat,
  expected,
  frame,
  orFailure,
  aborted,
  returned,
  errorText,
  caught,
};

export type Core = typeof core;

/** Whether a value is an object; nearly always told by its constructor. */
function isObject(value: Value | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (value as { constructor?: unknown }).constructor === Object || isObjectValue(value);
}

function isInteger(value: Value): boolean {
  return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'bigint';
}

function isFloat(value: Value): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : value instanceof Float;
}

/** An argument or operand is of a wrong kind. */
function expected(kinds: string, value: Value): Failure {
  return fail(`expected ${kinds}, got ${displayKind(value)}`);
}

/** A failure as it leaves a call. */
function frame(failure: Failure, name: string, start: number, end: number): Failure {
  if (failure.kind === 'abort') return failure;
  if (failure.kind === 'return') return fail('return cannot be used inside closures');
  return fail(`function call error for "${name}" at (${start}:${end}): ${failure.message}`);
}

/** A failure of the right side of `||`. */
function orFailure(failure: Failure): Failure {
  return fail(`can't apply an OR to these types - ${errorText(failure)}`);
}

/** An abort; its value is the message, or null when none was given. */
function aborted(message: Value): Failure | Value {
  if (message === null) return new Failure('abort', '', null);
  if (typeof message !== 'string' && !(message instanceof Uint8Array)) return expected('string', message);
  const text = lossy(message);
  return new Failure('abort', text, text);
}

function returned(value: Value): Failure {
  return new Failure('return', '', value);
}

/** What the `err` of `ok, err = …` becomes. */
function errorText(failure: Failure): string {
  if (failure.kind === 'return') return 'return';
  return failure.kind === 'abort' && failure.value === null ? 'aborted' : failure.message;
}

/** What was thrown while a program ran: a limit, or a fault of ours, which ends the program and not the process. */
function caught(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof RangeError) return fail(`the program needs too much memory or depth: ${error.message}`);
  return fail(`internal error: ${error instanceof Error ? error.message : String(error)}`);
}
