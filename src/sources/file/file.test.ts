import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { seededRandom } from '../../std/random.ts';
import { parseConfig, type SourceOptions, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './file.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function follow(folder: string, config: Record<string, unknown> = {}, options: SourceOptions = {}) {
  return startSource(
    source,
    { include: [`${folder}/logs/*.log`], glob_minimum_cooldown_ms: 20, ...config },
    { dataDir: join(folder, 'data'), ...options },
  );
}

function messages(values: readonly Value[]): unknown[] {
  return values.map((value) => (value as { message: Value }).message);
}

const LINES = ['line 0 of a log file', 'line 1 of a log file', 'line 2 of a log file'];
const CONTENT = LINES.map((line) => `${line}\n`).join('');

/** Content of the one file, options, and the messages that come of it, in order. */
const CASES: readonly (readonly [string, string | Buffer, Record<string, unknown>, readonly unknown[]])[] = [
  ['lines', CONTENT, {}, LINES],
  ['a carriage return stays part of the line', 'a\r\nb\r\n', {}, ['a\r', 'b\r']],
  ['a delimiter of two bytes', 'a\r\nb\nc\r\n', { line_delimiter: '\r\n' }, ['a', 'b\nc']],
  ['a delimiter of many bytes', 'a<end>b\n<en<end><end>', { line_delimiter: '<end>' }, ['a', 'b\n<en', '']],
  ['empty lines', '\n\na\n', {}, ['', '', 'a']],
  ['a file of one short line', 'short\n', {}, ['short']],
  ['an unfinished last line is held back', `${CONTENT}tail`, {}, LINES],
  ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x0a]), {}, [new Uint8Array([0x61, 0xff])]],
  ['NUL bytes', 'a\0b\n', {}, ['a\0b']],
  ['gzip', gzipSync(CONTENT), {}, LINES],
  ['gzip of several members', Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')]), {}, ['a', 'bc', 'd']],
  ['latin 1', Buffer.from('a\ncafé\n', 'latin1'), { encoding: { charset: 'iso-8859-1' } }, ['a', 'café']],
  [
    'utf-16',
    Buffer.from('a\nnaïve\n\u010a\u0a00\n', 'utf16le'),
    { encoding: { charset: 'utf-16le' } },
    ['a', 'naïve', '\u010a\u0a00'],
  ],
  [
    'utf-16, the other way round, with a byte order mark',
    Buffer.from('\ufeffa\nnaïve\n', 'utf16le').swap16(),
    { encoding: { charset: 'utf-16be' } },
    ['a', 'naïve'],
  ],
];

for (const [name, content, config, expected] of CASES) {
  test(`reads ${name}`, async () => {
    using folder = temporaryFolder();
    write(folder.path, { 'logs/a.log': content });
    const run = await follow(folder.path, config);
    await run.received(expected.length);
    await run.stop();
    assert.deepEqual(messages(run.values), expected);
    assert.equal(run.arena.freeSlots, run.arena.slotCount);
  });
}

const GROUPS = 'start one\n  more\n  yet more\nstart two\n  tail\nstart three\n';

for (const [mode, condition] of [
  ['halt_before', '^start'],
  ['continue_through', '^\\s'],
] as const) {
  test(`merges lines by ${mode}, the last message when its time is over`, async () => {
    using folder = temporaryFolder();
    write(folder.path, { 'logs/a.log': GROUPS });
    const multiline = { start_pattern: '^start', mode, condition_pattern: condition, timeout_ms: 50 };
    const run = await follow(folder.path, { multiline, offset_key: 'offset' });
    await run.received(3);
    assert.deepEqual(messages(run.values), ['start one\n  more\n  yet more', 'start two\n  tail', 'start three']);
    assert.deepEqual(
      run.values.map((value) => (value as { offset: Value }).offset),
      [0, 28, 45],
    );
    await run.stop();
  });
}

test('sends an open message on when the source stops, and the old options still merge', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': GROUPS });
  const run = await follow(folder.path, { message_start_indicator: '^start', multi_line_timeout: 60_000 });
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['start one\n  more\n  yet more', 'start two\n  tail', 'start three']);
});

test('adds host, file, source_type and time, and the offset where asked for', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': CONTENT });
  const run = await follow(folder.path, { offset_key: 'at', host_key: 'node.name' });
  await run.received(3);
  await run.stop();
  const { timestamp, ...rest } = run.values[1] as Record<string, Value>;
  assert.equal((timestamp as object).constructor.name, 'Timestamp');
  assert.deepEqual(rest, {
    message: LINES[1],
    source_type: 'file',
    file: `${folder.path}/logs/a.log`,
    node: { name: 'test-host' },
    at: 21,
  });
});

test('empty keys switch fields off', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': CONTENT });
  const run = await follow(folder.path, { file_key: '', host_key: '' });
  await run.received(3);
  await run.stop();
  assert.deepEqual(Object.keys(run.values[0] as object).sort(), ['message', 'source_type', 'timestamp']);
});

for (const config of [{}, { encoding: { charset: 'utf-8' } }]) {
  test(`in the vector namespace the fields are metadata ${JSON.stringify(config)}`, async () => {
    using folder = temporaryFolder();
    write(folder.path, { 'logs/a.log': CONTENT });
    const run = await follow(folder.path, config, { logNamespace: 'vector' });
    await run.received(3);
    await run.stop();
    assert.deepEqual(run.values, LINES);
    const { metadata } = run.events[2] as { metadata: { value: Record<string, Record<string, Value>> } };
    assert.deepEqual(metadata.value['file'], { host: 'test-host', path: `${folder.path}/logs/a.log`, offset: 42 });
    assert.equal(metadata.value['vector']!['source_type'], 'file');
  });
}

test('reads all files that are included and not excluded', async () => {
  using folder = temporaryFolder();
  write(folder.path, {
    'logs/a.log': 'a\n',
    'logs/b.log': 'b\n',
    'logs/.c.log': 'c\n',
    'logs/d.txt': 'd\n',
    'logs/x.log/e.log': 'e\n',
  });
  const run = await follow(folder.path, { exclude: [`${folder.path}/logs/b*`] });
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values).sort(), ['a', 'c']);
});

test('reads what is appended, and an unfinished line when it is complete', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': 'one\ntw' });
  const run = await follow(folder.path);
  await run.received(1);
  appendFileSync(join(folder.path, 'logs/a.log'), 'o\nthr');
  await run.received(2);
  appendFileSync(join(folder.path, 'logs/a.log'), 'ee\n');
  await run.received(3);
  await run.stop();
  assert.deepEqual(messages(run.values), ['one', 'two', 'three']);
});

test('drops and counts lines that are too long', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': `first\n${'x'.repeat(71)}\n${'y'.repeat(70)}\n${'z'.repeat(500)}\nshort\n` });
  const run = await follow(folder.path, { max_line_bytes: 70 });
  await run.received(3);
  await run.stop();
  assert.deepEqual(messages(run.values), ['first', 'y'.repeat(70), 'short']);
  assert.equal(run.recorder.read('component_discarded_events_total', { intentional: 'true' }), 2);
  assert.equal(run.recorder.read('component_errors_total', { error_code: 'reading_line_from_file' }), 2);
});

for (const config of [{}, { encoding: { charset: 'utf-8' } }, { line_delimiter: '\n\n' }]) {
  test(`lines longer than a slot are read whole, or passed over ${JSON.stringify(config)}`, async () => {
    using folder = temporaryFolder();
    const delimiter = config.line_delimiter ?? '\n';
    const lines = [
      'a'.repeat(300_000),
      'b',
      'c'.repeat(2_000_000),
      'd'.repeat(200_000),
      'e'.repeat(250_000),
      'f'.repeat(1_000_000),
    ];
    write(folder.path, { 'logs/a.log': lines.map((line) => line + delimiter).join('') });
    const run = await follow(folder.path, { max_line_bytes: 1_000_000, offset_key: 'at', ...config });
    await run.received(5);
    await run.stop();
    assert.deepEqual(
      messages(run.values),
      lines.filter((line) => line.length <= 1_000_000),
    );
    assert.equal(run.recorder.read('component_discarded_events_total'), 1);
    const end = lines.slice(0, 5).reduce((sum, line) => sum + line.length + delimiter.length, 0);
    assert.equal((run.values[4] as { at: Value }).at, end);
  });
}

for (const [seed, config] of [
  [1, {}],
  [2, { line_delimiter: '\r\n' }],
  [3, { line_delimiter: 'ab' }],
  [4, { encoding: { charset: 'latin1' } }],
  [5, { encoding: { charset: 'utf-16le' } }],
] as const) {
  test(`gives the lines that a plain split gives, however they are written: ${JSON.stringify(config)}`, async () => {
    using folder = temporaryFolder();
    const random = seededRandom(seed);
    const delimiter = 'line_delimiter' in config ? config.line_delimiter : '\n';
    const isWide = 'encoding' in config && config.encoding.charset === 'utf-16le';
    const lines = Array.from({ length: 400 }, (_, i) => {
      const length = Math.floor(random() ** 8 * 400_000);
      return `${i}${(random() < 0.5 ? 'a' : '\r').repeat(length)}`;
    });
    const bytes = Buffer.from(lines.map((line) => line + delimiter).join(''), isWide ? 'utf16le' : 'latin1');
    const longest = 150_000;
    const expected = lines.filter((line) => line.length * (isWide ? 2 : 1) <= longest);
    const run = await follow(folder.path, { ...config, max_line_bytes: longest, offset_key: 'at' }, { slots: 3 });
    mkdirSync(join(folder.path, 'logs'));
    for (let at = 0; at < bytes.length; ) {
      const end = at + Math.floor(random() ** 4 * 600_000) + 1;
      appendFileSync(join(folder.path, 'logs/a.log'), bytes.subarray(at, end));
      at = end;
      for (let i = random() * 10; i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
    }
    await run.received(expected.length);
    await run.stop();
    assert.deepEqual(messages(run.values), expected);
    assert.equal(run.recorder.read('component_discarded_events_total'), lines.length - expected.length);
    assert.equal(run.recorder.read('component_received_bytes_total'), bytes.length);
    for (const value of run.values) {
      const { at, message } = value as { at: number; message: string };
      const length = message.length * (isWide ? 2 : 1);
      assert.equal(bytes.toString(isWide ? 'utf16le' : 'latin1', at, at + length), message);
    }
  });
}

test('a line of 64 MiB without end takes no memory', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'logs/a.log');
  write(folder.path, { 'logs/a.log': 'first\n' });
  const run = await follow(folder.path);
  await run.received(1);
  const block = Buffer.alloc(8_388_608, 'x');
  for (let i = 0; i < 8; i++) appendFileSync(path, block);
  const before = process.memoryUsage().rss;
  appendFileSync(path, '\nlast\n');
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['first', 'last']);
  assert.equal(run.recorder.read('component_discarded_events_total'), 1);
  assert.ok(process.memoryUsage().rss - before < 32 * 1_048_576);
});

test('a gzip file that inflates to a line of 256 MiB is passed over', async () => {
  using folder = temporaryFolder();
  const bomb = Buffer.concat(Array(16).fill(gzipSync(Buffer.alloc(16_777_216))));
  write(folder.path, { 'logs/a.log': Buffer.concat([gzipSync('first\n'), bomb, gzipSync('\nlast\n')]) });
  const run = await follow(folder.path);
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['first', 'last']);
  assert.equal(run.recorder.read('component_discarded_events_total'), 1);
});

test('a source whose files are all quiet holds no slot', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': CONTENT });
  const clock = new FakeClock(Date.now());
  const run = await follow(folder.path, {}, { clock });
  while (run.events.length < 3) await clock.advance(100);
  while (run.arena.freeSlots < run.arena.slotCount) await clock.advance(1000);
  appendFileSync(join(folder.path, 'logs/a.log'), 'more\n');
  while (run.events.length < 4) await clock.advance(100);
  await run.stop();
});

test('damaged gzip is an error, and other files are read', async () => {
  using folder = temporaryFolder();
  const damaged = gzipSync(CONTENT.repeat(1000));
  damaged.fill(0xff, damaged.length - 8);
  write(folder.path, { 'logs/a.log': Buffer.concat([gzipSync(CONTENT), damaged]), 'logs/b.log': 'b\n' });
  const run = await follow(folder.path);
  await run.received(1);
  while (run.recorder.read('component_errors_total') === 0) await new Promise(setImmediate);
  await run.stop();
  assert.ok(messages(run.values).includes('b'));
});

test('a file without a whole first line waits for it', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': 'no newline' });
  const run = await follow(folder.path);
  while (run.recorder.read('checksum_errors_total') === 0) await new Promise(setImmediate);
  appendFileSync(join(folder.path, 'logs/a.log'), ' yet\n');
  await run.received(1);
  await run.stop();
  assert.deepEqual(messages(run.values), ['no newline yet']);
  assert.equal(run.recorder.read('checksum_errors_total'), 1);
});

test('`read_from: end` holds for files that are there at the start, not for those that come', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': CONTENT, 'logs/z.log': gzipSync(`z${CONTENT}`) });
  const run = await follow(folder.path, { read_from: 'end' });
  while (run.recorder.read('open_files') < 2) await new Promise(setImmediate);
  write(folder.path, { 'logs/b.log': 'new\n' });
  await run.received(1);
  appendFileSync(join(folder.path, 'logs/a.log'), 'added\n');
  await run.received(2);
  await run.stop();
  assert.deepEqual(messages(run.values), ['new', 'added']);
});

test('files that have not changed for long are read from their end', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/old.log': CONTENT, 'logs/old.gz.log': gzipSync(`x${CONTENT}`), 'logs/new.log': 'new\n' });
  const long = Date.now() / 1000 - 3600;
  utimesSync(join(folder.path, 'logs/old.log'), long, long);
  utimesSync(join(folder.path, 'logs/old.gz.log'), long, long);
  const clock = new FakeClock(Date.now());
  const run = await follow(folder.path, { ignore_older: 600 }, { clock });
  while (run.events.length < 1) await clock.advance(100);
  appendFileSync(join(folder.path, 'logs/old.log'), 'added\n');
  while (run.events.length < 2) await clock.advance(100);
  await run.stop();
  assert.deepEqual(messages(run.values), ['new', 'added']);
});

test('reads older files to their end first', async () => {
  using folder = temporaryFolder();
  const names = ['c', 'a', 'b'];
  const line = (name: string) => `${name}${'.'.repeat(999)}\n`;
  for (const name of names) {
    write(folder.path, { [`logs/${name}.log`]: line(name).repeat(1000) });
    // Births of files are told apart by the file system's clock.
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  const run = await follow(folder.path, { oldest_first: true });
  await run.received(3000);
  await run.stop();
  assert.deepEqual(
    messages(run.values)
      .map((text) => (text as string)[0])
      .filter((name, i, all) => name !== all[i - 1]),
    names,
  );
});

test('reads files in turns', async () => {
  using folder = temporaryFolder();
  for (const name of ['a', 'b']) write(folder.path, { [`logs/${name}.log`]: `${name.repeat(1000)}\n`.repeat(1000) });
  const run = await follow(folder.path, {});
  await run.received(2000);
  await run.stop();
  const changes = messages(run.values).filter((text, i, all) => text !== all[i - 1]).length;
  assert.ok(changes > 4, `${changes} changes`);
});

test('counts files by name only when asked to', async () => {
  for (const tagged of [false, true]) {
    using folder = temporaryFolder();
    write(folder.path, { 'logs/a.log': CONTENT });
    const run = await follow(folder.path, { internal_metrics: { include_file_tag: tagged } });
    await run.received(3);
    await run.stop();
    const labels = tagged ? { file: `${folder.path}/logs/a.log` } : {};
    const series = Object.fromEntries(
      run.recorder.all().map(({ name, labels: found, value }) => [name, { found, value }]),
    );
    assert.deepEqual(series['files_added_total'], { found: labels, value: 1 });
    assert.deepEqual(series['component_received_bytes_total'], { found: { protocol: 'file', ...labels }, value: 63 });
    assert.deepEqual(series['component_received_events_total'], { found: labels, value: 3 });
  }
});

test('stops while nothing takes what it sends any more', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': `${'x'.repeat(99)}\n`.repeat(20_000) });
  const raw: { release(): void }[] = [];
  const run = await follow(
    folder.path,
    {},
    {
      slots: 2,
      onBatch: (batch) => {
        if (batch.kind === 'raw') {
          batch.hold.retain();
          raw.push(batch.hold);
        }
        return undefined;
      },
    },
  );
  while (run.arena.freeSlots > 0) await new Promise(setImmediate);
  await run.stop();
  for (const hold of raw) hold.release();
  await new Promise(setImmediate);
  assert.equal(run.arena.freeSlots, 2);
});

test('waits for room and goes on', async () => {
  using folder = temporaryFolder();
  write(folder.path, { 'logs/a.log': Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join('') });
  const run = await follow(
    folder.path,
    {},
    { slots: 1, onBatch: () => new Promise((resolve) => setImmediate(resolve)) },
  );
  await run.received(20_000);
  await run.stop();
  assert.deepEqual(
    messages(run.values),
    Array.from({ length: 20_000 }, (_, i) => String(i)),
  );
});

test('a thousand files', async () => {
  using folder = temporaryFolder();
  for (let i = 0; i < 1000; i++) write(folder.path, { [`logs/${i}.log`]: `file ${i}\n` });
  const run = await follow(folder.path);
  await run.received(1000);
  appendFileSync(join(folder.path, 'logs/777.log'), 'more\n');
  await run.received(1001);
  renameSync(join(folder.path, 'logs/5.log'), join(folder.path, 'logs/5000.log'));
  appendFileSync(join(folder.path, 'logs/5000.log'), 'renamed\n');
  await run.received(1002);
  await run.stop();
  assert.equal(new Set(messages(run.values)).size, 1002);
  assert.equal(run.recorder.read('files_added_total'), 1000);
  assert.deepEqual(
    [messages(run.values).at(-1), (run.values.at(-1) as { file: string }).file.slice(-8)],
    ['renamed', '5000.log'],
  );
});

test('says what is wrong with its options', () => {
  const path = ['/x'];
  for (const [config, message] of [
    [{}, /`include` is required/],
    [{ include: ['a**b'] }, /stand alone/],
    [{ include: path, exclude: ['[a'] }, /without its `\]`/],
    [{ include: path, line_delimiter: '' }, /must not be empty/],
    [{ include: path, line_delimiter: 'x'.repeat(65) }, /must not be longer/],
    [{ include: path, encoding: { charset: 'klingon' } }, /no character set `klingon`/],
    [
      { include: path, encoding: { charset: 'latin1' }, line_delimiter: 'λ' },
      /cannot be written in the character set windows-1252/,
    ],
    [{ include: path, message_start_indicator: '(' }, /not a regular expression/],
    [{ include: path, fingerprint: { strategy: 'device_and_inode', lines: 2 } }, /unknown option `lines`/],
  ] as const)
    assert.throws(() => parseConfig(source, config), message);
});
