// The smaller scripts: what they decide, without what they start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, firstComment } from './bench.ts';
import { exportedFiles, isAsset, isWorker } from './build.ts';
import { formatResult, runChecks } from './check.ts';
import { NODE, run } from './command.ts';
import { findProgram, missingPackages } from './debian.ts';

test('all checks run, and one that throws has failed', async () => {
  const seen: string[] = [];
  const parts = [
    { name: 'good', find: () => '' },
    { name: 'thrown', find: () => assert.fail('oh no') },
    { name: 'bad', find: async () => 'a\nb' },
  ];
  const results = await runChecks(parts, ({ name }) => seen.push(name));
  assert.deepEqual(seen, ['good', 'thrown', 'bad']);
  assert.deepEqual(
    results.map(({ problems }) => problems === ''),
    [true, false, false],
  );
  assert.match(results[1]!.problems, /oh no/);
  assert.equal(formatResult({ name: 'bad', problems: 'a\nb', ms: 1000 }), '✗ bad                 1.0 s\n    a\n    b');
});

test('a command that does not end is killed with all it started', async () => {
  const script =
    "require('child_process').spawn(process.execPath, ['-e', 'setInterval(()=>{},9)'], {stdio:'inherit'});";
  const end = await run(NODE, ['-e', `${script} console.log('up'); setInterval(() => {}, 9)`], { limitMs: 800 });
  assert.deepEqual([end.code, end.timedOut, end.output], [undefined, true, 'up\n']);
});

test('a command that is not there has no exit code and says why', async () => {
  const end = await run('sluice-no-such-program', []);
  assert.deepEqual([end.code, end.timedOut], [undefined, false]);
  assert.match(end.output, /ENOENT/);
});

test('benches are chosen by a part of their name, and unknown ones refused', () => {
  const benches = ['file_http', 'file_blackhole', 'tcp_tcp'].map((name) => ({ name, path: '', question: '' }));
  assert.deepEqual(
    choose(benches, ['file', 'tcp_tcp']).map(({ name }) => name),
    ['file_http', 'file_blackhole', 'tcp_tcp'],
  );
  assert.throws(() => choose(benches, ['udp']), /no bench is named udp; there are file_http, /);
  assert.equal(firstComment('#!/x\n// How fast?\n// More.\n'), 'How fast?');
  assert.equal(firstComment('const a = 1;'), '');
});

test('the package holds every exported file and no tests', () => {
  assert.deepEqual(exportedFiles({ '.': { types: './a.d.ts', default: './a.js' }, './b': './b.js' }), [
    './a.d.ts',
    './a.js',
    './b.js',
  ]);
  assert.deepEqual(
    ['a/b.json', 'a/b.ts', 'a/b.d.ts', 'testing/x.pem', 'a/fixtures/b.log', 'k.wasm', 'a.test.json'].filter(isAsset),
    ['a/b.json', 'k.wasm'],
  );
  assert.deepEqual(
    [
      'a/b_worker.ts',
      'worker.ts',
      'a/worker.test.ts',
      'a/coworker.ts',
      'testing/a_worker.ts',
      'a/worker_thread.ts',
    ].filter(isWorker),
    ['a/b_worker.ts', 'worker.ts'],
  );
});

test('names the packages of programs that are not there', () => {
  assert.deepEqual(missingPackages({ 'no-such-a': 'pkg', 'no-such-b': 'pkg', sh: 'dash' }), ['pkg']);
  assert.equal(findProgram('no-such-a'), undefined);
});
