// What the compiler says about a program: data, rendered by `render.ts`.

import type { Code } from './codes.ts';

/** Offsets in the bytes (UTF-8) of the source, end exclusive. Messages of running programs quote them. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Label {
  readonly message: string;
  /** The place of the fault itself; the others give context. */
  readonly primary: boolean;
  readonly span: Span;
}

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  readonly severity: Severity;
  /** As in `E103`. */
  readonly code: Code;
  readonly message: string;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
  /** The code of the function's own complaint, under E610. */
  readonly innerCode?: Code | 0;
}

export function primary(message: string, span: Span): Label {
  return { message, primary: true, span };
}

export function context(message: string, span: Span): Label {
  return { message, primary: false, span };
}
