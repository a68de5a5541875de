// Grok as Datadog has it: rules are tried in order, and the first that matches the whole text gives an object, whose
// fields may lie at paths and pass through filters.

import { setField } from '../../../event/object.ts';
import { getPath, setPath } from '../../../event/path.ts';
import type { Timestamp } from '../../../event/timestamp.ts';
import { isObject, type ObjectValue, type Value } from '../../../event/value.ts';
import { type Failure, fail } from '../../4_run/failure.ts';
import { LimitReached } from '../onig/onig.ts';
import { keyPath } from './path.ts';
import { RuleProblem } from './problem.ts';
import { compileRules, type Field, type Rule } from './rules.ts';

export type GrokParser = (text: string) => ObjectValue | Failure;

/** A parser of the rules, or what is wrong with them. */
export function datadogGrok(
  patterns: readonly string[],
  aliases: ReadonlyMap<string, string>,
  now: () => Timestamp,
): GrokParser | string {
  try {
    const rules = compileRules(patterns, aliases, now);
    return (text) => parse(text, rules);
  } catch (error) {
    if (error instanceof RuleProblem) return error.message;
    throw error;
  }
}

function parse(text: string, rules: readonly Rule[]): ObjectValue | Failure {
  try {
    for (const rule of rules) {
      const result = apply(text, rule);
      if (result) return result;
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return fail(
      'unable to parse grok: failure during regex engine runtime for match of the pattern against the value.',
    );
  }
  return fail('unable to parse grok: value does not match any rule');
}

function apply(text: string, { pattern, fields }: Rule): ObjectValue | undefined {
  const found = pattern.regex.search(text);
  if (!found) return undefined;
  const result: ObjectValue = {};
  for (const [name, capture] of pattern.fields) {
    const start = found[capture * 2]!;
    const end = found[capture * 2 + 1]!;
    if (end === -1 || start === end) continue;
    const field = fields.get(name);
    if (field) addField(result, field, text.slice(start, end));
    else setField(result, name, text.slice(start, end));
  }
  tidy(result);
  return result;
}

function addField(result: ObjectValue, { path, filters }: Field, text: string): void {
  let value: Value = text;
  for (const filter of filters) {
    const filtered = filter(value);
    // What a filter cannot be applied to, or makes null, is left out.
    if (filtered === undefined || filtered === null) return;
    value = isObject(filtered) ? keysAsPaths(filtered) : filtered;
  }
  if (path.length === 0) {
    // Only objects can be merged into the root.
    if (isObject(value)) for (const key of Object.keys(value)) setField(result, key, value[key]!);
    return;
  }
  const existing = getPath(result, path);
  if (existing === undefined) setPath(result, path, value);
  else if (Array.isArray(existing)) existing.push(value);
  else setPath(result, path, [existing, value]);
}

function keysAsPaths(value: Value): Value {
  if (Array.isArray(value)) return value.map(keysAsPaths);
  if (!isObject(value)) return value;
  // The root itself can be replaced, by a key that is the path of the root.
  const holder: ObjectValue = { root: {} };
  for (const key of Object.keys(value).sort()) setPath(holder, ['root', ...keyPath(key)], keysAsPaths(value[key]!));
  return holder['root']!;
}

/** Takes out empty objects and null from all objects. */
function tidy(value: Value): void {
  if (Array.isArray(value)) for (const item of value) tidy(item);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const member = value[key]!;
      tidy(member);
      if (member === null || (isObject(member) && Object.keys(member).length === 0)) delete value[key];
    }
  }
}
