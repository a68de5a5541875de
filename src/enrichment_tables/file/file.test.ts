import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programEnvironment } from '../../component/program_environment.ts';
import { parseRfc3339 } from '../../event/timestamp.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { csvRecords } from './csv.ts';
import { loadFileTable } from './file.ts';

const environment = programEnvironment({ timezone: 'UTC', now: Date.now, random: Math.random, log: () => {} });

for (const [text, records] of [
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a\r\n\r\nb', [['a'], ['b']]],
  ['"x, ""y""\nz",2\n', [['x, "y"\nz', '2']]],
  [
    'a,\n,b',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['', []],
] as const) {
  test(`reads the records of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(csvRecords(text, ','), records);
  });
}

function table(text: string, schema: Readonly<Record<string, string>> = {}, headers = true) {
  using folder = temporaryFolder();
  const path = join(folder.path, 't.csv');
  writeFileSync(path, text);
  const encoding = { include_headers: headers, delimiter: ',' };
  return loadFileTable({ file: { path, encoding }, schema: new Map(Object.entries(schema)) }, environment);
}

const PEOPLE = 'id,name,born\n1,Ann,1990-01-02\n2,ann,2000-03-04\n3,Bob,1980-05-06\n';
const SCHEMA = { id: 'integer', born: 'date' };

function find(conditions: Parameters<ReturnType<typeof table>['find']>[0], more = {}, caseSensitive = true) {
  const people = table(PEOPLE, SCHEMA);
  const prepared = people.prepareIndex(
    conditions.filter(({ type }) => type === 'equals').map(({ field }) => field),
    caseSensitive,
  );
  assert.ok(typeof prepared !== 'string');
  const rows = people.find(conditions, { caseSensitive, limit: 100, index: prepared.index, ...more });
  return (rows as { id: number }[]).map(({ id }) => id);
}

test('finds rows by equal values, with or without the case of letters', () => {
  assert.deepEqual(find([{ type: 'equals', field: 'name', value: 'Ann' }]), [1]);
  assert.deepEqual(find([{ type: 'equals', field: 'name', value: 'ANN' }], {}, false), [1, 2]);
  assert.deepEqual(find([{ type: 'equals', field: 'id', value: 3 }]), [3]);
  assert.deepEqual(find([{ type: 'equals', field: 'id', value: '3' }]), []);
});

test('finds rows by ranges of dates', () => {
  const from = parseRfc3339('1985-01-01T00:00:00Z')!;
  const to = parseRfc3339('1995-01-01T00:00:00Z')!;
  assert.deepEqual(find([{ type: 'between', field: 'born', from, to }]), [1]);
  assert.deepEqual(find([{ type: 'from', field: 'born', from }]), [1, 2]);
  assert.deepEqual(find([{ type: 'to', field: 'born', to }]), [1, 3]);
});

test('stops at the limit and takes a wildcard for any value', () => {
  assert.deepEqual(find([{ type: 'equals', field: 'name', value: 'ann' }], { limit: 1 }, false), [1]);
  assert.deepEqual(find([{ type: 'equals', field: 'name', value: 'nobody' }], { wildcard: 'Bob' }), [3]);
});

test('gives the fields that are wanted', () => {
  const people = table(PEOPLE, SCHEMA);
  const { index } = people.prepareIndex([], true) as { index: unknown };
  const rows = people.find([], { caseSensitive: true, limit: 1, index, select: ['name', 'none'] });
  assert.deepEqual(rows, [{ name: 'Ann' }]);
});

test('names the columns by their number when the file does not', () => {
  const plain = table('a,b\n', {}, false);
  const { index } = plain.prepareIndex([], true) as { index: unknown };
  assert.deepEqual(plain.find([], { caseSensitive: true, limit: 9, index }), [{ 0: 'a', 1: 'b' }]);
});

test('says what is wrong with a file and with what is looked for', () => {
  assert.match(String(table(PEOPLE).prepareIndex(['nme'], true)), /field\(s\) 'nme' missing/);
  assert.throws(() => table('id\nx\n', { id: 'integer' }), /unable to parse x found in column id row 0/);
  assert.throws(() => table('id\nx\n', { id: 'number' }), /is no type of a column/);
  assert.throws(() => table('a,b\n1\n'), /row 0 has no column b/);
});
