import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { finish } from '../../event/batch.ts';
import type { Value } from '../../event/value.ts';
import { seededRandom } from '../../std/random.ts';
import { type RunningSource, type SourceOptions, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './file.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

/** A folder with `logs/`, which is followed, and the state of a source `test`. */
function logsFolder() {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, 'logs'));
  const state = join(folder.path, 'data', 'test', 'checkpoints.json');
  return {
    ...folder,
    at: (name: string) => join(folder.path, 'logs', name),
    state,
    writeState(...entries: (readonly [fingerprint: string, position: number])[]) {
      mkdirSync(join(folder.path, 'data', 'test'), { recursive: true });
      const checkpoints = entries.map(
        ([fingerprint, position]) =>
          `{"fingerprint":${fingerprint},"position":${position},"modified":"${new Date().toISOString()}"}`,
      );
      writeFileSync(state, `{"version":"1","checkpoints":[${checkpoints.join(',')}]}`);
    },
    /** Fingerprints and positions as they stand in the file. */
    positions: () =>
      Object.fromEntries(
        [...readFileSync(state, 'utf8').matchAll(/"fingerprint":(\{.*?\}),"position":(\d+)/g)].map(
          ([, fingerprint, position]) => [fingerprint, Number(position)],
        ),
      ),
  };
}

function follow(folder: string, config: Record<string, unknown> = {}, options: SourceOptions = {}) {
  return startSource(
    source,
    { include: [`${folder}/logs/*`], glob_minimum_cooldown_ms: 10, ...config },
    { dataDir: join(folder, 'data'), ...options },
  );
}

function messages(values: readonly Value[]): string[] {
  return values.map((value) => (value as { message: string }).message);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const A = { content: 'first line of a\nsecond\nthird\n', fingerprint: '{"first_lines_checksum":15426642810809465459}' };

test('goes on from the position that Vector wrote', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  writeFileSync(folder.at('gz'), gzipSync('zipped first line\nnext\n'));
  writeFileSync(folder.at('unknown'), 'unknown\n');
  folder.writeState([A.fingerprint, 16], ['{"first_line_checksum":5663855377039897393}', 18]);
  const run = await follow(folder.path);
  await run.received(4);
  await run.stop();
  assert.deepEqual(messages(run.values).sort(), ['next', 'second', 'third', 'unknown']);
  assert.equal(run.recorder.read('files_resumed_total'), 2);
  assert.equal(run.recorder.read('files_added_total'), 1);
});

test('writes positions that Vector can read', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  writeFileSync(folder.at('gz'), gzipSync('zipped first line\nnext\n'));
  const run = await follow(folder.path);
  await run.received(5);
  await run.stop();
  assert.deepEqual(folder.positions(), { [A.fingerprint]: 29, '{"first_lines_checksum":5663855377039897393}': 23 });
  assert.match(
    readFileSync(folder.state, 'utf8'),
    /^\{"version":"1","checkpoints":\[(\{"fingerprint":\{"first_lines_checksum":\d+\},"position":\d+,"modified":"\d{4}-\d\d-\d\dT[\d:.]+Z"\},?){2}\]\}$/,
  );
});

test('fingerprints with a header and several lines, and by device and inode, are Vector’s', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), 'header\nline one after the header\nline two\n');
  const first = await follow(folder.path, {
    fingerprinting: { strategy: 'checksum', ignored_header_bytes: 7, lines: 2 },
  });
  await first.received(3);
  await first.stop();
  assert.deepEqual(folder.positions(), { '{"first_lines_checksum":14936080532512811038}': 42 });
  const second = await follow(folder.path, { fingerprint: { strategy: 'device_and_inode' } });
  await second.received(3);
  await second.stop();
  const { dev, ino } = statSync(folder.at('a'), { bigint: true });
  assert.equal(folder.positions()[`{"dev_inode":[${dev},${ino}]}`], 42);
});

test('a file shorter than its position is read from its start', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  folder.writeState([A.fingerprint, 1000]);
  const run = await follow(folder.path);
  await run.received(3);
  await run.stop();
  assert.equal(folder.positions()[A.fingerprint], 29);
});

test('ignores stored positions when told to', async () => {
  for (const option of ['ignore_checkpoints', 'start_at_beginning']) {
    using folder = logsFolder();
    writeFileSync(folder.at('a'), A.content);
    folder.writeState([A.fingerprint, 16]);
    const run = await follow(folder.path, { [option]: true });
    await run.received(3);
    await run.stop();
  }
});

test('lines written while nobody read are not missed, also where reading began at the end', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  const first = await follow(folder.path, { read_from: 'end' });
  await until(() => first.recorder.read('open_files') === 1);
  await first.stop();
  appendFileSync(folder.at('a'), 'fourth\n');
  const second = await follow(folder.path, { read_from: 'end' });
  await second.received(1);
  await second.stop();
  assert.deepEqual(messages(second.values), ['fourth']);
});

test('the position stays before an unfinished line and before what was not delivered', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), `${A.content}unfin`);
  const run = await follow(folder.path, {}, { hold: true, globals: { chunkSizeEvents: 1 } });
  await run.received(3);
  const [first, second, third] = run.held;
  finish(third!);
  finish(first!);
  await until(() => existsSync(folder.state));
  assert.deepEqual(folder.positions(), { [A.fingerprint]: 16 });
  finish(second!, 'rejected');
  await until(() => folder.positions()[A.fingerprint] === 29);
  await run.stop();
  assert.deepEqual(folder.positions(), { [A.fingerprint]: 29 });
});

test('a batch that failed is sent again after the next start, with everything behind it', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  const first = await follow(
    folder.path,
    {},
    {
      globals: { chunkSizeEvents: 1 },
      status: ({ events }) =>
        messages(events.map((event) => event.value as Value))[0] === 'second' ? 'errored' : 'delivered',
    },
  );
  await first.received(3);
  await first.stop();
  assert.deepEqual(folder.positions(), { [A.fingerprint]: 16 });
  assert.ok(first.records.some(({ level, message }) => level === 'warn' && message.startsWith('A batch failed')));
  const second = await follow(folder.path);
  await second.received(2);
  await second.stop();
  assert.deepEqual(messages(second.values), ['second', 'third']);
});

test('a message of several lines that was not sent yet is read again', async () => {
  using folder = logsFolder();
  const multiline = { start_pattern: '^\\S', mode: 'halt_before', condition_pattern: '^\\S', timeout_ms: 60_000 };
  writeFileSync(folder.at('a'), `a\n 1\nb\n 2\n${'x'.repeat(200)}\n 3\n`);
  const first = await follow(folder.path, { multiline, max_line_bytes: 100 });
  await first.received(1);
  await until(() => existsSync(folder.state));
  const held = Object.values(folder.positions());
  await first.kill();
  assert.deepEqual(held, [5]);
  const second = await follow(folder.path, { multiline, max_line_bytes: 100 });
  await until(() => second.recorder.read('component_discarded_events_total') === 1);
  await second.stop();
  assert.deepEqual(messages(second.values), ['b\n 2\n 3']);
});

test('positions are written while a sink holds everything up', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  writeFileSync(folder.at('b'), `${'b'.repeat(999)}\n`.repeat(1000));
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const run = await follow(folder.path, {}, { onBatch: (batch) => (batch.sizeBytes > 1000 ? gate : undefined) });
  await run.received(3);
  await until(() => existsSync(folder.state) && folder.positions()[A.fingerprint] === 29);
  open();
  await run.stop();
});

test('a state folder that cannot be written is an error, and lines flow', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  writeFileSync(join(folder.path, 'data'), 'a file in the place of the folder');
  const run = await follow(folder.path);
  await run.received(3);
  await until(() => run.recorder.read('component_errors_total', { error_code: 'writing_checkpoints' }) > 0);
  await run.stop();
});

test('damaged positions are an error, and files are read from their start', async () => {
  using folder = logsFolder();
  writeFileSync(folder.at('a'), A.content);
  folder.writeState([A.fingerprint, 16]);
  truncateSync(folder.state, 30);
  const run = await follow(folder.path);
  await run.received(3);
  await run.stop();
  assert.equal(run.recorder.read('component_errors_total', { stage: 'initializing' }), 1);
});

/** Writes numbered lines into `log` and rotates it in every way there is. */
class Writer {
  readonly #folder: string;
  readonly #random: () => number;
  #next = 0;
  #rotations = 0;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#random = seededRandom(seed);
  }

  get count(): number {
    return this.#next;
  }

  step(): void {
    const log = join(this.#folder, 'log');
    const choice = this.#random();
    if (choice < 0.06 && existsSync(log)) {
      renameSync(log, join(this.#folder, `log.${this.#rotations++}`));
    } else if (choice < 0.12 && existsSync(log)) {
      copyFileSync(log, join(this.#folder, `log.${this.#rotations++}`));
      truncateSync(log);
    }
    const lines = Math.floor(this.#random() * 40) + 1;
    let text = '';
    for (let i = 0; i < lines; i++) text += `${this.#next++} ${'.'.repeat(Math.floor(this.#random() * 200))}\n`;
    const cut = Math.floor(this.#random() * text.length);
    appendFileSync(log, text.slice(0, cut));
    appendFileSync(log, text.slice(cut));
  }
}

for (const seed of [1, 2, 3]) {
  test(`through rotations, failures and crashes every line comes, in order within a run (seed ${seed})`, async () => {
    using folder = logsFolder();
    const random = seededRandom(seed + 100);
    const writer = new Writer(join(folder.path, 'logs'), seed);
    const seen = new Set<number>();
    for (let life = 0; life < 12; life++) {
      const run: RunningSource = await follow(
        folder.path,
        {},
        { slots: 4, globals: { chunkSizeEvents: 50 }, hold: true },
      );
      const wanted = writer.count + 400;
      while (writer.count < wanted) {
        writer.step();
        for (let i = random() * 6; i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
        for (const batch of run.held.splice(0)) finish(batch, random() < 0.03 ? 'errored' : 'delivered');
      }
      if (life === 11) await until(() => new Set([...seen, ...numbers(run)]).size === writer.count);
      for (const batch of run.held.splice(0)) finish(batch);
      await (random() < 0.5 ? run.kill() : run.stop());
      for (const number of numbers(run)) seen.add(number);
      assertOrder(run);
      assert.equal(new Set(numbers(run)).size, run.events.length, 'within a run no line comes twice');
    }
    assert.equal(seen.size, writer.count);
  });
}

function numbers(run: RunningSource): number[] {
  return messages(run.values).map((text) => Number.parseInt(text, 10));
}

/** Lines of one file come in the order in which they were written. */
function assertOrder(run: RunningSource): void {
  const last = new Map<string, number>();
  for (const [index, number] of numbers(run).entries()) {
    const { file } = run.values[index] as { file: string };
    assert.ok(number > (last.get(file) ?? -1) || number === 0, `${number} after ${last.get(file)} in ${file}`);
    last.set(file, number);
  }
}
