import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Path, parsePath } from '../../event/path.ts';
import { fieldsOf } from './fields.ts';

function paths(texts: readonly string[]): readonly Path[] {
  return texts.map((text) => {
    const path = parsePath(text);
    if (typeof path === 'string') throw new Error(path);
    return path;
  });
}

/** Fields as `name.name` with `r` where they are read and `w` where they are written. */
function shown(reads: readonly string[], writes: readonly string[]): readonly string[] | string {
  const fields = fieldsOf([{ reads: paths(reads), writes: paths(writes) }]);
  if ('whole' in fields) return fields.whole;
  return fields.fields.map(
    ({ names, isRead, isWritten }) => `${names.join('.')} ${isRead ? 'r' : ''}${isWritten ? 'w' : ''}`,
  );
}

for (const [reads, writes, expected] of [
  [
    ['.a', '.b.c'],
    ['.a', '.d'],
    ['a rw', 'b.c r', 'd w'],
  ],
  [['.a'], ['.a.b'], ['a rw']],
  [['.a.b'], ['.a'], ['a rw']],
  [['.a.b', '.a.c'], [], ['a.b r', 'a.c r']],
  [['.ab'], ['.a'], ['ab r', 'a w']],
  [['.a[0].b'], [], ['a r']],
  [[], ['.a[0]'], ['a rw']],
  [[], ['.a.b[1].c'], ['a.b rw']],
  [['%a', '%'], [], []],
  [['.'], [], 'it reads the whole event'],
  [[], ['.'], 'it writes the whole event'],
  [[], ['%a'], 'it writes metadata'],
] as const) {
  test(`reading ${reads.join(', ') || 'nothing'} and writing ${writes.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(shown(reads, writes), expected);
  });
}
