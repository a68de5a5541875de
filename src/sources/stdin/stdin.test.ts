import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig, temporaryFolder } from '../../testing/component.ts';
import { source } from './stdin.ts';

/** Runs the source in a process of its own, which prints the messages it got; stops it after some when told to. */
const PROGRAM = `
  import { startSource } from ${JSON.stringify(new URL('../../testing/component.ts', import.meta.url))};
  import { source } from ${JSON.stringify(new URL('./stdin.ts', import.meta.url))};
  const on = await startSource(source, JSON.parse(process.argv[1]), { slots: 1, onBatch: () => new Promise(setImmediate) });
  if (process.argv[2]) await on.received(Number(process.argv[2])).then(() => on.stop());
  await on.ended;
  console.log(JSON.stringify(on.values.map((value) => value.message)));
`;

function run(stdin: 'pipe' | number, stopAfter?: number): ChildProcess {
  const args = ['{}', ...(stopAfter === undefined ? [] : [String(stopAfter)])];
  return spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, ...args], {
    stdio: [stdin, 'pipe', 'inherit'],
  });
}

async function result(child: ChildProcess): Promise<unknown[]> {
  let text = '';
  child.stdout!.on('data', (bytes) => (text += bytes));
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return JSON.parse(text) as unknown[];
}

test('everything that comes through a pipe is delivered before the end', async () => {
  const child = run('pipe');
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}`);
  child.stdin!.end(lines.join('\n'));
  assert.deepEqual(await result(child), lines);
});

test('a file is read to its end', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'input');
  writeFileSync(path, 'one\ntwo\n');
  assert.deepEqual(await result(run(openSync(path, 'r'))), ['one', 'two']);
});

test('no input is an end at once', async () => {
  assert.deepEqual(await result(run(openSync('/dev/null', 'r'))), []);
});

test('a process whose input stays silent ends when it is told to', async () => {
  const child = run('pipe', 1);
  child.stdin!.write('said\nbegun');
  assert.deepEqual(await result(child), ['said', 'begun']);
  child.stdin!.destroy();
});

test('two of them are one too many', () => {
  assert.deepEqual(source.resources?.(parseConfig(source, {})), ['fd:0']);
  assert.throws(() => parseConfig(source, { nope: 1 }), /unknown option/);
});
