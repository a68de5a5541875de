import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../src/std/random.ts';
import { analyse } from './analysis.ts';
import { writeReport } from './report.ts';
import { type Run, readRun, type Sample, writeRun } from './samples.ts';

/** A run of half an hour whose memory grows by so many bytes a second, with the noise of a real one. */
function runWith(leak: { readonly heap?: number; readonly rss?: number; readonly registry?: number }): Run {
  const random = seededRandom(3);
  const noise = (bytes: number): number => (random() - 0.5) * bytes;
  const samples = Array.from({ length: 1_800 }, (_, t): Sample => {
    const collected = t % 5 === 4;
    return {
      t,
      rss: Math.round(130e6 + noise(8e6) + t * (leak.rss ?? leak.heap ?? 0)),
      heapUsed: Math.round(20e6 + noise(4e5) + (collected ? 0 : 30e6 + noise(2e7)) + t * (leak.heap ?? 0)),
      external: Math.round(4.4e6 + noise(2e5)),
      arrayBuffers: 2_700_000,
      registry: 87_663 + Math.floor(t * (leak.registry ?? 0)),
      blocks: 0,
      events: t * 5_000,
      requests: t * 5_000,
      cpu: t * 0.7,
      collected,
    };
  });
  return {
    arm: 'bounded',
    batchEvents: 1,
    seedLeakPerSecond: 0,
    machine: 'a machine',
    node: '26',
    isBundled: true,
    startedAt: '2026-01-01T00:00:00.000Z',
    warmUpSecs: 600,
    scrapeBytes: 1,
    scrapeMs: 1,
    lost: 0,
    othersCpu: 1,
    lateSeries: [],
    samples,
  };
}

test('memory that goes up and down is flat', () => {
  const { registry, kept, rss, verdict } = analyse(runWith({}));
  assert.deepEqual([registry.verdict, kept.verdict, rss.verdict, verdict], ['flat', 'flat', 'flat', 'flat']);
});

test('8 KiB a second are a leak', () => {
  const { kept, rss, verdict } = analyse(runWith({ heap: 8192 }));
  assert.deepEqual([kept.verdict, rss.verdict, verdict], ['climbs', 'climbs', 'climbs']);
});

test('a registry may not grow by a byte', () => {
  const { registry, verdict } = analyse(runWith({ registry: 1 / 1_500 }));
  assert.deepEqual([registry.verdict, verdict], ['climbs', 'climbs']);
});

test('a run that is too short is neither', () => {
  const run = runWith({});
  const samples = run.samples.slice(0, 40);
  assert.equal(analyse({ ...run, warmUpSecs: 10, samples }).verdict, 'unsure');
});

test('a run is read back as it was written, and reported', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-leak-'));
  try {
    const run = runWith({ heap: 8192 });
    const samples = run.samples.map((sample) => ({ ...sample, cpu: Math.round(sample.cpu * 1000) / 1000 }));
    writeRun(folder, 'bounded', run);
    assert.deepEqual(readRun(folder, 'bounded'), { ...run, samples });
    assert.match(writeReport(folder), /\| bounded \| everything on \| 30\.0 .* \| constant +\| .* \| climbs +\|/);
    assert.match(readFileSync(join(folder, 'rss.svg'), 'utf8'), /<polyline/);
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    assert.match(page, /<td class="climbs">/);
    assert.doesNotMatch(page, /(src|href)=/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
