// Replaces the placeholders that are left in a rule, `%{NAME:field}`, by what their names stand for, and compiles the
// result.

import { sortedStrings } from '../../../event/object.ts';
import { COMMON_PATTERNS, DATADOG_PATTERNS } from '../grok/patterns.ts';
import { OnigProblem, OnigRegex } from '../onig/onig.ts';

/** Different placeholders in one rule, all levels together. */
const REPLACEMENTS_MAX = 1024;

/** Longer expressions are not compiled. */
const EXPRESSION_MAX = 1_000_000;

/** A compiled rule: its fields with the number of their capture, in the order of their names. */
export interface ExpandedPattern {
  readonly regex: OnigRegex;
  readonly fields: readonly (readonly [string, number])[];
}

const PLACEHOLDER = /%\{(([A-z0-9]+)(?::([A-z0-9_:;/\s.]+))?)(?:=([^{}]+))?\}/;

let definitions: ReadonlyMap<string, string> | undefined;

/** The pattern, or what is wrong with it. */
export function expandPattern(pattern: string): ExpandedPattern | string {
  definitions ??= new Map([...Object.entries(COMMON_PATTERNS), ...Object.entries(DATADOG_PATTERNS)]);
  let expression = pattern;
  /** The group of each field; a field that comes again has its last one, and the others go by their own names. */
  const groups = new Map<string, string>();
  /** Definitions that placeholders bring along. */
  const own = new Map<string, string>();
  let count = 0;
  for (let left = REPLACEMENTS_MAX; ; left--) {
    if (left === 0) return `Recursion while compiling reached the limit of ${REPLACEMENTS_MAX}`;
    const match = PLACEHOLDER.exec(expression);
    if (!match) break;
    const [, whole, name, field, brought] = match;
    if (brought !== undefined) own.set(name!, brought);
    const pieces = expression.split(brought === undefined ? `%{${whole}}` : `%{${whole}=${brought}}`);
    const definition = own.get(name!) ?? definitions.get(name!);
    if (pieces.length > 1 && definition === undefined)
      return `The given pattern definition name "${name}" could not be found in the definition map`;
    expression = pieces[0]!;
    for (const piece of pieces.slice(1)) {
      if (field !== undefined) groups.set(field, `name${count}`);
      expression += `${field === undefined ? '(?:' : `(?<name${count}>`}${definition})${piece}`;
      count++;
    }
    if (expression.length > EXPRESSION_MAX)
      return 'Something unexpected happened during the compilation phase: "the pattern is too long"';
  }
  if (expression === '') return `The given pattern "${pattern}" ended up compiling into an empty regex`;
  try {
    const regex = new OnigRegex(expression);
    return { regex, fields: fieldsOf(regex, groups) };
  } catch (error) {
    if (error instanceof OnigProblem)
      return `The given regex "${expression}" failed compilation in the underlying engine`;
    throw error;
  }
}

function fieldsOf(regex: OnigRegex, groups: ReadonlyMap<string, string>): (readonly [string, number])[] {
  const fieldOf = new Map([...groups].reverse().map(([field, group]) => [group, field]));
  const captures = new Map<string, number>();
  for (const [group, numbers] of regex.names) captures.set(fieldOf.get(group) ?? group, numbers[0]!);
  return sortedStrings(captures.keys()).map((name) => [name, captures.get(name)!]);
}
