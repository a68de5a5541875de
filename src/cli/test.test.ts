import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { captured } from '../testing/output.ts';
import { test as runTests, type TestFlags } from './test.ts';
import { testReply } from './test_batch.ts';

const FLAGS: TestFlags = {
  verbose: 0,
  quiet: 0,
  logFormat: 'text',
  color: 'never',
  coverage: false,
  dangerouslyAllowEnvVarInterpolation: false,
  disableEnvVarInterpolation: false,
};

async function ran(files: Readonly<Record<string, string>>, more: (folder: string) => Partial<TestFlags> = () => ({})) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const output = captured();
  const given = { ...output, env: {}, finish: () => {} };
  const flags = { ...FLAGS, ...more(folder.path) };
  const code = await runTests([join(folder.path, '*.yaml')], flags, given);
  const reports = (flags.junitReport ?? []).map((path) => readFileSync(path, 'utf8'));
  return { code, out: output.out(), err: output.err(), reports };
}

const config = `
transforms:
  a:
    type: remap
    inputs: [elsewhere]
    source: |
      if .message == "never" {
        .x = 1
      }
      .y = 2
`;

const outputs = (condition: string) => `outputs: [{extract_from: a, conditions: ['${condition}']}]`;
const tests = (...conditions: string[]) =>
  `tests:\n${conditions.map((one, index) => `  - {name: "t<${index}>", input: {insert_at: a, value: hi}, ${outputs(one)}}\n`).join('')}`;

test('runs the tests of all files and says which passed', async () => {
  const { code, out } = await ran({ 'a.yaml': config, 'b.yaml': tests('.y == 2', 'true') });
  assert.deepEqual([code, out], [0, 'Running tests\ntest t<0> ... passed\ntest t<1> ... passed\n']);
});

test('says what failed at the end', async () => {
  const { code, out } = await ran({ 'a.yaml': config + tests('.y == 3') });
  assert.equal(code, 78);
  assert.match(
    out,
    /^Running tests\ntest t<0> \.\.\. failed\n\nfailures:\n\ntest t<0>:\n\ncheck\[0\] for transforms \["a"\]/,
  );
});

test('says that there are none', async () => {
  const { code, out } = await ran({ 'a.yaml': config });
  assert.deepEqual([code, out], [0, 'Running tests\nNo tests found.\n']);
});

test('shows what is wrong with the configuration or a test', async () => {
  const wrong = await ran({ 'a.yaml': 'transforms: {a: {type: remap, inputs: [], source: ".a = "}}' });
  assert.equal(wrong.code, 78);
  assert.match(wrong.err, /error\[E20\d\]/);
  const built = await ran({ 'a.yaml': config + tests('.y == 2').replace('insert_at: a', 'insert_at: b') });
  assert.equal(built.code, 78);
  assert.match(built.err, /Failed to build test 't<0>':\n {2}inputs\[0\]: unable to locate target transform 'b'/);
});

test('prints the lines that no test ran', async () => {
  const { out } = await ran({ 'a.yaml': config + tests('true') }, () => ({ coverage: true }));
  assert.match(out, /coverage:\n {2}a: 2 of 3 lines \(66 %\)\n {7}2 │ {3}\.x = 1\n$/);
});

test('writes JUnit XML', async () => {
  const { reports } = await ran({ 'a.yaml': config + tests('true', 'false') }, (folder) => ({
    junitReport: [join(folder, 'report.xml')],
  }));
  assert.match(reports[0]!, /<testsuites name="Vector Unit Tests" tests="2" failures="1" errors="0" time="[\d.]+">/);
  assert.match(reports[0]!, /<testcase name="t&lt;0&gt;" time="[\d.]+"\/>/);
  assert.match(reports[0]!, /<failure>check\[0\] for transforms \[&quot;a&quot;\]/);
});

test('answers requests', async () => {
  const surroundings = { ...captured(), env: {} };
  const reply = (request: object) => testReply(JSON.stringify({ id: 'x', format: 'yaml', ...request }), surroundings);
  assert.deepEqual(await reply({ config: config + tests('true') }), {
    id: 'x',
    tests: [{ name: 't<0>', pass: true, errors: [] }],
  });
  assert.ok('build_errors' in ((await reply({ config: 'transforms: 5' })) as object));
  assert.ok('build_errors' in ((await testReply('{', surroundings)) as object));
});
