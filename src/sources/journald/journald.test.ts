import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ObjectValue } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './journald.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** A `journalctl` of ours that writes its arguments down. */
function fake(folder: string, script: string): { readonly path: string; calls(): string[] } {
  const path = join(folder, 'journalctl');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\n${script}\n`);
  chmodSync(path, 0o755);
  return {
    path,
    calls: () =>
      existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [],
  };
}

const line = (n: number) => `{"__CURSOR":"c=${n}","MESSAGE":"entry ${n}","__REALTIME_TIMESTAMP":"1700000000000000"}`;

test('a command that ends is started again behind the last entry, later each time it fails', async () => {
  using folder = temporaryFolder();
  const calls = 'n=$(wc -l < "$(dirname "$0")/calls")';
  const script = `${calls}\nif [ "$n" = 1 ]; then echo '${line(1)}'; fi\nif [ "$n" = 4 ]; then echo '${line(2)}'; exec sleep 600; fi\nexit 1`;
  const command = fake(folder.path, script);
  const clock = new FakeClock();
  const on = await startSource(source, { journalctl_path: command.path }, { clock, dataDir: folder.path });
  const stopped = (): number => on.recorder.read('component_errors_total', { error_code: 'journalctl_stopped' });
  for (const [failures, waitMs] of [
    [1, 1000],
    [2, 2000],
    [3, 4000],
  ] as const) {
    await until(() => stopped() === failures);
    await turn();
    await clock.advance(waitMs - 1);
    assert.equal(command.calls().length, failures);
    await clock.advance(1);
    await until(() => command.calls().length === failures + 1);
  }
  await on.received(2);
  await on.stop();
  assert.match(command.calls()[0]!, /--boot --since=2000-01-01$/);
  assert.match(command.calls()[1]!, /--after-cursor=c=1$/);
  assert.equal(readFileSync(join(folder.path, 'test', 'checkpoint.txt'), 'utf8'), 'c=2\n');
});

test('lines that are no entries cost an error each', async () => {
  using folder = temporaryFolder();
  const lines = ['nonsense', '[]', '{"MESSAGE":{}}', '{"MESSAGE":[256],"X":null,"__proto__":"p"}', line(1)];
  const command = fake(folder.path, `${lines.map((text) => `echo '${text}'`).join('\n')}\nexec sleep 600`);
  const on = await startSource(source, { journalctl_path: command.path }, { dataDir: folder.path });
  await on.received(2);
  await on.stop();
  const [odd] = on.values as ObjectValue[];
  assert.equal(odd!['message'], '[256]');
  assert.equal(Object.hasOwn(odd!, '__proto__'), true);
  assert.equal(on.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 3);
});

test('options become arguments', async () => {
  using folder = temporaryFolder();
  const command = fake(folder.path, 'exec sleep 600');
  const raw = {
    journal_namespace: 'apps',
    journal_directory: '/j',
    since_now: true,
    extra_args: ['--merge', '-p', '3'],
  };
  const on = await startSource(source, { journalctl_path: command.path, ...raw }, { dataDir: folder.path });
  await until(() => (command.calls()[0] ?? '') !== '');
  await on.stop();
  assert.equal(
    command.calls()[0],
    '--follow --all --show-cursor --output=json --directory=/j --namespace=apps --boot --since=now --merge -p 3',
  );
});

test('a program that does not exist is a counted error and not the end', async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const on = await startSource(source, { journalctl_path: '/nonexistent' }, { clock, dataDir: folder.path });
  await until(() => on.recorder.read('component_errors_total', { error_type: 'command_failed' }) === 1);
  await turn();
  await clock.advance(1000);
  await until(() => on.recorder.read('component_errors_total', { error_type: 'command_failed' }) === 2);
  await on.stop();
});

test('a pair that is included and excluded is a problem', () => {
  const config = parseConfig(source, { include_units: ['web'], exclude_matches: { _SYSTEMD_UNIT: ['web.service'] } });
  const problems = source.verify!(config, {} as Parameters<NonNullable<typeof source.verify>>[1]);
  assert.match(problems[0]!.message, /both included and excluded/);
  assert.throws(() => parseConfig(source, { unknown: 1 }), /unknown/);
});
