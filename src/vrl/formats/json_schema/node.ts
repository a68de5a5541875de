// A compiled JSON Schema: a node for every schema in the document, with a check for every keyword in it.

import type { Value } from '../../../event/value.ts';

/** Why a document cannot be used as a schema. Thrown while compiling, and caught at the door of this folder. */
export class SchemaProblem extends Error {}

/** Where in a document a value is; the root has no step. One object stands for one value. */
export interface Place {
  readonly parent: Place | undefined;
  readonly step: string | number;
}

export const ROOT: Place = { parent: undefined, step: '' };

export function below(parent: Place, step: string | number): Place {
  return { parent, step };
}

/** The place as a JSON pointer; `/` for the root. */
export function pointerOf(place: Place): string {
  const steps: string[] = [];
  for (let at: Place = place; at.parent; at = at.parent) steps.push(escaped(at.step));
  return steps.length === 0 ? '/' : `/${steps.reverse().join('/')}`;
}

function escaped(step: string | number): string {
  return typeof step === 'number' ? String(step) : step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What is wrong with a document, and where. */
export interface Finding {
  readonly message: string;
  readonly place: Place;
}

/** Members and items that some schema has looked at, for `unevaluatedProperties` and `unevaluatedItems`. */
export interface Seen {
  readonly names: Set<string>;
  readonly indices: Set<number>;
}

/** One keyword of a schema. */
export interface Check {
  report(value: Value, place: Place, findings: Finding[]): void;
  /** Adds what it looks at in a value that it finds right. */
  mark?(value: Value, place: Place, seen: Seen): void;
}

export class SchemaNode {
  checks: readonly Check[] = [];

  report(value: Value, place: Place, findings: Finding[]): void {
    for (const check of this.checks) check.report(value, place, findings);
  }

  isValid(value: Value, place: Place): boolean {
    const findings: Finding[] = [];
    for (const check of this.checks) {
      check.report(value, place, findings);
      if (findings.length > 0) return false;
    }
    return true;
  }

  mark(value: Value, place: Place, seen: Seen): void {
    for (const check of this.checks) check.mark?.(value, place, seen);
  }
}
