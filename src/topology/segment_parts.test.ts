// A batch of many events that a segment makes for a transform goes through in parts: what the source and the consumers
// see of it is one batch and its order.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { textLayout } from '../component/source_fields.ts';
import type { Config, TransformConfig } from '../config/checked.ts';
import { Intake } from '../engine/arena/intake.ts';
import { type Batch, finish, type RawBatch } from '../event/batch.ts';
import { DEFAULT_LOG_SCHEMA } from '../event/log_schema.ts';
import type { ObjectValue } from '../event/value.ts';
import { isPending, Lab, settle, type TransformBehavior } from '../testing/topology.ts';
import { transform as remap } from '../transforms/remap/remap.ts';
import { startTopology, type Topology } from './topology.ts';

const SOURCE = { id: 'in', type: 'hand', logSchema: DEFAULT_LOG_SCHEMA, logNamespace: 'legacy' } as const;
const LAYOUT = textLayout(SOURCE, []);

const PROGRAM = `.message = "n" + string!(.message)
if .message == "n5" { abort }
if .message == "n130" { .message = to_string(to_int!("x")) }`;

type Process = NonNullable<TransformBehavior['process']>;

/** in ─► edit ─► take ─► out, where `edit` is a segment and `take` a transform that is given whole events. */
class Rig {
  readonly lab = new Lab();
  /** How many events `take` was given at a time. */
  readonly counts: number[] = [];
  readonly #intake = new Intake(this.lab.arena);
  #topology: Topology | undefined;

  async start(process: Process = (batch, emit) => emit(batch), holds = false): Promise<this> {
    const take: Process = (batch, emit) => {
      assert.equal(batch.kind, 'decoded');
      this.counts.push(batch.count);
      return process(batch, emit);
    };
    const topology = await startTopology(this.#config(take, holds), this.lab.runtime);
    this.#topology = topology;
    after(async () => {
      if (topology.state === 'stopped') return;
      void topology.stop(0);
      await this.lab.clock.advance(5_000);
    });
    return this;
  }

  get source() {
    return this.lab.source('in');
  }

  get messages(): readonly string[] {
    return this.lab.sink('out').messages;
  }

  /** Sends one batch of the numbers below `count` as lines. */
  send(count: number): Promise<void> | undefined {
    const lines = Array.from({ length: count }, (_, n) => `${n}`);
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const region = this.#intake.reserve(text.length)!;
    region.slot.bytes.set(text, region.start);
    this.#intake.commit(text.length);
    region.slot.retain();
    const frames: number[] = [];
    let at = region.start;
    for (const line of lines) {
      frames.push(at, line.length);
      at += line.length + 1;
    }
    const batch: RawBatch = {
      kind: 'raw',
      type: 'log',
      hold: region.slot,
      frames: Int32Array.from(frames),
      count,
      sizeBytes: text.length - count,
      delimiter: 10,
      ingestedMs: 0,
      streamOffset: -1,
      layout: LAYOUT,
      finalizer: this.source.finalizer(),
    };
    return this.source.sendBatch(batch);
  }

  /** Ends the source, and waits for everything. All slots are free then. */
  async finish(): Promise<void> {
    this.source.end();
    await this.#topology!.finished;
    this.#intake.close();
    assert.deepEqual(this.lab.arena.held(), []);
  }

  #config(process: Process, holds: boolean): Config {
    const config = this.lab.config({
      sources: { in: {} },
      transforms: { take: { inputs: ['edit'], process } },
      sinks: { out: { inputs: ['take'], holds } },
    });
    const edit: TransformConfig = {
      id: 'edit',
      definition: remap as TransformConfig['definition'],
      config: {
        source: PROGRAM,
        metric_tag_values: 'single',
        drop_on_error: true,
        drop_on_abort: true,
        reroute_dropped: false,
        runtime: 'ast',
      },
      common: { inputs: ['in'], graph: undefined, measure_cpu_usage: false },
      inputs: ['in'],
      inputTypes: ['log'],
      logNamespaces: ['legacy'],
      outputs: [{ port: undefined, types: ['log'] }],
      fingerprint: PROGRAM,
    };
    return { ...config, transforms: new Map([['edit', edit], ...config.transforms]) };
  }
}

/** What comes of the numbers below `count`: one is aborted and one fails. */
const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `n${n}`).filter((text) => text !== 'n5' && text !== 'n130');

const messageOf = (batch: Batch, index: number): unknown =>
  batch.kind === 'decoded' && batch.type === 'log' && (batch.events[index]!.value as ObjectValue)['message'];

test('a batch that fits goes through as it is', async () => {
  const rig = await new Rig().start();
  await rig.send(32);
  await settle();
  assert.deepEqual(rig.counts, [31]);
  assert.deepEqual(rig.messages, expected(32));
  assert.deepEqual(rig.source.statuses, ['delivered']);
  await rig.finish();
});

test('a longer one goes in parts of 32, in order, and the source hears once', async () => {
  const rig = await new Rig().start();
  await rig.send(300);
  await settle();
  assert.deepEqual(rig.counts, [31, 32, 32, 32, 31, 32, 32, 32, 32, 12]);
  assert.deepEqual(rig.messages, expected(300));
  assert.deepEqual(rig.source.statuses, ['delivered']);
  await rig.finish();
  const { recorder } = rig.lab;
  const edit = { component_id: 'edit' };
  assert.equal(recorder.read('component_received_events_total', edit), 300);
  assert.equal(recorder.read('component_sent_events_total', edit), 298);
  assert.equal(recorder.read('component_received_events_total', { component_id: 'take' }), 298);
});

test('several batches keep their order', async () => {
  const rig = await new Rig().start();
  for (const count of [33, 1, 600]) await rig.send(count);
  await settle();
  assert.deepEqual(rig.messages, [...expected(33), ...expected(1), ...expected(600)]);
  assert.deepEqual(rig.source.statuses, ['delivered', 'delivered', 'delivered']);
  await rig.finish();
});

test('a part that is not delivered is what becomes of the batch, wherever it stands', async () => {
  for (const [bad, status] of [
    ['n0', 'errored'],
    ['n32', 'rejected'],
  ] as const) {
    const rig = await new Rig().start((batch, emit) => {
      if (messageOf(batch, 0) !== bad) return emit(batch);
      finish(batch, status);
    });
    await rig.send(33);
    await settle();
    assert.deepEqual(rig.source.statuses, [status], bad);
    await rig.finish();
  }
});

test('the source hears when the last part has been let go, in whatever order that is', async () => {
  const held: Batch[] = [];
  const rig = await new Rig().start((batch) => void held.push(batch));
  await rig.send(33);
  await settle();
  assert.equal(held.length, 2);
  finish(held[1]!);
  await settle();
  assert.deepEqual(rig.source.statuses, []);
  finish(held[0]!);
  await settle();
  assert.deepEqual(rig.source.statuses, ['delivered']);
  await rig.finish();
});

test('the source waits until the transform has taken the last part', async () => {
  const ready: (() => void)[] = [];
  const rig = await new Rig().start((batch, emit) => {
    const wait = emit(batch);
    return Promise.all([wait, new Promise<void>((resolve) => ready.push(resolve))]).then(() => {});
  });
  const sent = rig.send(70);
  for (const counts of [[31], [31, 32]]) {
    assert.ok(await isPending(sent));
    assert.deepEqual(rig.counts, counts);
    ready.shift()!();
  }
  assert.equal(await isPending(sent), false);
  assert.deepEqual(rig.counts, [31, 32, 6]);
  ready.shift()!();
  await settle();
  assert.deepEqual(rig.messages, expected(70));
  assert.deepEqual(rig.source.statuses, ['delivered']);
  await rig.finish();
});
