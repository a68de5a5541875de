import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Registry } from './registry.ts';
import { beginTurn, endTurn, enter, lastLook, leave, look } from './self_time.ts';
import { Latency, Utilization } from './work_metrics.ts';

test('what calls within a call take is not the time of the outer one', () => {
  const outermost = enter();
  const first = enter();
  assert.equal(leave(first, 10, 30), 20);
  const second = enter();
  const innermost = enter();
  assert.equal(leave(innermost, 40, 45), 5);
  assert.equal(leave(second, 35, 50), 10);
  assert.equal(leave(outermost, 0, 100), 65);
  const next = enter();
  assert.equal(leave(next, 200, 201), 1);
});

test('who takes over at the same moment goes by the last look, within a turn and by the same clock', async () => {
  const [clock, other] = [new FakeClock(1_000), new FakeClock(5_000)];
  assert.equal(beginTurn(clock), 1_000);
  await clock.advance(7);
  assert.equal(lastLook(clock), 1_000);
  assert.equal(lastLook(other), 5_000);
  assert.equal(look(clock), 1_007);
  await clock.advance(1);
  assert.equal(lastLook(clock), 1_007);
  endTurn();
  assert.equal(lastLook(clock), 1_008);
  assert.equal(look(clock), 1_008);
  await clock.advance(1);
  assert.equal(lastLook(clock), 1_009);
});

function measured() {
  const clock = new FakeClock();
  const recorder = new Registry({ clock });
  const it = new Utilization(recorder, clock);
  return { clock, recorder, it, utilization: () => recorder.read('utilization') };
}

test('utilization is the part of five seconds that was worked, and the newest five weigh nine tenths', async () => {
  const { clock, it, utilization } = measured();
  it.worked(2_500);
  await clock.advance(5_000);
  assert.equal(utilization(), 0.5);
  await clock.advance(5_000);
  assert.ok(Math.abs(utilization() - 0.05) < 1e-12);
  it.close();
  assert.equal(clock.pending, 0);
});

test('a write counts from its begin to its end, also while it goes on', async () => {
  const { clock, it, utilization } = measured();
  await clock.advance(4_000);
  it.busy(clock.monotonic());
  await clock.advance(1_000);
  assert.equal(utilization(), 0.2);
  await clock.advance(5_000);
  assert.ok(Math.abs(utilization() - 0.92) < 1e-12);
  it.idle(clock.monotonic());
  await clock.advance(50_000);
  assert.ok(utilization() < 1e-6);
  it.close();
});

test('several threads at work are not more than all of the time, and each is counted', async () => {
  const { clock, recorder, it, utilization } = measured();
  it.worked(20_000);
  await clock.advance(5_000);
  assert.equal(utilization(), 1);
  assert.equal(recorder.read('sluice_component_work_seconds_total'), 20);
  it.worked(500);
  it.close();
  assert.equal(recorder.read('sluice_component_work_seconds_total'), 20.5);
});

test('latency has a histogram and a mean whose weight is configured', () => {
  const recorder = new Registry();
  const latency = new Latency(recorder, { latencyAlpha: 0.5, bufferHalfLifeSecs: 5 });
  latency.record(100);
  latency.record(300);
  assert.equal(recorder.read('component_latency_seconds'), 2);
  assert.equal(recorder.read('component_latency_mean_seconds'), 0.2);
});
