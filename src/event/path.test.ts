import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, getPath, type Path, parsePath, removePath, setPath } from './path.ts';
import type { ObjectValue } from './value.ts';

const parsed = (text: string): Path => {
  const path = parsePath(text);
  assert.ok(typeof path !== 'string', String(path));
  return path;
};

test('reads paths with fields, quotes, indices and metadata', () => {
  assert.deepEqual(parsed('.a.b[0]."c d"[-1]').segments, ['a', 'b', 0, 'c d', -1]);
  assert.deepEqual(parsed('message').segments, ['message']);
  assert.deepEqual(parsed('@timestamp').segments, ['@timestamp']);
  assert.deepEqual(parsed('x-request-id').segments, ['x-request-id']);
  assert.deepEqual(parsed('a[0]b."c"d').segments, ['a', 0, 'b', 'c', 'd']);
  assert.deepEqual(parsed('%kafka.topic'), { target: 'metadata', segments: ['kafka', 'topic'] });
  assert.deepEqual(parsed('.'), { target: 'event', segments: [] });
  assert.deepEqual(parsed('%'), { target: 'metadata', segments: [] });
  assert.deepEqual(parsed('"a\\"b"').segments, ['a"b']);
});

test('says what is wrong with a path', () => {
  for (const [text, reason] of [
    ['', /must not be empty/],
    ['a.', /ends in a dot/],
    ['a..b', /between two dots/],
    ['a b', /must be quoted/],
    ['x/request', /`\/` must be quoted/],
    ['"open', /not closed/],
    ['a[x]', /whole number/],
  ] as const) {
    const result = parsePath(text);
    assert.ok(typeof result === 'string', text);
    assert.match(result, reason, text);
  }
});

test('reads and writes hostile names as ordinary fields', () => {
  const root: ObjectValue = {};
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.equal(getPath(root, [name]), undefined);
    setPath(root, [name, 'x'], 1);
    assert.equal(getPath(root, [name, 'x']), 1);
  }
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
  assert.deepEqual(Object.keys(root).sort(), ['__proto__', 'constructor', 'toString']);
  removePath(root, ['__proto__']);
  assert.equal(getPath(root, ['__proto__']), undefined);
});

test('creates what is missing, fills gaps with null, and replaces what is of another kind', () => {
  const root: ObjectValue = { a: 'text' };
  setPath(root, ['a', 'b', 2], true);
  assert.deepEqual(root, { a: { b: [null, null, true] } });
  setPath(root, ['a', 'b', -1], 'last');
  assert.deepEqual(root, { a: { b: [null, null, 'last'] } });
  setPath(root, ['a', 'b', -5], 'first');
  assert.deepEqual(root, { a: { b: ['first', null, null, null, 'last'] } });
  setPath(root, ['a', 'b', 1_000_000_000], 'far');
  assert.equal((getPath(root, ['a', 'b']) as unknown[]).length, 5);
});

test('removes values, and empty parents when asked to', () => {
  const root: ObjectValue = { a: { b: [1, 2] }, c: { d: { e: 1 } } };
  assert.equal(removePath(root, ['a', 'b', 0]), 1);
  assert.deepEqual(root['a'], { b: [2] });
  removePath(root, ['c', 'd', 'e'], true);
  assert.deepEqual(Object.keys(root), ['a']);
  assert.equal(removePath(root, ['nope', 'x']), undefined);
});

test('formats any path so that it reads back the same', () => {
  const segment = fc.oneof(fc.string({ minLength: 1 }), fc.integer({ min: -1000, max: 1000 }));
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.array(segment, { maxLength: 5 }),
      fc.constantFrom('event', 'metadata'),
      (first, rest, target) => {
        const path = {
          target: target as Path['target'],
          segments: [
            first.replace(/[\u0000-\u001f\u007f\\"]/g, 'x'),
            ...rest.map((one) => (typeof one === 'string' ? one.replace(/[\u0000-\u001f\u007f\\"]/g, 'x') : one)),
          ],
        };
        assert.deepEqual(parsed(formatPath(path)), path);
      },
    ),
  );
});
