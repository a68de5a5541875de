// Segments on several threads, through real topologies: what one thread gives is what all of them give.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { textLayout } from '../component/source_fields.ts';
import type { Config, TransformConfig } from '../config/checked.ts';
import { Arena, SLOT_BYTES } from '../engine/arena/arena.ts';
import { Intake } from '../engine/arena/intake.ts';
import type { Answer } from '../engine/workers/messages.ts';
import { logBatch, type RawBatch } from '../event/batch.ts';
import { DEFAULT_LOG_SCHEMA } from '../event/log_schema.ts';
import { isPending, Lab, message, type SinkBehavior, type Spec, settle } from '../testing/topology.ts';
import { transform as filter } from '../transforms/filter/filter.ts';
import { transform as remap } from '../transforms/remap/remap.ts';
import { startTopology, type Topology } from './topology.ts';

const PROGRAM = `. = parse_json!(.message)
.n = int!(.n) + 1
if .n == 13 { abort }
if .n == 14 { log("unlucky", level: "error", rate_limit_secs: 0) }
.message = "n" + to_string(.n)
del(.gone)`;

const SOURCE = { id: 'in', type: 'hand', logSchema: DEFAULT_LOG_SCHEMA, logNamespace: 'legacy' } as const;
const LAYOUT = textLayout(SOURCE, []);
const JSON_LINES = { form: 'json', delimiter: 10, message: undefined } as const;

/** Workers that were started, with the batches that each has answered. */
const workers: { readonly worker: Worker; jobs: number }[] = [];
process.on('worker', (worker) => {
  const entry = { worker, jobs: 0 };
  workers.push(entry);
  worker.on('message', (answer: Answer) => {
    if (answer.kind === 'done') entry.jobs += 1;
  });
});

interface RigOptions {
  readonly threads: number;
  readonly slots?: number;
  readonly sink?: Partial<SinkBehavior>;
  readonly program?: string;
}

/** in ─► edit ─► keep ─► out, where batches go to workers whenever one takes them. */
class Rig {
  readonly lab: Lab;
  readonly options: RigOptions;
  readonly #intake: Intake;
  topology: Topology | undefined;
  sent = 0;

  constructor(options: RigOptions) {
    this.options = options;
    const { threads, slots = 64 } = options;
    this.lab = new Lab({ arena: new Arena({ slots, threads }), offloadMinMs: 0 });
    this.#intake = new Intake(this.arena);
  }

  get arena(): Arena {
    return this.lab.runtime.arena;
  }

  get messages(): readonly string[] {
    return this.lab.builtSinks('out').flatMap((sink) => sink.messages);
  }

  config(version = 0, { program = PROGRAM }: { readonly program?: string | undefined } = this.options): Config {
    const spec: Spec = {
      sources: { in: {} },
      sinks: { out: { inputs: ['keep'], frameForm: JSON_LINES, version, ...this.options.sink } },
    };
    const options = {
      source: program,
      metric_tag_values: 'single',
      drop_on_error: true,
      drop_on_abort: true,
      reroute_dropped: false,
      runtime: 'ast',
    };
    const condition = { type: 'vrl', source: '.n != 7', at: [] };
    const transforms = new Map([
      ['edit', this.#transform('edit', remap as TransformConfig['definition'], options, ['in'], program)],
      ['keep', this.#transform('keep', filter as TransformConfig['definition'], { condition }, ['edit'], '')],
    ]);
    return { ...this.lab.config(spec), transforms };
  }

  #transform(
    id: string,
    definition: TransformConfig['definition'],
    config: unknown,
    inputs: readonly string[],
    fingerprint: string,
  ): TransformConfig {
    const common = { inputs: [...inputs], graph: undefined, measure_cpu_usage: false };
    const outputs = [{ port: undefined, types: ['log'] as const }];
    const inputTypes = ['log'] as const;
    return { id, definition, config, common, inputs, inputTypes, logNamespaces: ['legacy'], outputs, fingerprint };
  }

  async startAtOnce(): Promise<void> {
    const topology = await startTopology(this.config(), this.lab.runtime);
    this.topology = topology;
    // A test that fails leaves it running, and a running topology keeps the process alive.
    after(async () => {
      if (topology.state === 'stopped') return;
      void topology.stop(0);
      await this.lab.clock.advance(5_000);
    });
  }

  /** Starts, and waits until the workers do their part. */
  async start(): Promise<void> {
    const before = workers.length;
    await this.startAtOnce();
    if (this.options.threads === 1) return;
    await this.#until(async () => {
      // One for each at a time: who has nothing to do comes first.
      await Promise.all(Array.from({ length: this.options.threads }, () => this.send(1)));
      await settle();
      const mine = workers.slice(before);
      return mine.length === this.options.threads - 1 && mine.every(({ jobs }) => jobs > 0);
    });
    await this.delivered();
  }

  /** Sends one batch of the next numbers. */
  send(
    count: number,
    line = (n: number) => `{"z": "${n}", "n": ${n}, "gone": [1, {"a": null}]}`,
  ): Promise<void> | undefined {
    return this.lab.source('in').sendBatch(this.#batch(Array.from({ length: count }, () => line(this.sent++))));
  }

  /** Resolves when the source was told of everything it has sent. */
  async delivered(): Promise<void> {
    const { batches } = this;
    await this.#until(async () => this.lab.source('in').statuses.length >= batches);
  }

  batches = 0;

  #batch(lines: readonly string[]): RawBatch {
    const text = Buffer.from(lines.map((one) => `${one}\n`).join(''));
    assert.ok(text.length <= SLOT_BYTES);
    const region = this.#intake.reserve(text.length)!;
    region.slot.bytes.set(text, region.start);
    this.#intake.commit(text.length);
    region.slot.retain();
    const frames = new Int32Array(2 * lines.length);
    let at = region.start;
    for (const [index, one] of lines.entries()) {
      frames.set([at, Buffer.byteLength(one)], 2 * index);
      at += Buffer.byteLength(one) + 1;
    }
    this.batches += 1;
    return {
      kind: 'raw',
      type: 'log',
      hold: region.slot,
      frames,
      count: lines.length,
      sizeBytes: text.length - lines.length,
      delimiter: 10,
      ingestedMs: 1_700_000_000_000,
      streamOffset: -1,
      layout: LAYOUT,
      finalizer: this.lab.source('in').finalizer(),
    };
  }

  async #until(isTrue: () => Promise<boolean>): Promise<void> {
    for (let i = 0; !(await isTrue()); i++) {
      assert.ok(i < 4_000, 'it takes too long');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Ends the source, and waits for everything. Whatever happened, all slots are free then. */
  async finish(): Promise<void> {
    this.lab.source('in').end();
    await this.topology!.finished;
    this.close();
  }

  close(): void {
    this.#intake.close();
    assert.deepEqual(this.arena.held(), []);
  }
}

/** The messages that come of the numbers [first, end). */
function expected(first: number, end: number): string[] {
  const numbers = Array.from({ length: end - first }, (_, index) => first + index + 1);
  return numbers.filter((n) => n !== 13 && n !== 7).map((n) => `n${n}`);
}

for (const threads of [2, 3]) {
  test(`${threads} threads give what one gives: events in order, counters, log lines`, async () => {
    const run = async (rig: Rig, warm: number) => {
      await rig.start();
      // The same numbers whatever it took to start.
      while (rig.sent < warm) await rig.send(1);
      for (let i = 0; i < 200; i++) await rig.send(1 + ((i * 7) % 40), i % 9 === 0 ? badLine : undefined);
      await rig.delivered();
      assert.deepEqual(new Set(rig.lab.source('in').statuses), new Set(['delivered']));
      await rig.finish();
    };
    const many = new Rig({ threads });
    const one = new Rig({ threads: 1 });
    const before = workers.reduce((sum, { jobs }) => sum + jobs, 0);
    await run(many, 0);
    const jobs = workers.reduce((sum, { jobs }) => sum + jobs, 0) - before;
    assert.ok(jobs > 50, `workers ran ${jobs} batches`);
    await run(one, many.batches - 200);
    assert.deepEqual(many.messages, one.messages);
    assert.deepEqual(counters(many), counters(one));
    assert.deepEqual(errorLines(many), errorLines(one));
    assert.deepEqual(nameless(many), []);
  });
}

/** A line of which the program makes an error. */
function badLine(n: number): string {
  return n % 3 === 0 ? `{"n": "${n}"}` : n % 3 === 1 ? `{"n": ${n}` : `{"n": ${n}, "z": 1.0}`;
}

function counters({ lab }: Rig): string[] {
  return lab.recorder
    .all()
    .filter(
      ({ name, type }) => type === 'counter' && !name.endsWith('_bytes_total') && !name.endsWith('_seconds_total'),
    )
    .map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`)
    .sort();
}

/** Series, and lines of components, that do not say which component they are of, with its kind and type. */
function nameless({ lab }: Rig): string[] {
  const isWhole = (labels: Readonly<Record<string, unknown>>): boolean =>
    ['component_id', 'component_kind', 'component_type'].every((label) => typeof labels[label] === 'string');
  // What a worker measures of itself is no component's.
  const series = lab.recorder.all().filter(({ labels }) => !isWhole(labels) && labels['worker'] === undefined);
  const lines = lab.records.filter(({ level, fields }) => level === 'error' && !isWhole(fields));
  return [...series.map(({ name }) => name), ...lines.map(({ message }) => message)];
}

function errorLines({ lab }: Rig): string[] {
  return lab.records
    .filter(({ level }) => level === 'error')
    .map((line) => JSON.stringify([line.message, line.fields]))
    .sort();
}

test('senders wait when enough is under way, and nothing is lost or moved', async () => {
  const rig = new Rig({ threads: 2, sink: { holds: true } });
  const open = rig.lab;
  await rig.startAtOnce();
  let waits = 0;
  const sends: Promise<void>[] = [];
  for (let i = 0; i < 40; i++) {
    const wait = rig.send(600);
    if (!wait) continue;
    waits += 1;
    sends.push(wait);
  }
  assert.ok(waits >= 30, 'a few batches are under way, the others wait');
  assert.equal(await isPending(sends.at(-1)), true);
  open.sink('out').open();
  await Promise.all(sends);
  await rig.delivered();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
  await rig.finish();
});

test('the end of the input waits for what workers have', async () => {
  const rig = new Rig({ threads: 2 });
  await rig.start();
  for (let i = 0; i < 5; i++) void rig.send(500);
  await rig.finish();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
  assert.equal(rig.lab.source('in').statuses.length, rig.batches);
});

test('events that take another way keep their place', async () => {
  const rig = new Rig({ threads: 2 });
  await rig.start();
  const source = rig.lab.source('in');
  for (let i = 0; i < 20; i++) {
    await rig.send(50);
    await source.sendBatch(logBatch([message(`{"n": ${rig.sent++}}`)], source.finalizer()));
    rig.batches += 1;
  }
  await rig.finish();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
});

test('a reload in the middle keeps order and loses nothing', async () => {
  const rig = new Rig({ threads: 2 });
  await rig.start();
  const other = PROGRAM.replace('del(.gone)', '.gone = "still here"');
  for (let version = 1; version <= 6; version++) {
    const sends: (Promise<void> | undefined)[] = [];
    for (let i = 0; i < 8; i++) sends.push(rig.send(300));
    // Another sink, another program, or nothing new at all.
    const program = version % 2 === 0 ? other : PROGRAM;
    const result = await rig.topology!.reload(rig.config(Math.floor(version / 3), { program }));
    assert.equal(result.ok, true);
    for (let i = 0; i < 8; i++) sends.push(rig.send(300));
    await Promise.all(sends);
  }
  await rig.finish();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
  assert.equal(rig.lab.source('in').statuses.length, rig.batches);
});

test('a reload does not wait for a sink that takes nothing', async () => {
  const rig = new Rig({ threads: 2, sink: { holds: true } });
  await rig.startAtOnce();
  for (let i = 0; i < 3; i++) void rig.send(600);
  const first = rig.lab.sink('out');
  const reloading = rig.topology!.reload(rig.config(1));
  await settle();
  await rig.lab.clock.advance(5_000);
  assert.equal((await reloading).ok, true);
  first.open();
  rig.lab.sink('out').open();
  void rig.send(10);
  await rig.delivered();
  await rig.finish();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
});

test('a stop at once ends everything, and sources are told', async () => {
  const rig = new Rig({ threads: 2, sink: { holds: true } });
  await rig.startAtOnce();
  for (let i = 0; i < 30; i++) void rig.send(600);
  await settle();
  const stopping = rig.topology!.stop(0);
  await settle();
  await rig.lab.clock.advance(5_000);
  await stopping;
  assert.equal(rig.lab.source('in').statuses.length, rig.batches);
  assert.ok(rig.lab.source('in').statuses.includes('errored'));
  rig.close();
});

test('workers that end are replaced, and what they had is run again', async () => {
  const rig = new Rig({ threads: 2 });
  await rig.start();
  const killed = workers.at(-1)!.worker;
  for (let i = 0; i < 5; i++) void rig.send(500);
  await killed.terminate();
  for (let i = 0; i < 20; i++) await rig.send(100);
  await rig.lab.clock.advance(1_000);
  assert.notEqual(workers.at(-1)!.worker, killed);
  const next = workers.at(-1)!;
  while (next.jobs === 0) {
    await rig.send(10);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await rig.delivered();
  assert.deepEqual(rig.messages, expected(0, rig.sent));
  assert.deepEqual(new Set(rig.lab.source('in').statuses), new Set(['delivered']));
  assert.ok(rig.lab.lines().includes('A worker ended unexpectedly and is started again'));
  await rig.finish();
});

test('no worker is started where none can help', async () => {
  const before = workers.length;
  const rig = new Rig({ threads: 2, sink: { frameForm: undefined } });
  await rig.startAtOnce();
  await rig.send(5);
  await rig.finish();
  assert.equal(workers.length, before);
  assert.deepEqual(rig.messages, expected(0, 5));
});
