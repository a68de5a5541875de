import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Logger, type LogRecord } from './log.ts';
import { LogTap } from './log_tap.ts';

function tapped(rateLimitSecs = 0) {
  const tap = new LogTap();
  const written: LogRecord[] = [];
  const log = new Logger({
    level: 'info',
    clock: new FakeClock(),
    rateLimitSecs,
    write: (record) => void written.push(record),
    tap,
  });
  return { tap, log, written };
}

const messages = (records: readonly LogRecord[]): string[] => records.map(({ message }) => message);

test('a follower gets the lines of the level with the fields of their logger, until it ends', () => {
  const { tap, log } = tapped();
  tap.started();
  const records: LogRecord[] = [];
  const end = tap.follow((record) => void records.push(record));
  log.child({ component_id: 'a' }).info('one', { n: 1 });
  log.debug('below the level');
  end();
  log.info('two');
  assert.deepEqual(
    records.map(({ level, message, fields }) => ({ level, message, fields })),
    [{ level: 'info', message: 'one', fields: { component_id: 'a', n: 1 } }],
  );
  assert.equal(tap.isFollowed, false);
});

test('lines that the rate limit keeps from being written are told all the same', () => {
  const { tap, log, written } = tapped(10);
  const records: LogRecord[] = [];
  tap.follow((record) => void records.push(record));
  for (let i = 0; i < 5; i++) log.info('again');
  assert.deepEqual(messages(records), Array(5).fill('again'));
  assert.equal(written.length, 2);
});

test('who follows during the start gets its lines, who comes later does not', () => {
  const { tap, log } = tapped();
  log.info('first');
  const early: LogRecord[] = [];
  const late: LogRecord[] = [];
  tap.follow((record) => void early.push(record));
  log.info('second');
  tap.started();
  tap.follow((record) => void late.push(record));
  log.info('third');
  assert.deepEqual(messages(early), ['first', 'second', 'third']);
  assert.deepEqual(messages(late), ['third']);
});

test('no more than a thousand lines of the start are kept', () => {
  const { tap, log } = tapped();
  for (let i = 0; i < 2_000; i++) log.info(`line ${i}`);
  const records: LogRecord[] = [];
  tap.follow((record) => void records.push(record));
  assert.equal(records.length, 1_000);
  assert.equal(records.at(-1)?.message, 'line 999');
});
