import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../event/json.ts';
import { schemaValidator } from './validator.ts';

function findings(schema: unknown, value: string, ignoresUnknownFormats = false): string[] | string {
  const validator = schemaValidator(parseJson(JSON.stringify(schema)), ignoresUnknownFormats);
  return typeof validator === 'string' ? validator : validator(parseJson(value));
}

test('finds all that is wrong, in the order of keywords, with places', () => {
  const schema = {
    properties: { a: { type: ['string', 'null'] }, 'b/c': { items: { minimum: 3 } } },
    required: ['a', 'z'],
    additionalProperties: false,
  };
  assert.deepEqual(findings(schema, '{"a": 1, "b/c": [5, 2], "d": 0}'), [
    '1 is not of types "null", "string" at /a',
    '2 is less than the minimum of 3 at /b~1c/1',
    "Additional properties are not allowed ('d' was unexpected) at /",
    '"z" is a required property at /',
  ]);
});

test('takes 1 and 1.0 for the same', () => {
  assert.deepEqual(findings({ const: 1, type: 'integer' }, '1.0'), []);
  assert.deepEqual(findings({ uniqueItems: true }, '[1, 1.0]'), ['[1,1.0] has non-unique elements at /']);
  assert.deepEqual(findings({ multipleOf: 0.1 }, '0.3'), []);
});

test('sees what other keywords have evaluated', () => {
  const schema = {
    $ref: '#/$defs/base',
    $defs: { base: { properties: { a: true } } },
    anyOf: [{ properties: { b: { type: 'string' } } }, { properties: { c: true } }],
    unevaluatedProperties: false,
  };
  assert.deepEqual(findings(schema, '{"a": 1, "b": 2, "c": 3, "d": 4}'), [
    "Unevaluated properties are not allowed ('b', 'd' were unexpected) at /",
  ]);
});

test('ends on schemas that refer to themselves', () => {
  assert.deepEqual(findings({ $ref: '#' }, '1'), []);
  assert.deepEqual(findings({ properties: { a: { $ref: '#' } }, required: ['b'] }, '{"a": {}, "b": 1}'), [
    '"b" is a required property at /a',
  ]);
});

for (const [schema, problem] of [
  [5, '5 is not of types "boolean", "object"'],
  [{ type: 'text' }, `"text" is not valid under any of the schemas listed in the 'anyOf' keyword`],
  [{ $ref: '#/$defs/none' }, "Pointer '/$defs/none' does not exist"],
  [{ pattern: '(' }, '"(" is not a "regex"'],
  [{ format: 'odd' }, "Unknown format: 'odd'. Adjust configuration to ignore unrecognized formats"],
] as const) {
  test(`refuses the schema ${JSON.stringify(schema)}`, () => assert.equal(findings(schema, '1'), problem));
}

test('lets unknown formats pass when it is told to', () => {
  assert.deepEqual(findings({ format: 'odd' }, '"x"', true), []);
});

test('is done with long hostile text at once', () => {
  const text = JSON.stringify(' <'.repeat(200_000));
  assert.deepEqual((findings({ format: 'email' }, text) as string[]).length, 1);
  assert.deepEqual((findings({ format: 'uri' }, JSON.stringify(`a:${'@'.repeat(200_000)}^`)) as string[]).length, 1);
  assert.deepEqual((findings({ pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(100_000)}b`)) as string[]).length, 1);
});
