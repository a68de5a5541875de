import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { defineSink } from '../src/component/define.ts';
import { string, uint } from '../src/schema/schema.ts';
import { findComponents, KINDS, renderRegistry, renderWorkerTransforms } from './components.ts';
import { compare } from './gen.ts';
import { type Defined, renderIndex, renderPage, wholeConfig } from './reference.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-gen-'));
after(() => rmSync(root, { recursive: true, force: true }));

function write(path: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), '');
}

const [sources, transforms, sinks] = KINDS;

test('finds components in the order of their names, and says when a folder holds none', () => {
  for (const path of ['src/sinks/http/http.ts', 'src/sinks/file/file.ts', 'src/sources/file/file.ts']) write(path);
  assert.deepEqual(
    findComponents(root).components.map(({ kind, name }) => `${kind.word} ${name}`),
    ['source file', 'sink file', 'sink http'],
  );
  write('src/transforms/half/other.ts');
  const { components, problems } = findComponents(root);
  assert.equal(components.length, 3);
  assert.deepEqual(problems, ['src/transforms/half/half.ts is missing: the module that its folder is named after']);
});

test('workers load each transform on its own', () => {
  const text = renderWorkerTransforms([
    { kind: sources!, name: 'file' },
    { kind: transforms!, name: 'remap' },
  ]);
  assert.equal(
    text,
    `// Loads a transform when a worker needs it. Written by \`npm run gen\`; do not edit.

export const transforms = {
  remap: async () => (await import('../../transforms/remap/remap.ts')).transform,
} as const;
`,
  );
});

test('the registry names each component of each kind', () => {
  const text = renderRegistry([
    { kind: sources!, name: 'file' },
    { kind: sinks!, name: 'file' },
    { kind: sinks!, name: 'http' },
  ]);
  assert.equal(
    text,
    `// All components by their name in a configuration. Written by \`npm run gen\`; do not edit.

import { source as source_file } from '../sources/file/file.ts';
import { sink as sink_file } from '../sinks/file/file.ts';
import { sink as sink_http } from '../sinks/http/http.ts';

export const sources = {
  file: source_file,
} as const;

export const transforms = {} as const;

export const sinks = {
  file: sink_file,
  http: sink_http,
} as const;
`,
  );
});

const sink = defineSink({
  type: 'http',
  status: 'beta',
  summary: 'Sends | posts.',
  options: { uri: string('Where to.') },
  examples: [{ title: 'Ship', config: 'uri: http://x.example\n\nheaders:\n  a: b\n' }],
  inputs: () => ['log'],
  build: () => ({ write: () => undefined, end: async () => {} }),
});
const http: Defined = { kind: sinks!, name: 'http', definition: sink };

test('a page shows its examples as whole configurations', () => {
  const page = renderPage(http);
  assert.match(page, /^# `http` sink\n\nSends \| posts\.\n\n- \*\*Status\*\*: beta\n/);
  assert.match(
    page,
    /```yaml\nsinks:\n {2}my_sink:\n {4}type: http\n {4}inputs: \[my_input\]\n {4}uri: http:\/\/x\.example\n\n {4}headers:\n {6}a: b\n```/,
  );
  assert.match(page, /### `uri`\n\nstring, \*\*required\*\*\n\nWhere to\./);
  assert.ok(page.endsWith('apply as well.\n'));
});

test('an example without options and a source without inputs are whole too', () => {
  assert.equal(wholeConfig(sources!, 'stdin', { title: '', config: '' }), 'sources:\n  my_source:\n    type: stdin');
});

test('the index lists components by kind and the options they share', () => {
  const index = renderIndex([http], KINDS, { sinks: { inputs: uint('I.') } });
  assert.match(index, /## Sinks\n\n.*\n.*\n\| \[`http`\]\(sinks\/http\.md\) \| beta \| Sends \\\| posts\. \|\n/);
  assert.match(index, /## Sources\n\nNone yet\./);
  assert.match(index, /## Options of every sink\n\n### `inputs`/);
});

test('tells which generated files are missing, different or left over', () => {
  const made = new Map([
    ['same', '1'],
    ['new', '1'],
    ['changed', '1'],
  ]);
  const found = new Map([
    ['same', '1'],
    ['changed', '2'],
    ['old', '1'],
  ]);
  assert.deepEqual(compare(made, found), [
    { path: 'new', what: 'missing' },
    { path: 'changed', what: 'different' },
    { path: 'old', what: 'left over' },
  ]);
});
