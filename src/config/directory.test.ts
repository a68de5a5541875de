import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { loadPaths } from '../testing/config.ts';
import { readConfigDirectory } from './directory.ts';
import { plainValue } from './document.ts';

async function read(files: Readonly<Record<string, string>>) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { root, problems, files: read } = await readConfigDirectory(folder.path);
  return {
    value: root && plainValue(root),
    files: read.map((path) => relative(folder.path, path)).sort(),
    problems: problems.map(({ message, hint, place }) => [relative(folder.path, place.file.path), message, hint]),
  };
}

test('files of the sections are components named after them; others at the top are fragments', async () => {
  const { value, problems, files } = await read({
    'vector.yaml': 'data_dir: /x\nsinks: {other: {type: b}}\ntests: [{name: one}]\n',
    'notes.txt': 'not: [yaml',
    'sources/in.toml': 'type = "stdin"\n',
    'sources/deep/no.yaml': 'type: nothing\n',
    'transforms/parse.yaml': 'type: remap\ninputs: [in]\n',
    'transforms/parse/more.yaml': 'a: 1\n',
    'transforms/parse/inner/most.json': '{"b": 2}',
    'sinks/out.json': '{"type": "console", "inputs": ["parse"]}',
    'tests/two.yaml': 'name: two\n',
    'enrichment_tables/t.yaml': 'type: file\n',
    'unknown/x.yaml': 'this: "is not read"\n',
    'sinks/.hidden/x.yaml': 'type: nothing\n',
    'transforms/.git/x.yaml': 'type: nothing\n',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(value, {
    data_dir: '/x',
    sources: { in: { type: 'stdin' } },
    transforms: { parse: { type: 'remap', inputs: ['in'], more: { a: 1 }, inner: { most: { b: 2 } } } },
    sinks: { other: { type: 'b' }, out: { type: 'console', inputs: ['parse'] } },
    enrichment_tables: { t: { type: 'file' } },
    tests: [{ name: 'one' }, { name: 'two' }],
  });
  assert.ok(files.includes('sources/in.toml') && files.includes('') && files.includes('sources'));
  assert.ok(!files.some((file) => /notes|unknown|hidden|git|deep/.test(file)), files.join());
});

test('fragments go into each other: objects by member, lists end to end, later values of one type over earlier', async () => {
  const { value, problems } = await read({
    '1.yaml': 'a: {b: 1, c: [1]}\nd: x\n',
    '2.yaml': 'a: {b: 2, c: [2], e: ~}\nd: y\n',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(value, { a: { b: 2, c: [1, 2], e: null }, d: 'y' });
});

test('fragments of different types are an error, and so is a component in two places', async () => {
  const { problems } = await read({
    '1.yaml': 'a: 1\nsources: {in: {type: x}}\n',
    '2.yaml': 'a: text\n',
    'sources/in.yaml': 'type: y\n',
    'sinks/out.yaml': 'type: y\n',
    'sinks/out.json': '{}',
  });
  assert.deepEqual(
    problems.map(([file, message]) => [file, message?.replace(/`\/.*\//, '`')]),
    [
      ['2.yaml', 'this is text, and a number in ' + problems[0]![1]!.split(' in ')[1]],
      ['sources/in.yaml', '`sources.in` is already in `1.yaml`'],
      ['sinks/out.yaml', '`out` is already in `out.json`'],
    ],
  );
});

test('a file that is broken is named, and the others are read', async () => {
  const { value, problems } = await read({ 'a.yaml': 'x: 1', 'sources/in.yaml': 'type: [', 'sinks/out.json': '{,}' });
  assert.equal(value, undefined);
  assert.deepEqual(
    problems.map(([file]) => file),
    ['sources/in.yaml', 'sinks/out.json'],
  );
});

test('says when there is no such directory, or when it is a file', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'c.yaml');
  writeFileSync(file, 'a: 1');
  const problemsOf = async (path: string) => (await readConfigDirectory(path)).problems.map(({ message }) => message);
  assert.deepEqual(await problemsOf(join(folder.path, 'gone')), ['there is no such directory']);
  assert.deepEqual(await problemsOf(file), ['this is not a directory']);
});

test('a directory as Kubernetes mounts it makes a whole configuration', async () => {
  using folder = temporaryFolder();
  const version = join(folder.path, '..2026_01_01');
  mkdirSync(version);
  writeFileSync(join(version, 'vector.yaml'), 'sources: {in: {type: all}}\nsinks: {out: {type: any, inputs: [in]}}\n');
  symlinkSync('..2026_01_01', join(folder.path, '..data'));
  symlinkSync('..data/vector.yaml', join(folder.path, 'vector.yaml'));
  const { config, problems } = await loadPaths({ configDirs: [folder.path] });
  assert.deepEqual(problems, []);
  assert.deepEqual(config?.files, [folder.path, join(folder.path, 'vector.yaml')]);
});
