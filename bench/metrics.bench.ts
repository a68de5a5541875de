// What does a recording cost, and a series in memory, beside prom-client and the SDK of OpenTelemetry?
//
//   npm run bench metrics -- [--rounds 300] [--recordings 3000] [--series 10000]
//
// All three take turns in one process, on the same definitions and label sets. `bound`: the labels were given before, to
// what each has for that (prom-client `labels`, which looks them up each time all the same; OpenTelemetry has nothing, so
// it gets the same object of attributes). `look-up`: the labels come with each recording, as objects that are new. Of the
// rounds the fastest counts, since the machine only ever adds.
//
// Memory is that of a process of its own per subject, after collection: heap, and what lies outside of it.

import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/std/clock.ts';
import { BoundedStorage, COUNTER_BYTES, GAUGE_BYTES, HISTOGRAM_BYTES } from '../src/telemetry/bounded_storage.ts';
import { BUCKET_LIMITS } from '../src/telemetry/buckets.ts';
import { Throughput } from '../src/telemetry/component_metrics.ts';
import { Registry } from '../src/telemetry/registry.ts';
import { look } from '../src/telemetry/self_time.ts';
import { defineCounter, defineGauge, defineHistogram } from '../src/telemetry/telemetry.ts';
import { batchRecords } from './harness/batch_records.ts';
import { npmPackages } from './harness/npm_packages.ts';
import { table } from './harness/report.ts';

const PEERS = { 'prom-client': '15.1.3', '@opentelemetry/sdk-metrics': '2.2.0', '@opentelemetry/api': '1.9.0' };

/** As much of the two as is used here. */
interface PromMetric {
  inc(labels: object, value?: number): void;
  set(labels: object, value: number): void;
  observe(labels: object, value: number): void;
  labels(labels: object): { inc(value?: number): void; set(value: number): void; observe(value: number): void };
}
interface Prom {
  Registry: new () => object;
  Counter: new (options: object) => PromMetric;
  Gauge: new (options: object) => PromMetric;
  Histogram: new (options: object) => PromMetric;
}
interface OtelInstrument {
  add(value: number, attributes?: object): void;
  record(value: number, attributes?: object): void;
}
interface Otel {
  MeterProvider: new (
    options: object,
  ) => {
    getMeter(
      name: string,
    ): Record<'createCounter' | 'createGauge' | 'createHistogram', (name: string, options?: object) => OtelInstrument>;
  };
  MetricReader: new (options?: object) => object;
  AggregationType: Record<string, number>;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = ['200', '404', '500'];
const CHAIN = 'all of a source, a transform and a sink, looks at the clock included';
const LIMITS = BUCKET_LIMITS.slice(0, -1);

const LABELS = [{ name: 'method' }, { name: 'status' }];
const counted = defineCounter({ name: 'requests_total', doc: 'Requests.', labels: LABELS });
const gauged = defineGauge({ name: 'open', doc: 'Open.', labels: LABELS });
const timed = defineHistogram({ name: 'seconds', doc: 'Seconds.', labels: LABELS });

/** Records so many times. */
type Loop = (times: number) => void;
type Loops = Readonly<Record<string, Loop>>;

const context = { component_id: 'in', component_kind: 'source', component_type: 'http_server' };

function sluice(): Loops {
  const registry = new Registry({ storage: new BoundedStorage() }).labelled(context);
  const labels = { method: 'GET', status: '200' };
  const counter = registry.counter(counted, labels);
  const gauge = registry.gauge(gauged, labels);
  const histogram = registry.histogram(timed, labels);
  return {
    'counter, bound': (times) => {
      for (let i = 0; i < times; i++) counter.add(1 + (i & 3));
    },
    'gauge, bound': (times) => {
      for (let i = 0; i < times; i++) gauge.set(i * 0.5);
    },
    'histogram, bound': (times) => {
      for (let i = 0; i < times; i++) histogram.record((i & 1023) * 0.01);
    },
    'counter, look-up': (times) => {
      for (let i = 0; i < times; i++)
        registry.counter(counted, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! }).add(1);
    },
    'gauge, look-up': (times) => {
      for (let i = 0; i < times; i++)
        registry.gauge(gauged, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! }).set(i * 0.5);
    },
    'histogram, look-up': (times) => {
      for (let i = 0; i < times; i++)
        registry.histogram(timed, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! }).record((i & 1023) * 0.01);
    },
  };
}

function prom({ Registry: Metrics, Counter, Gauge, Histogram }: Prom): Loops {
  const registers = [new Metrics()];
  const all = { help: 'x', labelNames: ['method', 'status'], registers };
  const counter = new Counter({ ...all, name: 'requests_total' });
  const gauge = new Gauge({ ...all, name: 'open' });
  const histogram = new Histogram({ ...all, name: 'seconds', buckets: LIMITS });
  const labels = { method: 'GET', status: '200' };
  const [boundCounter, boundGauge, boundHistogram] = [
    counter.labels(labels),
    gauge.labels(labels),
    histogram.labels(labels),
  ];
  return {
    'counter, bound': (times) => {
      for (let i = 0; i < times; i++) boundCounter.inc(1 + (i & 3));
    },
    'gauge, bound': (times) => {
      for (let i = 0; i < times; i++) boundGauge.set(i * 0.5);
    },
    'histogram, bound': (times) => {
      for (let i = 0; i < times; i++) boundHistogram.observe((i & 1023) * 0.01);
    },
    'counter, look-up': (times) => {
      for (let i = 0; i < times; i++) counter.inc({ method: METHODS[i & 3]!, status: STATUSES[i % 3]! }, 1);
    },
    'gauge, look-up': (times) => {
      for (let i = 0; i < times; i++) gauge.set({ method: METHODS[i & 3]!, status: STATUSES[i % 3]! }, i * 0.5);
    },
    'histogram, look-up': (times) => {
      for (let i = 0; i < times; i++)
        histogram.observe({ method: METHODS[i & 3]!, status: STATUSES[i % 3]! }, (i & 1023) * 0.01);
    },
  };
}

function otelMeter({ MeterProvider, MetricReader, AggregationType }: Otel) {
  // Without a reader nothing would be kept.
  class Reader extends MetricReader {
    onShutdown(): Promise<void> {
      return Promise.resolve();
    }
    onForceFlush(): Promise<void> {
      return Promise.resolve();
    }
  }
  const aggregation = {
    type: AggregationType['EXPLICIT_BUCKET_HISTOGRAM'],
    options: { boundaries: LIMITS, recordMinMax: false },
  };
  const views = [
    { instrumentName: 'seconds', aggregation, aggregationCardinalityLimit: 1e6 },
    { instrumentName: '*_total', aggregationCardinalityLimit: 1e6 },
  ];
  return new MeterProvider({ readers: [new Reader()], views }).getMeter('bench');
}

function otel(sdk: Otel): Loops {
  const meter = otelMeter(sdk);
  const counter = meter.createCounter('requests_total');
  const gauge = meter.createGauge('open');
  const histogram = meter.createHistogram('seconds');
  const labels = { method: 'GET', status: '200' };
  return {
    'counter, bound': (times) => {
      for (let i = 0; i < times; i++) counter.add(1 + (i & 3), labels);
    },
    'gauge, bound': (times) => {
      for (let i = 0; i < times; i++) gauge.record(i * 0.5, labels);
    },
    'histogram, bound': (times) => {
      for (let i = 0; i < times; i++) histogram.record((i & 1023) * 0.01, labels);
    },
    'counter, look-up': (times) => {
      for (let i = 0; i < times; i++) counter.add(1, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! });
    },
    'gauge, look-up': (times) => {
      for (let i = 0; i < times; i++) gauge.record(i * 0.5, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! });
    },
    'histogram, look-up': (times) => {
      for (let i = 0; i < times; i++)
        histogram.record((i & 1023) * 0.01, { method: METHODS[i & 3]!, status: STATUSES[i % 3]! });
    },
  };
}

function nanoseconds(loop: Loop, times: number): number {
  const started = performance.now();
  loop(times);
  return ((performance.now() - started) * 1e6) / times;
}

/** What is recorded for a batch: what a component received and sent, and all that the loops of three record of it. */
function batchLoops(): Loops {
  const registry = new Registry({ storage: new BoundedStorage() }).labelled(context);
  const received = Throughput.received(registry);
  const sent = Throughput.sent(registry, '_default');
  return {
    'received and sent, per batch': (times) => {
      for (let i = 0; i < times; i++) {
        received.add(100 + (i & 7), 27_000 + i);
        sent.add(100, 27_000);
      }
    },
    [CHAIN]: batchRecords(),
    'a look at the clock': (times) => {
      for (let i = 0; i < times; i++) look(systemClock);
    },
  };
}

function measureSpeed(subjects: Readonly<Record<string, Loops>>, rounds: number, times: number): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const [subject, loops] of Object.entries(subjects)) {
      for (const [name, loop] of Object.entries(loops)) {
        const key = `${name}|${subject}`;
        const ns = nanoseconds(loop, times);
        // The first round is there to be compiled.
        if (round >= 0) best.set(key, Math.min(best.get(key) ?? Number.POSITIVE_INFINITY, ns));
      }
    }
  }
  return best;
}

/** Makes so many series of each kind and says what they take; runs in a process of its own. */
async function memoryOf(subject: string, count: number): Promise<Record<string, number>> {
  const packages = await npmPackages(PEERS);
  const bytes: Record<string, number> = {};
  const held: unknown[] = [];
  for (const kind of ['counter', 'histogram'] as const) {
    const before = memoryNow();
    held.push(makeSeries(subject, kind, count, packages));
    bytes[kind] = (memoryNow() - before) / count;
  }
  if (held.length === 0) throw new Error('nothing is held');
  return bytes;
}

function memoryNow(): number {
  for (let i = 0; i < 3; i++) globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function makeSeries(
  subject: string,
  kind: 'counter' | 'histogram',
  count: number,
  packages: Record<string, unknown>,
): unknown {
  const labelsOf = (i: number) => ({ method: METHODS[i & 3]!, status: `s${i}` });
  if (subject === 'Sluice') {
    const storage = new BoundedStorage({ scalars: count + 8, histograms: count + 8 });
    const registry = new Registry({ storage, seriesMax: count + 8 });
    const labels = [
      { name: 'method', limit: count },
      { name: 'status', limit: count },
    ];
    const definition = (kind === 'counter' ? defineCounter : defineHistogram)({ name: 'x', doc: 'X.', labels });
    for (let i = 0; i < count; i++) {
      if (kind === 'counter') registry.counter(definition, labelsOf(i)).add(1);
      else registry.histogram(definition, labelsOf(i)).record(1);
    }
    if (registry.all().length !== count) throw new Error('series are missing');
    return registry;
  }
  if (subject === 'prom-client') {
    const { Registry: Metrics, Counter, Histogram } = packages['prom-client'] as Prom;
    const all = { help: 'x', labelNames: ['method', 'status'], registers: [new Metrics()] };
    const metric =
      kind === 'counter'
        ? new Counter({ ...all, name: 'c_total' })
        : new Histogram({ ...all, name: 'h', buckets: LIMITS });
    for (let i = 0; i < count; i++) kind === 'counter' ? metric.inc(labelsOf(i), 1) : metric.observe(labelsOf(i), 1);
    return metric;
  }
  const meter = otelMeter(packages['@opentelemetry/sdk-metrics'] as Otel);
  const metric = kind === 'counter' ? meter.createCounter('c_total') : meter.createHistogram('seconds');
  for (let i = 0; i < count; i++) kind === 'counter' ? metric.add(1, labelsOf(i)) : metric.record(1, labelsOf(i));
  return [meter, metric];
}

function inProcess(subject: string, count: number): Promise<Record<string, number>> {
  const child = fork(import.meta.filename, ['--memory-of', subject, '--series', String(count)], {
    execArgv: ['--expose-gc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<string, number>));
    child.once('exit', (code) => reject(new Error(`the process for ${subject} ended with ${code}`)));
  });
}

const SUBJECTS = ['Sluice', 'prom-client', 'OpenTelemetry'] as const;

async function main(rounds: number, times: number, series: number): Promise<void> {
  const packages = await npmPackages(PEERS);
  const best = measureSpeed(
    {
      Sluice: sluice(),
      'prom-client': prom(packages['prom-client'] as Prom),
      OpenTelemetry: otel(packages['@opentelemetry/sdk-metrics'] as Otel),
    },
    rounds,
    times,
  );
  const ns = (name: string, subject: string): number => best.get(`${name}|${subject}`)!;
  const rows = [...new Set([...best.keys()].map((key) => key.split('|')[0]!))].map((name) => {
    const better = Math.min(ns(name, 'prom-client'), ns(name, 'OpenTelemetry'));
    return [name, ...SUBJECTS.map((subject) => ns(name, subject).toFixed(1)), (ns(name, 'Sluice') / better).toFixed(2)];
  });
  console.log(`\nns per recording, the fastest of ${rounds} rounds of ${times}\n`);
  console.log(table(['recording', ...SUBJECTS, 'Sluice / better of both'], rows));
  const perBatch = measureSpeed({ Sluice: batchLoops() }, rounds, times);
  console.log(`\nns per batch\n`);
  console.log(
    table(
      ['what is recorded', 'Sluice'],
      [...perBatch].map(([key, value]) => [key.split('|')[0]!, value.toFixed(1)]),
    ),
  );
  console.log(`\nall of it at one component: ${(perBatch.get(`${CHAIN}|Sluice`)! / 3).toFixed(1)} ns`);
  const memory: Record<string, Record<string, number>> = {};
  for (const subject of SUBJECTS) memory[subject] = await inProcess(subject, series);
  console.log(`\nbytes per series with two labels, of ${series}\n`);
  const kinds = ['counter', 'histogram'] as const;
  console.log(
    table(
      ['series', ...SUBJECTS],
      kinds.map((kind) => [kind, ...SUBJECTS.map((subject) => memory[subject]![kind]!.toFixed(0))]),
    ),
  );
  console.log(
    `\nof these for Sluice, values in shared memory: counter ${COUNTER_BYTES}, gauge ${GAUGE_BYTES}, histogram ${HISTOGRAM_BYTES}`,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    recordings: { type: 'string', default: '3000' },
    series: { type: 'string', default: '10000' },
    'memory-of': { type: 'string' },
  },
});
if (values['memory-of']) {
  const bytes = await memoryOf(values['memory-of'], Number(values.series));
  process.send!(bytes, () => process.exit(0));
} else await main(Number(values.rounds), Number(values.recordings), Number(values.series));
