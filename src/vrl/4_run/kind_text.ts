// Kinds of values as messages spell them: `string`, `[integer, string]`, `{ a: string, "b c": object }`.

import { sortedKeys } from '../../event/object.ts';
import { isPlainField } from '../../event/path.ts';
import { isObject, kindOf, type Value } from '../../event/value.ts';

const WORDS = {
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

export type ValueKind = keyof typeof WORDS;

/** Items and members that one message spells; what lies beyond is `…`. */
const SPELLED_MAX = 1_000;

export function kindName(kind: ValueKind): string {
  return WORDS[kind];
}

/** `string, array or object`: kinds in the order of messages. */
export function kindsText(kinds: readonly (ValueKind | 'any')[]): string {
  const words = (Object.keys(WORDS) as ValueKind[]).filter((kind) => kinds.includes(kind)).map(kindName);
  const last = words.pop() ?? 'any';
  return words.length > 0 ? `${words.join(', ')} or ${last}` : last;
}

/** The kind of a value in one word. */
export function kindWord(value: Value): string {
  return WORDS[kindOf(value)];
}

/** The kind of a value, and of what arrays and objects hold. */
export function displayKind(value: Value): string {
  return spell(value, { left: SPELLED_MAX });
}

function spell(value: Value, budget: { left: number }): string {
  if (budget.left-- <= 0) return '…';
  if (Array.isArray(value) && value.length > 0) {
    return `[${spellAll(value, budget, (item) => spell(item, budget))}]`;
  }
  if (!isObject(value)) return kindWord(value);
  const keys = sortedKeys(value);
  if (keys.length === 0) return 'object';
  return `{ ${spellAll(keys, budget, (key) => `${fieldText(key)}: ${spell(value[key]!, budget)}`)} }`;
}

function spellAll<T>(items: readonly T[], budget: { left: number }, text: (item: T) => string): string {
  const shown = items.slice(0, Math.max(1, budget.left)).map(text);
  return shown.length < items.length ? `${shown.join(', ')}, …` : shown.join(', ');
}

/** Nothing inside of the quotes is escaped. */
function fieldText(name: string): string {
  return isPlainField(name) ? name : `"${name}"`;
}
