// The tree is the architecture: holds the import rules of src/, and shows on small trees that each rule can fail.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Tree, violations } from './architecture.ts';
import { findImports } from './imports.ts';

/** Each dependency enters through one file, which the rest of the code imports. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-providers': 'src/net/aws/sdk.ts',
  '@bufbuild/protobuf': 'src/vrl/formats/protobuf.ts',
  '@exodus/bytes': 'src/vrl/formats/charset.ts',
  '@noble/ciphers': 'src/vrl/formats/ciphers.ts',
  '@noble/hashes': 'src/vrl/formats/hashes.ts',
  commander: 'src/cli/commander.ts',
  fflate: 'src/vrl/formats/deflate.ts',
  fzstd: 'src/vrl/formats/zstd.ts',
  'ipaddr.js': 'src/net/tcp/permit_origin.ts',
  koffi: 'src/net/libc.ts',
  'smol-toml': 'src/config/toml.ts',
  snappyjs: 'src/std/snappy.ts',
  tldts: 'src/vrl/formats/public_suffix.ts',
  tr46: 'src/vrl/formats/idna.ts',
  undici: 'src/net/http/client.ts',
  yaml: 'src/config/yaml.ts',
  zod: 'src/schema/zod.ts',
};

const root = new URL('../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Record<
  string,
  Record<string, string>
>;

test('every import of src/ follows the order of the tree', () => {
  const paths = globSync('src/**/*.ts', { cwd: root }).sort();
  const files = new Map(paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
  assert.ok(files.size > 0);
  const tree: Tree = { files, packages: PACKAGES, testPackages: Object.keys(manifest.devDependencies) };
  const found = violations(tree);
  if (found.length > 0) assert.fail(`the tree breaks its rules:\n${found.join('\n')}`);
});

test('every dependency of package.json has one file that imports it', () => {
  // The packages that carry Node itself are started, not imported.
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const imported = names.filter((name) => !/^node-(bin-)?(linux|darwin)-/.test(name));
  assert.deepEqual(Object.keys(PACKAGES).sort(), imported.sort());
});

/** What the checker says about a tree of these files. */
function check(files: Record<string, string>, packages: Record<string, string> = {}): string[] {
  return violations({ files: new Map(Object.entries(files)), packages, testPackages: ['fast-check'] });
}

const broken: readonly [name: string, files: Record<string, string>, complaint: RegExp][] = [
  [
    'a folder that imports from a later one',
    { 'src/std/a.ts': "import { b } from '../net/b.ts';", 'src/net/b.ts': '' },
    /^src\/std\/a\.ts:1: imports src\/net\/b\.ts: net\/ is above std\//,
  ],
  [
    'a type imported from a later folder',
    { 'src/event/a.ts': "\nimport type { b } from '../cli/b.ts';", 'src/cli/b.ts': '' },
    /^src\/event\/a\.ts:2: imports src\/cli\/b\.ts: cli\/ is above event\//,
  ],
  [
    'a dynamic import from a later folder',
    { 'src/std/a.ts': "const b = await import('../net/b.ts');", 'src/net/b.ts': '' },
    /net\/ is above std\//,
  ],
  [
    'a component that imports another',
    { 'src/sinks/http/http.ts': "export * from '../console/console.ts';", 'src/sinks/console/console.ts': '' },
    /^src\/sinks\/http\/http\.ts:1: imports src\/sinks\/console\/console\.ts, another component/,
  ],
  [
    'a component that imports one of another kind',
    { 'src/sources/file/file.ts': "import '../../sinks/file/file.ts';", 'src/sinks/file/file.ts': '' },
    /another component/,
  ],
  [
    'a component that imports a file beside the components',
    { 'src/sources/file/file.ts': "import '../shared.ts';", 'src/sources/shared.ts': '' },
    /a component is a folder/,
  ],
  [
    'an import past the door of a folder',
    { 'src/cli/a.ts': "import '../config/merge.ts';", 'src/config/merge.ts': '' },
    /src\/config\/ has one door; import from src\/config\/config\.ts/,
  ],
  [
    'the language importing more than values',
    { 'src/vrl/vrl.ts': "import '../schema/schema.ts';", 'src/schema/schema.ts': '' },
    /vrl\/ imports from std\/, event\/ only/,
  ],
  [
    'a folder that is not in the list',
    { 'src/misc/a.ts': "import '../std/b.ts';", 'src/std/b.ts': '' },
    /is in src\/misc\/, which is not in LAYERS/,
  ],
  [
    'product code that imports a harness',
    { 'src/cli/a.ts': "import '../testing/b.ts';", 'src/testing/b.ts': '' },
    /only tests may import tests and src\/testing\//,
  ],
  ['an import from outside of src/', { 'src/std/a.ts': "import '../../scripts/gen.ts';" }, /outside of src\//],
  ['an import of a file that is not there', { 'src/std/a.ts': "import './gone.ts';" }, /which does not exist/],
  ['a module of Node without its prefix', { 'src/std/a.ts': "import fs from 'fs';" }, /write 'node:fs'/],
  [
    'a package without an owner',
    { 'src/std/a.ts': "import x from '@scope/name/deep';" },
    /'@scope\/name', which has no owner/,
  ],
  ['a development dependency in the product', { 'src/std/a.ts': "import fc from 'fast-check';" }, /only tests may/],
  [
    'two files that import each other',
    { 'src/std/b.ts': "import './a.ts';", 'src/std/a.ts': "import './b.ts';" },
    /^src\/std\/a\.ts: files import each other in a circle \(src\/std\/a\.ts → src\/std\/b\.ts → src\/std\/a\.ts\)/,
  ],
  [
    'a file that imports itself',
    { 'src/std/a.ts': "import './a.ts';" },
    /circle \(src\/std\/a\.ts → src\/std\/a\.ts\)/,
  ],
];

for (const [name, files, complaint] of broken) {
  test(`refuses ${name}`, () => {
    const found = check(files);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0], complaint);
  });
}

test('refuses a package imported beside its owner, even for its types', () => {
  const files = {
    'src/schema/zod.ts': "export { z } from 'zod';",
    'src/net/a.ts': "import type { z } from 'zod/mini';",
  };
  assert.deepEqual(check(files, { zod: 'src/schema/zod.ts' }), [
    "src/net/a.ts:1: imports 'zod': import what you need from src/schema/zod.ts, its only door",
  ]);
});

test('refuses an owner that does not import its package', () => {
  assert.match(check({ 'src/schema/zod.ts': '' }, { zod: 'src/schema/zod.ts' })[0], /does not import 'zod'/);
});

test('accepts a package in its owner and in a test beside it', () => {
  const files = { 'src/net/a.ts': "import 'p';", 'src/net/a.test.ts': "import 'p/deep';" };
  assert.deepEqual(check(files, { p: 'src/net/a.ts' }), []);
});

const fine: readonly [name: string, files: Record<string, string>][] = [
  ['an import from an earlier folder', { 'src/net/a.ts': "import '../std/b.ts';", 'src/std/b.ts': '' }],
  ['an import through a door', { 'src/cli/a.ts': "import '../config/config.ts';", 'src/config/config.ts': '' }],
  ['a component of several files', { 'src/sinks/file/file.ts': "import './write.ts';", 'src/sinks/file/write.ts': '' }],
  ['a test that imports a harness', { 'src/std/a.test.ts': "import '../testing/b.ts';", 'src/testing/b.ts': '' }],
  [
    'a harness that imports anything',
    { 'src/testing/b.ts': "import '../config/merge.ts';", 'src/config/merge.ts': '' },
  ],
  ['a test with a development dependency', { 'src/std/a.test.ts': "import fc from 'fast-check';" }],
  [
    'a circle of types',
    { 'src/std/a.ts': "import type { B } from './b.ts';", 'src/std/b.ts': "import { a } from './a.ts';" },
  ],
  ['a module of Node', { 'src/std/a.ts': "import { join } from 'node:path';" }],
];

for (const [name, files] of fine) {
  test(`accepts ${name}`, () => assert.deepEqual(check(files), []));
}

test('finds imports of every form and nothing that only looks like one', () => {
  const source = `
    import a from './1.ts'; import * as b from './2.ts';
    import type { C, D } from './3.ts';
    import { e, type F as G } from "./4.ts";
    import './5.ts';
    export * from './6.ts'; export * as ns from './7.ts';
    export type { H } from './8.ts';
    export { i } from './9.ts';
    const lazy = await import('./10.ts');
    const text = \`import './no.ts' \${await import('./11.ts')} \${{ a: { b: \`\${1}\` } }} import './no.ts'\`;
    // import './no.ts';
    /* import './no.ts'; */
    const quoted = "import './no.ts'"; const re = /import '.\\/no.ts'/;
    const half = 4 / 2; import j from './12.ts'; const third = (1) / 3;
    export const k = 1; const from = './no.ts'; export function l() {} export { k as from };
    object.import('./no.ts'); import.meta.resolve('./no.ts'); await import(name);
    import type from './13.ts';
    import data from './14.json' with { type: 'json' };
  `;
  const found = findImports(source);
  const names = found.map(({ specifier }) => /\d+/.exec(specifier)?.[0] ?? specifier);
  assert.deepEqual(names, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14']);
  const types = found.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier);
  assert.deepEqual(types, ['./3.ts', './8.ts']);
  assert.deepEqual([found[0].line, found[2].line, found[13].line], [2, 3, 18]);
});
