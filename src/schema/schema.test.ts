import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  asciiChar,
  bool,
  check,
  either,
  map,
  object,
  oneOf,
  ParseProblem,
  parsed,
  Substituted,
  string,
  uint,
  variants,
} from './schema.ts';

const sample = object('A sample.', {
  path: string('Where.'),
  size: uint('How big.', { default: 10, aliases: ['length'] }),
  mode: oneOf(['fast', 'slow'], 'How.', { default: 'fast', notYet: ['warp'], enumAliases: { quick: 'fast' } }),
  tags: array(string('A tag.'), 'Tags.', { optional: true }),
  labels: map(string('A label.'), 'Labels.', { optional: true }),
  tls: object('TLS.', { enabled: bool('On.', { optional: true }) }, { optional: true }),
  old: string('Old.', { optional: true, deprecated: 'use `path`' }),
  delimiter: asciiChar('Between.', { default: ',' }),
  concurrency: either(oneOf(['none', 'adaptive'], 'Words.'), uint('A number.', { min: 1 }), 'How many.', {
    default: 'adaptive',
  }),
});

const messages = (raw: unknown) =>
  check(sample, raw).problems.map(({ severity, path, message, hint }) => [severity, path.join('.'), message, hint]);

test('fills in defaults and keeps what was written', () => {
  const { value, problems } = check(sample, { path: '/a', length: 3, mode: 'quick' });
  assert.deepEqual(problems, []);
  assert.deepEqual({ ...value }, { path: '/a', size: 3, mode: 'fast', delimiter: 44, concurrency: 'adaptive' });
  const typed: number | undefined = value?.size;
  assert.equal(typed, 3);
});

test('reports every problem at once, with hints', () => {
  assert.deepEqual(messages({ sise: 3, mode: 'slwo', tags: ['a', 1], labels: { x: true }, tls: { enabld: true } }), [
    ['error', 'sise', 'unknown option `sise`', 'did you mean `size`?'],
    ['error', 'tls.enabld', 'unknown option `enabld`', 'did you mean `enabled`?'],
    ['error', '', '`path` is required', 'Where.'],
    ['error', 'mode', 'unknown value `slwo`', 'did you mean `slow`? expected one of `fast`, `slow`'],
    ['error', 'tags.1', 'expected a string, got the number 1', undefined],
    ['error', 'labels.x', 'expected a string, got the boolean true', undefined],
  ]);
});

test('names a value of Vector that is not built yet', () => {
  assert.match(messages({ path: 'a', mode: 'warp' })[0]![2]!, /one of Vector's values/);
});

test('warns about deprecated options', () => {
  assert.deepEqual(messages({ path: 'a', old: 'x' }), [['warning', 'old', '`old` is deprecated', 'use `path`']]);
});

test('coerces substituted leaves by the type of the option and never leaks a secret', () => {
  const { value } = check(sample, {
    path: new Substituted('123', false),
    size: new Substituted('7', false),
    tls: { enabled: new Substituted('true', false) },
  });
  assert.equal(value?.path, '123');
  assert.equal(value?.size, 7);
  assert.equal(value?.tls?.enabled, true);
  const wrong = check(sample, { path: 'a', size: new Substituted('hunter2', true) });
  assert.equal(wrong.problems.length, 1);
  assert.ok(!JSON.stringify(wrong.problems).includes('hunter2'));
});

const socket = variants(
  'A socket.',
  'mode',
  { tcp: { address: string('Where.') }, unix: { path: string('File.') } },
  { size: uint('Size.', { default: 1 }) },
  { tagAliases: { stream: 'unix' } },
);

test('picks the members of a variant by its tag', () => {
  const { value, problems } = check(socket, { mode: 'stream', path: '/s' });
  assert.deepEqual(problems, []);
  assert.deepEqual({ ...value }, { size: 1, path: '/s', mode: 'unix' });
  if (value?.mode === 'unix') assert.equal(value.path, '/s');
  assert.deepEqual(
    check(socket, { mode: 'tcp', path: '/s' }).problems.map(({ message, hint }) => [message, hint]),
    [
      ['unknown option `path`', 'it belongs to mode `unix`'],
      ['`address` is required', 'Where.'],
    ],
  );
  assert.deepEqual(
    check(socket, {}).problems.map(({ message }) => message),
    ['`mode` is required'],
  );
});

test('expands shorthands and parses values', () => {
  const acknowledgements = object(
    'Acks.',
    { enabled: bool('On.', { optional: true }) },
    { expand: (value) => (typeof value === 'boolean' ? { enabled: value } : value) },
  );
  assert.deepEqual({ ...check(acknowledgements, true).value }, { enabled: true });
  const even = parsed(uint('Even.'), (value) => (value % 2 === 0 ? value / 2 : new ParseProblem(`${value} is odd`)));
  assert.equal(check(even, 4).value, 2);
  assert.deepEqual(
    check(even, 3, ['x']).problems.map(({ message, path }) => [message, path]),
    [['3 is odd', ['x']]],
  );
});
