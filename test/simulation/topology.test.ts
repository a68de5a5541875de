// Random topologies under random schedules, repeatable from their seed: sources send, sinks are slow, fail, throw or
// die, transforms filter, split, write, keep and throw, the graph is reloaded, and all of it is stopped with or without
// enough time. Whatever happens: each batch is told to its source exactly once, every slot of the arena comes back,
// nobody sees bytes or events change under its hands, and what goes into an edge comes out of it or is counted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, decode, finish, type LogBatch, logBatch, share } from '../../src/event/batch.ts';
import type { Status } from '../../src/event/finalizer.ts';
import type { ObjectValue } from '../../src/event/value.ts';
import { type Random, seededRandom } from '../../src/std/random.ts';
import {
  type HandSource,
  Lab,
  memory,
  messageOf,
  type SinkBehavior,
  type Spec,
  settle,
  type TransformBehavior,
} from '../../src/testing/topology.ts';

const SLOTS = 24;

interface Faults {
  /** Sinks and transforms may fail. */
  readonly failing: boolean;
  readonly reloads: boolean;
  /** Some sinks never finish by themselves. */
  readonly dying: boolean;
}

class Simulation {
  readonly lab: Lab;
  readonly random: Random;
  readonly faults: Faults;
  readonly sent = new Map<HandSource, { batches: number; waiting: number }>();
  isOver = false;

  constructor(seed: number, faults: Faults) {
    this.random = seededRandom(seed);
    this.faults = faults;
    this.lab = new Lab({ slots: SLOTS, gracefulShutdownLimitMs: faults.dying ? 3_000 : undefined });
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Fails only where this run has failures. */
  fails(probability: number): boolean {
    return this.faults.failing && this.chance(probability);
  }

  spec(sources: number, transforms: number, sinks: number): Spec {
    const outputs: string[] = [];
    const version = () => (this.faults.reloads ? this.below(2) : 0);
    const inputs = (): string[] => {
      const some = outputs.filter(() => this.chance(0.4));
      return some.length > 0 ? some : [this.pick(outputs)];
    };
    const spec = { sources: {}, transforms: {}, sinks: {} } as {
      sources: Record<string, Spec['sources'][string]>;
      transforms: Record<string, TransformBehavior>;
      sinks: Record<string, SinkBehavior>;
    };
    for (let i = 0; i < sources; i++) {
      const resources = this.chance(0.3) ? [`port ${i}`] : [];
      // A source with state that is replaced gives its batches up after a while: its successor reads them again.
      const keepsState = this.faults.failing && this.chance(0.3);
      spec.sources[`s${i}`] = { version: version(), resources, keepsState, ...this.#build() };
      outputs.push(`s${i}`);
    }
    for (let i = 0; i < transforms; i++) {
      const own = this.#transform();
      spec.transforms[`t${i}`] = { inputs: inputs(), version: version(), ...this.#build(), ...own };
      outputs.push(`t${i}`, ...(own.outputs ?? []).flatMap(({ port }) => (port ? [`t${i}.${port}`] : [])));
    }
    for (let i = 0; i < sinks; i++) {
      const resources = this.chance(0.2) ? [`export ${i}`] : [];
      spec.sinks[`k${i}`] = { inputs: inputs(), version: version(), resources, ...this.#build(), ...this.#sink() };
    }
    return spec;
  }

  #build(): { readonly onBuild?: () => void } {
    return {
      onBuild: () => {
        if (this.faults.reloads && this.sent.size > 0 && this.chance(0.05)) throw new Error('cannot be built');
      },
    };
  }

  #transform(): Omit<TransformBehavior, 'inputs'> {
    const mayThrow = (): void => {
      if (this.fails(0.1)) throw new Error('a transform throws');
    };
    switch (this.below(6)) {
      case 0:
        return {
          process(batch, emit) {
            mayThrow();
            emit(batch);
          },
        };
      case 1:
        return {
          writes: true,
          process(batch, emit) {
            for (const event of (batch as LogBatch).events) {
              const value = event.value as ObjectValue;
              value['message'] = `${messageOf(event)}!`;
              mayThrow();
            }
            emit(batch);
          },
        };
      case 2:
        return {
          process: (batch, emit) => {
            const { events, finalizer } = decode(batch) as LogBatch;
            mayThrow();
            emit(
              logBatch(
                events.filter(() => this.chance(0.5)),
                finalizer,
              ),
            );
          },
        };
      case 3:
        return {
          process(batch, emit) {
            const { events, finalizer } = decode(batch) as LogBatch;
            finalizer.retain();
            const half = events.length >> 1;
            emit(logBatch(events.slice(0, half), finalizer));
            mayThrow();
            emit(logBatch(events.slice(half), finalizer));
          },
        };
      case 4:
        return {
          outputs: [
            { port: undefined, types: ['log'] },
            { port: 'copy', types: ['log'] },
          ],
          process(batch, emit) {
            emit(share(batch), 'copy');
            mayThrow();
            emit(batch);
          },
        };
      default:
        return this.#keeping();
    }
  }

  /** Keeps what it is given for a while, as a transform with state does. */
  #keeping(): Omit<TransformBehavior, 'inputs'> {
    const kept: Batch[] = [];
    let isOver = false;
    return {
      process: (batch) => void kept.push(decode(batch)),
      start: (emit) => {
        const tick = (): void => {
          if (isOver || this.isOver) return;
          for (const batch of kept.splice(0)) emit(batch);
          this.lab.clock.after(500, tick);
        };
        this.lab.clock.after(500, tick);
      },
      end(emit) {
        isOver = true;
        for (const batch of kept.splice(0)) emit(batch);
      },
    };
  }

  #sink(): Omit<SinkBehavior, 'inputs'> {
    // By hold, not by batch: the same batch comes once over each of the sink's inputs.
    const held = new Set<() => void>();
    const pace = this.pick([0, 0, 50, 400]);
    const waits = this.chance(0.5);
    const isDead = this.faults.dying && this.chance(0.3);
    const whenFull = this.pick(['block', 'block', 'drop_newest'] as const);
    const last = memory({ max_events: 1 + this.below(20), when_full: whenFull });
    const buffer = this.chance(0.3) ? [memory({ max_size: 200, when_full: 'overflow' }), last] : [last];
    let onEmpty: (() => void) | undefined;

    const hold = (batch: Batch): Promise<void> => {
      const before = textsOf(batch);
      return new Promise((resolve) => {
        const giveUp = (): void => letGo('errored');
        const letGo = (status: Status): void => {
          if (!held.delete(giveUp)) return;
          assert.deepEqual(textsOf(batch), before, 'what a sink holds does not change');
          finish(batch, status);
          resolve();
          if (held.size === 0) onEmpty?.();
        };
        held.add(giveUp);
        if (!isDead) this.lab.clock.after(this.below(pace), () => letGo(this.fails(0.1) ? 'errored' : 'delivered'));
      });
    };
    return {
      buffer,
      write: (batch) => {
        if (this.fails(0.03)) throw new Error('a sink throws');
        for (const text of textsOf(batch)) assert.match(text, /^s\d-\d+-\d+!*$/);
        if (pace === 0 && !isDead) {
          finish(batch, this.fails(0.1) ? 'rejected' : 'delivered');
          return this.fails(0.03) ? Promise.reject(new Error('a sink rejects')) : undefined;
        }
        const done = hold(batch);
        return waits ? done : undefined;
      },
      async end(abort) {
        const giveUp = (): void => {
          for (const letGo of [...held]) letGo();
        };
        if (abort.aborted) giveUp();
        abort.addEventListener('abort', giveUp);
        if (held.size > 0) await new Promise<void>((resolve) => (onEmpty = resolve));
      },
    };
  }

  /** Sends a batch unless the source has enough that waits. */
  send(id: string): void {
    const source = this.lab.builtSources(id).at(-1);
    if (!source?.isRunning) return;
    const state = this.sent.get(source) ?? { batches: 0, waiting: 0 };
    this.sent.set(source, state);
    if (state.waiting >= 3) return;
    const texts = Array.from({ length: 1 + this.below(6) }, (_, i) => `${id}-${state.batches}-${i}`);
    const isRaw = this.chance(0.5) && this.lab.arena.freeSlots > 1;
    state.batches += 1;
    const wait = isRaw ? source.sendRaw(...texts) : source.send(...texts);
    if (!wait) return;
    state.waiting += 1;
    void wait.then(() => {
      state.waiting -= 1;
    });
  }
}

/** The messages of a batch, read now and without letting go of it. */
function textsOf(batch: Batch): string[] {
  const events = batch.kind === 'raw' ? batch.layout.decode(batch) : batch.events;
  return events.map(messageOf);
}

interface Outcome {
  readonly simulation: Simulation;
  readonly statuses: readonly Status[];
  readonly spec: Spec;
  /** Whether each reload was done. */
  readonly reloads: readonly boolean[];
}

async function simulate(seed: number, faults: Faults, limitMs: number | undefined): Promise<Outcome> {
  const simulation = new Simulation(seed, faults);
  const { lab } = simulation;
  const sizes = [1 + simulation.below(3), simulation.below(5), 1 + simulation.below(4)] as const;
  const spec = simulation.spec(...sizes);
  const reloads: boolean[] = [];
  const topology = await lab.start(spec);
  await settle();
  for (let step = 0; step < 120 && topology.state === 'running'; step++) {
    for (let i = simulation.below(4); i > 0; i--) simulation.send(`s${simulation.below(sizes[0])}`);
    if (simulation.chance(0.2)) await settle();
    if (simulation.chance(0.3)) await lab.clock.advance(simulation.below(300));
    if (faults.reloads && simulation.chance(0.05)) {
      void topology.reload(lab.config(simulation.spec(...sizes))).then(({ ok }) => void reloads.push(ok));
      if (simulation.chance(0.5)) await lab.clock.advance(simulation.below(20_000));
    }
  }
  const stopped = topology.stop(limitMs);
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  for (let i = 0; i < 200 && !isStopped; i++) await lab.clock.advance(1_000);
  assert.ok(isStopped, `seed ${seed}: it stops`);
  await topology.finished.catch(() => {});
  simulation.isOver = true;
  const statuses: Status[] = [];
  for (const [source, { batches, waiting }] of simulation.sent) {
    assert.equal(source.statuses.length, batches, `seed ${seed}: each batch is told once`);
    assert.equal(waiting, 0, `seed ${seed}: no sender is left waiting`);
    assert.ok(source.isClosed, `seed ${seed}: sources are closed`);
    statuses.push(...source.statuses);
  }
  assert.equal(lab.arena.freeSlots, SLOTS, `seed ${seed}: every slot comes back`);
  assert.equal(lab.recorder.read('component_errors_total', { error_type: 'acknowledgment_failed' }), 0);
  for (const gauge of ['buffer_size_events', 'buffer_size_bytes', 'source_buffer_utilization_level'])
    assert.equal(lab.recorder.read(gauge), 0, `seed ${seed}: ${gauge}`);
  assert.equal(lab.recorder.read('transform_buffer_utilization_level'), 0, `seed ${seed}: nothing before transforms`);
  return { simulation, statuses, spec, reloads };
}

/** What was sent to a component is what it received and what its buffer dropped. */
function checkEdges({ simulation: { lab }, spec }: Outcome, seed: number): void {
  for (const [id, { inputs }] of Object.entries({ ...spec.transforms, ...spec.sinks })) {
    let sent = 0;
    for (const input of inputs) {
      const [component, output = '_default'] = input.split('.') as [string, string?];
      sent += lab.recorder.read('component_sent_events_total', { component_id: component, output });
    }
    const received = lab.recorder.read('component_received_events_total', { component_id: id });
    const dropped = lab.recorder.read('buffer_discarded_events_total', { component_id: id });
    assert.equal(received + dropped, sent, `seed ${seed}: what goes to ${id} arrives there`);
  }
}

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);

test('without failures everything is delivered', async () => {
  let sent = 0;
  for (const seed of SEEDS) {
    const outcome = await simulate(seed, { failing: false, reloads: false, dying: false }, undefined);
    checkEdges(outcome, seed);
    assert.ok(
      outcome.statuses.every((status) => status === 'delivered'),
      `seed ${seed}`,
    );
    sent += outcome.statuses.length;
  }
  assert.ok(sent > 1_000, `${sent} batches make a test`);
});

test('with failing components each batch is still told once, and what goes into an edge comes out of it', async () => {
  const seen = new Set<Status>();
  for (const seed of SEEDS) {
    const outcome = await simulate(seed + 1_000, { failing: true, reloads: false, dying: false }, undefined);
    checkEdges(outcome, seed);
    for (const status of outcome.statuses) seen.add(status);
  }
  assert.deepEqual([...seen].sort(), ['delivered', 'errored', 'rejected']);
});

test('with dead sinks and too little time nothing is left behind', async () => {
  const seen = new Set<Status>();
  for (const seed of SEEDS) {
    const { statuses } = await simulate(seed + 2_000, { failing: true, reloads: false, dying: true }, seed * 100);
    for (const status of statuses) seen.add(status);
  }
  assert.deepEqual([...seen].sort(), ['delivered', 'errored', 'rejected']);
});

test('reloads lose nothing, whether they are done or refused', async () => {
  const reloads: boolean[] = [];
  for (const seed of SEEDS) {
    const outcome = await simulate(seed + 3_000, { failing: false, reloads: true, dying: false }, undefined);
    assert.ok(
      outcome.statuses.every((status) => status === 'delivered'),
      `seed ${seed}: ${outcome.statuses}`,
    );
    reloads.push(...outcome.reloads);
  }
  assert.ok(reloads.filter((done) => done).length > 20 && reloads.filter((done) => !done).length > 5, `${reloads}`);
});

test('reloads among failing and dead sinks leave nothing behind', async () => {
  for (const seed of SEEDS) await simulate(seed + 4_000, { failing: true, reloads: true, dying: true }, 5_000);
});
