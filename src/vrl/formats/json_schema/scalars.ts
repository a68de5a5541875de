// Keywords that look at a value alone: its type, number, text, size.

import { stringifyJson } from '../../../event/json.ts';
import { isObject, kindOf, toNumber, type Value } from '../../../event/value.ts';
import { type Check, type Finding, type Place, SchemaProblem } from './node.ts';
import { compareNumbers, isMultiple, isSame, isWhole } from './numbers.ts';

/** A check that either holds or says one thing. */
export function simple(holds: (value: Value) => boolean, message: (shown: string, value: Value) => string): Check {
  return {
    report(value: Value, place: Place, findings: Finding[]) {
      if (!holds(value)) findings.push({ message: message(stringifyJson(value), value), place });
    },
  };
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

function typeHolds(type: string, value: Value, isDraft4: boolean): boolean {
  const kind = kindOf(value);
  switch (type) {
    case 'integer':
      return kind === 'integer' || (!isDraft4 && isWhole(value));
    case 'number':
      return kind === 'integer' || kind === 'float';
    case 'string':
      return kind === 'bytes';
    default:
      return kind === type;
  }
}

export function typeCheck(schema: Value, isDraft4: boolean): Check {
  if (typeof schema === 'string') {
    return simple(
      (value) => typeHolds(schema, value, isDraft4),
      (shown) => `${shown} is not of type "${schema}"`,
    );
  }
  const types = TYPES.filter((type) => Array.isArray(schema) && schema.includes(type));
  const words = types.map((type) => `"${type}"`).join(', ');
  return simple(
    (value) => types.some((type) => typeHolds(type, value, isDraft4)),
    (shown) => `${shown} is not of types ${words}`,
  );
}

export function constCheck(schema: Value): Check {
  const shown = stringifyJson(schema);
  return simple(
    (value) => isSame(value, schema),
    () => `${shown} was expected`,
  );
}

/** Longer lists are cut in messages. */
const OPTIONS_SHOWN_MAX = 3;

export function enumCheck(schema: Value): Check {
  const options = schema as Value[];
  const shownOptions = options.map((option) => stringifyJson(option));
  const last = shownOptions.length - 1;
  const list =
    shownOptions.length > OPTIONS_SHOWN_MAX
      ? `${shownOptions.slice(0, 2).join(', ')} or ${shownOptions.length - 2} other candidates`
      : last > 0
        ? `${shownOptions.slice(0, last).join(', ')} or ${shownOptions[last]}`
        : shownOptions.join('');
  return simple(
    (value) => options.some((option) => isSame(option, value)),
    (shown) => `${shown} is not one of ${list}`,
  );
}

const LIMITS = {
  maximum: { words: 'is greater than the maximum of', holds: (order: number) => order <= 0 },
  minimum: { words: 'is less than the minimum of', holds: (order: number) => order >= 0 },
  exclusiveMaximum: { words: 'is greater than or equal to the maximum of', holds: (order: number) => order < 0 },
  exclusiveMinimum: { words: 'is less than or equal to the minimum of', holds: (order: number) => order > 0 },
} as const;

export function limitCheck(keyword: keyof typeof LIMITS, limit: Value): Check {
  const { words, holds } = LIMITS[keyword];
  const shownLimit = stringifyJson(limit);
  return simple(
    (value) => toNumber(value) === undefined || holds(compareNumbers(value, limit)),
    (shown) => `${shown} ${words} ${shownLimit}`,
  );
}

export function multipleOfCheck(divisor: Value): Check {
  const shownDivisor = String(toNumber(divisor));
  return simple(
    (value) => toNumber(value) === undefined || isMultiple(value, divisor),
    (shown) => `${shown} is not a multiple of ${shownDivisor}`,
  );
}

const SIZES = {
  maxLength: { words: 'is longer than', one: 'character', many: 'characters', isMax: true },
  minLength: { words: 'is shorter than', one: 'character', many: 'characters', isMax: false },
  maxItems: { words: 'has more than', one: 'item', many: 'items', isMax: true },
  minItems: { words: 'has less than', one: 'item', many: 'items', isMax: false },
  maxProperties: { words: 'has more than', one: 'property', many: 'properties', isMax: true },
  minProperties: { words: 'has less than', one: 'property', many: 'properties', isMax: false },
} as const;

export type SizeKeyword = keyof typeof SIZES;

export function isSizeKeyword(keyword: string): keyword is SizeKeyword {
  return Object.hasOwn(SIZES, keyword);
}

export function sizeCheck(keyword: SizeKeyword, schema: Value): Check {
  const limit = toNumber(schema)!;
  const { words, one, many, isMax } = SIZES[keyword];
  const size = keyword.endsWith('Length') ? lengthOf : keyword.endsWith('Items') ? itemsOf : membersOf;
  const unit = limit === 1 ? one : many;
  return simple(
    (value) => {
      const count = size(value);
      return count === undefined || (isMax ? count <= limit : count >= limit);
    },
    (shown) => `${shown} ${words} ${limit} ${unit}`,
  );
}

function lengthOf(value: Value): number | undefined {
  if (typeof value !== 'string') return undefined;
  let count = value.length;
  for (let i = 0; i < value.length; i++) if ((value.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

function itemsOf(value: Value): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

function membersOf(value: Value): number | undefined {
  return isObject(value) ? Object.keys(value).length : undefined;
}

/** Arrays up to this length are compared item by item; in longer ones, items are sorted by their text first. */
const PAIRWISE_MAX = 16;

export function uniqueItemsCheck(): Check {
  return simple(
    (value) => !Array.isArray(value) || isUnique(value),
    (shown) => `${shown} has non-unique elements`,
  );
}

function isUnique(items: readonly Value[]): boolean {
  if (items.length <= PAIRWISE_MAX)
    return items.every((item, index) => items.slice(index + 1).every((other) => !isSame(item, other)));
  const seen = new Set<string>();
  for (const item of items) {
    const text = stringifyJson(normalized(item));
    if (seen.has(text)) return false;
    seen.add(text);
  }
  return true;
}

/** Whole floats as integers, so that what is the same has the same text. */
function normalized(value: Value): Value {
  if (Array.isArray(value)) return value.map(normalized);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, normalized(member)]));
  const number = toNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : value;
}

export function requiredReport(name: string): string {
  return `${stringifyJson(name)} is a required property`;
}

export function stringList(schema: Value): readonly string[] {
  if (!Array.isArray(schema)) throw new SchemaProblem(`${stringifyJson(schema)} is not of type "array"`);
  return schema.filter((name) => typeof name === 'string');
}
