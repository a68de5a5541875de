import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { captured } from '../testing/output.ts';
import { type VrlFlags, vrl } from './vrl.ts';

async function ran(program: string, input: string, more: Partial<VrlFlags> = {}) {
  using folder = temporaryFolder();
  const files = { program: join(folder.path, 'p.vrl'), input: join(folder.path, 'i.json') };
  writeFileSync(files.program, program);
  writeFileSync(files.input, input);
  const output = captured();
  const flags = { ...files, quiet: 0, printObject: false, printWarnings: false, batch: false, color: 'never' } as const;
  const code = await vrl(undefined, { ...flags, ...more }, { ...output, env: {}, finish: () => {} });
  return { code, out: output.out(), err: output.err() };
}

test('prints what the program gives for each event, as VRL writes values', async () => {
  const { code, out } = await ran(".n = .n + 1 ?? 0\n[.n, t'2020-01-01T00:00:00Z', 1.0]", '{"n":1}\n{"n":2}\n');
  assert.deepEqual([code, out], [0, "[2, t'2020-01-01T00:00:00Z', 1]\n[3, t'2020-01-01T00:00:00Z', 1]\n"]);
});

test('prints the event instead when told to', async () => {
  const { out } = await ran('.b = 1\n"x"', '{"a":null}', { printObject: true });
  assert.equal(out, '{ "a": null, "b": 1 }\n');
});

test('takes an empty input for one empty object', async () => {
  assert.equal((await ran('.', '')).out, '{  }\n');
});

test('says on which event a program fails and goes on', async () => {
  const { code, out, err } = await ran('if .a == 1 { abort "no" }\nto_int!(.a)', '{"a":1}\n{"a":"x"}\n{"a":3}\n');
  assert.deepEqual([code, out], [0, '3\n']);
  assert.equal(
    err,
    'no\nfunction call error for "to_int" at (26:37): Invalid integer "x": invalid digit found in string\n',
  );
});

test('ends with 70 where a program does not compile or the input is no JSON', async () => {
  const wrong = await ran('.a = ', '{}');
  assert.deepEqual([wrong.code, wrong.out], [70, '']);
  assert.match(wrong.err, /^error\[E\d+\]/);
  const input = await ran('.', '{}\n{');
  assert.equal(input.code, 70);
  assert.match(input.err, /^error: line 2 of the input is no JSON/);
  assert.equal((await ran('.', '', { timezone: 'Nowhere/At_All' })).code, 70);
});

test('prints warnings when told to', async () => {
  assert.equal((await ran('"a"\n1', '')).err, '');
  assert.match((await ran('"a"\n1', '', { printWarnings: true })).err, /^warning\[E900\]/);
});

test('explains the codes of errors', async () => {
  assert.ok((await ran('', '', { explain: 'E103' })).out.length > 40);
  assert.deepEqual(await ran('', '', { explain: '7' }), {
    code: 70,
    out: '',
    err: 'error: there is no error code `7`\n',
  });
});
