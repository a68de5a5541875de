// The vocabulary of configuration options. Each option carries a sentence of documentation, a schema that checks and
// normalises what a user wrote, and the facts that reference pages, the JSON Schema and completion are made of.
// The type of a parsed configuration is inferred from its options.

import { isPlainObject, plain, Substituted } from './substituted.ts';
import { z } from './zod.ts';

/** Type names of options, as Vector's reference uses them; `*` is anything. */
export type OptionType =
  | 'string'
  | 'bool'
  | 'uint'
  | 'int'
  | 'float'
  | 'object'
  | 'array'
  | 'ascii_char'
  | 'condition'
  | '*';

export interface OptionInfo {
  readonly types: readonly OptionType[];
  readonly required: boolean;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  /** Values that Vector knows and this version does not, accepted nowhere but named in the error. */
  readonly notYet?: readonly string[];
  /** Other spellings of enum values. */
  readonly enumAliases?: Readonly<Record<string, string>>;
  readonly unit?: string;
  readonly syntax?: 'template' | 'path' | 'regex' | 'vrl' | 'uri';
  /** Least and most that a number may be, where that is limited. */
  readonly min?: number;
  readonly max?: number;
  /** The leaf holds a program: nothing is substituted in it without the flag. */
  readonly program?: boolean;
  /** The default is a placeholder such as `${VECTOR_SELF_NODE_NAME}`, resolved when the configuration is loaded. */
  readonly placeholder?: boolean;
  /** The value is a password or key: never printed. */
  readonly sensitive?: boolean;
  readonly examples?: readonly unknown[];
  readonly hidden?: boolean;
  /** Why, and what to use instead. */
  readonly deprecated?: string;
  /** Other keys that mean this option. */
  readonly aliases?: readonly string[];
  /** Members of an object. */
  readonly fields?: Fields;
  /** Members that depend on the value of the member `tag`. */
  readonly variants?: {
    readonly tag: string;
    readonly cases: Readonly<Record<string, Fields>>;
    readonly aliases: Readonly<Record<string, string>>;
  };
  /** What to do with unknown members of an object: Vector refuses some and ignores others, where we warn. */
  readonly unknown?: 'error' | 'warn';
  /** Elements of an array. */
  readonly items?: Option<unknown>;
  /** Values of a map with free keys. */
  readonly values?: Option<unknown>;
  /** Turns a shorthand (`true`, `"gzip"`) into the object it stands for, before anything is checked. */
  readonly expand?: (value: unknown) => unknown;
}

export interface Option<T> {
  readonly doc: string;
  readonly schema: z.ZodType<T>;
  readonly info: OptionInfo;
}

// biome-ignore lint/suspicious/noExplicitAny: the members' types differ; each is inferred by `ConfigOf`.
export type Fields = Readonly<Record<string, Option<any>>>;

/** The parsed configuration of options: of a record of fields, or of one option. */
export type ConfigOf<F> =
  F extends Option<infer T> ? T : { readonly [K in keyof F]: F[K] extends Option<infer T> ? T : never };

/** What every option can say about itself. */
export interface About<T> {
  readonly default?: T;
  /** The option may be absent and is undefined then. */
  readonly optional?: true;
  readonly unit?: string;
  readonly examples?: readonly unknown[];
  readonly aliases?: readonly string[];
  readonly hidden?: true;
  readonly deprecated?: string;
  /** Says what is wrong with a value of the right type, or nothing. */
  readonly validate?: (value: T) => string | undefined;
}

/** The type of an option's value: with undefined where it may be absent. */
export type Given<T, A> = A extends { readonly optional: true } ? T | undefined : T;

/**
 * An option whose schema is made when something is checked against it: a schema is about a KiB, and most options of
 * most components are in no configuration.
 */
export function lazily<T>(doc: string, info: OptionInfo, make: () => z.ZodType<T>): Option<T> {
  let made: z.ZodType<T> | undefined;
  return {
    doc,
    info,
    get schema() {
      made ??= make();
      return made;
    },
  };
}

/** Finishes an option: adds the check of values, the default and optionality to a schema. */
function finish<T, A extends About<T>>(
  doc: string,
  base: () => z.ZodType<T>,
  about: A | undefined,
  info: Partial<OptionInfo> & Pick<OptionInfo, 'types'>,
): Option<Given<T, A>> {
  const { default: fallback, optional, validate, ...facts } = about ?? ({} as A);
  const make = (): z.ZodType<Given<T, A>> => {
    let schema: z.ZodType<T | undefined> = base();
    if (validate) {
      schema = schema.superRefine((value, context) => {
        const message = validate(value as T);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      });
    }
    if (fallback !== undefined) schema = schema.prefault(fallback as never);
    else if (optional) schema = schema.optional();
    // A key written with nothing behind it (`headers:` in YAML) is as good as absent where absence is fine.
    if (fallback !== undefined || optional)
      schema = z.preprocess((value) => (value === null ? undefined : value), schema) as z.ZodType<T | undefined>;
    return schema as z.ZodType<Given<T, A>>;
  };
  const all = {
    ...info,
    ...facts,
    required: fallback === undefined && !optional,
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  return lazily(doc, all, make);
}

/** Lets a substituted leaf through as the value that `coerce` makes of its text. */
function leaf<T>(schema: z.ZodType<T>, coerce: (text: string) => unknown): z.ZodType<T> {
  return z.preprocess(
    (value) => (value instanceof Substituted ? coerce(value.text) : value),
    schema,
  ) as unknown as z.ZodType<T>;
}

const numberOf = (text: string): unknown =>
  /^\s*[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*$/.test(text) ? Number(text.replaceAll('_', '')) : text;
const boolOf = (text: string): unknown =>
  /^\s*true\s*$/i.test(text) ? true : /^\s*false\s*$/i.test(text) ? false : text;

interface AboutText<T extends string = string> extends About<T> {
  readonly syntax?: OptionInfo['syntax'];
  readonly program?: true;
  /** The value is a password or key: never printed. */
  readonly sensitive?: true;
  /** The default holds environment variables, which are put in whatever the flags say. */
  readonly placeholder?: true;
}

/** Text. */
export function string<const A extends AboutText>(doc: string, about?: A): Option<Given<string, A>> {
  return finish<string, A>(doc, () => leaf(z.string(), (text) => text), about, { types: ['string'] });
}

/** Whole numbers from 0. Values past 2^53 mean "without limit". */
export function uint<const A extends About<number> & { readonly min?: number; readonly max?: number }>(
  doc: string,
  about?: A,
): Option<Given<number, A>> {
  const { min = 0, max = Number.POSITIVE_INFINITY, ...rest } = about ?? ({} as A);
  const make = () =>
    z.number().superRefine((value, context) => {
      if (!Number.isInteger(value) || value < 0)
        context.addIssue({ code: 'custom', message: `expected a whole number from ${min}, got ${value}` });
      else if (value < min || value > max)
        context.addIssue({
          code: 'custom',
          message: `must be ${max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`}, got ${value}`,
        });
    });
  return finish<number, A>(doc, () => leaf(make(), numberOf), rest as unknown as A, {
    types: ['uint'],
    ...(min > 0 ? { min } : {}),
    ...(max < Number.POSITIVE_INFINITY ? { max } : {}),
  });
}

/** Whole numbers of either sign. */
export function int<const A extends About<number>>(doc: string, about?: A): Option<Given<number, A>> {
  const make = () =>
    z.number().superRefine((value, context) => {
      if (!Number.isInteger(value))
        context.addIssue({ code: 'custom', message: `expected a whole number, got ${value}` });
    });
  return finish<number, A>(doc, () => leaf(make(), numberOf), about, { types: ['int'] });
}

/** Numbers. */
export function float<const A extends About<number>>(doc: string, about?: A): Option<Given<number, A>> {
  return finish<number, A>(doc, () => leaf(z.number(), numberOf), about, { types: ['float'] });
}

/** `true` or `false`. */
export function bool<const A extends About<boolean>>(doc: string, about?: A): Option<Given<boolean, A>> {
  return finish<boolean, A>(doc, () => leaf(z.boolean(), boolOf), about, { types: ['bool'] });
}

/** One ASCII character, as its code from 0 to 127. The default is written as the character. */
export function asciiChar<const A extends About<string>>(doc: string, about?: A): Option<Given<number, A>> {
  const make = () =>
    z.string().superRefine((value, context) => {
      if (value.length !== 1 || value.charCodeAt(0) > 127)
        context.addIssue({ code: 'custom', message: `expected one ASCII character, got ${JSON.stringify(value)}` });
    });
  const coded = () => leaf(make(), (text) => text).transform((value) => value.charCodeAt(0));
  return finish<number, never>(doc, coded as () => z.ZodType<number>, about as never, {
    types: ['ascii_char'],
  }) as Option<Given<number, A>>;
}

export interface AboutOneOf<T extends string> extends About<T> {
  /** Values of Vector's that this version does not have. */
  readonly notYet?: readonly string[];
  /** Other spellings: alias to value. */
  readonly enumAliases?: Readonly<Record<string, T>>;
}

/** One of a closed list of words. */
export function oneOf<const T extends string, const A extends AboutOneOf<T>>(
  values: readonly T[],
  doc: string,
  about?: A,
): Option<Given<T, A>> {
  const { enumAliases, notYet, ...rest } = about ?? ({} as A);
  const known = (value: unknown): unknown =>
    typeof value === 'string' && enumAliases && Object.hasOwn(enumAliases, value) ? enumAliases[value] : value;
  const make = (): z.ZodType<T> => {
    const word = z.enum(values as unknown as [T, ...T[]]);
    return (enumAliases ? z.preprocess(known, word) : word) as unknown as z.ZodType<T>;
  };
  return finish<T, A>(doc, () => leaf(make(), (text) => text), rest as unknown as A, {
    types: ['string'],
    enum: values,
    ...(notYet ? { notYet } : {}),
    ...(enumAliases ? { enumAliases } : {}),
  });
}

interface AboutArray<T> extends About<readonly T[]> {
  /** Turns a shorthand into the list it stands for. */
  readonly expand?: (value: unknown) => unknown;
}

/** A list. */
export function array<T, const A extends AboutArray<T>>(
  items: Option<T>,
  doc: string,
  about?: A,
): Option<Given<readonly T[], A>> {
  const { expand, ...rest } = about ?? ({} as A);
  const make = (): z.ZodType<readonly T[]> => {
    const list = z.array(items.schema) as unknown as z.ZodType<readonly T[]>;
    if (!expand) return list;
    return z.preprocess((value) => (value === undefined ? value : expand(value)), list) as unknown as typeof list;
  };
  return finish<readonly T[], A>(doc, make, rest as unknown as A, {
    types: ['array'],
    items,
    ...(expand ? { expand } : {}),
  });
}

/** An object with free keys. */
export function map<T, const A extends About<Readonly<Record<string, T>>>>(
  values: Option<T>,
  doc: string,
  about?: A,
): Option<Given<ReadonlyMap<string, T>, A>> {
  const make = () =>
    z.unknown().transform((value, context) => {
      const result = new Map<string, T>();
      if (!isPlainObject(value)) return refused(context, value, 'object');
      for (const [key, member] of Object.entries(value)) {
        const parsed = values.schema.safeParse(member);
        if (parsed.success) result.set(key, parsed.data);
        else forward(parsed.error.issues, context, member, key);
      }
      return result;
    });
  return finish<ReadonlyMap<string, T>, never>(
    doc,
    make as unknown as () => z.ZodType<ReadonlyMap<string, T>>,
    about as never,
    { types: ['object'], values },
  ) as Option<Given<ReadonlyMap<string, T>, A>>;
}

/** Any value at all, as it was written (with substitutions as text). */
export function anything<const A extends About<unknown>>(doc: string, about?: A): Option<unknown> {
  const make = () => z.preprocess(plain, z.unknown()) as z.ZodType<unknown>;
  return finish<unknown, A>(doc, make, about, { types: ['*'] }) as Option<unknown>;
}

/**
 * An option whose parsed value is made from another's: a path, a regular expression, a template.
 * `parse` gives the value, or text that says what is wrong.
 */
export function parsed<T, U>(
  option: Option<T>,
  parse: (value: NonNullable<T>) => U | ParseProblem,
): Option<T extends undefined ? U | undefined : undefined extends T ? U | undefined : U> {
  const make = () =>
    option.schema.transform((value, context) => {
      if (value === undefined || value === null) return undefined;
      const result = parse(value as NonNullable<T>);
      if (!(result instanceof ParseProblem)) return result;
      context.addIssue({ code: 'custom', message: result.message });
      return z.NEVER;
    });
  return lazily(option.doc, option.info, make as never);
}

/** What `parsed` returns for a value that is of the right type and yet wrong. */
export class ParseProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** An option of more than one type, such as a word or a number. The first that takes the value wins. */
export function either<T, U, const A extends About<T | U>>(
  first: Option<T>,
  second: Option<U>,
  doc: string,
  about?: A,
): Option<Given<T | U, A>> {
  const words = [...(first.info.enum ?? []), ...(second.info.enum ?? [])];
  const make = () =>
    z.unknown().transform((value, context) => {
      if (value === undefined) return refused(context, value, 'string');
      const one = first.schema.safeParse(value);
      if (one.success) return one.data;
      const two = second.schema.safeParse(value);
      if (two.success) return two.data;
      // A value of the right type that is wrong in itself is told what is wrong with it.
      const near = [one.error, two.error].find(({ issues }) =>
        issues.some(({ code, path }) => code === 'custom' || path.length > 0),
      );
      if (near) forward(near.issues, context, value);
      else context.addIssue({ code: 'custom', message: `expected ${wanted([first.info, second.info], words)}` });
      return z.NEVER;
    });
  return finish<T | U, A>(doc, make as unknown as () => z.ZodType<T | U>, about, {
    types: [...first.info.types, ...second.info.types],
    ...(words.length > 0 ? { enum: words } : {}),
  });
}

const TYPES_IN_WORDS: Readonly<Record<OptionType, string>> = {
  string: 'a string',
  bool: '`true` or `false`',
  uint: 'a whole number',
  int: 'a whole number',
  float: 'a number',
  object: 'an object',
  array: 'a list',
  ascii_char: 'one ASCII character',
  condition: 'a condition',
  '*': 'anything',
};

function wanted(infos: readonly OptionInfo[], words: readonly string[]): string {
  const types = infos.filter((info) => !info.enum).flatMap((info) => info.types);
  const parts = [...new Set(types)].map((type) => TYPES_IN_WORDS[type]);
  if (words.length > 0) parts.unshift(`one of ${words.map((word) => `\`${word}\``).join(', ')}`);
  return parts.join(' or ');
}

/** What a transformation reports to. */
type Issues = z.core.ParsePayload['issues'];

/** Reports a value of another type than expected. */
export function refused({ issues }: { readonly issues: Issues }, input: unknown, expected: 'object' | 'string'): never {
  issues.push({ code: 'invalid_type', expected, input });
  return z.NEVER;
}

/** Reports what an inner schema found, below `key` where it is about a member. */
export function forward(
  found: readonly z.core.$ZodIssue[],
  context: { readonly issues: Issues },
  input: unknown,
  key?: string,
): void {
  for (const issue of found)
    context.issues.push({ ...issue, path: key === undefined ? issue.path : [key, ...issue.path], input } as never);
}
