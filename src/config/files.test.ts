import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { loadPaths } from '../testing/config.ts';
import { FILE_BYTES_MAX, formatOf, readConfigFile } from './files.ts';
import { findFiles } from './find_files.ts';

const none = { config: [], configYaml: [], configToml: [], configJson: [], configDirs: [] };

test('the extension tells the format, in small letters', () => {
  assert.deepEqual(['a.yaml', 'a.yml', 'a.toml', 'a.json', 'a.YAML', 'a.conf', 'yaml', '.yaml'].map(formatOf), [
    'yaml',
    'yaml',
    'toml',
    'json',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const unreadable: readonly [name: string, bytes: Uint8Array, message: string][] = [
  ['bytes that are no UTF-8', Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x41]), 'line 2 is not UTF-8 text: ff 41'],
  ['a NUL byte', Buffer.from('a: 1\n\0'), 'there is a NUL byte on line 2: this is no configuration but a binary file'],
  ['UTF-16', Buffer.from('\ufeffa: 1', 'utf16le'), 'this file is UTF-16'],
  [
    'more bytes than a configuration has',
    Buffer.alloc(FILE_BYTES_MAX + 1, '#'),
    'this file is larger than 16 MiB, the most a configuration may be',
  ],
];

for (const [name, bytes, message] of unreadable) {
  test(`refuses a file of ${name}`, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'c.yaml');
    writeFileSync(path, bytes);
    const { problems, root } = await readConfigFile(path, 'yaml');
    assert.equal(root, undefined);
    assert.deepEqual(
      problems.map((problem) => [problem.message, problem.place.file.path]),
      [[message, path]],
    );
  });
}

test('reads a file with a byte order mark', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'c.yaml');
  writeFileSync(path, '\ufeffa: 1');
  assert.deepEqual([...(await readConfigFile(path, 'yaml')).root!.members.keys()], ['a']);
});

test('says why a file cannot be read', async () => {
  using folder = temporaryFolder();
  const locked = join(folder.path, 'locked.yaml');
  writeFileSync(locked, 'a: 1');
  chmodSync(locked, 0);
  const messageOf = async (path: string) => (await readConfigFile(path, 'yaml')).problems[0]?.message;
  assert.equal(await messageOf(join(folder.path, 'gone.yaml')), 'there is no such file');
  assert.equal(await messageOf(folder.path), 'this is a directory');
  // Nothing is locked to root.
  if (process.getuid?.() !== 0) assert.equal(await messageOf(locked), 'permission to read this file is denied');
});

test('patterns are expanded, sorted, and each file is read once', async () => {
  using folder = temporaryFolder();
  for (const name of ['b.yaml', 'a.yaml', 'c.conf', 'x[1].yaml']) writeFileSync(join(folder.path, name), '');
  mkdirSync(join(folder.path, 'dir'));
  const at = (name: string): string => join(folder.path, name);
  const { paths, problems } = await findFiles({
    ...none,
    config: [at('*.yaml'), at('a.yaml'), at('c.conf'), at('x[1].yaml'), at('no*.yaml')],
    configJson: [at('b.yaml')],
    configDirs: [at('dir')],
  });
  assert.deepEqual(
    paths.map(({ path, format }) => [relative(folder.path, path), format]),
    [
      ['a.yaml', 'yaml'],
      ['b.yaml', 'json'],
      ['c.conf', 'toml'],
      ['dir', 'directory'],
      ['x[1].yaml', 'yaml'],
    ],
  );
  assert.deepEqual(problems, [{ message: `no file matches \`${at('no*.yaml')}\`` }]);
});

test('loading names what is not there, and never throws', async () => {
  const { config, messages } = await loadPaths({ config: ['/nonexistent/a.yaml', '/nonexistent/*.yaml'] });
  assert.equal(config, undefined);
  assert.deepEqual(messages, ['no file matches `/nonexistent/*.yaml`', 'there is no such file']);
  assert.deepEqual((await loadPaths({})).messages, ['no configuration file is named']);
});
