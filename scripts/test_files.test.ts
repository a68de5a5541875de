import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { count, type FileResult, fileTrouble, formatFile, runTestFiles } from './test_files.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a test file with this text through the runner. */
async function runText(name: string, text: string): Promise<FileResult> {
  const path = join(folder, `${name}.test.mjs`);
  writeFileSync(path, `import { test, suite } from 'node:test'; import assert from 'node:assert/strict';\n${text}`);
  const [result] = await runTestFiles([path], () => {});
  return result!;
}

test('counts what passed, failed and was skipped, subtests on their own and suites not at all', async () => {
  const { records } = await runText(
    'mixed',
    `
    test('good', () => {});
    test('absent', (t) => t.skip('needs a moon'));
    suite('group', () => { test('inside', () => {}); });
    test('parent', async (t) => { await t.test('child', () => assert.equal(1, 2)); });
  `,
  );
  assert.deepEqual(count(records), { passed: 2, failed: 1, skipped: 1 });
  const failed = records.find(({ outcome }) => outcome === 'failed')!;
  assert.equal(failed.name, 'child');
  assert.match(failed.detail!, /1 !== 2/);
  assert.match(failed.detail!, /mixed\.test\.mjs:6/);
  assert.equal(records.find(({ outcome }) => outcome === 'skipped')!.detail, 'needs a moon');
});

test('a file that cannot be loaded has failed, and its output says why', async () => {
  const result = await runText('broken', "import './not_there.mjs';");
  assert.deepEqual(count(result.records), { passed: 0, failed: 1, skipped: 0 });
  assert.match(formatFile(result), /not_there\.mjs/);
});

test('a file without tests has failed', async () => {
  const { records } = await runText('empty', '');
  assert.deepEqual(records, [{ name: '(the file itself)', outcome: 'failed', detail: 'has no tests' }]);
});

test('a file that does not end is killed and has failed, its finished tests counted', async () => {
  process.env['SLUICE_TEST_LIMIT_SECS'] = '1';
  after(() => delete process.env['SLUICE_TEST_LIMIT_SECS']);
  const { records } = await runText('hanging', "test('good', () => {}); setInterval(() => {}, 1000);");
  assert.deepEqual(count(records), { passed: 1, failed: 1, skipped: 0 });
  assert.match(records.at(-1)!.detail!, /did not end within 1 s and was killed/);
});

test('a file may be without matching tests when only some were asked for', () => {
  const end = { code: 0, timedOut: false, records: [], limitSecs: 1 };
  assert.equal(fileTrouble({ ...end, isPartial: true }), undefined);
  assert.notEqual(fileTrouble({ ...end, isPartial: false }), undefined);
});

test('a failure is shown with its place and what the file printed, a skip with its reason', () => {
  const text = formatFile({
    path: 'src/a.test.ts',
    records: [
      { name: 'bad', outcome: 'failed', detail: 'why\nso', file: join(import.meta.dirname, 'a.ts'), line: 3 },
      { name: 'off', outcome: 'skipped', detail: 'no moon' },
    ],
    ms: 1234,
    output: 'printed\n',
  });
  assert.deepEqual(text.split('\n'), [
    '✗ src/a.test.ts  0 passed, 1 failed, 1 skipped  1.2 s',
    '  ✗ bad (scripts/a.ts:3)',
    '      why',
    '      so',
    '  - skipped: off: no moon',
    '  it printed:',
    '    printed',
  ]);
});
