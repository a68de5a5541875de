import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SharedTags } from '../../event/metric.ts';
import { TagCache } from './tag_cache.ts';

test('the same texts give the same tags, others give others', () => {
  const cache = new TagCache(['host', 'app']);
  const tags = cache.get(['a', 'x']);
  assert.ok(tags instanceof SharedTags);
  assert.deepEqual(
    [...tags],
    [
      ['host', 'a'],
      ['app', 'x'],
    ],
  );
  assert.equal(cache.get(['a', 'x']), tags);
  assert.notEqual(cache.get(['x', 'a']), tags);
  assert.notEqual(cache.get(['a', 'y']), tags);
  assert.equal(cache.get(['a', 'x']), tags);
});

test('a tag without a value is left out, and is not one with an empty value', () => {
  const cache = new TagCache(['host', 'app']);
  const [none, empty, word] = [cache.get(['a', undefined]), cache.get(['a', '']), cache.get(['a', 'undefined'])];
  assert.deepEqual([...none], [['host', 'a']]);
  assert.deepEqual(empty.get('app'), '');
  assert.deepEqual(word.get('app'), 'undefined');
  assert.equal(cache.get(['a', undefined]), none);
  assert.deepEqual([...cache.get([undefined, undefined])], []);
});

test('long texts are taken and not remembered', () => {
  const cache = new TagCache(['host', 'app']);
  const long = 'x'.repeat(201);
  const tags = cache.get(['a', long]);
  assert.equal(tags.get('app'), long);
  assert.notEqual(cache.get(['a', long]), tags);
  const longest = 'x'.repeat(200);
  assert.equal(cache.get(['a', longest]), cache.get(['a', longest]));
});

test('with ever-new texts what is remembered begins anew, and the tags that were given stay as they are', () => {
  const cache = new TagCache(['n']);
  const first = cache.get(['first']);
  for (let i = 0; i < 8_191; i++) cache.get([String(i)]);
  assert.equal(cache.get(['first']), first, 'it is full');
  cache.get(['one more']);
  const again = cache.get(['first']);
  assert.notEqual(again, first);
  assert.deepEqual([...again], [...first]);
  assert.equal(cache.get(['first']), again);
});

test('series are limited as texts are', () => {
  const cache = new TagCache(['one', 'two']);
  const first = cache.get(['0', '0']);
  const pairs = Array.from({ length: 8_191 }, (_, i) => [String((i + 1) % 91), String(Math.floor((i + 1) / 91))]);
  const all = pairs.map((pair) => cache.get(pair));
  assert.equal(cache.get(['0', '0']), first);
  for (const [i, pair] of pairs.entries()) assert.equal(cache.get(pair), all[i]);
  assert.deepEqual(
    [...cache.get(['x', 'y'])],
    [
      ['one', 'x'],
      ['two', 'y'],
    ],
  );
  assert.notEqual(cache.get(['0', '0']), first);
});

test('the texts that were given may change afterwards', () => {
  const cache = new TagCache(['one', 'two']);
  const texts: (string | undefined)[] = ['a', 'b'];
  const tags = cache.get(texts);
  texts[0] = undefined;
  const others = cache.get(texts);
  assert.deepEqual([...others], [['two', 'b']]);
  assert.deepEqual(
    [...tags],
    [
      ['one', 'a'],
      ['two', 'b'],
    ],
  );
});

test('whatever comes, tags are what was given', () => {
  const text = fc.option(
    fc.oneof(
      fc.constantFrom('', 'a', 'b', '__proto__'),
      fc.string({ maxLength: 3 }),
      fc.string({ minLength: 199, maxLength: 202 }),
    ),
    { nil: undefined },
  );
  const names = ['a', '__proto__', 'constructor'];
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text, text), { maxLength: 40 }), (calls) => {
      const cache = new TagCache(names);
      for (const texts of [...calls, ...calls])
        assert.deepEqual(
          [...cache.get(texts)],
          names.map((name, i) => [name, texts[i]]).filter(([, value]) => value !== undefined),
        );
    }),
  );
});
