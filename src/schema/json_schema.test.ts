import assert from 'node:assert/strict';
import { test } from 'node:test';
import { componentSchema, type JsonSchema, jsonSchema, membersSchema, shareSchemas } from './json_schema.ts';
import { anything, array, asciiChar, bool, either, map, object, oneOf, string, uint, variants } from './schema.ts';

test('a leaf keeps its type, default, unit and examples', () => {
  assert.deepEqual(jsonSchema(string('A name.', { default: 'a', examples: ['b'] })), {
    description: 'A name.',
    default: 'a',
    examples: ['b'],
    type: ['string', 'null'],
  });
  assert.equal(jsonSchema(uint('A size.', { unit: 'bytes' }))['description'], 'A size. In bytes.');
});

test('a number or flag may be a variable', () => {
  for (const option of [uint('A size.'), bool('A flag.'), asciiChar('A character.')]) {
    const text = JSON.stringify(jsonSchema(option));
    assert.match(text, /"pattern":"\\\\\$\\\\\{/);
  }
  assert.doesNotMatch(JSON.stringify(jsonSchema(string('A name.'))), /pattern/);
});

test('only what must be written is required, and an alias counts for it', () => {
  const fields = { a: string('A.'), b: string('B.', { default: '' }), c: string('C.', { aliases: ['old'] }) };
  const schema = membersSchema(fields, true);
  assert.deepEqual(schema['required'], ['a']);
  assert.deepEqual(schema['allOf'], [{ anyOf: [{ required: ['c'] }, { required: ['old'] }] }]);
  assert.deepEqual(Object.keys(schema['properties'] as object), ['a', 'b', 'c', 'old']);
  assert.equal(schema['additionalProperties'], false);
  assert.equal(membersSchema(fields, false)['additionalProperties'], undefined);
});

test('words are listed with their other spellings', () => {
  const schema = jsonSchema(oneOf(['post', 'put'], 'The method.', { enumAliases: { POST: 'post' } }));
  assert.deepEqual((schema['anyOf'] as object[])[0], { enum: ['post', 'put', 'POST'] });
});

test('a word or a number is either', () => {
  const schema = jsonSchema(either(oneOf(['adaptive'], 'A word.'), uint('A number.'), 'Concurrency.'));
  const text = JSON.stringify(schema);
  assert.match(text, /"enum":\["adaptive"\]/);
  assert.match(text, /"type":"integer"/);
});

test('a shorthand is accepted in place of its object', () => {
  const option = object(
    'Acknowledgements.',
    { enabled: bool('Whether.', { default: false }) },
    { expand: (value) => (typeof value === 'boolean' ? { enabled: value } : value) },
  );
  const types = (jsonSchema(option)['anyOf'] as { type?: unknown }[]).map(({ type }) => type);
  assert.deepEqual(types, ['object', ['boolean', 'null']]);
});

test('an element without the list around it is what an element may be', () => {
  const stage = object('One.', { size: uint('S.') });
  const stages = array(stage, 'All.', { default: [], expand: (value) => (Array.isArray(value) ? value : [value]) });
  const [list, ...others] = jsonSchema(stages)['anyOf'] as JsonSchema[];
  assert.equal(list!['type'], 'array');
  assert.ok(others.some(({ properties }) => Object.hasOwn((properties ?? {}) as object, 'size')));
});

test('each case of a variant is an object of its own, the default one without its tag', () => {
  const option = variants(
    'A buffer.',
    'type',
    { memory: { events: uint('E.') }, disk: { size: uint('S.') } },
    {},
    {
      default: 'memory',
      tagAliases: { ram: 'memory' },
    },
  );
  const [memory, disk] = jsonSchema(option)['anyOf'] as Record<string, Record<string, unknown>>[];
  assert.deepEqual(memory!['required'], ['events']);
  assert.deepEqual(memory!['properties']!['type'], { enum: ['memory', 'ram'] });
  assert.deepEqual(disk!['required'], ['size', 'type']);
  assert.deepEqual(Object.keys(disk!['properties']!).sort(), ['size', 'type']);
});

test('lists, maps and anything go down to their elements', () => {
  assert.deepEqual(jsonSchema(array(string('One.'), 'All.', { default: [] })), {
    description: 'All.',
    default: [],
    anyOf: [{ type: 'array', items: { description: 'One.', type: 'string' } }, { type: 'null' }],
  });
  assert.deepEqual(jsonSchema(map(string('One.'), 'All.')), {
    description: 'All.',
    type: 'object',
    additionalProperties: { description: 'One.', type: 'string' },
  });
  assert.deepEqual(jsonSchema(anything('Whatever.')), { description: 'Whatever.' });
});

test('a component has its own options, those of its kind and its type', () => {
  const own = object('Own.', { path: string('P.') });
  assert.deepEqual(componentSchema('file', own, { inputs: array(string('I.'), 'All.') }), {
    description: 'Own.',
    type: 'object',
    properties: {
      type: { const: 'file' },
      inputs: { description: 'All.', type: 'array', items: { description: 'I.', type: 'string' } },
      path: { description: 'P.', type: 'string' },
    },
    required: ['type', 'inputs', 'path'],
    additionalProperties: false,
  });
  const modes = variants('Modes.', 'mode', { tcp: { port: uint('P.') }, unix: { path: string('P.') } }, {});
  const schemas = componentSchema('socket', modes, {})['anyOf'] as { required: string[] }[];
  assert.deepEqual(
    schemas.map(({ required }) => required),
    [
      ['type', 'mode', 'port'],
      ['type', 'mode', 'path'],
    ],
  );
});

test('what several options have in common is written once', () => {
  const tls = () => object('T'.repeat(300), { type: string('Named like a keyword.') }, { required: true });
  const schema = membersSchema({ a: object('A.', { tls: tls() }), b: object('B.', { tls: tls() }) }, true);
  const shared = shareSchemas(schema) as Record<string, Record<string, Record<string, Record<string, unknown>>>>;
  assert.deepEqual(Object.keys(shared['$defs']!), ['tls']);
  assert.deepEqual(shared['properties']!['a']!['properties']!['tls'], { $ref: '#/$defs/tls' });
  assert.deepEqual(shared['$defs']!['tls']!['properties']!['type'], {
    description: 'Named like a keyword.',
    type: 'string',
  });
});
