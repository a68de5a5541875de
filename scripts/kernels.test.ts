// The record of the compiled kernels tells of any change to what they are made from, or to them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelRecord } from './kernels.ts';

const SOURCES = new Map([
  ['a.ts', 'export function a(): void {}'],
  ['b.ts', ''],
]);
const MODULE = Uint8Array.of(0, 1, 2);
const record = kernelRecord(SOURCES, '1.0.0', MODULE);

test('the same sources, compiler and module have the same record', () => {
  assert.equal(kernelRecord(new Map(SOURCES), '1.0.0', Uint8Array.from(MODULE)), record);
});

const changes: readonly [name: string, changed: string][] = [
  ['a source', kernelRecord(new Map([...SOURCES, ['b.ts', '//']]), '1.0.0', MODULE)],
  ['the name of a source', kernelRecord(new Map([...SOURCES, ['c.ts', '']]), '1.0.0', MODULE)],
  ['the compiler', kernelRecord(SOURCES, '1.0.1', MODULE)],
  ['the module', kernelRecord(SOURCES, '1.0.0', Uint8Array.of(0, 1, 3))],
];

for (const [name, changed] of changes) {
  test(`a change of ${name} shows in the record`, () => assert.notEqual(changed, record));
}
