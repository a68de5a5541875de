// How a running program stops early: it returns a `Failure` instead of a value. Returned, not thrown: catching costs
// microseconds, and `parse_json(.message) ?? {}` fails on every other line of some logs.

import type { Value } from '../../event/value.ts';
import { displayKind, kindName, type ValueKind } from './kind_text.ts';

export type FailureKind = 'error' | 'abort' | 'return';

/** A failure of an expression; `abort` and `return` travel the same way. */
export class Failure {
  readonly kind: FailureKind;
  /** What a `return` gave, and the message of an `abort` that has one. */
  readonly value: Value;
  #message: string | (() => string);

  constructor(kind: FailureKind, message: string | (() => string), value: Value = null) {
    this.kind = kind;
    this.value = value;
    this.#message = message;
  }

  /** For `error`, the text that a program can read. For `abort`, its message or an empty text. */
  get message(): string {
    if (typeof this.#message === 'function') this.#message = this.#message();
    return this.#message;
  }
}

/**
 * What a fallible function returns when it fails. The text is Vector's exactly: programs compare it. A text that costs
 * something to find is given as a function, as after `??` nobody asks for it.
 */
export function fail(message: string | (() => string)): Failure {
  return new Failure('error', message);
}

/** `expected string, got integer`: a value is of none of the kinds `expected` (in the order given). */
export function wrongKind(value: Value, ...expected: readonly ValueKind[]): Failure {
  const words = expected.map(kindName);
  const last = words.pop() ?? 'any';
  const wanted = words.length > 0 ? `${words.join(', ')} or ${last}` : last;
  return fail(`expected ${wanted}, got ${displayKind(value)}`);
}
