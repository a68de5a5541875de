import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../../event/timestamp.ts';
import type { ObjectValue } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { seededRandom } from '../../std/random.ts';
import { parseConfig, startSource } from '../../testing/component.ts';
import { source } from './demo_logs.ts';
import { lineMaker } from './lines.ts';

const NOW = Date.UTC(2026, 3, 7, 16, 45, 9, 125);

test('lines become events of a service on this machine', async () => {
  const on = await startSource(source, { format: 'shuffle', lines: ['only line'], count: 2, interval: 0.01 });
  await on.ended;
  const known = { message: 'only line', service: 'vector', host: 'localhost', source_type: 'demo_logs' };
  for (const value of on.values) {
    const { timestamp, ...rest } = value as ObjectValue;
    assert.ok(timestamp instanceof Timestamp);
    assert.deepEqual(rest, known);
  }
  assert.equal(on.values.length, 2);
  assert.equal(on.recorder.read('component_received_events_total'), 2);
});

test('lines come one at every interval, the first at once, and missed ones are made up for', async () => {
  const clock = new FakeClock();
  const on = await startSource(source, { format: 'json', batch_interval: 0.5 }, { clock });
  await clock.advance(0);
  assert.equal(on.values.length, 1);
  await clock.advance(499);
  assert.equal(on.values.length, 1);
  await clock.advance(1);
  assert.equal(on.values.length, 2);
  await clock.advance(5_000);
  assert.equal(on.values.length, 12);
  await on.stop();
});

test('without an interval lines come as fast as they are taken, and a stop is heard', async () => {
  let batches = 0;
  const on = await startSource(source, { format: 'syslog', interval: 0 }, { onBatch: () => void (batches += 1) });
  await on.received(5_000);
  await on.stop();
  assert.ok(batches < on.values.length / 20, `${batches} batches`);
});

test('exactly `count` lines are made', async () => {
  const on = await startSource(source, { format: 'bsd_syslog', interval: 0, count: 2_345 });
  await on.ended;
  assert.equal(on.values.length, 2_345);
});

test('lines are numbered when a sequence is asked for', async () => {
  const on = await startSource(source, { format: 'shuffle', lines: ['x'], sequence: true, count: 3, interval: 0 });
  await on.ended;
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['0 x', '1 x', '2 x'],
  );
});

test('lines are framed and decoded as configured', async () => {
  const json = await startSource(source, { format: 'json', count: 1, interval: 0, decoding: { codec: 'json' } });
  await json.ended;
  const { method, bytes, referer } = json.values[0] as ObjectValue;
  assert.deepEqual([typeof method, typeof bytes, typeof referer], ['string', 'number', 'string']);
  const framed = await startSource(source, {
    format: 'shuffle',
    lines: ['a,b'],
    count: 1,
    interval: 0,
    framing: { method: 'character_delimited', character_delimited: { delimiter: ',' } },
  });
  await framed.ended;
  assert.deepEqual(
    framed.values.map((value) => (value as ObjectValue)['message']),
    ['a', 'b'],
  );
});

const SHAPES = {
  apache_common: /^\d+\.\d+\.\d+\.\d+ - \w+ \[07\/Apr\/2026:16:45:09 \+0000\] "[A-Z]+ \/\S* HTTP\/\d\.\d" \d{3} \d+$/,
  apache_error: /^\[Tue Apr 07 16:45:09 2026\] \[\w+:\w+\] \[pid \d+:tid \d+\] \[client \d+\.\d+\.\d+\.\d+:\d+\] \S.*$/,
  bsd_syslog: /^<\d{1,3}>Apr {2}7 16:45:09 \S+ \w+\[\d+\]: \S.*$/,
  syslog: /^<\d{1,3}>1 2026-04-07T16:45:09\.125Z \S+ \w+ \d+ ID\d+ - \S.*$/,
  json: /^\{"host":"\d+\.\d+\.\d+\.\d+","user-identifier":"\w+","datetime":"07\/Apr\/2026:16:45:09","method":"[A-Z]+","request":"\/\S*","protocol":"HTTP\/\d\.\d","status":"\d{3}","bytes":\d+,"referer":"https:\/\/\S+"\}$/,
} as const;

for (const [format, shape] of Object.entries(SHAPES)) {
  test(`every line of ${format} looks like one`, () => {
    const line = lineMaker({ format: format as keyof typeof SHAPES }, seededRandom(7));
    const lines = Array.from({ length: 200 }, (_, i) => line(i, NOW));
    for (const one of lines) assert.match(one, shape);
    assert.ok(new Set(lines).size > 150, 'lines differ');
  });
}

for (const format of ['syslog', 'bsd_syslog'] as const) {
  test(`the syslog codec reads every line of ${format}`, async () => {
    const on = await startSource(source, { format, count: 100, interval: 0, decoding: { codec: 'syslog' } });
    await on.ended;
    assert.equal(on.values.length, 100);
    assert.ok(on.values.every((value) => typeof (value as ObjectValue)['appname'] === 'string'));
  });
}

test('wrong options are named', () => {
  assert.throws(() => parseConfig(source, { format: 'shuffle' }), /`lines` is required/);
  assert.throws(() => parseConfig(source, { format: 'shuffle', lines: [] }), /at least one line/);
  assert.throws(() => parseConfig(source, { format: 'nope' }), /unknown value `nope`/);
  assert.throws(() => parseConfig(source, { format: 'json', interval: -1 }), /must not be below 0/);
  assert.ok(parseConfig(source, { format: 'rfc5424' }));
});
