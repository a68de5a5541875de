import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_BYTES_MAX, formatFinding, tidyFile, tidyPackages, untestedComponents } from './tidy.ts';

const HEADER = '// What it is.\n';

/** Messages about a file with this text. */
function messages(path: string, text: string, existing: readonly string[] = []): string[] {
  return tidyFile(path, Buffer.from(text), (one) => existing.includes(one)).map(formatFinding);
}

// Put together here, so that this file itself stays tidy.
const broken: readonly [name: string, path: string, text: string, complaint: RegExp][] = [
  ['a test that runs alone', 'src/a.test.ts', `test.${'only'}('x', f);\n`, /:1: runs one test only/],
  ['a skipped test', 'src/a.test.ts', `\ntest.${'skip'}('x', f);\n`, /:2: is switched off/],
  ['a test skipped by its options', 'src/a.test.ts', `test('x', { skip: ${'true'} }, f);\n`, /is switched off/],
  ['hidden type errors', 'src/a.ts', `${HEADER}// @ts-${'ignore'}\n`, /hides type errors/],
  ['work left behind', 'docs/a.md', `${'TO'}${'DO'}: write\n`, /leaves work behind/],
  ['a folder of one machine', 'docs/a.md', `see /${'home'}/me/x\n`, /names a folder of one machine/],
  ['a package registry', 'docs/a.md', `https://registry.${'npmjs'}.org\n`, /names a package registry/],
  ['a worker by its file', 'src/a.ts', `${HEADER}new Worker(file);\n`, /:2: looks for a file beside the code/],
  ['carriage returns', 'docs/a.md', 'a\r\n', /has carriage returns/],
  ['a missing last line feed', 'docs/a.md', 'a', /does not end with a line feed/],
  ['a source without a header', 'src/a.ts', 'export const a = 1;\n', /does not open with a comment/],
  ['a source not in snake_case', 'src/aB.ts', HEADER, /not named in snake_case/],
  ['a folder not in snake_case', 'src/a-b/c.ts', HEADER, /not named in snake_case/],
  ['a dead link', 'docs/a.md', 'see [b](b.md)\n', /docs\/a\.md:1: links to b\.md, which is not there/],
];

for (const [name, path, text, complaint] of broken) {
  test(`finds ${name}`, () => {
    const found = messages(path, text);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, complaint);
  });
}

const fine: readonly [name: string, path: string, text: string][] = [
  ['a test without a header', 'src/a.test.ts', 'const a = 1;\n'],
  ['a test that may need something', 'src/a.test.ts', "test('x', { skip: await ensure({}) }, f);\n"],
  ['a worker of a test', 'src/a.test.ts', 'new Worker(file);\n'],
  ['a path below another', 'docs/a.md', 'see x/home/y and ../work/z and ${HOME}/work/z\n'],
  ['a link that holds', 'docs/a.md', 'see [b](../b.md#c), [c](https://x.example) and [d](#e)\n'],
  ['a link inside code', 'docs/a.md', '```\n[b](b.md)\n```\n`[b](b.md)`\n'],
  ['a fixture of any shape', 'test/fixtures/A b', 'no\r\nend'],
  ['a numbered folder', 'src/vrl/1_parse/lexer.ts', HEADER],
  ['a binary file', 'docs/a.png', '\0\r'],
];

for (const [name, path, text] of fine) {
  test(`accepts ${name}`, () => assert.deepEqual(messages(path, text, ['b.md']), []));
}

test('finds a file that is too large, wherever it is', () => {
  const found = tidyFile('test/fixtures/big', Buffer.alloc(FILE_BYTES_MAX + 1), () => true);
  assert.match(formatFinding(found[0]!), /has 1048577 bytes/);
});

test('finds components without a test', () => {
  const paths = ['src/sinks/a/a.ts', 'src/sinks/a/a.test.ts', 'src/sinks/b/b.ts', 'src/std/c.ts'];
  assert.deepEqual(
    untestedComponents(paths).map(({ path }) => path),
    ['src/sinks/b'],
  );
});

test('finds versions that are not exact and packages that the lock lacks', () => {
  const root = { dependencies: { a: '^1.0.0', b: '2.0.0' } };
  const lock = {
    packages: {
      '': root,
      'node_modules/a': { version: '1.0.0', optionalDependencies: { 'a-linux': '1.0.0' } },
      'node_modules/b': { dependencies: { c: '1' } },
      'node_modules/b/node_modules/c': {},
    },
  };
  assert.deepEqual(tidyPackages(root, lock).map(formatFinding), [
    'package.json: has a at `^1.0.0`: pin one version',
    'package-lock.json: lacks a-linux, which node_modules/a names',
  ]);
});
