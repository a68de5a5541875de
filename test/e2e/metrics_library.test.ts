// What `docs/guides/metrics.md` shows is what happens.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/metrics.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
};

/** The source of what an import of the package leads to. */
function sourceOf(name: string): string {
  const built = manifest.exports[name.replace('sluice', '.')]!.default;
  return join(ROOT, built.replace('./dist/library', 'src').replace(/\.js$/, '.ts'));
}

function blocks(language: string): string[] {
  return [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((match) => match[1]!);
}

/** Runs a block of code as a program that has the package. */
function runBlock(code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'));
  const file = join(folder, 'program.ts');
  writeFileSync(
    file,
    code.replace(/'(sluice\/[a-z/]+)'/g, (_, name: string) => `'${sourceOf(name)}'`),
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('the first program of the guide prints what the guide says', () => {
  assert.equal(runBlock(blocks('ts')[0]!), blocks('text')[0]);
});

test('layers are put together as the guide says', () => {
  const more = `
import { defineCounter } from 'sluice/metrics';
for (const name of ['shop_orders_total', 'other_total']) layered.counter(defineCounter({ name, doc: 'x' })).add(1);
console.log(JSON.stringify([mine.all(), audit.all()].map((all) => all.map(({ name, labels }) => [name, labels]))));
`;
  const acme = ['acme_shop_orders_total', { region: 'eu' }];
  const printed = JSON.parse(runBlock(blocks('ts')[1]! + more)) as unknown;
  assert.deepEqual(printed, [[acme, ['acme_other_total', { region: 'eu' }]], []]);
});
