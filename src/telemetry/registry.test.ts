import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FakeClock } from '../std/clock.ts';
import { BoundedStorage, COUNTER_BYTES } from './bounded_storage.ts';
import { Registry } from './registry.ts';
import type { Expiry } from './series_set.ts';
import { type Counter, defineCounter, defineGauge, defineHistogram } from './telemetry.ts';

const requests = defineCounter({ name: 'requests_total', doc: 'Requests.', labels: [{ name: 'path', limit: 3 }] });
const routed = defineCounter({ name: 'routed_total', doc: 'Routed.', labels: [{ name: 'from' }, { name: 'to' }] });
const open = defineGauge({ name: 'open', doc: 'Open.' });
const seconds = defineHistogram({ name: 'seconds', doc: 'Seconds.' });

function timed(expiry: Expiry) {
  const clock = new FakeClock();
  const storage = new BoundedStorage({ scalars: 1_000, histograms: 10 });
  return { clock, storage, registry: new Registry({ clock, storage, expiry }) };
}

const names = (registry: Registry): string[] => registry.all().map(({ name }) => name);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Lets what nobody has any more go, and be heard of. */
async function forget(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('a series without a record is left out after its time, and comes back with the next one', async () => {
  const { clock, registry } = timed({ secs: 300 });
  const counter = registry.counter(requests, { path: '/' });
  const gauge = registry.gauge(open);
  const histogram = registry.histogram(seconds);
  counter.add(5);
  gauge.set(2);
  histogram.record(1);
  assert.deepEqual(names(registry), ['requests_total', 'open', 'seconds']);
  await clock.advance(200_000);
  counter.add(1);
  assert.equal(names(registry).length, 3);
  await clock.advance(150_000);
  assert.deepEqual(names(registry), ['requests_total']);
  await clock.advance(200_000);
  assert.deepEqual(names(registry), []);
  counter.add(1);
  gauge.add(-1);
  assert.deepEqual(
    registry.all().map(({ name, value }) => [name, value]),
    [
      ['open', 1],
      ['requests_total', 7],
    ],
  );
  histogram.record(2);
  assert.deepEqual(
    registry.all().map(({ value, sum }) => [value, sum]),
    [
      [1, 0],
      [7, 0],
      [2, 3],
    ],
  );
});

test('setting a gauge to the value that it has is a record', async () => {
  const { clock, registry } = timed({ secs: 10 });
  const gauge = registry.gauge(open);
  for (let i = 0; i < 5; i++) {
    gauge.set(1);
    assert.equal(names(registry).length, 1);
    await clock.advance(8_000);
  }
  await clock.advance(8_000);
  assert.equal(names(registry).length, 0);
});

test('without a time, or with one below 0, series stay', async () => {
  for (const expiry of [{}, { secs: -1 }]) {
    const { clock, registry } = timed(expiry);
    registry.counter(requests);
    assert.equal(names(registry).length, 1);
    await clock.advance(1e9);
    assert.equal(names(registry).length, 1);
  }
});

test('the first set that matches says how long, and a change counts at once', async () => {
  const isPath = (path: string) => (_: string, labels: Readonly<Record<string, string>>) => labels['path'] === path;
  const sets = [
    { matches: isPath('/long'), secs: 1_000 },
    { matches: (name: string) => name === 'requests_total', secs: 10 },
  ];
  const { clock, registry } = timed({ secs: 100, sets });
  registry.counter(requests, { path: '/long' });
  registry.counter(requests, { path: '/short' });
  registry.gauge(open);
  const left = () => registry.all().map(({ name, labels }) => labels['path'] ?? name);
  assert.deepEqual(left(), ['/long', '/short', 'open']);
  await clock.advance(10_000);
  assert.deepEqual(left(), ['/long', 'open']);
  await clock.advance(90_000);
  assert.deepEqual(left(), ['/long']);
  registry.expire({ secs: 5 });
  assert.deepEqual(left(), []);
});

test('what is not read any more still counts for its component', async () => {
  const { clock, registry } = timed({ secs: 10 });
  const counter = registry.counter(requests);
  counter.add(3);
  registry.all();
  await clock.advance(20_000);
  assert.equal(names(registry).length, 0);
  assert.equal(registry.read('requests_total'), 3);
  assert.equal(registry.counter(requests), counter);
  assert.equal(names(registry).length, 1);
});

test('a series that nobody has gives its cell and its values of labels back when it expires', async () => {
  const { clock, storage, registry } = timed({ secs: 10 });
  const before = registry.bytes;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 3; i++) registry.counter(requests, { path: `/${round}/${i}` }).add(1);
    assert.equal(registry.read('requests_total', { path: 'other' }), 0, `round ${round}`);
    registry.all();
    await clock.advance(11_000);
    registry.all();
    await forget();
  }
  assert.equal(storage.used, 0);
  assert.equal(registry.read('requests_total'), 0);
  // Slots that were used stay there to be used again.
  assert.ok(registry.bytes - before < 20 * 3 * COUNTER_BYTES, `${registry.bytes - before} bytes more`);
});

test('a limit reached is counted, by metric', () => {
  const registry = new Registry().labelled({ component_id: 'in', component_kind: 'source' });
  for (let i = 0; i < 10; i++) registry.counter(requests, { path: `/${i}` }).add(1);
  assert.equal(registry.read('sluice_label_values_limited_total', { metric: 'requests_total', component_id: 'in' }), 7);
});

test('labels that are combined make a crowd of series at most, and the rest is `other` in all of them', () => {
  const pods = defineCounter({
    name: 'pods_total',
    doc: 'Pods.',
    labels: [
      { name: 'namespace', limit: 100 },
      { name: 'pod', limit: 100 },
    ],
  });
  const registry = new Registry();
  const one = registry.labelled({ component_id: 'one', component_kind: 'source' });
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 90 * 90; i++) {
      const labels = { namespace: `n${i % 90}`, pod: `p${Math.floor(i / 90)}` };
      one.counter(pods, labels).add(1);
    }
  const series = registry.all().filter(({ name }) => name === 'pods_total');
  assert.equal(series.length, 2_001);
  assert.equal(registry.read('pods_total'), 2 * 90 * 90);
  assert.equal(registry.read('pods_total', { namespace: 'n0', pod: 'p0' }), 2);
  assert.equal(registry.read('pods_total', { namespace: 'other', pod: 'other' }), 2 * (90 * 90 - 2_000));
  // Nothing of another one's.
  const two = registry.labelled({ component_id: 'two', component_kind: 'source' });
  two.counter(pods, { namespace: 'n89', pod: 'p89' }).add(1);
  assert.equal(registry.read('pods_total', { component_id: 'two', namespace: 'n89', pod: 'p89' }), 1);
});

test('there are no more series than there may be, and the rest is counted as such', () => {
  const registry = new Registry({ seriesMax: 50, storage: new BoundedStorage({ scalars: 1_000, histograms: 1 }) });
  for (let i = 0; i < 60; i++)
    registry
      .labelled({ component_id: `c${i}` })
      .gauge(open)
      .set(1);
  assert.equal(registry.read('open'), 50);
  assert.equal(registry.read('sluice_series_limited_total'), 10);
});

test('cells that a storage has no room for are counted', () => {
  const registry = new Registry({ storage: new BoundedStorage({ scalars: 2, histograms: 1 }) });
  for (let i = 0; i < 5; i++)
    registry
      .labelled({ component_id: `c${i}` })
      .gauge(open)
      .set(1);
  const refused = registry.all().find(({ name }) => name === 'sluice_cells_refused_total');
  assert.equal(refused?.value, 3);
});

test('finds the same series whether it was looked up before or not, in whatever order labels come', () => {
  const registry = new Registry();
  const handles = new Set<Counter>();
  for (let i = 0; i < 3; i++) {
    handles.add(registry.counter(routed, { from: 'a', to: 'b' }));
    handles.add(registry.counter(routed, { to: 'b', from: 'a' }));
    handles.add(registry.labelled({}).counter(routed, { from: 'a', to: 'b' }));
  }
  assert.equal(handles.size, 1);
  handles.add(registry.counter(routed, { from: 'b', to: 'a' }));
  handles.add(registry.counter(routed, { from: 'a' }));
  handles.add(registry.counter(routed));
  handles.add(registry.counter(routed, { from: 'a', to: '' }));
  assert.equal(handles.size, 5);
});

test('labels that one registry has fixed and another is given are the same labels', () => {
  const registry = new Registry();
  const labels = { from: 'a', to: 'b' };
  const ways = [
    () => registry.labelled({ from: 'a' }).counter(routed, { to: 'b' }),
    () => registry.counter(routed, labels),
    () => registry.labelled(labels).counter(routed),
    () => registry.labelled({ from: 'z', to: 'b' }).counter(routed, { from: 'a' }),
    () => registry.labelled({ to: 'b' }).labelled({ from: 'a' }).counter(routed, labels),
  ];
  for (const way of [...ways, ...ways.toReversed()]) way().add(1);
  assert.equal(new Set(ways.map((way) => way())).size, 1);
  registry.counter(routed, { from: 'z', to: 'b' }).add(3);
  registry.labelled({ from: 'z' }).counter(routed, { to: 'b' }).add(4);
  assert.deepEqual(
    registry.all().map(({ labels: all, value }) => [all['from'], all['to'], value]),
    [
      ['a', 'b', 10],
      ['z', 'b', 7],
    ],
  );
});

test('a series that was asleep is one series when it wakes, however others ask for it by then', async () => {
  const { clock, registry } = timed({ secs: 10 });
  const held = registry.labelled({ from: 'a' }).counter(routed, { to: 'b' });
  held.add(1);
  registry.all();
  await clock.advance(11_000);
  assert.deepEqual(registry.all(), []);
  // A family that the sleeper fits into, with another order of labels.
  registry.counter(routed, { to: 'c', from: 'c' }).add(1);
  held.add(1);
  assert.deepEqual(
    registry.all().map(({ labels, value }) => [labels, value]),
    [
      [{ to: 'c', from: 'c' }, 1],
      [{ to: 'b', from: 'a' }, 2],
    ],
  );
  assert.equal(registry.counter(routed, { to: 'b', from: 'a' }), held);
  assert.equal(registry.labelled({ from: 'a' }).counter(routed, { to: 'b' }), held);
});

test('series of which one after the other falls asleep leave those beside them to be found', async () => {
  const { clock, registry } = timed({ secs: 10 });
  const at = (i: number) => registry.counter(routed, { from: `${i % 4}`, to: `${i >> 2}` });
  const handles = Array.from({ length: 60 }, (_, i) => at(i));
  for (let last = 60; last > 0; last -= 7) {
    registry.all();
    await clock.advance(11_000);
    for (let i = 0; i < last; i++) handles[i]!.add(1);
    assert.equal(registry.all().length, last);
    for (let i = 0; i < last; i++) assert.equal(at(i), handles[i]);
  }
});

test('components that come and go with the same labels leave nothing behind at their series', () => {
  const registry = new Registry();
  const labels = { component_id: 'a' };
  registry.labelled(labels).counter(routed, { from: 'a', to: 'b' }).add(1);
  const before = registry.bytes;
  for (let i = 0; i < 100; i++) registry.labelled(labels).counter(routed, { from: 'a', to: 'b' }).add(1);
  assert.equal(registry.bytes, before);
  assert.equal(registry.read('routed_total'), 101);
});

test('what is measured when it is asked for is set before each reading', () => {
  const registry = new Registry();
  const gauge = registry.gauge(open);
  let value = 0;
  const end = registry.collect(() => gauge.set(++value));
  assert.equal(registry.all()[0]!.value, 1);
  assert.equal(registry.all()[0]!.value, 2);
  end();
  assert.equal(registry.all()[0]!.value, 2);
});

test('a silent registry counts nothing and has nothing to tell', () => {
  const registry = new Registry({ isSilent: true });
  registry.counter(requests).add(1);
  registry.labelled({ component_id: 'a' }).histogram(seconds).record(1);
  registry.gauge(open).set(1);
  assert.deepEqual(registry.all(), []);
  assert.equal(registry.read('requests_total'), 0);
  assert.equal(registry.labelled({}).isSilent, true);
});

test('a counter of seconds keeps its fractions', () => {
  const busy = defineCounter({ name: 'busy_seconds_total', doc: 'Busy.', hasFractions: true });
  const registry = new Registry();
  registry.counter(busy).add(0.25);
  registry.counter(busy).add(0.5);
  assert.deepEqual(
    registry.all().map(({ type, value }) => [type, value]),
    [['counter', 0.75]],
  );
});
