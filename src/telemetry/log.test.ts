import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { type Level, Logger, memoryLogger } from './log.ts';

const messages = (records: readonly { message: string }[]): string[] => records.map(({ message }) => message);

test('writes lines of its level and above, stamped with the time of day', () => {
  for (const [level, expected] of [
    ['off', []],
    ['error', ['e']],
    ['warn', ['e', 'w']],
    ['info', ['e', 'w', 'i']],
    ['debug', ['e', 'w', 'i', 'd']],
    ['trace', ['e', 'w', 'i', 'd']],
  ] as [Level, string[]][]) {
    const clock = new FakeClock(1_234);
    const { logger, records } = memoryLogger(clock, level);
    logger.error('e');
    logger.warn('w');
    logger.info('i');
    logger.debug('d');
    assert.deepEqual(messages(records), expected, level);
    assert.equal(logger.enabled('info'), expected.includes('i'));
    assert.ok(records.every(({ timeMs }) => timeMs === 1_234));
  }
});

test('a child adds its fields to every line, and a line may say it otherwise', () => {
  const { logger, records } = memoryLogger(new FakeClock());
  const child = logger.child({ component_id: 'a', component_kind: 'sink' }).child({ peer: 'x' });
  child.info('said', { peer: 'y', count: 2 });
  logger.info('said by the parent');
  assert.deepEqual(records[0]!.fields, { component_id: 'a', component_kind: 'sink', peer: 'y', count: 2 });
  assert.deepEqual(records[1]!.fields, {});
});

test('shows a message once, says that it suppresses it, and says how often when the window is over', async () => {
  const clock = new FakeClock();
  const { logger, records } = memoryLogger(clock, 'info', 10);
  const child = logger.child({ component_id: 'in' });
  for (let i = 0; i < 5; i++) child.error('Refused', { attempt: i });
  assert.deepEqual(
    records.map(({ message, fields }) => [message, fields]),
    [
      ['Refused', { component_id: 'in', attempt: 0 }],
      [
        'Internal log [Refused] is being suppressed to avoid flooding.',
        { component_id: 'in', internal_log_rate_secs: 10 },
      ],
    ],
  );
  records.length = 0;
  await clock.advance(9_999);
  child.error('Refused');
  assert.deepEqual(messages(records), []);
  await clock.advance(1);
  child.error('Refused', { attempt: 6 });
  assert.deepEqual(
    records.map(({ level, message, fields }) => [level, message, fields]),
    [
      ['error', 'Internal log [Refused] has been suppressed 5 times.', { component_id: 'in' }],
      ['error', 'Refused', { component_id: 'in', attempt: 6 }],
    ],
  );
});

test('says nothing of suppression when a message came once in its window', async () => {
  const clock = new FakeClock();
  const { logger, records } = memoryLogger(clock, 'info', 10);
  for (let i = 0; i < 3; i++) {
    logger.warn('Now and then');
    await clock.advance(10_000);
  }
  assert.deepEqual(messages(records), ['Now and then', 'Now and then', 'Now and then']);
});

test('limits each level, component, message and place by itself', () => {
  const { logger, records } = memoryLogger(new FakeClock(), 'info', 10);
  const [a, b] = [logger.child({ component_id: 'a' }), logger.child({ component_id: 'b' })];
  a.error('m');
  b.error('m');
  a.warn('m');
  a.error('n');
  a.error('m', { reason: 'another' }, 'another');
  logger.error('m', { component_id: 'c' });
  assert.deepEqual(messages(records), ['m', 'm', 'm', 'n', 'm', 'm']);
  a.error('m', { peer: '10.0.0.1' });
  logger.error('m', { component_id: 'c' });
  assert.deepEqual(
    records.slice(6).map(({ fields }) => fields['component_id']),
    ['a', undefined],
  );
  assert.match(records[6]!.message, /suppressed/);
});

test('a clock that is set back does not silence a place', async () => {
  const clock = new FakeClock(1_700_000_000_000);
  let timeOfDay = clock.now();
  const { logger, records } = memoryLogger(
    { now: () => timeOfDay, monotonic: () => clock.monotonic(), after: (ms, fire) => clock.after(ms, fire) },
    'info',
    10,
  );
  logger.info('tick');
  timeOfDay -= 365 * 86_400_000;
  await clock.advance(10_000);
  logger.info('tick');
  assert.deepEqual(messages(records), ['tick', 'tick']);
});

test('a limit of 0 seconds, and a logger without one, show every line', () => {
  const none = memoryLogger(new FakeClock(), 'info', 0);
  const limited = memoryLogger(new FakeClock(), 'info', 10);
  const unlimited = limited.logger.child({ component_id: 'a' }).unlimited();
  for (let i = 0; i < 3; i++) {
    none.logger.info('again');
    unlimited.info('again');
  }
  assert.equal(none.records.length, 3);
  assert.deepEqual(messages(limited.records), ['again', 'again', 'again']);
  assert.equal(limited.records[0]!.fields['component_id'], 'a');
});

test('remembers no more places than its limit, and forgets none without its count', () => {
  const clock = new FakeClock();
  const { logger, records } = memoryLogger(clock, 'info', 10);
  logger.info('first');
  logger.info('first');
  logger.info('first');
  for (let i = 0; i < 999; i++) logger.info(`other ${i}`);
  assert.equal(messages(records).filter((message) => message.includes('[first]')).length, 1);
  logger.info('one too many');
  assert.ok(messages(records).includes('Internal log [first] has been suppressed 2 times.'));
  records.length = 0;
  logger.info('first');
  assert.deepEqual(messages(records), ['first']);
});

test('a message that a peer made long takes no more of the memory than its beginning', () => {
  const { logger, records } = memoryLogger(new FakeClock(), 'info', 10);
  logger.error(`${'x'.repeat(300)} one`);
  logger.error(`${'x'.repeat(300)} two`);
  assert.equal(records.length, 2);
  assert.match(records[1]!.message, /is being suppressed/);
});

test('a suppressed line costs no record', () => {
  let written = 0;
  const logger = new Logger({
    level: 'info',
    clock: new FakeClock(),
    rateLimitSecs: 10,
    write: () => void (written += 1),
  });
  for (let i = 0; i < 10_000; i++) logger.error('again');
  assert.equal(written, 2);
});
