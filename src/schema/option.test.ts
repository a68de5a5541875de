import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  anything,
  array,
  asciiChar,
  bool,
  check,
  either,
  float,
  int,
  map,
  type Option,
  oneOf,
  ParseProblem,
  parsed,
  plain,
  Substituted,
  string,
  uint,
} from './schema.ts';

const value = (option: Option<unknown>, raw: unknown): unknown => {
  const checked = check(option, raw);
  assert.deepEqual(checked.problems, []);
  return checked.value;
};
const message = (option: Option<unknown>, raw: unknown): string => {
  const { value: none, problems } = check(option, raw);
  assert.equal(none, undefined);
  assert.equal(problems.length, 1, JSON.stringify(problems));
  return problems[0]!.message;
};
const env = (text: string): Substituted => new Substituted(text, false);

const size = uint('How big.', { min: 1, max: 100 });

for (const [name, option, raw, expected] of [
  ['a string', string('Text.'), 'a', 'a'],
  ['an empty string', string('Text.'), '', ''],
  ['a string from a variable that looks like a number', string('Text.'), env('12'), '12'],
  ['a whole number', size, 100, 100],
  ['a whole number from a variable', size, env(' 1_0 '), 10],
  ['a whole number with an exponent from a variable', size, env('1e2'), 100],
  ['a number past 2^53', uint('Many.'), 2 ** 63, 2 ** 63],
  ['a negative number', int('Any.'), -3, -3],
  ['a negative number from a variable', int('Any.'), env('-3'), -3],
  ['a fraction', float('Any.'), 0.5, 0.5],
  ['a fraction from a variable', float('Any.'), env('.5'), 0.5],
  ['a boolean', bool('On.'), false, false],
  ['a boolean from a variable', bool('On.'), env(' True '), true],
  ['a character', asciiChar('Between.'), '\t', 9],
  ['a character from a variable', asciiChar('Between.'), env('|'), 124],
  ['a word', oneOf(['a', 'b'], 'Word.'), 'b', 'b'],
  ['a word from a variable', oneOf(['a', 'b'], 'Word.'), env('b'), 'b'],
  ['another spelling of a word', oneOf(['a'], 'Word.', { enumAliases: { x: 'a' } }), 'x', 'a'],
  ['another spelling from a variable', oneOf(['a'], 'Word.', { enumAliases: { x: 'a' } }), env('x'), 'a'],
  ['a list', array(size, 'Sizes.'), [1, env('2')], [1, 2]],
  ['anything', anything('Any.'), { a: [env('1'), null] }, { a: ['1', null] }],
] as const) {
  test(`${name} is taken`, () => {
    assert.deepEqual(value(option, raw), expected);
  });
}

for (const [name, option, raw, expected] of [
  ['a number for a string', string('Text.'), 12, 'expected a string, got the number 12'],
  ['null for a required string', string('Text.'), null, 'expected a string, got nothing (null)'],
  ['a list for a string', string('Text.'), [], 'expected a string, got a list'],
  ['a fraction', size, 1.5, 'expected a whole number from 1, got 1.5'],
  ['a negative number', size, -1, 'expected a whole number from 1, got -1'],
  ['too little', size, 0, 'must be from 1 to 100, got 0'],
  ['too much', size, 101, 'must be from 1 to 100, got 101'],
  ['too little without upper limit', uint('N.', { min: 5 }), 4, 'must be at least 5, got 4'],
  ['a string for a number', size, '5', 'expected a number, got the string "5"'],
  ['not a number', float('N.'), Number.NaN, 'expected a number, got the number NaN'],
  ['an infinite number', float('N.'), Number.POSITIVE_INFINITY, 'expected a number, got the number Infinity'],
  [
    'a variable that is no number',
    size,
    env('many'),
    'expected a number, got the string "many" (from an environment variable)',
  ],
  ['a hexadecimal variable', size, env('0x10'), /expected a number/],
  ['a variable of blanks', size, env('  '), /expected a number/],
  ['a fraction for a whole number', int('N.'), 0.5, 'expected a whole number, got 0.5'],
  ['a string for a boolean', bool('On.'), 'true', 'expected `true` or `false`, got the string "true"'],
  [
    'a variable that is no boolean',
    bool('On.'),
    env('constructor'),
    /expected `true` or `false`, got the string "cons/,
  ],
  ['two characters', asciiChar('C.'), 'ab', 'expected one ASCII character, got "ab"'],
  ['no character', asciiChar('C.'), '', 'expected one ASCII character, got ""'],
  ['a character beyond ASCII', asciiChar('C.'), 'ä', 'expected one ASCII character, got "ä"'],
  ['an unknown word', oneOf(['fast'], 'W.'), 'fats', 'unknown value `fats`'],
  [
    'a word of the prototype',
    oneOf(['fast'], 'W.', { enumAliases: { quick: 'fast' } }),
    'constructor',
    /unknown value/,
  ],
  ['a number for a word', oneOf(['a', 'b'], 'W.'), 3, 'expected one of `a`, `b`, got the number 3'],
  ['an object for a list', array(size, 'S.'), {}, 'expected a list, got an object'],
  ['a variable for a list', array(size, 'S.'), env('1,2'), /^expected a list, got the string "1,2"/],
  ['a list for an object', map(size, 'S.'), [], 'expected an object, got a list'],
  ['a variable for an object', map(size, 'S.'), env('{}'), /^expected an object, got the string "\{\}"/],
] as const) {
  test(`${name} is refused in words`, () => {
    if (typeof expected === 'string') assert.equal(message(option, raw), expected);
    else assert.match(message(option, raw), expected);
  });
}

test('a long value is cut in the message', () => {
  for (const option of [size, oneOf(['a'], 'W.')]) assert.ok(message(option, 'x'.repeat(1_000_000)).length < 150);
});

test('null and nothing are the default where there is one, and undefined where it may be absent', () => {
  const limited = uint('N.', { default: 10 });
  const optional = array(string('T.'), 'L.', { optional: true });
  for (const raw of [undefined, null]) {
    assert.equal(value(limited, raw), 10);
    assert.equal(value(optional, raw), undefined);
    assert.equal(value(asciiChar('C.', { default: ',' }), raw), 44);
    assert.deepEqual(value(map(string('V.'), 'M.', { default: {} }), raw), new Map());
  }
  assert.equal(limited.info.required, false);
  assert.equal(optional.info.required, false);
  assert.equal(size.info.required, true);
  assert.deepEqual([size.info.min, size.info.max, limited.info.min], [1, 100, undefined]);
});

test('a check of one’s own sees values of the right type only', () => {
  const even = uint('N.', { validate: (n) => (n % 2 === 0 ? undefined : `${n} is odd`) });
  assert.equal(value(even, 4), 4);
  assert.equal(message(even, 3), '3 is odd');
  assert.match(message(even, 'x'), /^expected a number/);
});

test('a map keeps every key, and says which member is wrong', () => {
  const raw = JSON.parse('{"__proto__":1,"constructor":2,"a b":3}') as unknown;
  assert.deepEqual(
    [...(value(map(size, 'M.'), raw) as Map<string, number>)],
    [
      ['__proto__', 1],
      ['constructor', 2],
      ['a b', 3],
    ],
  );
  const nested = map(map(array(size, 'L.'), 'M.'), 'M.');
  const { problems } = check(nested, { x: { y: [1, 'no', 0] }, z: 5 }, ['root']);
  assert.deepEqual(
    problems.map(({ path, message: text }) => [path, text]),
    [
      [['root', 'x', 'y', 1], 'expected a number, got the string "no"'],
      [['root', 'x', 'y', 2], 'must be from 1 to 100, got 0'],
      [['root', 'z'], 'expected an object, got the number 5'],
    ],
  );
});

test('a list may be written in short', () => {
  const names = array(string('A name.'), 'Names.', {
    expand: (raw) => (typeof raw === 'string' ? raw.split(',') : raw),
  });
  assert.deepEqual(value(names, 'a,b'), ['a', 'b']);
  assert.deepEqual(value(names, ['a']), ['a']);
  assert.equal(message(names, 5), 'expected a list, got the number 5');
});

const concurrency = either(oneOf(['none', 'adaptive'], 'Words.'), uint('A number.', { min: 1 }), 'How many.', {
  default: 'adaptive',
});

test('an option of two types takes either', () => {
  assert.equal(value(concurrency, 'none'), 'none');
  assert.equal(value(concurrency, 7), 7);
  assert.equal(value(concurrency, env('7')), 7);
  assert.equal(value(concurrency, undefined), 'adaptive');
});

test('an option of two types says what is wrong with a value of one of them, else what it takes', () => {
  assert.equal(message(concurrency, 0), 'must be at least 1, got 0');
  assert.equal(message(concurrency, 'some'), 'expected one of `none`, `adaptive` or a whole number');
  const ids = either(string('An id.'), array(string('An id.'), 'Ids.'), 'Which.');
  assert.equal(message(ids, true), 'expected a string or a list');
  const { problems } = check(ids, ['a', 5]);
  assert.deepEqual(
    problems.map(({ path, message: text }) => [path, text]),
    [[[1], 'expected a string, got the number 5']],
  );
});

test('a parsed option gives what its text stands for, and says why it does not', () => {
  const half = parsed(uint('Even.', { optional: true }), (n) => (n % 2 === 0 ? n / 2 : new ParseProblem('it is odd')));
  assert.equal(value(half, 4), 2);
  assert.equal(value(half, undefined), undefined);
  assert.equal(message(half, 3), 'it is odd');
  const fallback = parsed(uint('N.', { default: 6 }), (n) => `${n}!`);
  assert.equal(value(fallback, undefined), '6!');
});

test('what was substituted comes out as plain text, under keys that are hostile too', () => {
  const raw = JSON.parse('{"__proto__":{"a":1},"list":[1]}') as Record<string, unknown>;
  raw['leaf'] = new Substituted('text', true);
  const result = plain(raw) as Record<string, unknown>;
  assert.deepEqual(Object.keys(result), ['__proto__', 'list', 'leaf']);
  assert.equal(result['leaf'], 'text');
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
});
