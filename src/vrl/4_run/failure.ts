// How a running program stops early: it returns a `Failure` instead of a value. Returned, not thrown: catching costs
// microseconds, and `parse_json(.message) ?? {}` fails on every other line of some logs.

import { kindOf, type Value } from '../../event/value.ts';

export type FailureKind = 'error' | 'abort' | 'return';

/** A failure of an expression; `abort` and `return` travel the same way. */
export class Failure {
  readonly kind: FailureKind;
  /** For `error`, the text that a program can read. For `abort`, its message or an empty text. */
  readonly message: string;
  /** What a `return` gave. */
  readonly value: Value;

  constructor(kind: FailureKind, message: string, value: Value = null) {
    this.kind = kind;
    this.message = message;
    this.value = value;
  }
}

/** What a fallible function returns when it fails. The text is Vector's exactly: programs compare it. */
export function fail(message: string): Failure {
  return new Failure('error', message);
}

/** Kinds of values by the names that messages use, in the order that messages list them. */
const KIND_WORDS = {
  bytes: 'string',
  integer: 'integer',
  float: 'float',
  boolean: 'boolean',
  timestamp: 'timestamp',
  regex: 'regex',
  null: 'null',
  array: 'array',
  object: 'object',
} as const;

export type ValueKind = keyof typeof KIND_WORDS;

/** The kind of a value as messages spell it: `string`, `integer`, … */
export function kindWord(value: Value): string {
  return KIND_WORDS[kindOf(value)];
}

/** `expected string, got integer`: a value is of none of the kinds `expected` (in the order given). */
export function wrongKind(value: Value, ...expected: readonly ValueKind[]): Failure {
  const words = expected.map((kind) => KIND_WORDS[kind]);
  const last = words.pop() ?? 'any';
  return fail(`expected ${words.length > 0 ? `${words.join(', ')} or ${last}` : last}, got ${kindWord(value)}`);
}
