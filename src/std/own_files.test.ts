// Of a program that is installed; test/deploy/executable.test.ts runs the one that is a single file.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXECUTABLE, loadOwnAddon, ownCommand, readOwnFile, startOwnWorker } from './own_files.ts';

const own = new URL('./own_files.ts', import.meta.url);

test('the files of a program that is installed lie beside its code', () => {
  assert.deepEqual(readOwnFile(own), readFileSync(own));
  assert.throws(() => readOwnFile(new URL('./no_such_file.ts', import.meta.url)), { code: 'ENOENT' });
});

test('what is in an executable cannot be read where there is none', () => {
  assert.throws(() => readOwnFile(new URL('dist/cli/main.js', EXECUTABLE)), { code: /ERR_NOT_IN_SINGLE_EXECUTABLE/ });
});

test('a worker runs a module', async () => {
  const worker = startOwnWorker(new URL('data:text/javascript,process.exit(7)'), {});
  assert.deepEqual(await once(worker, 'exit'), [7]);
});

test('addons come from packages', () => {
  assert.equal(loadOwnAddon('koffi.node'), undefined);
});

test('a program is started once more with the same script and flags', () => {
  const script = `import { ownCommand } from ${JSON.stringify(own.href)}; console.log(JSON.stringify(ownCommand()));`;
  const flags = ['--no-maglev', '--import', `data:text/javascript,${encodeURIComponent(script)}`];
  const { stdout } = spawnSync(process.execPath, [...flags, own.pathname], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(stdout), [process.execPath, ...flags, own.pathname]);
  assert.equal(ownCommand()[0], process.execPath);
});
