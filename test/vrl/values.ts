// Random values of each kind, with a taste for the hostile, and their spelling as literals of the language.

import { sortedKeys } from '../../src/event/object.ts';
import { Timestamp } from '../../src/event/timestamp.ts';
import {
  bytesValue,
  Float,
  float,
  integer,
  isObject,
  type Kind,
  kindOf,
  type ObjectValue,
  Regex,
  type Value,
} from '../../src/event/value.ts';
import { type Random, seededRandom } from '../../src/std/random.ts';

export const KINDS: readonly Kind[] = [
  'bytes',
  'integer',
  'float',
  'boolean',
  'timestamp',
  'regex',
  'null',
  'array',
  'object',
];

/** Choices from one seed. */
export class Chance {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  /** True in `share` of the cases. */
  is(share: number): boolean {
    return this.random() < share;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** From 0 to below `end`, small ones more often. */
  few(end: number): number {
    return Math.floor(this.random() ** 2 * end);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}

const PLAIN_TEXTS: readonly string[] = [
  '',
  'a',
  'foo',
  'hello world',
  'The Quick_brown-fox',
  '42',
  '-7',
  '3.14',
  'true',
  'null',
  'a,b;c d',
  'key=value other="x y"',
  '{"a": [1, 2.5, null]}',
  '2021-02-03T04:05:06Z',
  '127.0.0.1',
  '2001:db8::1',
  'https://user@example.com:8080/p/a?q=1#f',
  ' padded\t',
  'aaa',
  'information',
];

const HOSTILE_TEXTS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'quote" and \\ back\'s',
  'line\nbreak\r\n',
  'nul\u0000byte',
  '\u001b[31mred\u001b[0m',
  'žluťoučký kůň',
  'ẞß İı ſ ǆ',
  'e\u0301\u200d',
  '👩‍👩‍👧 𝒳',
  '\ufeffbom',
  '\uffff\u{10ffff}',
  '{{ x }} {y}',
  '%s %d %Y-%m-%d',
  '.*+?()[]{}|^$\\d',
  '$1 ${0} $foo $$',
  'x'.repeat(300),
  '00',
  '1e400',
  '९',
];

const BROKEN_BYTES: readonly (readonly number[])[] = [
  [0xff],
  [0x61, 0xc3],
  [0xed, 0xa0, 0x80],
  [0x61, 0xfe, 0x62, 0xc3, 0xa9],
  [0xf0, 0x9f, 0x98],
  [0x80, 0x00, 0x80],
];

const INTEGERS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  10n,
  -42n,
  100n,
  255n,
  1000n,
  65_536n,
  2n ** 31n,
  1_600_000_000n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const FLOATS: readonly number[] = [
  0, -0, 1, -1, 0.5, 1.5, -2.25, 0.1, 3.25, 100, 1e-7, 123456789.125, 9007199254740992, 1e21, 1e300, 5e-324,
  1.7976931348623157e308,
];

const PATTERNS: readonly string[] = [
  'a',
  '\\d+',
  '^(?P<first>\\w+)\\s*(?P<rest>.*)$',
  '(a)|(b)',
  '[[:alpha:]]+',
  '\\s',
  '(?i)FOO',
  'o{2,3}',
  '',
  '\\bq\\w*',
  '[^,;]+',
  '(?s).',
  'é|\\p{Lu}',
];

const NAMES: readonly string[] = [
  'a',
  'b',
  'c',
  'foo',
  'message',
  'x1',
  '@t',
  'd e',
  '__proto__',
  'constructor',
  'ž',
  '',
];

export function randomText(chance: Chance): string {
  if (chance.is(0.75)) return chance.one(PLAIN_TEXTS);
  return chance.is(0.85) ? chance.one(HOSTILE_TEXTS) : chance.one(PLAIN_TEXTS) + chance.one(HOSTILE_TEXTS);
}

export function randomValue(chance: Chance, kind: Kind, depth = 2): Value {
  switch (kind) {
    case 'bytes':
      return chance.is(0.08) ? bytesValue(new Uint8Array(chance.one(BROKEN_BYTES))) : randomText(chance);
    case 'integer':
      return integer(chance.is(0.6) ? BigInt(chance.few(40)) : chance.one(INTEGERS));
    case 'float':
      if (chance.is(0.04)) return new Float(chance.is(0.5) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
      return float(chance.is(0.3) ? (chance.below(20_000) - 10_000) / 64 : chance.one(FLOATS));
    case 'boolean':
      return chance.is(0.5);
    case 'timestamp':
      return randomTimestamp(chance);
    case 'regex':
      return new Regex(chance.one(PATTERNS));
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: chance.few(4) }, () => randomInner(chance, depth));
    default: {
      const object: ObjectValue = {};
      for (let i = chance.few(4); i > 0; i--) define(object, chance.one(NAMES), randomInner(chance, depth));
      return object;
    }
  }
}

function randomInner(chance: Chance, depth: number): Value {
  const kind = chance.one(depth > 0 ? KINDS : KINDS.slice(0, 7));
  // Regexes are rare inside events.
  return randomValue(chance, kind === 'regex' && chance.is(0.8) ? 'bytes' : kind, depth - 1);
}

function define(object: ObjectValue, key: string, value: Value): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function randomTimestamp(chance: Chance): Timestamp {
  const seconds = chance.one([
    0, 1, -1, 1_612_325_106, 1_612_325_106, 951_782_400, 4_102_444_799, -62_135_596_800, 1e9,
  ]);
  return new Timestamp(seconds, chance.one([0, 0, 1, 500_000_000, 123_456_789, 999_000_000]));
}

/** The literal for a value; undefined where there is none (broken bytes, infinity, the smallest integer's neighbours). */
export function literal(value: Value, chance?: Chance): string | undefined {
  switch (kindOf(value)) {
    case 'bytes':
      return typeof value === 'string' ? textLiteral(value, chance) : undefined;
    case 'float':
      return floatLiteral(value as number | Float);
    case 'timestamp':
      return `t'${(value as Timestamp).toString()}'`;
    case 'regex':
      return `r'${(value as Regex).source.replaceAll("'", "\\'")}'`;
    case 'array': {
      const items = (value as Value[]).map((item) => literal(item, chance));
      return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
    }
    case 'object': {
      if (!isObject(value)) return undefined;
      const members = sortedKeys(value).map((key) => [quoted(key), literal(value[key]!, chance)] as const);
      if (members.some(([, member]) => member === undefined)) return undefined;
      return members.length === 0 ? '{}' : `{ ${members.map(([key, member]) => `${key}: ${member}`).join(', ')} }`;
    }
    default:
      return String(value);
  }
}

function textLiteral(text: string, chance: Chance | undefined): string {
  const isRaw = !/['\\]|[^ -~\u00a0-\u{10ffff}]/u.test(text);
  return isRaw && (chance?.is(0.25) ?? false) ? `s'${text}'` : quoted(text);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export function quoted(text: string): string {
  const inner = text
    .replace(/["\\\n\r\t]/g, (char) => ESCAPES[char]!)
    .replace(/[\u0000-\u001f\u007f\ufeff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
    .replace(/\{\{/g, '\\{\\{');
  return `"${inner}"`;
}

function floatLiteral(value: number | Float): string | undefined {
  const number = typeof value === 'number' ? value : value.value;
  if (!Number.isFinite(number)) return undefined;
  if (Object.is(number, -0)) return '-0.0';
  if (number !== 0 && Math.abs(number) < 1e-80) return undefined;
  if (Math.abs(number) >= 1e21) return `${BigInt(number)}.0`;
  const text = Math.abs(number) < 1e-6 && number !== 0 ? number.toFixed(100).replace(/0+$/, '') : String(number);
  return text.includes('.') ? text : `${text}.0`;
}

/** Whether a value holds strings that are not UTF-8. */
export function holdsBrokenBytes(value: Value): boolean {
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.some(holdsBrokenBytes);
  return isObject(value) && Object.values(value).some(holdsBrokenBytes);
}

/** Whether a text or value has what implementations trip over: control characters, other planes, names of prototypes. */
export function isHostile(text: string): boolean {
  return /[^ -~\n]|__proto__|constructor|\\u\{/u.test(text);
}
