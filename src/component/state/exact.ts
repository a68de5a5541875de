// Values of every kind as JSON text and back, exactly: what state files hold.
//
// What JSON has is written as it is. Everything else is an object with the one member `$`, a list that begins with a
// letter: `i` integer, `n` number that JSON cannot write, `f` float, `b` bytes, `t` timestamp, `r` regex, `m` map,
// `o` object that has a member `$` itself.

import { setField } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, type ObjectValue, Regex, type Value } from '../../event/value.ts';

export function encodeExact(value: unknown): string {
  return JSON.stringify(plainOf(value));
}

/** Throws when the text is not what `encodeExact` writes. */
export function decodeExact(text: string): unknown {
  return exactOf(JSON.parse(text));
}

function plainOf(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: ['n', numberText(value)] };
    case 'bigint':
      return { $: ['i', String(value)] };
    case 'object':
      return value === null ? null : plainOfObject(value);
    default:
      return value;
  }
}

function plainOfObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (value instanceof Timestamp) return { $: ['t', value.seconds, value.nanos] };
  if (value instanceof Float) return { $: ['f', numberText(value.value)] };
  if (value instanceof Uint8Array) return { $: ['b', Buffer.from(value).toString('base64')] };
  if (value instanceof Regex) return { $: ['r', value.source] };
  if (value instanceof Map) return { $: ['m', [...value].map(([key, one]) => [plainOf(key), plainOf(one)])] };
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (Object.hasOwn(value, '$')) return { $: ['o', entries.map(([key, one]) => [key, plainOf(one)])] };
  const plain: ObjectValue = {};
  for (const [key, one] of entries) setField(plain, key, plainOf(one) as Value);
  return plain;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function exactOf(plain: unknown): unknown {
  if (typeof plain !== 'object' || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(exactOf);
  if (Object.hasOwn(plain, '$')) return tagged((plain as { readonly $: readonly unknown[] }).$);
  return objectOf(Object.entries(plain));
}

function tagged([tag, first, second]: readonly unknown[]): unknown {
  switch (tag) {
    case 'i':
      return BigInt(first as string);
    case 'n':
      return Number(first);
    case 'f':
      return new Float(Number(first));
    case 'b':
      return new Uint8Array(Buffer.from(first as string, 'base64'));
    case 't':
      return new Timestamp(first as number, second as number);
    case 'r':
      return new Regex(first as string);
    case 'm':
      return new Map((first as [unknown, unknown][]).map(([key, one]) => [exactOf(key), exactOf(one)]));
    case 'o':
      return objectOf(first as [string, unknown][]);
    default:
      throw new Error(`a value of the unknown kind ${JSON.stringify(tag)}`);
  }
}

function objectOf(entries: readonly (readonly [string, unknown])[]): ObjectValue {
  const object: ObjectValue = {};
  for (const [key, one] of entries) setField(object, key, exactOf(one) as Value);
  return object;
}
