// No label may have more values than its definition says, whoever chooses them: peers, names of files, lines of logs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../src/cli/run.ts';
import '../src/config/registry.gen.ts';
import { ClientMetrics } from '../src/net/http/client_metrics.ts';
import { FakeClock } from '../src/std/clock.ts';
import { Faults } from '../src/telemetry/component_metrics.ts';
import { memoryLogger } from '../src/telemetry/log.ts';
import { Registry } from '../src/telemetry/registry.ts';
import { definedSeries, type SeriesDefinition } from '../src/telemetry/telemetry.ts';

/** Values that somebody hostile chooses: ever new, some of them long, some of them odd. */
function hostile(index: number): string {
  const odd = ['', '\u0000', '"\\\n', '../..', '\u{1f480}', '{le="1"}'];
  return `${odd[index % odd.length]}${index}${index % 50 === 0 ? 'x'.repeat(10_000) : ''}`;
}

function attack(definition: SeriesDefinition, label: string, count: number): Registry {
  const registry = new Registry({ clock: new FakeClock(), seriesMax: 100_000 });
  const component = registry.labelled({ component_id: 'a', component_kind: 'source', component_type: 't' });
  for (let i = 0; i < count; i++) {
    const labels = { [label]: hostile(i) };
    if (definition.type === 'counter') component.counter(definition, labels).add(1);
    else if (definition.type === 'gauge') component.gauge(definition, labels).add(1);
    else component.histogram(definition, labels).record(1);
  }
  return registry;
}

test('every label of every series has its limit, and what is beyond is counted as `other`', () => {
  for (const definition of definedSeries())
    for (const { name, values, limit } of definition.labels) {
      const most = values?.length ?? limit!;
      const count = 2 * most + 10;
      const registry = attack(definition, name, count);
      const what = `${definition.name} ${name}`;
      const series = registry.all().filter((reading) => reading.name === definition.name);
      const seen = new Set(series.map(({ labels }) => labels[name]!));
      assert.ok(seen.size <= most + 1, `${what}: ${seen.size} values`);
      assert.ok(seen.has('other'), what);
      for (const value of seen) assert.ok(value.length <= 1_024, `${what}: a value of ${value.length} characters`);
      assert.equal(registry.read(definition.name), count, what);
    }
});

test('labels of data that are combined make no more series than one may have, and everything is counted', () => {
  for (const definition of definedSeries()) {
    const ofData = definition.labels.filter(({ limit }) => limit !== undefined);
    const most = Math.max(2_000, ...ofData.map(({ limit }) => limit!));
    if (ofData.reduce((product, { limit }) => product * limit!, 1) <= most || definition.type !== 'counter') continue;
    const registry = new Registry({ clock: new FakeClock(), seriesMax: 100_000 });
    const component = registry.labelled({ component_id: 'a', component_kind: 'source', component_type: 't' });
    for (let i = 0; i < 5_000; i++) {
      let rest = i;
      const labels = ofData.map(({ name, limit }) => {
        const value = `${rest % limit!}`;
        rest = Math.floor(rest / limit!);
        return [name, value];
      });
      component.counter(definition, Object.fromEntries(labels)).add(1);
    }
    const series = registry.all().filter(({ name }) => name === definition.name);
    assert.ok(series.length <= most + 1, `${definition.name}: ${series.length} series`);
    assert.equal(registry.read(definition.name), 5_000, definition.name);
  }
});

test('one component with many values does not take those of another', () => {
  const definition = definedSeries().find(({ name }) => name === 'component_received_bytes_total')!;
  const registry = attack(definition, 'file', 5_000);
  const other = registry.labelled({ component_id: 'b', component_kind: 'source', component_type: 't' });
  other.counter(definition, { file: '/var/log/b' }).add(1);
  assert.equal(registry.read(definition.name, { component_id: 'b', file: '/var/log/b' }), 1);
});

test('statuses that a hostile server makes up are few, and every answer is counted', () => {
  const registry = new Registry();
  const metrics = new ClientMetrics(registry);
  for (let round = 0; round < 3; round++) for (let status = 100; status < 1_000; status++) metrics.answered(status, 1);
  assert.equal(registry.read('http_client_responses_total'), 2_700);
  assert.equal(registry.read('http_client_rtt_seconds'), 2_700);
  const series = registry.all().filter(({ name }) => name === 'http_client_responses_total');
  assert.ok(series.length <= 65, `${series.length} series`);
});

test('codes of errors are few, and every error is counted', () => {
  const registry = new Registry();
  const faults = new Faults(registry, memoryLogger(new FakeClock()).logger);
  for (let i = 0; i < 2_000; i++) faults.error('Failed', { type: 'io_failed', stage: 'sending', code: hostile(i) });
  assert.equal(registry.read('component_errors_total'), 2_000);
  assert.ok(registry.all().filter(({ name }) => name === 'component_errors_total').length <= 101);
});
