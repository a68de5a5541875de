// Checks a raw configuration value against an option: a typed value or the list of all problems, never both thrown.

import { nearest } from '../std/suggest.ts';
import type { ConfigOf, Fields, Option, OptionInfo } from './option.ts';
import type { ConfigPath, Problem } from './problem.ts';
import { isPlainObject, Substituted } from './substituted.ts';
import type { z } from './zod.ts';

export interface Checked<T> {
  /** The parsed value; undefined when there was an error. */
  readonly value: T | undefined;
  /** Errors and warnings, in the order of the document's options. */
  readonly problems: readonly Problem[];
}

/** Checks `raw` against `option`. `path` is where it stands in the document. */
export function check<T>(option: Option<T>, raw: unknown, path: ConfigPath = []): Checked<T> {
  const problems: Problem[] = [];
  inspect(option, raw, path, problems);
  const parsed = option.schema.safeParse(raw);
  if (!parsed.success) {
    const meant = new Set(problems.filter(({ severity }) => severity === 'error').map(meantOption));
    const explained = parsed.error.issues.map((issue) => explain(issue, option, raw, path));
    // A required option that is there with a mistake in its name is not missing as well.
    problems.push(
      ...explained.filter(({ missing }) => missing === undefined || !meant.has(missing)).map(({ problem }) => problem),
    );
  }
  const failed = problems.some(({ severity }) => severity === 'error');
  return { value: failed ? undefined : (parsed.data as T), problems: unique(problems) };
}

/** An object option made of bare fields. */
export type { ConfigOf };

/** Unknown and deprecated keys: what the schema itself lets pass. */
function inspect(option: Option<unknown>, raw: unknown, path: ConfigPath, problems: Problem[]): void {
  const { info } = option;
  const value = info.expand && raw !== undefined && raw !== null ? info.expand(raw) : raw;
  if (Array.isArray(value) && info.items) {
    // What stands for a list of one is written without an index.
    for (const [index, item] of value.entries())
      inspect(info.items, item, Array.isArray(raw) ? [...path, index] : path, problems);
    return;
  }
  if (!isPlainObject(value)) return;
  if (info.values) {
    for (const [key, member] of Object.entries(value)) inspect(info.values, member, [...path, key], problems);
    return;
  }
  if (!info.fields) return;
  const fields = fieldsFor(info, value);
  for (const [key, member] of Object.entries(value)) {
    const name = nameOf(fields, key);
    const known = name === undefined ? undefined : fields[name];
    if (known) {
      if (name !== key && Object.hasOwn(value, name!)) problems.push(writtenTwice(name!, key, path));
      if (known.info.deprecated !== undefined)
        problems.push({
          severity: 'warning',
          path: [...path, key],
          message: `\`${key}\` is deprecated`,
          hint: known.info.deprecated,
          atKey: true,
          isAdvice: true,
        });
      inspect(known, member, [...path, key], problems);
    } else problems.push(unknownKey(key, info, fields, path));
  }
}

/** Every member that an object may have in any of its cases. */
export function fieldsOf(info: OptionInfo): Fields {
  return Object.assign({}, info.fields, ...Object.values(info.variants?.cases ?? {})) as Fields;
}

/** The members that `value` may have: with variants, those of its own case. */
export function fieldsFor(info: OptionInfo, value: Record<string, unknown>): Fields {
  if (!info.variants) return info.fields ?? {};
  const { tag, cases, aliases } = info.variants;
  const own = Object.hasOwn(value, tag) ? value[tag] : undefined;
  const written = own ?? info.fields?.[tag]?.info.default;
  const text = written instanceof Substituted ? written.text : written;
  const name = typeof text !== 'string' ? '' : Object.hasOwn(aliases, text) ? aliases[text]! : text;
  if (Object.hasOwn(cases, name)) return { ...info.fields, ...cases[name] };
  return fieldsOf(info);
}

/** The name of the option that a key means: its own, or the one whose alias it is. */
function nameOf(fields: Fields, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  return Object.keys(fields).find((name) => fields[name]!.info.aliases?.includes(key));
}

function writtenTwice(name: string, alias: string, path: ConfigPath): Problem {
  return {
    severity: 'error',
    path: [...path, alias],
    message: `\`${alias}\` is another name of \`${name}\`, which is there too`,
    hint: 'keep one of them',
    atKey: true,
  };
}

function unknownKey(key: string, info: OptionInfo, fields: Fields, path: ConfigPath): Problem {
  const elsewhere =
    info.variants &&
    Object.entries(info.variants.cases)
      .filter(([, members]) => Object.hasOwn(members, key))
      .map(([name]) => name);
  const guess = nearest(key, Object.keys(fields));
  const names = Object.entries(fields)
    .filter(([, field]) => !field.info.hidden)
    .map(([name]) => name)
    .sort();
  const hint = elsewhere?.length
    ? `it belongs to ${info.variants!.tag} ${elsewhere.map((name) => `\`${name}\``).join(', ')}`
    : guess !== undefined
      ? `did you mean \`${guess}\`?`
      : names.length <= 24
        ? `known here: ${names.join(', ') || 'nothing'}`
        : undefined;
  return {
    severity: info.unknown === 'warn' ? 'warning' : 'error',
    path: [...path, key],
    message: `unknown option \`${key}\`${info.unknown === 'warn' ? ', which has no effect' : ''}`,
    ...(hint ? { hint } : {}),
    atKey: true,
  };
}

/** The option that an unknown key was probably meant to be, as a path in one text. */
function meantOption({ path, hint }: Problem): string | undefined {
  const guess = /^did you mean `(.*)`\?$/.exec(hint ?? '')?.[1];
  return guess === undefined ? undefined : [...path.slice(0, -1), guess].join('\0');
}

interface Explained {
  readonly problem: Problem;
  /** The path of a required option that is not there, in one text. */
  readonly missing?: string;
}

/** A zod issue in words. */
function explain(issue: z.core.$ZodIssue, option: Option<unknown>, raw: unknown, base: ConfigPath): Explained {
  const found = locate(option, raw, issue.path as (string | number)[]);
  const whole = [...base, ...found.path];
  const path = found.missing ? whole.slice(0, -1) : whole;
  const explained = (message: string, hint?: string): Explained => ({
    problem: { severity: 'error', path, message, ...(hint ? { hint } : {}) },
  });
  // A check of ours may be about a member that is not there, and says itself what it wants.
  if (found.missing && issue.code !== 'custom')
    return {
      ...explained(`\`${String(issue.path.at(-1) ?? '')}\` is required`, found.option?.doc),
      missing: whole.join('\0'),
    };
  const isConfidential = isSecret(found.value) || found.option?.info.sensitive === true;
  const got = isConfidential ? describeType(found.value) : describe(found.value);
  if (issue.code === 'invalid_type')
    return explained(`expected ${TYPE_NAMES[issue.expected] ?? issue.expected}, got ${got}`);
  if (issue.code === 'invalid_value' && found.option?.info.enum)
    return explained(...wrongWord(found.option.info, found.value, got));
  // Whoever wrote the message did not know that the value in it is to be kept from sight.
  if (isConfidential) return explained(`${got} is not valid here`, found.option?.doc);
  return explained(issue.message, issue.code === 'custom' ? undefined : found.option?.doc);
}

const TYPE_NAMES: Record<string, string> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  boolean: '`true` or `false`',
  record: 'an object',
};

function wrongWord(info: OptionInfo, value: unknown, got: string): [string, string] {
  const words = info.enum!;
  const text = value instanceof Substituted && !value.secret ? value.text : value;
  if (typeof text !== 'string') return [`expected one of ${list(words)}, got ${got}`, 'write one of these words'];
  if (info.notYet?.includes(text))
    return [`\`${text}\` is one of Vector's values that this version of Sluice does not have`, `it has ${list(words)}`];
  const guess = nearest(text, words);
  return [
    `unknown value \`${cut(text)}\``,
    `${guess === undefined ? '' : `did you mean \`${guess}\`? `}expected one of ${list(words)}`,
  ];
}

function list(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** A value in words, without giving secrets away and without flooding the screen. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (null)';
  if (value instanceof Substituted)
    return value.secret ? 'a secret' : `the string ${JSON.stringify(cut(value.text))} (from an environment variable)`;
  if (typeof value === 'object') return describeType(value);
  return `the ${typeof value} ${typeof value === 'string' ? JSON.stringify(cut(value)) : String(value)}`;
}

function isSecret(value: unknown): boolean {
  return value instanceof Substituted && value.secret;
}

/** What a value is, and nothing of what is in it. */
function describeType(value: unknown): string {
  if (value === undefined || value === null) return describe(value);
  if (isSecret(value)) return 'a secret';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && !(value instanceof Substituted)
    ? 'an object'
    : `a ${typeof value} that is not shown`;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The option and the raw value that an issue's path leads to, and the path with keys as they were written. */
function locate(
  option: Option<unknown>,
  raw: unknown,
  path: readonly (string | number)[],
): { option: Option<unknown> | undefined; value: unknown; missing: boolean; path: (string | number)[] } {
  let current: Option<unknown> | undefined = option;
  let value = raw;
  let missing = false;
  const written: (string | number)[] = [];
  for (const part of path) {
    const info: OptionInfo | undefined = current?.info;
    const isList = Array.isArray(value);
    if (info?.expand && value !== undefined && value !== null) value = info.expand(value);
    if (typeof part === 'number') {
      current = info?.items;
      value = Array.isArray(value) ? value[part] : undefined;
      if (isList) written.push(part);
    } else {
      const parent: Record<string, unknown> = isPlainObject(value) ? value : {};
      const fields: Fields = info?.fields ? fieldsFor(info, parent) : {};
      current = info?.values ?? (Object.hasOwn(fields, part) ? fields[part] : undefined);
      const key: string | undefined = [part, ...(current?.info.aliases ?? [])].find((name) =>
        Object.hasOwn(parent, name),
      );
      missing = key === undefined;
      value = key === undefined ? undefined : parent[key];
      written.push(key ?? part);
    }
  }
  return { option: current, value, missing: missing && value === undefined, path: written };
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const key = `${path.join('\0')}\0\0${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
