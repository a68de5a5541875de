// Random expressions of a wanted kind that the checker accepts and that cannot fail, and the events they read.

import { setField } from '../../src/event/object.ts';
import type { Kind, ObjectValue, Value } from '../../src/event/value.ts';
import { type Chance, KINDS, literal, randomValue } from './values.ts';

/** What a program under construction has: an event that grows with the fields that are read, and variables. */
export class Draft {
  readonly chance: Chance;
  readonly event: ObjectValue = {};
  readonly variables = new Map<string, Kind>();
  readonly lines: string[] = [];
  private count = 0;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  /** A name that the program does not have yet. */
  fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  /** Puts a value into the event; its path. */
  field(value: Value): string {
    const name = this.fresh('f');
    setField(this.event, name, value);
    return `.${name}`;
  }

  /** A variable that holds a literal of the kind, assigned before; undefined when the kind's value has no literal. */
  variable(kind: Kind): string | undefined {
    const value = literal(randomValue(this.chance, kind), this.chance);
    if (value === undefined) return undefined;
    const name = this.fresh('v');
    this.lines.push(`${name} = ${value}`);
    this.variables.set(name, kind);
    return name;
  }
}

/** A literal of the kind, or the nearest there is. */
export function literalOf(chance: Chance, kind: Kind, depth = 1): string {
  for (let i = 0; i < 5; i++) {
    const text = literal(randomValue(chance, kind, depth), chance);
    if (text !== undefined) return text;
  }
  return kind === 'bytes' ? '"x"' : kind === 'float' ? '1.5' : kind === 'array' ? '[]' : '{}';
}

type Maker = (draft: Draft, depth: number) => string;

const FALLBACKS: Readonly<Record<string, string>> = {
  bytes: 'string',
  integer: 'int',
  float: 'float',
  boolean: 'bool',
  timestamp: 'timestamp',
  array: 'array',
  object: 'object',
};

/** Ways to make each kind out of others; each is sure to compile and never fails. */
const MAKERS: Readonly<Record<Kind, readonly Maker[]>> = {
  bytes: [
    (draft, depth) => `upcase(${expression(draft, 'bytes', depth)})`,
    (draft, depth) => `(${expression(draft, 'bytes', depth)} + ${expression(draft, 'bytes', depth)})`,
    (draft, depth) => `to_string(${expression(draft, 'integer', depth)})`,
    (draft, depth) => `(slice(${expression(draft, 'bytes', depth)}, 0) ?? "sliced")`,
    (draft, depth) => `encode_json(${expression(draft, 'array', depth)})`,
    (draft, depth) => `truncate(${expression(draft, 'bytes', depth)}, ${draft.chance.below(6)})`,
    (draft, depth) => `(${expression(draft, 'bytes', depth)} * ${draft.chance.below(4)})`,
  ],
  integer: [
    (draft, depth) => `length(${expression(draft, 'array', depth)})`,
    (draft, depth) => `strlen(${expression(draft, 'bytes', depth)})`,
    (draft, depth) =>
      `(${expression(draft, 'integer', depth)} ${draft.chance.one(['+', '-', '*'])} ${expression(draft, 'integer', depth)})`,
    (draft, depth) => `abs(${expression(draft, 'integer', depth)})`,
    (draft, depth) => `mod(${expression(draft, 'integer', depth)}, ${draft.chance.below(9) + 1})`,
  ],
  float: [
    (draft, depth) => `(${expression(draft, 'integer', depth)} / ${draft.chance.below(9) + 1})`,
    (draft, depth) => `(${expression(draft, 'float', depth)} + ${expression(draft, 'integer', depth)})`,
    (draft, depth) => `floor(${expression(draft, 'float', depth)}, ${draft.chance.below(3)})`,
  ],
  boolean: [
    (draft, depth) => `!${expression(draft, 'boolean', depth)}`,
    (draft, depth) => comparison(draft, depth),
    (draft, depth) => `contains(${expression(draft, 'bytes', depth)}, ${expression(draft, 'bytes', depth)})`,
    (draft, depth) =>
      `(${expression(draft, 'boolean', depth)} ${draft.chance.one(['&&', '||'])} ${expression(draft, 'boolean', depth)})`,
    (draft) => `exists(.${draft.chance.one(['a', 'f0', 'f1.x', 'f0[0]'])})`,
    (draft) =>
      `is_${draft.chance.one(['null', 'string', 'integer', 'object', 'nullish'])}(${pathOf(draft, draft.chance.one(KINDS))})`,
  ],
  timestamp: [
    (draft, depth) => `(from_unix_timestamp(${expression(draft, 'integer', depth)}) ?? t'2020-01-01T00:00:00Z')`,
  ],
  regex: [],
  null: [(draft) => `.missing${draft.chance.below(3)}`, () => '(null)'],
  array: [
    (draft, depth) => `[${anything(draft, depth)}, ${anything(draft, depth)}]`,
    (draft, depth) => `push(${expression(draft, 'array', depth)}, ${anything(draft, depth)})`,
    (draft, depth) => `append(${expression(draft, 'array', depth)}, ${expression(draft, 'array', depth)})`,
    (draft, depth) =>
      `split(${expression(draft, 'bytes', depth)}, ${draft.chance.one(['","', '" "', "r'\\s+'", '""'])})`,
    (draft, depth) => `keys(${expression(draft, 'object', depth)})`,
    (draft, depth) => `values(${expression(draft, 'object', depth)})`,
  ],
  object: [
    (draft, depth) => `{ "a": ${anything(draft, depth)}, "b": ${anything(draft, depth)} }`,
    (draft, depth) => `merge(${expression(draft, 'object', depth)}, ${expression(draft, 'object', depth)})`,
    (draft, depth) => `(${expression(draft, 'object', depth)} | ${expression(draft, 'object', depth)})`,
    (draft, depth) => `flatten(${expression(draft, 'object', depth)})`,
  ],
};

function comparison(draft: Draft, depth: number): string {
  const kind = draft.chance.one<Kind>(['integer', 'float', 'bytes', 'timestamp']);
  const operator = draft.chance.one(['==', '!=', '<', '<=', '>', '>=']);
  return `(${expression(draft, kind, depth)} ${operator} ${expression(draft, kind, depth)})`;
}

export function anything(draft: Draft, depth: number): string {
  return expression(draft, draft.chance.one(KINDS), depth);
}

/** A path of the event that holds a value of the kind; the checker knows nothing of it. */
export function pathOf(draft: Draft, kind: Kind): string {
  return draft.field(randomValue(draft.chance, kind));
}

/** An expression of the kind that compiles and does not fail. */
export function expression(draft: Draft, kind: Kind, depth = 2): string {
  const { chance } = draft;
  if (depth > 0 && MAKERS[kind].length > 0 && chance.is(0.45)) return chance.one(MAKERS[kind])(draft, depth - 1);
  if (chance.is(0.2)) {
    const known = [...draft.variables].filter(([, held]) => held === kind);
    if (known.length > 0) return chance.one(known)[0];
  }
  const coercion = FALLBACKS[kind];
  if (coercion !== undefined && chance.is(0.25)) {
    return `(${coercion}(${pathOf(draft, chance.is(0.9) ? kind : chance.one(KINDS))}) ?? ${literalOf(chance, kind)})`;
  }
  return literalOf(chance, kind);
}

/**
 * An operand of the kind: a literal, a variable that holds one, or a path that the checker knows nothing of.
 * @param isSmall integers stay below 40.
 */
export function operand(
  draft: Draft,
  kind: Kind,
  isSmall = false,
): { readonly text: string; readonly isKnown: boolean } {
  const { chance } = draft;
  const source = chance.below(10);
  if (isSmall && kind === 'integer') {
    const value = chance.below(43) - 3;
    return source < 5 ? { text: draft.field(value), isKnown: false } : { text: String(value), isKnown: true };
  }
  if (source < 4) return { text: pathOf(draft, kind), isKnown: false };
  if (source < 6) {
    const name = draft.variable(kind);
    if (name !== undefined) return { text: name, isKnown: true };
  }
  if (source === 6) return { text: expression(draft, kind, 1), isKnown: true };
  return { text: literalOf(chance, kind), isKnown: true };
}
