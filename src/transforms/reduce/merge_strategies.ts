// How the values of one field become one value. Mergers own what they keep, and know how much that is.

import { identity, textKey } from '../../component/state_key.ts';
import { sizeOfValue } from '../../event/event_size.ts';
import { ownValue } from '../../event/own_value.ts';
import { textOf } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import {
  bytesValue,
  float,
  INTEGER_MAX,
  INTEGER_MIN,
  integer,
  isObject,
  toNumber,
  type Value,
} from '../../event/value.ts';

export const MERGE_STRATEGIES = {
  array: 'all values, in a list',
  concat: 'texts joined by a space, or lists one after the other',
  concat_newline: 'texts joined by a line feed',
  concat_raw: 'texts joined without anything between them',
  discard: 'the first value',
  flat_unique: 'a list of all different values, those of lists and objects one by one',
  longest_array: 'the longest list',
  max: 'the greatest number',
  min: 'the least number',
  retain: 'the last value that is not null',
  shortest_array: 'the shortest list',
  sum: 'the sum of numbers',
} as const;

export type MergeStrategy = keyof typeof MERGE_STRATEGIES;

/** A value that a merger cannot take, and why. */
export class Unmergeable {
  readonly message: string;

  constructor(expected: string, value: Value) {
    this.message = `expected ${expected}, found \`${textOf(value).slice(0, 100)}\``;
  }
}

/** What a field of a group has come to. */
export interface Merger {
  /** Estimated bytes of what it keeps. */
  readonly sizeBytes: number;
  add(value: Value): Unmergeable | undefined;
  readonly result: Value;
  /** The last of the values whose first is the result, for a field of its own. */
  readonly end?: Value;
  /** What `restoredMerger` makes the same of. */
  save(): SavedMerger;
}

/** A merger as it is saved: its kind, and what it has come to. */
export type SavedMerger = readonly [kind: string, ...values: unknown[]];

/** The merger that was saved. Throws when there is none of that kind. */
export function restoredMerger([kind, ...values]: SavedMerger): Merger {
  const list = values[0] as Value[];
  switch (kind) {
    case 'first':
      return new First(values[0] as Value);
    case 'last':
      return new Last(values[0] as Value);
    case 'times': {
      const times = new Times(values[0] as Timestamp);
      times.add(values[1] as Timestamp);
      return times;
    }
    case 'numbers':
      return new Numbers(values[1] as Value, values[0] as NumbersKind);
    case 'texts':
      return new Texts(values[1] as (string | Uint8Array)[], values[0] as string);
    case 'list':
      return new List(values[1] as Value[], values[0] as ListKind);
    case 'chosen':
      return new Chosen(values[1] as Value[], values[0] as ChosenKind);
    case 'unique':
      return new Unique(list);
    default:
      throw new Error(`there is no merger of the kind \`${kind}\``);
  }
}

/** The merger of a field with a strategy, begun with its first value. */
export function mergerOf(strategy: MergeStrategy, first: Value): Merger | Unmergeable {
  switch (strategy) {
    case 'discard':
      return new First(first);
    case 'retain':
      return new Last(first);
    case 'array':
      return new List([first], 'array');
    case 'flat_unique':
      return new Unique(first);
    case 'sum':
    case 'max':
    case 'min':
      return toNumber(first) === undefined ? new Unmergeable('a number', first) : new Numbers(first, strategy);
    case 'longest_array':
      return begunWithList(first, (list) => new Chosen(list, 'longest'));
    case 'shortest_array':
      return begunWithList(first, (list) => new Chosen(list, 'shortest'));
    case 'concat':
      if (Array.isArray(first)) return new List(first, 'concat');
      return isText(first) ? new Texts([first], ' ') : new Unmergeable('a string or an array', first);
    case 'concat_newline':
    case 'concat_raw':
      return isText(first)
        ? new Texts([first], strategy === 'concat_raw' ? '' : '\n')
        : new Unmergeable('a string', first);
  }
}

/** The merger of a field without a strategy: numbers are added up, of times there is a first and a last one. */
export function mergerOfKind(first: Value): Merger {
  if (toNumber(first) !== undefined) return new Numbers(first, 'sum');
  return first instanceof Timestamp ? new Times(first) : new First(first);
}

/** What a merger takes besides its values. */
const MERGER_BYTES = 48;

function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function begunWithList(first: Value, begin: (list: Value[]) => Merger): Merger | Unmergeable {
  return Array.isArray(first) ? begin(first) : new Unmergeable('an array', first);
}

class First implements Merger {
  readonly sizeBytes: number;
  readonly result: Value;

  constructor(first: Value) {
    this.result = ownValue(first);
    this.sizeBytes = MERGER_BYTES + sizeOfValue(first);
  }

  add(): undefined {}

  save(): SavedMerger {
    return ['first', this.result];
  }
}

class Last implements Merger {
  sizeBytes: number;
  result: Value;

  constructor(first: Value) {
    this.result = ownValue(first);
    this.sizeBytes = MERGER_BYTES + sizeOfValue(first);
  }

  add(value: Value): undefined {
    if (value === null) return;
    this.result = ownValue(value);
    this.sizeBytes = MERGER_BYTES + sizeOfValue(value);
  }

  save(): SavedMerger {
    return ['last', this.result];
  }
}

class Times implements Merger {
  readonly sizeBytes = 2 * MERGER_BYTES;
  readonly result: Timestamp;
  end: Timestamp;

  constructor(first: Timestamp) {
    this.result = first;
    this.end = first;
  }

  add(value: Value): Unmergeable | undefined {
    if (!(value instanceof Timestamp)) return new Unmergeable('a timestamp', value);
    this.end = value;
    return undefined;
  }

  save(): SavedMerger {
    return ['times', this.result, this.end];
  }
}

class Numbers implements Merger {
  readonly sizeBytes = MERGER_BYTES;
  readonly #kind: NumbersKind;
  result: Value;

  constructor(first: Value, kind: NumbersKind) {
    this.result = first;
    this.#kind = kind;
  }

  add(value: Value): Unmergeable | undefined {
    if (toNumber(value) === undefined) return new Unmergeable('a number', value);
    this.result = NUMBERS[this.#kind](this.result, value);
    return undefined;
  }

  save(): SavedMerger {
    return ['numbers', this.#kind, this.result];
  }
}

const isInteger = (value: Value): value is number | bigint => typeof value === 'bigint' || Number.isInteger(value);

/** Exact as long as there are integers alone; a sum that no integer can be is a float. */
function added(one: Value, other: Value): Value {
  if (!isInteger(one) || !isInteger(other)) return float(toNumber(one)! + toNumber(other)!) ?? one;
  const sum = BigInt(one) + BigInt(other);
  return sum < INTEGER_MIN || sum > INTEGER_MAX ? float(Number(sum)) : integer(sum);
}

/** The number that wins; once there was a float, it is one. */
function chosenNumber(one: Value, other: Value, wins: (a: number | bigint, b: number | bigint) => boolean): Value {
  const areIntegers = isInteger(one) && isInteger(other);
  const [best, next] = areIntegers ? [one, other] : [toNumber(one)!, toNumber(other)!];
  if (!wins(next, best)) return one;
  return areIntegers ? other : float(Number(next));
}

const NUMBERS = {
  sum: added,
  max: (one: Value, other: Value) => chosenNumber(one, other, (a, b) => a > b),
  min: (one: Value, other: Value) => chosenNumber(one, other, (a, b) => a < b),
};

type NumbersKind = keyof typeof NUMBERS;

class Texts implements Merger {
  sizeBytes = MERGER_BYTES;
  readonly #separator: string;
  readonly #parts: (string | Uint8Array)[] = [];

  constructor(parts: readonly (string | Uint8Array)[], separator: string) {
    this.#separator = separator;
    for (const part of parts) this.#push(part);
  }

  save(): SavedMerger {
    return ['texts', this.#separator, this.#parts];
  }

  add(value: Value): Unmergeable | undefined {
    if (!isText(value)) return new Unmergeable('a string', value);
    this.#push(value);
    return undefined;
  }

  #push(text: string | Uint8Array): void {
    this.#parts.push(ownValue(text) as string | Uint8Array);
    this.sizeBytes += PART_BYTES + text.length;
  }

  get result(): Value {
    const parts = this.#parts;
    if (parts.every((part) => typeof part === 'string')) return parts.join(this.#separator);
    const pieces = parts.flatMap((part, index) => (index === 0 ? [part] : [this.#separator, part]));
    return bytesValue(Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))));
  }
}

const PART_BYTES = 32;

/** Whether lists are taken as they are or item by item. */
type ListKind = 'array' | 'concat';

class List implements Merger {
  sizeBytes = MERGER_BYTES;
  readonly result: Value[] = [];
  readonly #kind: ListKind;

  constructor(items: readonly Value[], kind: ListKind) {
    this.#kind = kind;
    this.#push(items);
  }

  add(value: Value): undefined {
    this.#push(this.#kind === 'concat' && Array.isArray(value) ? value : [value]);
  }

  save(): SavedMerger {
    return ['list', this.#kind, this.result];
  }

  #push(items: readonly Value[]): void {
    for (const item of items) {
      this.result.push(ownValue(item));
      this.sizeBytes += PART_BYTES + sizeOfValue(item);
    }
  }
}

type ChosenKind = 'longest' | 'shortest';

class Chosen implements Merger {
  sizeBytes: number;
  result: Value[];
  readonly #kind: ChosenKind;

  constructor(first: Value[], kind: ChosenKind) {
    this.result = ownValue(first) as Value[];
    this.sizeBytes = MERGER_BYTES + sizeOfValue(first);
    this.#kind = kind;
  }

  save(): SavedMerger {
    return ['chosen', this.#kind, this.result];
  }

  add(value: Value): Unmergeable | undefined {
    if (!Array.isArray(value)) return new Unmergeable('an array', value);
    const longer = value.length - this.result.length;
    if ((this.#kind === 'longest' ? longer : -longer) <= 0) return undefined;
    this.result = ownValue(value) as Value[];
    this.sizeBytes = MERGER_BYTES + sizeOfValue(value);
    return undefined;
  }
}

class Unique implements Merger {
  sizeBytes = MERGER_BYTES;
  readonly #values = new Map<string, Value>();

  constructor(first: Value) {
    this.add(first);
  }

  add(value: Value): undefined {
    for (const one of membersOf(value)) {
      const key = textKey(identity(one));
      if (this.#values.has(key)) continue;
      this.#values.set(key, ownValue(one));
      this.sizeBytes += 2 * MERGER_BYTES + sizeOfValue(one);
    }
  }

  get result(): Value[] {
    return [...this.#values.values()];
  }

  save(): SavedMerger {
    return ['unique', this.result];
  }
}

function membersOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [value];
}
