import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { sampleProcess } from './process_metrics.ts';
import { Registry } from './registry.ts';

function sampling() {
  const clock = new FakeClock();
  const recorder = new Registry({ clock });
  const stop = sampleProcess({ recorder, clock, arenaBytes: () => 4_096 });
  return { clock, recorder, stop };
}

test('the process tells of its memory, its time and what it is', async () => {
  const { clock, recorder, stop } = sampling();
  const before = recorder.read('uptime_seconds');
  await clock.advance(10_000);
  assert.equal(Math.round(recorder.read('uptime_seconds') - before), 10);
  assert.equal(recorder.read('build_info', { rust_version: process.versions.node, debug: 'false' }), 1);
  assert.equal(recorder.read('sluice_process_arena_bytes'), 4_096);
  for (const name of ['resident', 'heap_used', 'heap_total', 'heap_limit', 'external', 'array_buffer'])
    assert.ok(recorder.read(`sluice_process_${name}_bytes`) > 0, name);
  assert.ok(recorder.read('sluice_process_cpu_seconds_total', { mode: 'user' }) > 0);
  assert.equal(recorder.read('sluice_process_event_loop_delay_seconds'), 11);
  if (existsSync('/proc/self/stat')) assert.ok(recorder.read('sluice_process_threads') > 1);
  stop();
  assert.equal(clock.pending, 0);
});

test('CPU time never goes back and is not counted twice', async () => {
  const { clock, recorder, stop } = sampling();
  const counted = () => recorder.read('sluice_process_cpu_seconds_total');
  await clock.advance(5_000);
  const { user, system } = process.cpuUsage();
  assert.ok(counted() <= (user + system) / 1e6);
  assert.ok(counted() > 0);
  stop();
});

test('series do not grow with time', async () => {
  const { clock, recorder, stop } = sampling();
  await clock.advance(20_000);
  const series = recorder.all().length;
  await clock.advance(1_000_000);
  assert.equal(recorder.all().length, series);
  stop();
});
