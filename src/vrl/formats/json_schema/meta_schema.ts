// What a document must look like to be a schema, as a schema itself: the keywords of all drafts in one.

import type { ObjectValue, Value } from '../../../event/value.ts';
import type { Draft } from './string_formats.ts';

const SCHEMA: Value = { $ref: '#' };
const SCHEMAS: Value = { type: 'object', additionalProperties: SCHEMA };
const LIST: Value = { type: 'array', minItems: 1, items: SCHEMA };
const COUNT: Value = { type: 'integer', minimum: 0 };
const NUMBER: Value = { type: 'number' };
const TEXT: Value = { type: 'string' };
const NAMES: Value = { type: 'array', items: TEXT, uniqueItems: true };
const SIMPLE_TYPES: Value = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] };

export function metaSchema(draft: Draft): Value {
  const properties: ObjectValue = {
    $ref: TEXT,
    $schema: TEXT,
    title: TEXT,
    description: TEXT,
    additionalItems: { anyOf: [{ type: 'boolean' }, SCHEMA] },
    additionalProperties: draft === 4 ? { anyOf: [{ type: 'boolean' }, SCHEMA] } : SCHEMA,
    allOf: LIST,
    anyOf: LIST,
    oneOf: LIST,
    not: SCHEMA,
    definitions: SCHEMAS,
    properties: SCHEMAS,
    patternProperties: SCHEMAS,
    dependencies: { type: 'object', additionalProperties: { anyOf: [SCHEMA, NAMES] } },
    items: draft === 2020 ? SCHEMA : { anyOf: [SCHEMA, LIST] },
    type: {
      anyOf: [SIMPLE_TYPES, { type: 'array', items: SIMPLE_TYPES, minItems: 1, uniqueItems: true }],
    },
    enum: { type: 'array' },
    multipleOf: { type: 'number', ...(draft === 4 ? { minimum: 0, exclusiveMinimum: true } : { exclusiveMinimum: 0 }) },
    maximum: NUMBER,
    minimum: NUMBER,
    exclusiveMaximum: draft === 4 ? { type: 'boolean' } : NUMBER,
    exclusiveMinimum: draft === 4 ? { type: 'boolean' } : NUMBER,
    maxLength: COUNT,
    minLength: COUNT,
    pattern: { type: 'string', format: 'regex' },
    maxItems: COUNT,
    minItems: COUNT,
    uniqueItems: { type: 'boolean' },
    maxProperties: COUNT,
    minProperties: COUNT,
    required: draft === 4 ? { ...(NAMES as ObjectValue), minItems: 1 } : NAMES,
    format: TEXT,
  };
  if (draft >= 6) Object.assign(properties, { $id: TEXT, contains: SCHEMA, propertyNames: SCHEMA });
  if (draft >= 7) for (const keyword of ['if', 'then', 'else']) properties[keyword] = SCHEMA;
  if (draft >= 2019) {
    Object.assign(properties, {
      $defs: SCHEMAS,
      $anchor: TEXT,
      dependentSchemas: SCHEMAS,
      dependentRequired: { type: 'object', additionalProperties: NAMES },
      maxContains: COUNT,
      minContains: COUNT,
      unevaluatedItems: SCHEMA,
      unevaluatedProperties: SCHEMA,
    });
  }
  if (draft === 2020) properties['prefixItems'] = LIST;
  if (draft > 4) return { type: ['object', 'boolean'], properties };
  return {
    type: 'object',
    properties,
    dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
  };
}
