import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Timestamp } from '../src/event/timestamp.ts';
import { Float } from '../src/event/value.ts';
import { defineFunction, optional, required } from '../src/vrl/function.ts';
import { findFunctions, LISTS, renderList } from './vrl_functions.ts';
import { pretty, renderErrors, renderFunctions, signature } from './vrl_reference.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-vrl-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('finds the functions by their names, and passes over tests and files that define none', () => {
  const folder = join(root, 'src/vrl/stdlib');
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('is_ipv4.ts', 'export const isIpv4 = defineFunction({});');
  write('abs.ts', 'export const abs = defineFunction({});');
  write('abs.test.ts', 'export const abs = 1;');
  write('shared.ts', 'export const other = 1;');
  const found = findFunctions(root, 'stdlib');
  assert.deepEqual(
    found.map(({ name }) => name),
    ['abs', 'is_ipv4'],
  );
  const text = renderList(LISTS[0]!, found);
  assert.match(text, /import \{ isIpv4 \} from '\.\/stdlib\/is_ipv4\.ts';/);
  assert.match(text, /export const stdlib: readonly FunctionDefinition\[\] = \[\n {2}abs,\n {2}isIpv4,\n\];\n$/);
  assert.deepEqual(findFunctions(root, 'outside'), []);
});

const shift = defineFunction({
  name: 'shift',
  category: 'Number',
  doc: 'Shifts `value`.',
  parameters: [
    required('value', ['integer', 'float'], 'What | to shift.'),
    optional('by', 'bytes', 'How far.', { default: 'near', values: { near: 'A bit.', far: 'A lot.' } }),
  ],
  failures: ['`value` is too big.'],
  notices: ['Handle\nwith care.'],
  returns: { kinds: ['float'], fallible: true },
  examples: [
    { title: 'Near', source: 'shift(1)', result: new Float(2) },
    { title: 'Too far', source: 'shift!(.a, "far")', event: { a: 1 }, error: 'too far' },
  ],
  run: () => 1,
});

test('a function shows how it is called, its parameters and its examples', () => {
  assert.equal(signature(shift), 'shift(value: integer or float, by?: string)\n  returns float, or fails');
  const page = renderFunctions([shift]);
  assert.match(page, /\*\*Number\*\*: \[`shift`\]\(#shift\)/);
  assert.match(page, /\| `value` \| integer or float \| required \| What \\\| to shift\. \|/);
  assert.match(page, /\| `by` \| string \| `"near"` \| How far\. One of<br>`near`: A bit\.<br>`far`: A lot\. \|/);
  assert.match(page, /It fails when:\n\n- `value` is too big\.\n\n> Handle\n> with care\./);
  assert.match(page, /```coffee\nshift\(1\)\n```\n\ngives\n\n```coffee\n2\.0\n```/);
  assert.match(
    page,
    /With the event\n\n```coffee\n\{ "a": 1 \}\n```\n\n```coffee\nshift!\(\.a, "far"\)\n```\n\nfails with\n\n```text\ntoo far\n```/,
  );
});

test('values are shown as programs write them, long ones in lines', () => {
  assert.equal(
    pretty([1, new Float(1), 'a\nb', null, new Timestamp(0, 0)], ''),
    `[1, 1.0, "a\\nb", null, t'1970-01-01T00:00:00Z']`,
  );
  const long = 'x'.repeat(80);
  assert.equal(pretty({ b: [long], a: {} }, ''), `{\n  "a": {},\n  "b": [\n    "${long}"\n  ]\n}`);
});

test('errors are listed by their code', () => {
  const page = renderErrors({
    900: { name: 'UnusedCode', severity: 'warning', explanation: 'Unused.' },
    100: { name: 'Fallible', severity: 'error', explanation: 'Can fail.' },
  });
  assert.match(page, /## E100 Fallible\n\nCan fail\.\n\n## E900 UnusedCode \(warning\)\n\nUnused\.\n$/);
});
