import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, run } from './command.ts';
import { newComponent, wrongName } from './component_templates.ts';
import { KINDS } from './components.ts';
import { runTestFiles } from './test_files.ts';

// A tree of its own that shares everything below the components, so that the real one stays as it is.
const root = mkdtempSync(join(tmpdir(), 'sluice-new-'));
after(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'src'));
for (const folder of readdirSync(join(ROOT, 'src'))) {
  if (!KINDS.some((kind) => kind.folder === folder)) symlinkSync(join(ROOT, 'src', folder), join(root, 'src', folder));
}

for (const word of ['source', 'transform', 'sink'] as const) {
  test(`a new ${word} is formatted, and its test passes`, async () => {
    const files = newComponent(word, 'my_new');
    for (const [path, text] of files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const paths = [...files.keys()];
    assert.ok(paths.includes(`changelog.d/my_new_${word}.feature.md`));
    const own = paths.filter((path) => path.endsWith('.ts')).map((path) => join(root, path));
    const biome = [`--config-path=${join(ROOT, 'biome.json')}`, '--error-on-warnings', ...own];
    const { code, output } = await run(join(ROOT, 'node_modules/.bin/biome'), ['check', ...biome]);
    assert.equal(code, 0, output);
    const [result] = await runTestFiles(
      own.filter((path) => path.endsWith('.test.ts')),
      () => {},
    );
    assert.deepEqual(
      result!.records.map(({ outcome, detail }) => [outcome, detail]),
      [['passed', undefined]],
    );
  });
}

test('refuses names that are none or taken', () => {
  assert.equal(wrongName('http_server', ['file']), undefined);
  assert.match(wrongName('Http', [])!, /is no name/);
  assert.match(wrongName('../up', [])!, /is no name/);
  assert.match(wrongName('file', ['file'])!, /exists already/);
});
