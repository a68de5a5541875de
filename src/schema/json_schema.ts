// JSON Schema made from options, for editors that complete and check configurations. It accepts what `check` accepts,
// as far as a schema can say it: a leaf may be a `${VARIABLE}` or a `SECRET[…]` whatever its type, a shorthand counts
// for the object it stands for, and aliases count for the option.

import { fieldsFor } from './check.ts';
import type { Fields, Option, OptionInfo, OptionType } from './option.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** Schemas at least this long (as text) that occur more than once are written once, below `$defs`. */
const SHARED_CHARS_MIN = 240;

const SUBSTITUTED = { type: 'string', pattern: '\\$\\{|^\\$[A-Za-z_]|SECRET\\[' };

const PLAIN_TYPES: Readonly<Record<OptionType, JsonSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  uint: { type: 'integer', minimum: 0 },
  int: { type: 'integer' },
  float: { type: 'number' },
  object: { type: 'object' },
  array: { type: 'array' },
  ascii_char: { type: 'string', minLength: 1, maxLength: 1 },
  condition: { type: ['string', 'object'] },
  '*': {},
};

/** Leaves of these types may be written as text that a variable stands in. */
const SUBSTITUTABLE: readonly OptionType[] = ['bool', 'uint', 'int', 'float', 'ascii_char'];

/** What of an option a schema is made from. */
export type Described = Pick<Option<unknown>, 'doc' | 'info'>;

/** The schema of one option. */
export function jsonSchema({ doc, info }: Described): JsonSchema {
  const values = valueSchemas(info);
  const isAny = values.some((schema) => Object.keys(schema).length === 0);
  if (!info.required && !isAny) values.push({ type: 'null' });
  return {
    description: info.unit === undefined ? doc : `${doc} In ${info.unit}.`,
    ...(isWritable(info.default) ? { default: info.default } : {}),
    ...(info.examples === undefined ? {} : { examples: info.examples }),
    ...(info.deprecated === undefined ? {} : { deprecated: true }),
    ...(isAny ? {} : merged(values)),
  };
}

function valueSchemas(info: OptionInfo): JsonSchema[] {
  if (info.enum) return [...enumSchemas(info)];
  const schemas: JsonSchema[] = info.types.map((type) => {
    if (type === 'object') return objectSchema(info);
    if (type === 'array' && info.items) return { type: 'array', items: jsonSchema(info.items) };
    return PLAIN_TYPES[type];
  });
  if (info.types.some((type) => SUBSTITUTABLE.includes(type))) schemas.push(SUBSTITUTED);
  return [...schemas, ...shorthands(info)];
}

/** The words, and the other types of an option that is a word or something else. */
function enumSchemas(info: OptionInfo): JsonSchema[] {
  const words = [...info.enum!, ...Object.keys(info.enumAliases ?? {})];
  const others = info.types
    .filter((type) => type !== 'string')
    .flatMap((type) => (type === 'object' ? alternatives(objectSchema(info)) : [PLAIN_TYPES[type]]));
  return [{ enum: words }, ...others, SUBSTITUTED];
}

/** What may be written in place of the object or list, found by trying the expansion on a value of each type. */
function shorthands({ expand, items }: OptionInfo): JsonSchema[] {
  if (!expand) return [];
  const samples: readonly (readonly [unknown, JsonSchema])[] = [
    [true, { type: 'boolean' }],
    ['text', { type: 'string' }],
    [1, { type: 'number' }],
    [[], { type: 'array' }],
    [{}, { type: 'object' }],
  ];
  const expanded = samples.map(([sample, schema]) => ({ sample, schema, value: expand(sample) }));
  return expanded
    .filter(({ sample, value }) => value !== sample)
    .flatMap(({ sample, schema, value }) => {
      const isElement = items !== undefined && Array.isArray(value) && value.length === 1 && value[0] === sample;
      return isElement ? valueSchemas(items.info) : [schema];
    });
}

function objectSchema(info: OptionInfo): JsonSchema {
  if (info.values) return { type: 'object', additionalProperties: jsonSchema(info.values) };
  if (!info.fields) return PLAIN_TYPES.object;
  if (!info.variants) return membersSchema(info.fields, info.unknown !== 'warn');
  const { tag, cases, aliases } = info.variants;
  const fallback = info.fields[tag]?.info.default;
  const one = (name: string): JsonSchema => {
    const spellings = [name, ...Object.keys(aliases).filter((alias) => aliases[alias] === name)];
    const members = membersSchema(fieldsFor(info, { [tag]: name }), info.unknown !== 'warn');
    const properties = { ...(members['properties'] as JsonSchema), [tag]: { enum: spellings } };
    const required = new Set(members['required'] as string[] | undefined);
    if (name !== fallback) required.add(tag);
    return { ...members, properties, ...(required.size > 0 ? { required: [...required].sort() } : {}) };
  };
  return { anyOf: Object.keys(cases).map(one) };
}

/** The schema of a component: its own options, those of all its kind, and the word that names it. */
export function componentSchema(type: string, { doc, info }: Described, common: Fields): JsonSchema {
  const named = (schema: JsonSchema): JsonSchema => ({
    ...schema,
    properties: { type: { const: type }, ...(schema['properties'] as JsonSchema) },
    required: ['type', ...((schema['required'] as string[] | undefined) ?? [])],
  });
  const schemas = alternatives(objectSchema({ ...info, fields: { ...common, ...info.fields } })).map(named);
  return { description: doc, ...(schemas.length === 1 ? schemas[0] : { anyOf: schemas }) };
}

/** An object with these members: each under its name and its aliases. */
export function membersSchema(fields: Fields, isClosed: boolean): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const choices: JsonSchema[] = [];
  for (const [name, option] of Object.entries(fields)) {
    const names = [name, ...(option.info.aliases ?? [])];
    const schema = jsonSchema(option);
    for (const spelling of names) properties[spelling] = schema;
    if (option.info.required && names.length === 1) required.push(name);
    else if (option.info.required) choices.push({ anyOf: names.map((spelling) => ({ required: [spelling] })) });
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(choices.length > 0 ? { allOf: choices } : {}),
    ...(isClosed ? { additionalProperties: false } : {}),
  };
}

/** One schema that accepts what any of `schemas` does. Bare types become one list, so that editors show them well. */
function merged(schemas: readonly JsonSchema[]): JsonSchema {
  const isBare = (schema: JsonSchema): boolean =>
    Object.keys(schema).join() === 'type' && !Array.isArray(schema['type']);
  const bare = schemas.filter(isBare).map((schema) => schema['type'] as string);
  const rest = schemas.filter((schema) => !isBare(schema));
  const types = bare.length === 0 ? [] : [{ type: bare.length === 1 ? bare[0] : [...new Set(bare)] }];
  const all: JsonSchema[] = [...rest.flatMap(alternatives), ...types];
  return all.length === 1 ? all[0]! : { anyOf: all };
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return Object.keys(schema).join() === 'anyOf' ? (schema['anyOf'] as JsonSchema[]) : [schema];
}

/** Whether a default can be written in JSON. */
function isWritable(value: unknown): boolean {
  if (value === undefined || value === Number.POSITIVE_INFINITY || Number.isNaN(value)) return false;
  return (
    ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value) || value?.constructor === Object
  );
}

/**
 * The same schema with what occurs several times (the `tls` of every network component) moved below `$defs`, named
 * after the option it first stood under.
 */
export function shareSchemas(root: JsonSchema): JsonSchema {
  const seen = new Map<string, { count: number; readonly name: string }>();
  const survey = (schema: JsonSchema, name: string): JsonSchema => {
    const text = JSON.stringify(schema);
    const known = seen.get(text);
    if (known) known.count++;
    else {
      seen.set(text, { count: 1, name });
      mapChildren(schema, name, survey);
    }
    return schema;
  };
  survey(root, 'configuration');
  const definitions: Record<string, JsonSchema> = {};
  const names = new Map<string, string>();
  const rewrite = (schema: JsonSchema, name: string): JsonSchema => {
    const text = JSON.stringify(schema);
    const known = seen.get(text)!;
    if (known.count < 2 || text.length < SHARED_CHARS_MIN) return mapChildren(schema, name, rewrite);
    let shared = names.get(text);
    if (shared === undefined) {
      shared = freeName(known.name, definitions);
      names.set(text, shared);
      definitions[shared] = {};
      definitions[shared] = mapChildren(schema, name, rewrite);
    }
    return { $ref: `#/$defs/${shared}` };
  };
  const result = mapChildren(root, 'configuration', rewrite);
  return names.size === 0 ? result : { ...result, $defs: definitions };
}

/** A copy of `schema` with `change` applied to the schemas directly inside it, each under the name of its option. */
function mapChildren(
  schema: JsonSchema,
  name: string,
  change: (child: JsonSchema, name: string) => JsonSchema,
): JsonSchema {
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties') {
      const members = Object.entries(value as Record<string, JsonSchema>);
      return [keyword, Object.fromEntries(members.map(([member, child]) => [member, change(child, member)]))];
    }
    if (keyword === 'anyOf' || keyword === 'allOf') {
      return [keyword, (value as JsonSchema[]).map((child) => change(child, name))];
    }
    const isSchema =
      keyword === 'items' || keyword === 'then' || (keyword === 'additionalProperties' && typeof value === 'object');
    return [keyword, isSchema ? change(value as JsonSchema, name) : value];
  });
  return Object.fromEntries(entries);
}

function freeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  const plain = name.replace(/\W/g, '_');
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? plain : `${plain}_${number}`;
    if (!Object.hasOwn(taken, candidate)) return candidate;
  }
}
