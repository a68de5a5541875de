import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readPlain, type WrittenFormat } from '../config/config.ts';
import { temporaryFolder } from '../testing/component.ts';
import { captured } from '../testing/output.ts';
import { convertConfig } from './convert_config.ts';

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function convert(input: string, output: string, outputFormat: WrittenFormat): { code: number; errors: string } {
  const { stderr, err } = captured();
  return { code: convertConfig(input, output, { outputFormat }, { stderr }), errors: err() };
}

test('a file becomes a file of another format with the same value, variables as they are written', () => {
  using folder = temporaryFolder();
  write(folder.path, { 'in.toml': 'data_dir = "${DIR}"\n[sources.in]\ntype = "file"\ninclude = ["a", "b"]\n' });
  for (const format of ['yaml', 'json', 'toml'] as const) {
    const output = join(folder.path, `new/folder/out.${format}`);
    assert.deepEqual(convert(join(folder.path, 'in.toml'), output, format), { code: 0, errors: '' });
    assert.deepEqual(readPlain(output).value, {
      data_dir: '${DIR}',
      sources: { in: { type: 'file', include: ['a', 'b'] } },
    });
  }
});

test('a folder becomes a folder, with the folders in it and without other files', () => {
  using folder = temporaryFolder();
  const [input, output] = [join(folder.path, 'in'), join(folder.path, 'out')];
  write(input, { 'a.toml': 'x = 1', 'sources/b.yml': 'y: 2', 'sources/c.json': '{"z":3}', 'README.md': '# no' });
  assert.deepEqual(convert(input, output, 'yaml'), { code: 0, errors: '' });
  assert.equal(readFileSync(join(output, 'a.yaml'), 'utf8'), 'x: 1\n');
  assert.equal(readFileSync(join(output, 'sources/b.yaml'), 'utf8'), 'y: 2\n');
  assert.equal(readFileSync(join(output, 'sources/c.yaml'), 'utf8'), 'z: 3\n');
  assert.ok(!existsSync(join(output, 'README.yaml')));
});

test('what is wrong with one file does not keep the others from being converted', () => {
  using folder = temporaryFolder();
  const [input, output] = [join(folder.path, 'in'), join(folder.path, 'out')];
  write(input, { 'bad.yaml': 'a: [1', 'good.yaml': 'a: 1' });
  const { code, errors } = convert(input, output, 'json');
  assert.equal(code, 70);
  assert.match(errors, /bad\.yaml:\d+:\d+: /);
  assert.deepEqual(readPlain(join(output, 'good.json')).value, { a: 1 });
});

test('two files that would become the same one are said; the first stays', () => {
  using folder = temporaryFolder();
  const [input, output] = [join(folder.path, 'in'), join(folder.path, 'out')];
  write(input, { 'a.toml': 'x = 1', 'a.yaml': 'x: 2' });
  const { code, errors } = convert(input, output, 'json');
  assert.equal(code, 70);
  assert.match(errors, /a\.json cannot be written: EEXIST/);
  assert.deepEqual(readPlain(join(output, 'a.json')).value, { x: 1 });
});

test('input and output that do not fit are refused, and nothing is written over', () => {
  using folder = temporaryFolder();
  write(folder.path, { 'a.yaml': 'x: 1', 'taken.json': 'mine', 'in/b.yaml': 'y: 1' });
  const at = (name: string): string => join(folder.path, name);
  for (const [input, output, message] of [
    ['missing.yaml', 'out.json', /does not exist/],
    ['a.yaml', 'taken.json', /exists already/],
    ['a.yaml', 'out', /must be one too, with an extension/],
    ['in', 'out.json', /must be one too, without an extension/],
    ['in', 'in', /exists already/],
  ] as const) {
    const { code, errors } = convert(at(input), at(output), 'json');
    assert.equal(code, 70);
    assert.match(errors, message);
  }
  assert.equal(readFileSync(at('taken.json'), 'utf8'), 'mine');
  assert.ok(!existsSync(at('out')));
});

test('a link to a folder above is no way round for ever', () => {
  using folder = temporaryFolder();
  const input = join(folder.path, 'in');
  write(input, { 'a.yaml': 'x: 1' });
  symlinkSync(input, join(input, 'loop'));
  assert.deepEqual(convert(input, join(folder.path, 'out'), 'json'), { code: 0, errors: '' });
});

test('folders beyond the depth that is walked are named', () => {
  using folder = temporaryFolder();
  const input = join(folder.path, 'in');
  write(input, { [`${'d/'.repeat(33)}deep.yaml`]: 'x: 1', 'a.yaml': 'x: 1' });
  const { code, errors } = convert(input, join(folder.path, 'out'), 'json');
  assert.equal(code, 70);
  assert.match(errors, /deeper than 32 folders; it was left out/);
  assert.ok(existsSync(join(folder.path, 'out/a.json')));
});
