// The `journald` source with real journals: written by `systemd-journal-remote`, read by `journalctl`.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensure } from '../../scripts/debian.ts';
import { Timestamp } from '../../src/event/timestamp.ts';
import type { ObjectValue } from '../../src/event/value.ts';
import { LINE_BYTES_MAX } from '../../src/sources/journald/journalctl.ts';
import { source } from '../../src/sources/journald/journald.ts';
import { FakeClock } from '../../src/std/clock.ts';
import { type RunningSource, type SourceOptions, startSource, temporaryFolder } from '../../src/testing/component.ts';
import { JOURNAL_PROGRAMS, type JournalEntry, writeJournal } from '../../src/testing/journal.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

interface Place {
  readonly journal: string;
  readonly data: string;
  readonly checkpoint: string;
  start(raw?: Record<string, unknown>, options?: SourceOptions): Promise<RunningSource>;
}

const skip = await ensure(JOURNAL_PROGRAMS);

/** A test with a folder for journals and one for positions. */
function withJournal(name: string, body: (place: Place) => Promise<void>): void {
  test(name, { skip }, async () => {
    using folder = temporaryFolder();
    const journal = join(folder.path, 'journal');
    const data = join(folder.path, 'data');
    mkdirSync(journal);
    await body({
      journal,
      data,
      checkpoint: join(data, 'test', 'checkpoint.txt'),
      start: (raw = {}, options = {}) =>
        startSource(
          source,
          { journal_directory: journal, current_boot_only: false, ...raw },
          { dataDir: data, ...options },
        ),
    });
  });
}

const entry = (message: string, unit = 'web.service', more: JournalEntry = {}): JournalEntry => ({
  MESSAGE: message,
  PRIORITY: '3',
  _SYSTEMD_UNIT: unit,
  ...more,
});

const numbered = (count: number, from = 0): JournalEntry[] =>
  Array.from({ length: count }, (_, i) => entry(`entry ${from + i}`));

function messages(on: RunningSource): unknown[] {
  return on.values.map((value) => (value as ObjectValue)['message']);
}

withJournal('entries become events under the names of the log schema', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [
    entry('hello', 'web.service', { _SOURCE_REALTIME_TIMESTAMP: '1600000000123456' }),
  ]);
  const on = await start();
  await on.received(1);
  await on.stop();
  const event = on.values[0] as ObjectValue;
  assert.equal(event['message'], 'hello');
  assert.equal(event['host'], 'journal-host');
  assert.equal(event['source_type'], 'journald');
  assert.equal(event['PRIORITY'], '3');
  assert.deepEqual(event['timestamp'], new Timestamp(1_600_000_000, 123_456_000));
  for (const gone of ['MESSAGE', '_HOSTNAME', '__CURSOR']) assert.equal(gone in event, false);
  assert.equal(event['__REALTIME_TIMESTAMP'], '1700000000000000');
  assert.ok(on.recorder.read('component_received_bytes_total', { protocol: 'journald' }) > 0);
  assert.equal(on.recorder.read('component_received_events_total'), 1);
});

withJournal('without a time of its own an entry has that of its arrival in the journal', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [entry('hello')]);
  const on = await start();
  await on.received(1);
  await on.stop();
  assert.deepEqual((on.values[0] as ObjectValue)['timestamp'], new Timestamp(1_700_000_000, 0));
});

withJournal('in the vector namespace the event is the message, the fields are metadata', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [entry('hello'), { PRIORITY: '6' }]);
  const on = await start({}, { logNamespace: 'vector' });
  await on.received(2);
  await on.stop();
  assert.deepEqual(on.values, ['hello', null]);
  const { journald, vector } = on.events[0]!.metadata.value as Record<string, ObjectValue>;
  assert.equal(journald!['host'], 'journal-host');
  assert.deepEqual(journald!['timestamp'], new Timestamp(1_700_000_000, 0));
  assert.equal((journald!['metadata'] as ObjectValue)['_SYSTEMD_UNIT'], 'web.service');
  assert.equal(vector!['source_type'], 'journald');
});

withJournal('bytes that are no text, fields said twice and hostile names arrive', async ({ journal, start }) => {
  const long = 'x'.repeat(100_000);
  writeJournal(journal, 'a.journal', [
    entry('two\nlines', 'web.service', {
      RAW: new Uint8Array([0xff, 0x00, 0x41]),
      CONTROL: new Uint8Array([7]),
      LONG: long,
    }),
  ]);
  const on = await start();
  await on.received(1);
  await on.stop();
  const event = on.values[0] as ObjectValue;
  assert.equal(event['message'], 'two\nlines');
  assert.deepEqual(event['RAW'], new Uint8Array([0xff, 0x00, 0x41]));
  assert.equal(event['CONTROL'], '\u0007');
  assert.equal(event['LONG'], long);
});

withJournal('a field beyond all bounds costs its entry alone', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [entry('before'), entry('x'.repeat(LINE_BYTES_MAX)), entry('after')]);
  const on = await start();
  await on.received(2);
  await on.stop();
  assert.deepEqual(messages(on), ['before', 'after']);
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

withJournal('units and matches are included and excluded', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [
    entry('web'),
    entry('timer', 'clean.timer'),
    entry('kernel', 'none', { _TRANSPORT: 'kernel' }),
    entry('noise', 'web.service', { _TRANSPORT: 'audit' }),
    entry('end', 'end.service'),
  ]);
  const on = await start({
    include_units: ['web', 'clean.timer', 'end'],
    include_matches: { _TRANSPORT: ['kernel'] },
    exclude_matches: { _TRANSPORT: ['audit'] },
  });
  await on.received(4);
  await on.stop();
  assert.deepEqual(messages(on), ['web', 'timer', 'kernel', 'end']);
  const without = await start({ exclude_units: ['web'], data_dir: join(journal, 'other') });
  await without.received(3);
  await without.stop();
  assert.deepEqual(messages(without), ['timer', 'kernel', 'end']);
});

withJournal('priorities get names and cursors stay where that is asked for', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', [entry('a'), entry('b', 'web', { PRIORITY: '9' })]);
  const on = await start({ remap_priority: true, emit_cursor: true });
  await on.received(2);
  await on.stop();
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['PRIORITY']),
    ['ERR', 'UNKNOWN'],
  );
  assert.match(String((on.values[0] as ObjectValue)['__CURSOR']), /^s=/);
});

withJournal('a restart goes on behind the last entry, and entries that come later are followed', async (place) => {
  const { journal, checkpoint, start } = place;
  writeJournal(journal, 'a.journal', numbered(40));
  const first = await start();
  await first.received(40);
  await first.stop();
  assert.match(readFileSync(checkpoint, 'latin1'), /^s=[!-~]+\n$/);
  writeJournal(journal, 'b.journal', numbered(5, 40), 40);
  const second = await start();
  await second.received(5);
  writeJournal(journal, 'c.journal', numbered(3, 45), 45);
  await second.received(8);
  await second.stop();
  assert.deepEqual(
    [...messages(first), ...messages(second)],
    Array.from({ length: 48 }, (_, i) => `entry ${i}`),
  );
});

withJournal('what was left out moves the position too', async ({ journal, checkpoint, start }) => {
  writeJournal(journal, 'a.journal', [entry('wanted'), entry('noise', 'noise.service')]);
  const first = await start({ exclude_units: ['noise'], emit_cursor: true });
  await first.received(1);
  const own = (first.values[0] as ObjectValue)['__CURSOR'];
  await first.stop();
  await until(() => existsSync(checkpoint));
  assert.notEqual(readFileSync(checkpoint, 'latin1').trim(), own);
});

withJournal('the position waits for delivery, batch by batch, and failed batches come again', async (place) => {
  const { journal, start } = place;
  writeJournal(journal, 'a.journal', numbered(20));
  let batches = 0;
  const first = await start({ batch_size: 5 }, { status: () => (++batches === 3 ? 'errored' : 'delivered') });
  await first.received(20);
  await first.stop();
  assert.equal(batches, 4);
  const second = await start();
  await second.received(10);
  await second.stop();
  assert.deepEqual(
    messages(second),
    Array.from({ length: 10 }, (_, i) => `entry ${10 + i}`),
  );
});

withJournal('refused batches do not come again', async ({ journal, start }) => {
  writeJournal(journal, 'a.journal', numbered(3));
  const first = await start({}, { status: 'rejected' });
  await first.received(3);
  await first.stop();
  writeJournal(journal, 'b.journal', [entry('new')], 3);
  const second = await start();
  await second.received(1);
  await second.stop();
  assert.deepEqual(messages(second), ['new']);
});

withJournal('a position that is none is set aside, and reading begins anew', async (place) => {
  const { journal, data, checkpoint, start } = place;
  writeJournal(journal, 'a.journal', [entry('hello')]);
  for (const damage of ['\0\xff torn', 's=zz;i=nothing\n']) {
    mkdirSync(join(data, 'test'), { recursive: true });
    writeFileSync(checkpoint, damage, 'latin1');
    const clock = new FakeClock();
    const on = await start({}, { clock });
    const isSetAside = (): boolean =>
      on.recorder.read('component_errors_total', { error_code: 'checkpoint_damaged' }) === 1;
    await until(isSetAside);
    for (let waited = 0; on.events.length === 0 && waited < 10_000; waited++) {
      await clock.advance(1000);
      await turn();
    }
    await on.received(1);
    await on.stop();
    assert.equal(readFileSync(`${checkpoint}.damaged`, 'latin1'), damage);
  }
});
