import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { versionLine } from './version.ts';

test('says the version of the package, the platform and the Node that runs it', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal(
    versionLine(),
    `sluice ${manifest.version} (${process.platform} ${process.arch}, Node ${process.versions.node})`,
  );
});
