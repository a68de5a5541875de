// Compiles a JSON Schema of the drafts 4, 6, 7, 2019-09 and 2020-12. Schemas refer to others by name only within the
// one document: nothing is fetched.

import { stringifyJson } from '../../../event/json.ts';
import { getField, sortedKeys } from '../../../event/object.ts';
import { isObject, type ObjectValue, toNumber, type Value } from '../../../event/value.ts';
import {
  anyOfCheck,
  containsCheck,
  dependenciesCheck,
  falseCheck,
  firstItemsCheck,
  ifCheck,
  itemsCheck,
  type MemberSchemas,
  membersCheck,
  noMembersCheck,
  noMoreItemsCheck,
  notCheck,
  oneOfCheck,
  patternPropertiesCheck,
  propertiesCheck,
  propertyNamesCheck,
  sameValueCheck,
  unevaluatedItemsCheck,
  unevaluatedPropertiesCheck,
} from './applicators.ts';
import { contentCheck } from './content.ts';
import { type Check, type Place, SchemaNode, SchemaProblem } from './node.ts';
import { asRustPattern, patternTest } from './patterns.ts';
import { References } from './references.ts';
import {
  constCheck,
  enumCheck,
  isSizeKeyword,
  limitCheck,
  multipleOfCheck,
  requiredReport,
  simple,
  sizeCheck,
  stringList,
  typeCheck,
  uniqueItemsCheck,
} from './scalars.ts';
import { type Draft, stringFormat } from './string_formats.ts';

export interface CompileSettings {
  readonly draft: Draft;
  readonly ignoresUnknownFormats: boolean;
}

/** Throws `SchemaProblem`. */
export function compileSchema(document: Value, settings: CompileSettings): SchemaNode {
  return new SchemaCompiler(document, settings).node(document);
}

type Schema = ObjectValue;
type Keyword = (compiler: SchemaCompiler, value: Value, schema: Schema, owner: SchemaNode) => Check | undefined;

class SchemaCompiler {
  readonly draft: Draft;
  readonly ignoresUnknownFormats: boolean;
  readonly #references: References;
  /** By the schema as it stands in the document, so that what refers to itself is compiled once. */
  readonly #nodes = new Map<Value, SchemaNode>();

  constructor(document: Value, { draft, ignoresUnknownFormats }: CompileSettings) {
    this.draft = draft;
    this.ignoresUnknownFormats = ignoresUnknownFormats;
    this.#references = new References(document);
  }

  node(schema: Value): SchemaNode {
    const node = new SchemaNode();
    if (typeof schema === 'boolean') {
      if (!schema) node.checks = [falseCheck()];
      return node;
    }
    if (!isObject(schema)) throw new SchemaProblem(`${stringifyJson(schema)} is not of types "boolean", "object"`);
    const known = this.#nodes.get(schema);
    if (known) return known;
    this.#nodes.set(schema, node);
    node.checks = this.#checks(schema, node);
    return node;
  }

  nodes(schemas: Value): SchemaNode[] {
    if (!Array.isArray(schemas)) throw new SchemaProblem(`${stringifyJson(schemas)} is not of type "array"`);
    return schemas.map((schema) => this.node(schema));
  }

  named(schemas: Value | undefined): Map<string, SchemaNode> {
    const nodes = new Map<string, SchemaNode>();
    if (schemas === undefined) return nodes;
    if (!isObject(schemas)) throw new SchemaProblem(`${stringifyJson(schemas)} is not of type "object"`);
    for (const name of sortedKeys(schemas)) nodes.set(name, this.node(schemas[name]!));
    return nodes;
  }

  /** Old drafts ignore what stands beside a reference. */
  #checks(schema: Schema, node: SchemaNode): Check[] {
    const reference = getField(schema, '$ref');
    if (this.draft <= 7 && typeof reference === 'string') return [this.reference(reference, schema)];
    const checks: Check[] = [];
    for (const keyword of sortedKeys(schema)) {
      const compile = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword]! : undefined;
      const check = isSizeKeyword(keyword)
        ? sizeCheck(keyword, schema[keyword]!)
        : compile && this.draft >= (SINCE[keyword] ?? 4)
          ? compile(this, schema[keyword]!, schema, node)
          : undefined;
      if (check) checks.push(check);
    }
    return checks;
  }

  /** A reference that comes back to itself without going deeper into the value says nothing more. */
  reference(reference: string, schema: Schema): Check {
    const node = this.node(this.#references.find(reference, schema));
    const active = new Set<Place>();
    const once = (place: Place, run: () => void): void => {
      if (active.has(place)) return;
      active.add(place);
      run();
      active.delete(place);
    };
    return {
      report: (value, place, findings) => once(place, () => node.report(value, place, findings)),
      mark: (value, place, seen) => once(place, () => node.mark(value, place, seen)),
    };
  }

  members(schema: Schema): MemberSchemas {
    const additional = getField(schema, 'additionalProperties');
    const patterns = getField(schema, 'patternProperties');
    return {
      properties: this.named(getField(schema, 'properties')),
      patterns: [...this.named(patterns)].map(([pattern, node]) => ({
        test: testOf(pattern, (patterns as ObjectValue)[pattern]!),
        node,
      })),
      additional: additional === false ? false : isObject(additional) ? this.node(additional) : undefined,
    };
  }
}

/** `shown` is what the complaint is about. */
function testOf(pattern: string, shown: Value): (text: string) => boolean {
  const test = patternTest(pattern);
  if (!test) throw new SchemaProblem(`${stringifyJson(shown)} is not a "regex"`);
  return test;
}

/** Whether `additionalProperties` looks after the other members as well. */
function coversMembers(schema: Schema): boolean {
  const additional = getField(schema, 'additionalProperties');
  return additional === false || isObject(additional);
}

/** The first draft of a keyword, where that is not draft 4. */
const SINCE: Readonly<Record<string, Draft>> = {
  const: 6,
  contentEncoding: 6,
  contentMediaType: 6,
  contains: 6,
  exclusiveMaximum: 6,
  exclusiveMinimum: 6,
  propertyNames: 6,
  if: 7,
  $recursiveRef: 2019,
  dependentRequired: 2019,
  dependentSchemas: 2019,
  unevaluatedItems: 2019,
  unevaluatedProperties: 2019,
  prefixItems: 2020,
  $dynamicRef: 2020,
};

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: (compiler, value, schema) => (typeof value === 'string' ? compiler.reference(value, schema) : undefined),
  $recursiveRef: (compiler, value, schema) =>
    typeof value === 'string' ? compiler.reference(value, schema) : undefined,
  $dynamicRef: (compiler, value, schema) => (typeof value === 'string' ? compiler.reference(value, schema) : undefined),
  type: (compiler, value) => typeCheck(value, compiler.draft === 4),
  const: (_, value) => constCheck(value),
  enum: (_, value) => enumCheck(value),
  maximum: (compiler, value, schema) =>
    limitCheck(compiler.draft === 4 && schema['exclusiveMaximum'] === true ? 'exclusiveMaximum' : 'maximum', value),
  minimum: (compiler, value, schema) =>
    limitCheck(compiler.draft === 4 && schema['exclusiveMinimum'] === true ? 'exclusiveMinimum' : 'minimum', value),
  exclusiveMaximum: (_, value) => limitCheck('exclusiveMaximum', value),
  exclusiveMinimum: (_, value) => limitCheck('exclusiveMinimum', value),
  multipleOf: (_, value) => multipleOfCheck(value),
  pattern: (_, value) => patternCheck(value),
  format: (compiler, value) => formatCheck(compiler, value),
  contentEncoding: (compiler, value, schema) =>
    compiler.draft <= 7 && getField(schema, 'contentMediaType') === undefined
      ? contentCheck(value, undefined)
      : undefined,
  contentMediaType: (compiler, value, schema) =>
    compiler.draft <= 7 ? contentCheck(getField(schema, 'contentEncoding'), value) : undefined,
  uniqueItems: (_, value) => (value === true ? uniqueItemsCheck() : undefined),
  required: (_, value) => requiredCheck(value),
  allOf: (compiler, value) => sameValueCheck(compiler.nodes(value)),
  anyOf: (compiler, value) => anyOfCheck(compiler.nodes(value)),
  oneOf: (compiler, value) => oneOfCheck(compiler.nodes(value)),
  not: (compiler, value) => notCheck(compiler.node(value), value),
  if: (compiler, value, schema) => {
    const [then, otherwise] = [getField(schema, 'then'), getField(schema, 'else')];
    return ifCheck(
      compiler.node(value),
      then === undefined ? undefined : compiler.node(then),
      otherwise === undefined ? undefined : compiler.node(otherwise),
    );
  },
  properties: (compiler, value, schema) => (coversMembers(schema) ? undefined : propertiesCheck(compiler.named(value))),
  patternProperties: (compiler, _, schema) =>
    coversMembers(schema) ? undefined : patternPropertiesCheck(compiler.members(schema).patterns),
  additionalProperties: (compiler, value, schema) => {
    const isAlone = getField(schema, 'properties') === undefined && getField(schema, 'patternProperties') === undefined;
    if (value === false && isAlone) return noMembersCheck();
    if (coversMembers(schema)) return membersCheck(compiler.members(schema));
    // True has nothing to check, but has looked at all of them.
    return value === true ? additionalAllowed : undefined;
  },
  propertyNames: (compiler, value) => propertyNamesCheck(compiler.node(value)),
  dependencies: (compiler, value) => dependenciesOf(compiler, value),
  dependentSchemas: (compiler, value) => dependenciesOf(compiler, value),
  dependentRequired: (compiler, value) => dependenciesOf(compiler, value),
  items: (compiler, value, schema) => {
    if (Array.isArray(value)) return firstItemsCheck(compiler.nodes(value));
    const first = getField(schema, 'prefixItems');
    return itemsCheck(compiler.node(value), compiler.draft === 2020 && Array.isArray(first) ? first.length : 0);
  },
  prefixItems: (compiler, value) => firstItemsCheck(compiler.nodes(value)),
  additionalItems: (compiler, value, schema) => {
    const { items } = schema;
    if (!Array.isArray(items)) return undefined;
    return value === false ? noMoreItemsCheck(items.length) : itemsCheck(compiler.node(value), items.length);
  },
  contains: (compiler, value, schema) => {
    const counts = compiler.draft >= 2019;
    const min = counts ? toNumber(getField(schema, 'minContains')) : undefined;
    const max = counts ? toNumber(getField(schema, 'maxContains')) : undefined;
    return containsCheck(compiler.node(value), min ?? 1, max ?? Number.POSITIVE_INFINITY, compiler.draft === 2020);
  },
  unevaluatedProperties: (compiler, value, _, owner) =>
    unevaluatedPropertiesCheck(owner, value === false ? false : compiler.node(value)),
  unevaluatedItems: (compiler, value, _, owner) =>
    unevaluatedItemsCheck(owner, value === false ? false : compiler.node(value)),
};

const additionalAllowed: Check = {
  report() {},
  mark(value, _place, seen) {
    if (isObject(value)) for (const name of Object.keys(value)) seen.names.add(name);
  },
};

function patternCheck(value: Value): Check {
  const pattern = value as string;
  const test = testOf(pattern, pattern);
  const shownPattern = asRustPattern(pattern);
  return simple(
    (text) => typeof text !== 'string' || test(text),
    (shown) => `${shown} does not match "${shownPattern}"`,
  );
}

function formatCheck(compiler: SchemaCompiler, value: Value): Check | undefined {
  if (typeof value !== 'string') throw new SchemaProblem(`${stringifyJson(value)} is not of type "string"`);
  const holds = stringFormat(value, compiler.draft);
  if (!holds) {
    if (compiler.ignoresUnknownFormats) return undefined;
    throw new SchemaProblem(`Unknown format: '${value}'. Adjust configuration to ignore unrecognized formats`);
  }
  return simple(
    (text) => typeof text !== 'string' || holds(text),
    (shown) => `${shown} is not a "${value}"`,
  );
}

function requiredCheck(value: Value): Check | undefined {
  // Draft 3 had it as a boolean of each member.
  if (typeof value === 'boolean') return undefined;
  const names = stringList(value);
  return {
    report(instance, place, findings) {
      if (!isObject(instance)) return;
      for (const name of names)
        if (!Object.hasOwn(instance, name)) findings.push({ message: requiredReport(name), place });
    },
  };
}

function dependenciesOf(compiler: SchemaCompiler, value: Value): Check {
  if (!isObject(value)) throw new SchemaProblem(`${stringifyJson(value)} is not of type "object"`);
  const dependencies = sortedKeys(value).map((name) => {
    const dependency = value[name]!;
    if (!Array.isArray(dependency)) return [name, compiler.node(dependency)] as const;
    const node = new SchemaNode();
    node.checks = [requiredCheck(dependency)!];
    return [name, node] as const;
  });
  return dependenciesCheck(dependencies);
}
