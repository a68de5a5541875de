import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fannedOut, filtered, install, labelled, prefixed, recorder, silentRecorder } from './metrics.ts';
import { Registry } from './registry.ts';
import { defineCounter, defineGauge, defineHistogram, type Recorder } from './telemetry.ts';

const counted = defineCounter({ name: 'counted_total', doc: 'Counted.', labels: [{ name: 'kind' }] });
const gauged = defineGauge({ name: 'gauged', doc: 'Gauged.' });
const timed = defineHistogram({ name: 'timed_seconds', doc: 'Timed.' });

/** One record of each type. */
function recordAll(to: Recorder): void {
  to.counter(counted, { kind: 'a' }).add(2);
  to.gauge(gauged).set(3);
  to.gauge(gauged).add(0.5);
  to.histogram(timed).record(1);
}

const summary = (registry: Registry) => registry.all().map(({ name, labels, value }) => [name, labels, value]);

test('handles record where the recorder of the process is at that time', () => {
  const counter = recorder.counter(counted, { kind: 'a' });
  const gauge = recorder.gauge(gauged);
  const histogram = recorder.histogram(timed);
  const record = (): void => {
    counter.add(1);
    gauge.set(1);
    gauge.add(1);
    histogram.record(2);
  };
  const [first, second] = [new Registry(), new Registry()];
  record();
  assert.equal(install(first), silentRecorder);
  record();
  assert.equal(install(second), first);
  record();
  record();
  install(silentRecorder);
  record();
  assert.deepEqual(
    [first, second].map((registry) => registry.all().map(({ value }) => value)),
    [
      [1, 2, 1],
      [2, 2, 2],
    ],
  );
});

test('a prefix is before every name, and the same series stay the same', () => {
  const registry = new Registry();
  const layer = prefixed(registry, 'acme_');
  recordAll(layer);
  recordAll(layer);
  assert.deepEqual(summary(registry), [
    ['acme_counted_total', { kind: 'a' }, 4],
    ['acme_gauged', {}, 3.5],
    ['acme_timed_seconds', {}, 2],
  ]);
});

test('a filter lets through what is wanted, by definition and labels', () => {
  const registry = new Registry();
  const layer = filtered(registry, ({ type }, labels) => type === 'counter' && labels['kind'] === 'a');
  recordAll(layer);
  layer.counter(counted, { kind: 'b' }).add(1);
  assert.deepEqual(summary(registry), [['counted_total', { kind: 'a' }, 2]]);
});

test('a fan records in every recorder', () => {
  const registries = [new Registry(), new Registry()];
  recordAll(fannedOut(...registries));
  for (const registry of registries)
    assert.deepEqual(
      registry.all().map(({ value }) => value),
      [2, 3.5, 1],
    );
});

test('context labels are on everything, and a label of the series itself comes first', () => {
  const registry = new Registry();
  recordAll(labelled(registry, { kind: 'none', region: 'eu' }));
  assert.deepEqual(
    registry.all().map(({ labels }) => labels),
    [
      { kind: 'a', region: 'eu' },
      { kind: 'none', region: 'eu' },
      { kind: 'none', region: 'eu' },
    ],
  );
});
