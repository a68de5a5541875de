// Options that have members: objects, and objects whose members depend on the value of one of them.

import {
  type AboutOneOf,
  type ConfigOf,
  type Fields,
  forward,
  type Given,
  lazily,
  type Option,
  type OptionInfo,
  oneOf,
  refused,
} from './option.ts';
import { isPlainObject, Substituted } from './substituted.ts';
import { z } from './zod.ts';

interface AboutObject {
  /** Absent: undefined. Otherwise an absent object is an empty one, and its members' defaults apply. */
  readonly optional?: true;
  /** The object must be written out even though members may have defaults. */
  readonly required?: true;
  readonly aliases?: readonly string[];
  readonly hidden?: true;
  readonly deprecated?: string;
  readonly examples?: readonly unknown[];
  /** Unknown members: an error (the default), or a warning where Vector ignores them. */
  readonly unknown?: 'error' | 'warn';
  /** Turns a shorthand into the object it stands for. */
  readonly expand?: (value: unknown) => unknown;
  /** A check across members: adds problems as [member path, message]. */
  readonly checkAll?: (value: never) => readonly (readonly [readonly (string | number)[], string])[];
}

/** An object with known members. */
export function object<const F extends Fields, const A extends AboutObject>(
  doc: string,
  fields: F,
  about?: A,
): Option<Given<ConfigOf<F>, A>> {
  return group(doc, () => objectSchema(fields), { fields }, about) as unknown as Option<Given<ConfigOf<F>, A>>;
}

type VariantsOf<Tag extends string, C extends Readonly<Record<string, Fields>>, F extends Fields> = {
  [K in keyof C]: { readonly [T in Tag]: K } & ConfigOf<C[K]> & ConfigOf<F>;
}[keyof C];

interface AboutVariants<K extends string> extends AboutObject {
  /** The value of the tag when it is not given. */
  readonly default?: K;
  /** What the tag means. */
  readonly tagDoc?: string;
  /** Other spellings of tag values. */
  readonly tagAliases?: Readonly<Record<string, K>>;
  /** Tag values of Vector's that this version does not have. */
  readonly notYet?: readonly string[];
}

/** An object whose members depend on the value of one of them, the tag. `common` members are in every case. */
export function variants<
  const Tag extends string,
  const C extends Readonly<Record<string, Fields>>,
  const F extends Fields,
  const A extends AboutVariants<keyof C & string>,
>(doc: string, tag: Tag, cases: C, common: F, about?: A): Option<Given<VariantsOf<Tag, C, F>, A>> {
  const names = Object.keys(cases);
  const { default: fallback, tagDoc, tagAliases = {}, notYet, ...rest } = about ?? ({} as A);
  const tagOption = oneOf(names, tagDoc ?? `Selects the ${tag}.`, {
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(notYet ? { notYet } : {}),
    enumAliases: tagAliases,
  } as AboutOneOf<string>);
  const schemas = new Map<string, z.ZodType<Record<string, unknown>>>();
  const schemaOf = (name: string): z.ZodType<Record<string, unknown>> => {
    let schema = schemas.get(name);
    if (!schema) {
      schema = objectSchema({ ...common, ...cases[name]!, [tag]: tagOption });
      schemas.set(name, schema);
    }
    return schema;
  };
  const make = () =>
    z.unknown().transform((value, context) => {
      if (!isPlainObject(value)) return refused(context, value, 'object');
      const parsedTag = tagOption.schema.safeParse(Object.hasOwn(value, tag) ? value[tag] : undefined);
      const chosen = parsedTag.success ? schemaOf(parsedTag.data as string) : objectSchema({ [tag]: tagOption });
      const parsed = chosen.safeParse(value);
      if (parsed.success) return parsed.data;
      forward(parsed.error.issues, context, value);
      return z.NEVER;
    });
  const info = { fields: { ...common, [tag]: tagOption }, variants: { tag, cases, aliases: tagAliases } };
  return group(
    doc,
    make as unknown as () => z.ZodType<Record<string, unknown>>,
    info,
    rest as unknown as AboutObject,
  ) as unknown as Option<Given<VariantsOf<Tag, C, F>, A>>;
}

function objectSchema(fields: Fields): z.ZodType<Record<string, unknown>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, option] of Object.entries(fields)) shape[name] = option.schema;
  const aliases = Object.entries(fields).flatMap(([name, { info }]) =>
    (info.aliases ?? []).map((alias) => [alias, name] as const),
  );
  const schema = z.object(shape) as unknown as z.ZodType<Record<string, unknown>>;
  if (aliases.length === 0) return schema;
  return z.preprocess(
    (value) => (isPlainObject(value) ? renamed(value, aliases) : value),
    schema,
  ) as unknown as z.ZodType<Record<string, unknown>>;
}

function renamed(
  value: Record<string, unknown>,
  aliases: readonly (readonly [string, string])[],
): Record<string, unknown> {
  const copy = { ...value };
  for (const [alias, name] of aliases) {
    if (Object.hasOwn(copy, alias) && !Object.hasOwn(copy, name)) copy[name] = copy[alias];
  }
  return copy;
}

function group(
  doc: string,
  base: () => z.ZodType<Record<string, unknown>>,
  info: Partial<OptionInfo>,
  about: AboutObject | undefined,
): Option<unknown> {
  const { optional, required, expand, checkAll, ...facts } = about ?? {};
  const make = (): z.ZodType<unknown> => {
    let schema: z.ZodType<unknown> = base();
    if (checkAll) {
      schema = schema.superRefine((value, context) => {
        for (const [path, message] of checkAll(value as never))
          context.addIssue({ code: 'custom', message, path: [...path] });
      });
    }
    if (optional) schema = schema.optional();
    else if (!required) schema = schema.prefault({} as never);
    return z.preprocess((value) => {
      const given = value === null && !required ? undefined : value;
      const expanded = expand && given !== undefined && given !== null ? expand(given) : given;
      // A variable is text, whatever is in it, although the class that holds it is an object.
      return expanded instanceof Substituted ? expanded.toString() : expanded;
    }, schema);
  };
  const needed = required === true || (!optional && hasRequired(info.fields ?? {}));
  const all = {
    unknown: 'error',
    ...info,
    ...facts,
    ...(expand ? { expand } : {}),
    types: ['object'],
    required: needed,
  };
  return lazily(doc, all as OptionInfo, make);
}

function hasRequired(fields: Fields): boolean {
  return Object.values(fields).some(({ info }) => info.required);
}
