import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  array,
  asciiChar,
  bool,
  check,
  describe,
  either,
  float,
  formatConfigPath,
  map,
  type Option,
  object,
  oneOf,
  ParseProblem,
  parsed,
  Substituted,
  string,
  uint,
  variants,
} from './schema.ts';

const SECRET = 'hunter2-0123';

/** Options of every kind, and what a secret in the place of each must not tell. */
const everyKind: Record<string, Option<unknown>> = {
  text: parsed(string('Text.'), (text) => new ParseProblem(`\`${text}\` is no path`)),
  validated: string('Text.', { validate: (text) => `\`${text}\` is wrong` }),
  size: uint('Size.', { min: 5, max: 6 }),
  fraction: float('Fraction.', { validate: (number) => `${number} is wrong` }),
  on: bool('On.'),
  character: asciiChar('Character.'),
  word: oneOf(['fast', 'slow'], 'Word.', { notYet: [SECRET] }),
  list: array(string('Item.'), 'List.'),
  members: object('Members.', { text: string('Text.'), secret: bool('Secret.', { optional: true }) }),
  map: map(string('Value.'), 'Map.'),
  two: either(oneOf(['none'], 'Words.'), uint('Number.', { max: 1 }), 'Two.'),
  variant: variants('Variant.', 'type', { a: { x: uint('X.') } }, {}),
};

for (const [name, option] of Object.entries(everyKind)) {
  for (const text of [SECRET, '12345.678', '-98765']) {
    test(`a secret such as ${text} in the place of \`${name}\` is not told`, () => {
      for (const raw of [
        new Substituted(text, true),
        [new Substituted(text, true)],
        { x: new Substituted(text, true) },
      ]) {
        const { value, problems } = check(object('Outer.', { inner: option }), { inner: raw });
        if (value !== undefined) continue;
        assert.ok(problems.length > 0);
        const told = JSON.stringify(problems);
        for (const part of [text, text.replace('-', ''), 'hunter']) assert.ok(!told.includes(part), told);
      }
    });
  }
}

test('a value of a confidential option is not told either, whatever it was written as', () => {
  const password = string('The password.', { sensitive: true, validate: (text) => `${text} is too short` });
  for (const [raw, message] of [
    [987_654, 'expected a string, got a number that is not shown'],
    [['hunter2'], 'expected a string, got a list'],
    [{ x: 'hunter2' }, 'expected a string, got an object'],
    [null, 'expected a string, got nothing (null)'],
    ['hunter2', 'a string that is not shown is not valid here'],
    [new Substituted('hunter2', true), 'a secret is not valid here'],
  ] as const) {
    const { problems } = check(object('O.', { password }), { password: raw });
    assert.deepEqual(
      problems.map((problem) => problem.message),
      [message],
    );
  }
  assert.deepEqual(check(object('O.', { password }), {}).problems[0]!.message, '`password` is required');
});

test('values are described without flooding the screen or giving secrets away', () => {
  for (const [raw, text] of [
    [undefined, 'nothing'],
    [null, 'nothing (null)'],
    [5, 'the number 5'],
    [5n, 'the bigint 5'],
    [true, 'the boolean true'],
    ['a"b', 'the string "a\\"b"'],
    [['x'], 'a list'],
    [{ x: 1 }, 'an object'],
    [new Substituted('x', false), 'the string "x" (from an environment variable)'],
    [new Substituted('x', true), 'a secret'],
  ] as const)
    assert.equal(describe(raw), text);
  assert.ok(describe('x'.repeat(10_000)).length < 100);
});

test('a mistyped required option is one error: what it was meant to be is not missed as well', () => {
  const { problems } = check(object('O.', { address: string('Where.') }), { adress: 'a' });
  assert.deepEqual(
    problems.map(({ severity, message, hint }) => [severity, message, hint]),
    [['error', 'unknown option `adress`', 'did you mean `address`?']],
  );
});

test('where unknown options are ignored, a mistyped required one is still missed', () => {
  const lenient = object('O.', { address: string('Where.') }, { unknown: 'warn' });
  const { value, problems } = check(lenient, { adress: 'a' });
  assert.equal(value, undefined);
  assert.deepEqual(
    problems.map(({ severity, message }) => [severity, message]),
    [
      ['warning', 'unknown option `adress`, which has no effect'],
      ['error', '`address` is required'],
    ],
  );
});

test('warnings alone leave a value', () => {
  const old = object('O.', { a: uint('A.', { optional: true, deprecated: 'use `b`' }) }, { unknown: 'warn' });
  const { value, problems } = check(old, { a: 1, zzz: 2 });
  assert.equal(value?.a, 1);
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ['warning', 'warning'],
  );
});

test('unknown and deprecated options are found in lists, maps and variants', () => {
  const inner = object('I.', { a: uint('A.', { optional: true, deprecated: 'gone' }) });
  const outer = object('O.', {
    list: array(inner, 'L.', { optional: true }),
    map: map(inner, 'M.', { optional: true }),
    variant: variants('V.', 'type', { x: { inner } }, {}, { optional: true }),
  });
  const members = { a: 1, b: 2 };
  const { problems } = check(outer, { list: [members], map: { k: members }, variant: { type: 'x', inner: members } }, [
    'r',
  ]);
  assert.deepEqual(
    problems.map(({ path, message }) => [formatConfigPath(path), message]),
    ['r.list[0]', 'r.map.k', 'r.variant.inner'].flatMap((place) => [
      [`${place}.a`, '`a` is deprecated'],
      [`${place}.b`, 'unknown option `b`'],
    ]),
  );
});

const anyOptions = object('O.', {
  ...Object.fromEntries(Object.entries(everyKind).map(([name, option]) => [name, option])),
  nested: object('N.', {
    list: array(object('I.', { x: uint('X.', { default: 1, aliases: ['y'] }) }), 'L.', { default: [] }),
  }),
});

test('whatever is written, checking never throws and gives a value or an error', () => {
  const key = fc.constantFrom(...Object.keys(everyKind), 'nested', 'x', 'y', 'type', '__proto__', 'constructor');
  const leaf = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 5 }).map((text) => new Substituted(text, text.length % 2 === 0)),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (raw) => {
      const { value, problems } = check(anyOptions, raw, ['sources', 'in']);
      const failed = problems.some(({ severity }) => severity === 'error');
      assert.equal(value === undefined, failed);
      for (const { path } of problems) assert.deepEqual(path.slice(0, 2), ['sources', 'in']);
    }),
    { numRuns: 300 },
  );
});

test('the work grows with the configuration, not with its square', () => {
  let calls = 0;
  const component = variants(
    'A component.',
    'type',
    { a: { name: string('Name.', { validate: () => void (calls += 1) }) }, b: {} },
    { inputs: array(string('Input.'), 'Inputs.', { default: [] }) },
  );
  const components = (count: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `c${i}`,
        i % 2 === 0 ? { type: 'a', name: `n${i}` } : { type: 'a', nme: 'x', z: 1 },
      ]),
    );
  const option = map(component, 'Components.');
  for (const count of [20, 2_000]) {
    calls = 0;
    const { problems } = check(option, components(count));
    assert.equal(calls, count / 2);
    assert.equal(problems.length, count);
  }
});

test('a path is written as users write it', () => {
  assert.equal(formatConfigPath(['sinks', 'out', 'encoding', 'codec']), 'sinks.out.encoding.codec');
  assert.equal(formatConfigPath(['inputs', 0, 'a b', '']), 'inputs[0]."a b".""');
  assert.equal(formatConfigPath([]), '');
});
