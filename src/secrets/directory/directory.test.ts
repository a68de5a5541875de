import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../testing/component.ts';
import { secret } from './directory.ts';

test('reads one file for each key, in folders below as well, with or without white space at the end', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'nested/..data'), { recursive: true });
  writeFileSync(join(folder.path, 'jkl'), 'jkl.retrieved\n');
  writeFileSync(join(folder.path, 'nested/..data/password'), ' p \n');
  symlinkSync('..data/password', join(folder.path, 'nested/password'));
  const keys = ['jkl', 'nested/password'];
  const kept = await secret.retrieve({ path: folder.path, remove_trailing_whitespace: false }, keys, { env: {} });
  assert.deepEqual(typeof kept !== 'string' && [...kept.values.values()], ['jkl.retrieved\n', ' p \n']);
  const trimmed = await secret.retrieve({ path: folder.path, remove_trailing_whitespace: true }, keys, { env: {} });
  assert.deepEqual(typeof trimmed !== 'string' && [...trimmed.values.values()], ['jkl.retrieved', ' p']);
});

test('a key leads to nothing outside of the directory', async () => {
  using folder = temporaryFolder();
  const inside = join(folder.path, 'secrets');
  mkdirSync(join(inside, 'below'), { recursive: true });
  writeFileSync(join(folder.path, 'outside'), 'x');
  writeFileSync(join(inside, 'fine'), 'x');
  const keys = ['../outside', 'a/../../outside', '/etc/hostname', '..', '.', 'below', 'gone', 'below/../fine'];
  const answer = await secret.retrieve({ path: inside, remove_trailing_whitespace: false }, keys, { env: {} });
  assert.ok(typeof answer !== 'string');
  assert.deepEqual([...answer.values.keys()], ['below/../fine']);
  assert.equal(answer.faults.get('../outside'), 'it leads out of the directory');
  assert.equal(answer.faults.get('a/../../outside'), 'it leads out of the directory');
  assert.equal(answer.faults.get('below'), `\`${inside}/below\` is not a file`);
  assert.match(answer.faults.get('/etc/hostname')!, /secrets\/etc\/hostname` cannot be read: ENOENT$/);
});
