// The captures of a match as an object, and what is known of that object while compiling.

import { sortUtf8 } from '../../event/key_order.ts';
import { setField } from '../../event/object.ts';
import type { ObjectValue } from '../../event/value.ts';
import { makeFunction } from '../../std/make_function.ts';
import { Kind } from '../2_check/kind.ts';
import type { CompiledRegex, RegexMatch } from './regex.ts';

type NamedCapture = readonly [name: string, index: number];

const named = new WeakMap<CompiledRegex, readonly NamedCapture[]>();

function namedCaptures(regex: CompiledRegex): readonly NamedCapture[] {
  let captures = named.get(regex);
  if (!captures) {
    captures = regex.names.flatMap((name, index): NamedCapture[] => (name === undefined ? [] : [[name, index]]));
    named.set(regex, captures);
  }
  return captures;
}

/** Makes objects of the matches of one regex. */
export function captureReader(regex: CompiledRegex): (match: RegexMatch, numericGroups: boolean) => ObjectValue {
  const captures = namedCaptures(regex);
  const plain = plainReader(captures);
  return (match, numericGroups) => {
    if (plain && !numericGroups) return plain(match);
    const result: ObjectValue = {};
    if (numericGroups) {
      // Captures that took no part are left out, and those after them move up.
      let number = 0;
      for (const text of match) if (text !== undefined) result[number++] = text;
    }
    for (const [name, index] of captures) setField(result, name, match[index] ?? null);
    return result;
  };
}

/**
 * The object of the named captures made at one stroke, members in the order of their names, in which they are written
 * later. Undefined where a name is none that a literal may have, or there are many.
 */
function plainReader(captures: readonly NamedCapture[]): ((match: RegexMatch) => ObjectValue) | undefined {
  if (captures.length > LITERAL_MAX || captures.some(([name]) => !/^[A-Za-z_]\w*$/.test(name) || name === '__proto__'))
    return undefined;
  const byName = new Map(captures);
  const members = sortUtf8([...byName.keys()]).map((name) => `${name}: m[${byName.get(name)!}] ?? null`);
  return makeFunction(['m'], `return {${members.join(', ')}};`, 'vrl/regex_captures') as (
    match: RegexMatch,
  ) => ObjectValue;
}

const LITERAL_MAX = 64;

/** The kind of these objects. */
export function capturesKind(regex: CompiledRegex): Kind {
  const known: Record<string, Kind> = {};
  for (let index = 0; index <= regex.captureCount; index++) known[String(index)] = Kind.of('bytes', 'null');
  for (const [name] of namedCaptures(regex)) known[name] = Kind.of('bytes');
  return Kind.objectOf(known);
}

/** The kind where the regex is not known. */
export function anyCapturesKind(): Kind {
  return Kind.objectOf({}, Kind.of('bytes', 'null'));
}
