import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SecretAnswer } from '../../component/secret_backend.ts';
import { check, object } from '../../schema/schema.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { secret } from './exec.ts';

const options = object('The options.', secret.options);

async function ask(
  script: string,
  more: Record<string, unknown> = {},
): Promise<{ answer: SecretAnswer | string; asked: unknown }> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'backend');
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o700);
  const config = check(options, { command: [path, folder.path], ...more }).value!;
  const answer = await secret.retrieve(config, ['a', 'b/c.d'], { env: { ...process.env, MARK: 'from outside' } });
  const asked = join(folder.path, 'asked');
  return { answer, asked: existsSync(asked) ? JSON.parse(readFileSync(asked, 'utf8')) : undefined };
}

const KEEP = 'cat > "$1/asked"\n';
const GOOD = `${KEEP}echo '{"a": {"value": "1", "error": null}, "b/c.d": {"value": null, "error": "gone"}}'`;

test('asks in the first version of the protocol, and takes values and errors', async () => {
  const { answer, asked } = await ask(GOOD);
  assert.deepEqual(asked, { version: '1.0', secrets: ['a', 'b/c.d'] });
  assert.deepEqual(answer, { values: new Map([['a', '1']]), faults: new Map([['b/c.d', 'gone']]) });
});

test('asks in version 1.1 with the type and configuration of the backend behind', async () => {
  const protocol = { version: 'v1_1', backend_type: 'file.json', backend_config: { file_path: '/x', n: [1] } };
  const { asked } = await ask(GOOD, { protocol });
  assert.deepEqual(asked, {
    version: '1.1',
    secrets: ['a', 'b/c.d'],
    type: 'file.json',
    config: { file_path: '/x', n: [1] },
  });
});

test('gives the program its environment', async () => {
  const { answer } = await ask('printf \'{"a": {"value": "%s"}}\' "$MARK"');
  assert.equal(typeof answer === 'string' ? answer : answer.values.get('a'), 'from outside');
});

const wrong: readonly [name: string, script: string, message: RegExp, more?: Record<string, unknown>][] = [
  ['fails', 'echo oops >&2; exit 2', /^`.*` ended with exit code 2: oops$/],
  ['is killed', 'kill -9 $$', /ended with SIGKILL$/],
  ['answers with something else than JSON', 'echo "super-secret"', /^the answer of `[^`]*` is not a JSON object$/],
  ['answers without end', 'exec yes', /is larger than 4194304 bytes$/],
  ['gives no answer in time', 'exec sleep 60', /gave no answer within 0 seconds$/, { timeout: 0 }],
  ['is not there', '', /cannot be started: ENOENT$/, { command: ['/nonexistent/program'] }],
];

for (const [name, script, message, more] of wrong) {
  test(`says so when the program ${name}`, async () => {
    const { answer } = await ask(script, more);
    assert.equal(typeof answer, 'string');
    assert.match(answer as string, message);
    assert.ok(!String(answer).includes('super-secret'));
  });
}

test('a program that never reads its input may answer', async () => {
  const { answer } = await ask(`exec <&-; echo '{"a": {"value": "1"}}'`);
  assert.equal(typeof answer === 'string' ? answer : answer.values.get('a'), '1');
});

test('answers for keys that are named like members of every object', async () => {
  const { answer } = await ask(`echo '{"__proto__": {"value": "x"}}'`);
  assert.ok(typeof answer !== 'string');
  assert.deepEqual(
    [...answer.faults],
    [
      ['a', 'it is not in the answer'],
      ['b/c.d', 'it is not in the answer'],
    ],
  );
});
