import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SecretAnswer } from '../../component/secret_backend.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { secret } from './file.ts';

async function read(content: string | undefined): Promise<SecretAnswer | string> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'secrets.json');
  if (content !== undefined) writeFileSync(path, content);
  const answer = await secret.retrieve({ path }, ['ghi', 'constructor', 'empty'], { env: {} });
  return typeof answer === 'string' ? answer.replace(folder.path, '') : answer;
}

test('takes values by key; what every object inherits is no key', async () => {
  const answer = await read('{ "ghi": "ghi.retrieved", "empty": "" }');
  assert.ok(typeof answer !== 'string');
  assert.deepEqual([...answer.values], [['ghi', 'ghi.retrieved']]);
  assert.deepEqual([...answer.faults.keys()], ['constructor', 'empty']);
  assert.equal(answer.faults.get('empty'), 'it is empty');
});

test('quotes nothing of a file that is broken', async () => {
  assert.equal(await read('{"ghi": hunter2}'), '`/secrets.json` is not JSON');
  assert.equal(await read('["hunter2"]'), '`/secrets.json` must hold a JSON object from key to value');
  assert.equal(await read(undefined), '`/secrets.json` cannot be read: ENOENT');
  assert.equal(await read(' '.repeat(4 * 1024 * 1024 + 1)), '`/secrets.json` is larger than 4194304 bytes');
});
