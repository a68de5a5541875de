// Times of components, where one look at the clock stands for what ends and what begins at the same moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Emit } from '../component/define.ts';
import { type Batch, finish } from '../event/batch.ts';
import { Lab, settle } from '../testing/topology.ts';

/** A lab whose time goes by while components work, and which counts the looks at its clock. */
class Workshop {
  readonly lab = new Lab();
  looks = 0;
  #nowMs = this.lab.clock.monotonic();

  constructor() {
    this.lab.clock.monotonic = () => {
      this.looks += 1;
      return this.#nowMs;
    };
  }

  works(ms: number): void {
    this.#nowMs += ms;
  }

  /** A sink that works on each batch, and a transform that does so before and after it hands it on. */
  start(wait?: Promise<void>) {
    return this.lab.start({
      sources: { in: {} },
      transforms: {
        edit: {
          inputs: ['in'],
          process: (batch: Batch, emit: Emit) => {
            this.works(3);
            emit(batch);
            this.works(2);
            return wait;
          },
        },
      },
      sinks: { one: this.sink('edit', 4), two: this.sink('edit', 50), three: this.sink('in', 600) },
    });
  }

  sink(input: string, ms: number) {
    return {
      inputs: [input],
      write: (batch: Batch) => {
        this.works(ms);
        finish(batch);
        return undefined;
      },
    };
  }

  /** Milliseconds that a component worked, once it has ended. */
  workedMs(id: string): number {
    return this.#ms('sluice_component_work_seconds_total', id, ({ value }) => value);
  }

  /** The sum of a histogram of a component. */
  sumMs(name: string, id: string): number {
    return this.#ms(name, id, ({ sum }) => sum);
  }

  #ms(name: string, id: string, of: (reading: { value: number; sum: number }) => number): number {
    const readings = this.lab.recorder.all();
    const reading = readings.find((one) => one.name === name && one.labels['component_id'] === id);
    return Math.round(of(reading!) * 1_000);
  }
}

test('each component has the time that it took, with one look between two that follow each other', async () => {
  const shop = new Workshop();
  const topology = await shop.start();
  const before = shop.looks;
  for (let i = 0; i < 10; i++) shop.lab.source('in').send('a');
  // When the source sends, before the transform hands on, and after each of the four.
  assert.equal(shop.looks - before, 10 * 6);
  shop.lab.source('in').end();
  await topology.finished;
  assert.deepEqual(
    ['edit', 'one', 'two', 'three'].map((id) => shop.workedMs(id)),
    [50, 40, 500, 6_000],
  );
  assert.equal(shop.sumMs('component_latency_seconds', 'edit'), 50);
  assert.equal(shop.sumMs('source_send_latency_seconds', 'in'), 6_590);
});

test('what waited is not timed from a look before the wait', async () => {
  const shop = new Workshop();
  const room = Promise.withResolvers<void>();
  const topology = await shop.start(room.promise);
  assert.equal(shop.lab.source('in').send('a'), undefined);
  void shop.lab.source('in').send('b');
  shop.works(7_000);
  room.resolve();
  await settle();
  shop.lab.source('in').end();
  await topology.finished;
  assert.deepEqual(
    ['edit', 'one', 'two', 'three'].map((id) => shop.workedMs(id)),
    [10, 8, 100, 1_200],
  );
  // The second batch waited for the room, and before that `three` worked on it.
  assert.equal(shop.sumMs('component_latency_seconds', 'edit'), 10 + 600 + 7_000);
});
