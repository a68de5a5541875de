// How the lexer and parser give up on what they read: a private exception, which becomes a diagnostic at the edge.

import type { Code } from '../diagnostics/codes.ts';

/** From an index of the text up to another. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A complaint about a program's text; places are indexes into it, not yet bytes. */
export class Refusal extends Error {
  readonly code: Code;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly notes: readonly string[];
  /** A second place that explains the first. */
  readonly context: (Place & { readonly message: string }) | undefined;

  constructor(
    code: Code,
    title: string,
    place: Place,
    label: string,
    more: { readonly notes?: readonly string[]; readonly context?: Refusal['context'] } = {},
  ) {
    super(title);
    this.name = 'Refusal';
    this.code = code;
    this.start = place.start;
    this.end = place.end;
    this.label = label;
    this.notes = more.notes ?? [];
    this.context = more.context;
  }

  /** Whether a limit is reached, after which parsing does not go on. */
  get isFatal(): boolean {
    return this.code === 210;
  }
}

/** Brackets, blocks and the like inside each other. */
export const NESTING_MAX = 256;

/**
 * Levels of the tree from an expression down to its deepest part. Long chains (`a + b + c …`, `else if …`) are parsed
 * in a loop and do not count as nesting, but the passes that follow go down the tree by recursion.
 */
export const HEIGHT_MAX = 1_000;

export function tooDeep(place: Place): Refusal {
  return new Refusal(
    210,
    'unexpected parse error: the program is nested too deeply',
    place,
    `this is more than ${NESTING_MAX} levels deep`,
    { notes: ['hint: assign the inner parts to variables first'] },
  );
}

export function tooLong(place: Place): Refusal {
  return new Refusal(
    210,
    'unexpected parse error: the expression is too long',
    place,
    `this expression chains more than ${HEIGHT_MAX} parts`,
    { notes: ['hint: split it into several assignments'] },
  );
}
