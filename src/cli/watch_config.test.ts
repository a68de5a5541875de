import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { type LogRecord, memoryLogger } from '../telemetry/log.ts';
import { temporaryFolder } from '../testing/component.ts';
import { type ConfigWatcher, watchConfig } from './watch_config.ts';

interface Watched {
  readonly clock: FakeClock;
  readonly watcher: ConfigWatcher;
  readonly records: LogRecord[];
  readonly changes: () => number;
  /** Waits until the system told of a change, which then waits to settle. */
  noticed(): Promise<void>;
  [Symbol.dispose](): void;
}

function watched(method: 'recommended' | 'poll', paths: readonly string[], seconds = 30): Watched {
  const clock = new FakeClock();
  const { logger, records } = memoryLogger(clock);
  let changes = 0;
  const flags = { watchConfigMethod: method, watchConfigPollIntervalSeconds: seconds };
  const watcher = watchConfig(paths, flags, logger, () => void (changes += 1), clock);
  const idle = clock.pending;
  // The watchers do not keep the process alive.
  const keepAlive = setInterval(() => {}, 1_000);
  return {
    clock,
    watcher,
    records,
    changes: () => changes,
    async noticed() {
      while (clock.pending === idle) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.dispose]() {
      watcher.close();
      clearInterval(keepAlive);
    },
  };
}

function files(folder: string): { config: string; other: string } {
  const [config, other] = [join(folder, 'sluice.yaml'), join(folder, 'notes.txt')];
  writeFileSync(config, 'one: 1');
  writeFileSync(other, '');
  return { config, other };
}

test('events: a written file is noticed once it has settled', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('recommended', [config]);
  writeFileSync(config, 'two: 2');
  await it.noticed();
  assert.equal(it.changes(), 0);
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: a file that is replaced by renaming is noticed, again and again', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('recommended', [config]);
  for (let round = 1; round <= 3; round++) {
    writeFileSync(`${config}.new`, `round: ${round}`);
    renameSync(`${config}.new`, config);
    await it.noticed();
    await it.clock.advance(1_000);
    assert.equal(it.changes(), round);
  }
});

test('events: other files in the same folder do not matter', async () => {
  using folder = temporaryFolder();
  const { config, other } = files(folder.path);
  using it = watched('recommended', [config]);
  writeFileSync(other, 'x');
  writeFileSync(join(folder.path, 'another.yaml'), 'x');
  // Events come in order: with the one that matters, the others have come.
  writeFileSync(config, 'two: 2');
  await it.noticed();
  assert.equal(it.clock.pending, 1);
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: what a link leads to is watched too', async () => {
  using folder = temporaryFolder();
  using elsewhere = temporaryFolder();
  const { config } = files(elsewhere.path);
  const link = join(folder.path, 'link.yaml');
  symlinkSync(config, link);
  using it = watched('recommended', [link]);
  writeFileSync(config, 'two: 2');
  await it.noticed();
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: a ConfigMap changes by its link', async () => {
  using folder = temporaryFolder();
  for (const version of ['..v1', '..v2']) {
    mkdirSync(join(folder.path, version));
    writeFileSync(join(folder.path, version, 'sluice.yaml'), version);
  }
  symlinkSync('..v1', join(folder.path, '..data'));
  symlinkSync('..data/sluice.yaml', join(folder.path, 'sluice.yaml'));
  using it = watched('recommended', [join(folder.path, 'sluice.yaml')]);
  symlinkSync('..v2', join(folder.path, '..next'));
  renameSync(join(folder.path, '..next'), join(folder.path, '..data'));
  await it.noticed();
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: in a folder, a new configuration file is noticed', async () => {
  using folder = temporaryFolder();
  const { config, other } = files(folder.path);
  using it = watched('recommended', [folder.path, config]);
  writeFileSync(other, 'does not matter');
  writeFileSync(join(folder.path, 'more.toml'), '');
  await it.noticed();
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: after a reload, other files are watched and old ones no more', async () => {
  using folder = temporaryFolder();
  using elsewhere = temporaryFolder();
  const { config } = files(folder.path);
  const { config: next } = files(elsewhere.path);
  using it = watched('recommended', [config]);
  it.watcher.watch([next]);
  writeFileSync(config, 'old');
  writeFileSync(next, 'new');
  await it.noticed();
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: a change between two sets of watched files is not forgotten', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('recommended', [config]);
  writeFileSync(config, 'changed while the one before was loaded');
  it.watcher.watch([config]);
  await it.noticed();
  await it.clock.advance(1_000);
  assert.equal(it.changes(), 1);
});

test('events: a folder that cannot be watched is a warning with a way out', () => {
  using it = watched('recommended', ['/nonexistent/folder/sluice.yaml']);
  assert.match(it.records[0]!.message, /cannot be watched.*poll/);
  assert.equal(it.records[0]!.fields['folder'], '/nonexistent/folder');
});

test('changes that do not end are acted on all the same', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('poll', [config], 0.5);
  for (let round = 0; round < 21; round++) {
    assert.equal(it.changes(), 0, `round ${round}`);
    writeFileSync(config, 'x'.repeat(round));
    await it.clock.advance(500);
  }
  assert.equal(it.changes(), 1);
});

test('polling: a changed, a vanished and a new file are noticed, each once', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('poll', [config]);
  const settle = async (): Promise<number> => {
    await it.clock.advance(31_000);
    return it.changes();
  };
  assert.equal(await settle(), 0);
  writeFileSync(config, 'other: length');
  assert.equal(await settle(), 1);
  assert.equal(await settle(), 1);
  rmSync(config);
  assert.equal(await settle(), 2);
  writeFileSync(config, 'back: again');
  assert.equal(await settle(), 3);
});

test('polling: looks no more often than it was told to', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('poll', [config]);
  writeFileSync(config, 'two: 22');
  await it.clock.advance(29_999);
  assert.equal(it.clock.pending, 1);
  await it.clock.advance(1);
  assert.equal(it.clock.pending, 2);
});

test('polling: in a folder, a new configuration file is noticed and any other file is not', async () => {
  using folder = temporaryFolder();
  files(folder.path);
  using it = watched('poll', [folder.path]);
  writeFileSync(join(folder.path, 'README.md'), '');
  writeFileSync(join(folder.path, '.hidden.yaml'), '');
  await it.clock.advance(31_000);
  assert.equal(it.changes(), 0);
  writeFileSync(join(folder.path, 'more.json'), '{}');
  await it.clock.advance(31_000);
  assert.equal(it.changes(), 1);
});

test('polling: a change between two sets of watched files is not forgotten', async () => {
  using folder = temporaryFolder();
  const { config } = files(folder.path);
  using it = watched('poll', [config]);
  writeFileSync(config, 'changed while the one before was loaded');
  it.watcher.watch([config]);
  await it.clock.advance(31_000);
  assert.equal(it.changes(), 1);
});

for (const method of ['recommended', 'poll'] as const) {
  test(`${method}: nothing is called after the end, and nothing is left behind`, async () => {
    using folder = temporaryFolder();
    const { config } = files(folder.path);
    using it = watched(method, [config]);
    writeFileSync(config, 'two: 22');
    if (method === 'recommended') await it.noticed();
    else await it.clock.advance(30_000);
    it.watcher.close();
    assert.equal(it.clock.pending, 0);
    await it.clock.advance(100_000);
    assert.equal(it.changes(), 0);
  });
}
