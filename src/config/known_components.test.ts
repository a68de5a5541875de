import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from './built_in.ts';
import { currentName, KINDS, knownComponents } from './known_components.ts';
import { definitionsOf } from './registry.ts';

test('knows all components of Vector, each once and in order', () => {
  assert.deepEqual(
    KINDS.map((kind) => knownComponents[kind].length),
    [48, 18, 62],
  );
  for (const kind of KINDS) assert.deepEqual([...new Set(knownComponents[kind])].sort(), knownComponents[kind]);
});

test('every component of this build is one of them', () => {
  for (const kind of KINDS)
    for (const type of Object.keys(definitionsOf(builtIn, kind))) assert.ok(knownComponents[kind].includes(type), type);
});

test('old names lead to those of today', () => {
  assert.equal(currentName('source', 'http'), 'http_server');
  assert.equal(currentName('sink', 'http'), 'http');
  assert.equal(currentName('sink', 'greptimedb'), 'greptimedb_metrics');
  assert.equal(currentName('source', 'constructor'), 'constructor');
});
