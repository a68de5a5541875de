import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toTagged } from '../../src/cli/tagged.ts';
import { defineFunction, type FunctionDefinition, required } from '../../src/vrl/vrl.ts';
import { catalogOf, literalValue, splitTop } from './catalog.ts';
import { Generator, OPERATORS } from './generate.ts';
import { difference, isSameTagged, type Reply } from './reply.ts';
import { shrunk } from './shrink.ts';
import { Chance, KINDS, literal, randomValue } from './values.ts';

const example = (source: string): FunctionDefinition =>
  defineFunction({
    name: 'contains',
    category: 'String',
    doc: 'Whether it does.',
    parameters: [required('value', 'bytes', 'Where.'), required('substring', 'bytes', 'What.')],
    returns: { kinds: ['boolean'], fallible: false },
    examples: [{ title: 'One', source, result: true }],
    run: () => true,
  });

test('the same seed gives the same cases, another seed others', () => {
  const entries = catalogOf([example('contains("a, (b", substring: s\'b\')')]);
  const some = (seed: number): unknown => {
    const generator = new Generator(entries, seed);
    return Array.from({ length: 50 }, () => generator.next().request);
  };
  assert.deepEqual(some(1), some(1));
  assert.notDeepEqual(some(1), some(2));
});

test('arguments are taken out of examples, and whole programs where they need more', () => {
  const [taken] = catalogOf([example('contains("a, (b", substring: s\'b\')')]);
  assert.deepEqual(taken?.recipes[0]?.arguments, [
    { parameter: 'value', isNamed: false, text: '"a, (b"' },
    { parameter: 'substring', isNamed: true, text: "s'b'" },
  ]);
  const [whole] = catalogOf([example('x = "a"\ncontains(x, "a")')]);
  assert.equal(whole?.recipes.length, 0);
  assert.equal(whole?.programs.length, 1);
});

test('every operator comes with every pair of kinds', () => {
  const generator = new Generator(catalogOf([example('contains("a", "b")')]), 7);
  const seen = new Set<string>();
  for (let i = 0; i < 30_000; i++) {
    for (const { operator, left, right } of generator.next().operators) seen.add(`${left} ${operator} ${right}`);
  }
  assert.equal(seen.size, OPERATORS.length * KINDS.length * KINDS.length);
});

test('literals mean the values they were written for', () => {
  const chance = new Chance(3);
  for (let i = 0; i < 5000; i++) {
    const value = randomValue(chance, chance.one(KINDS));
    const text = literal(value, chance);
    if (text === undefined) continue;
    const read = literalValue(text);
    assert.ok(read !== undefined && isSameTagged(toTagged(read), toTagged(value)), text);
  }
});

test('text is split outside of strings, regexes and brackets', () => {
  assert.deepEqual(splitTop(`a, "b, \\" c", [d, e], r'f, \\' g'`, ','), [
    'a',
    ' "b, \\" c"',
    ' [d, e]',
    " r'f, \\' g'",
  ]);
});

test('replies differ by phase, value, places, and where values vary only by kind', () => {
  const same = { varies: false, text: false };
  const reply = (fields: object): Reply => ({ id: '1', event: {}, ...fields });
  assert.equal(difference(reply({ ok: { $float: '1e21' } }), reply({ ok: { $float: '1e+21' } }), same), undefined);
  assert.equal(difference(reply({ ok: { $float: '0.0' } }), reply({ ok: { $float: '-0.0' } }), same)?.aspect, 'value');
  assert.equal(difference(reply({ ok: 1 }), reply({ runtime_error: 'x' }), same)?.aspect, 'phase');
  assert.equal(difference(reply({ ok: 'a' }), reply({ ok: 'b' }), { ...same, varies: true }), undefined);
  assert.equal(difference(reply({ ok: 'a' }), reply({ ok: 1 }), { ...same, varies: true })?.aspect, 'value');
  const failed = (end: number): Reply =>
    reply({
      compile_error: {
        codes: [103],
        text: '',
        labels: [
          [
            [0, 9, false],
            [1, end, true],
          ],
        ],
      },
    });
  assert.equal(difference(failed(2), failed(2), same), undefined);
  assert.equal(difference(failed(2), failed(3), same)?.aspect, 'spans');
});

test('a case is made as small as still shows the difference', async () => {
  const start = { id: '1', source: '.a = 1\nif true { .x = upcase("some text") }\n.b', event: { f0: [1, 2], f1: 'x' } };
  const smallest = await shrunk(start, async (cases) =>
    cases.map(({ source }) => /upcase\("[^"]*t[^"]*"\)/.test(source)),
  );
  assert.deepEqual(smallest, { id: '1', source: 'upcase("t")', event: {} });
});
