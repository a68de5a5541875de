import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Glob, parseGlob, walkGlob } from './glob.ts';

function glob(source: string): Glob {
  const parsed = parseGlob(source);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const MATCHES: readonly (readonly [string, string, boolean])[] = [
  ['*.log', 'a.log', true],
  ['*.log', '.log', true],
  ['*.log', '.hidden.log', true],
  ['*.log', 'deep/in/a.log', true],
  ['*.log', 'a.log.1', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a?c', 'a𝄞c', true],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[!a-c]x', 'dx', true],
  ['[!a-c]x', 'ax', false],
  ['[]]', ']', true],
  ['[!]]', ']', false],
  ['[a-]', '-', true],
  ['[*]', '*', true],
  ['[*]', 'x', false],
  ['[^a]', '^', true],
  ['\\*', '\\anything', true],
  ['{a,b}', '{a,b}', true],
  ['{a,b}', 'a', false],
  ['A', 'a', false],
  ['/var/**/a.log', '/var/a.log', true],
  ['/var/**/a.log', '/var/x/y/a.log', true],
  ['/var/**/a.log', '/var/xa.log', false],
  ['/var/**/*.log', '/var/x/y/b.log', true],
  ['/var/**', '/var/x/y', true],
  ['**/a', 'a', true],
  ['**/a', 'x/y/a', true],
  ['**/a', 'x/ya', false],
  ['*a*/**/b', 'xay/b', true],
  ['*/**/c/*', 'a/b/c/d', true],
  ['', '', true],
  ['', 'a', false],
];

for (const [pattern, path, expected] of MATCHES) {
  test(`\`${pattern}\` ${expected ? 'matches' : 'does not match'} \`${path}\``, () => {
    assert.equal(glob(pattern).matches(path), expected);
  });
}

for (const pattern of ['a**', 'a/**b', '***', '[abc', '[]']) {
  test(`refuses \`${pattern}\``, () => assert.equal(typeof parseGlob(pattern), 'string'));
}

test('answers a hostile name against many wildcards by linear work', () => {
  const pattern = glob(`${'*a'.repeat(100)}b`);
  assert.equal(pattern.matches('a'.repeat(5000)), false);
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-glob-'));
after(() => rmSync(folder, { recursive: true, force: true }));
for (const name of ['a.log', 'b.log', '.hidden.log', 'c.txt', 'sub/d.log', 'sub/deep/e.log', 'other/f.log']) {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), name);
}
symlinkSync(folder, join(folder, 'sub', 'back'));
symlinkSync(join(folder, 'other'), join(folder, 'linked'));

async function walk(pattern: string, entriesMax = 1000) {
  const errors: string[] = [];
  let limited = false;
  const found = await walkGlob(glob(`${folder}/${pattern}`), {
    entriesMax,
    onError: (path) => errors.push(path),
    onLimit: () => (limited = true),
  });
  return { found: found.map((path) => path.slice(folder.length + 1)), errors, limited };
}

test('finds files of one directory in the order of their names, hidden ones too', async () => {
  assert.deepEqual(await walk('*.log'), { found: ['.hidden.log', 'a.log', 'b.log'], errors: [], limited: false });
});

test('a wildcard stays within its part of the path while walking', async () => {
  assert.deepEqual((await walk('*/*.log')).found, ['linked/f.log', 'other/f.log', 'sub/d.log']);
});

test('`**` follows links to directories and notices when one leads back', async () => {
  assert.deepEqual((await walk('**/*.log')).found, [
    '.hidden.log',
    'a.log',
    'b.log',
    'linked/f.log',
    'other/f.log',
    'sub/d.log',
    'sub/deep/e.log',
  ]);
});

test('`**` in front of names and nothing behind it', async () => {
  assert.deepEqual((await walk('**/deep/e.log')).found, ['sub/deep/e.log']);
  assert.deepEqual((await walk('**')).found, []);
});

test('plain paths and missing directories are no errors', async () => {
  assert.deepEqual(await walk('c.txt'), { found: ['c.txt'], errors: [], limited: false });
  assert.deepEqual(await walk('missing/*.log'), { found: [], errors: [], limited: false });
  assert.deepEqual(await walk('a.log/*.log'), { found: [], errors: [], limited: false });
});

test('stops at the limit of entries and says so', async () => {
  const { found, limited } = await walk('**/*.log', 3);
  assert.equal(limited, true);
  assert.ok(found.length < 7);
});
