// What threads do to a lossless bucket in its model, with what must be true of each outcome.

import assert from 'node:assert/strict';
import { allocate, free } from '../../telemetry/lossless/allocator.ts';
import { push, read } from '../../telemetry/lossless/bucket.ts';
import { NONE } from '../../telemetry/lossless/layout.ts';
import type { Action } from '../interleavings.ts';
import { type BucketModel, put, type World } from './model.ts';

export type Step = (thread: number, model: BucketModel) => Action<World>;

export const pushes =
  (value: number): Step =>
  (thread, model) =>
    model.action(thread, `push ${value}`, {
      begin: (world) => put(world.begun, value),
      run: () => push(model.participants[thread]!, model.bucket, value),
      end: (world, isKept) => put(isKept ? world.pushed : world.lost, value),
    });

export const reads: Step = (thread, model) =>
  model.action(thread, 'read', {
    begin: (world) => void (world.expected = [...world.pushed]),
    run() {
      const values: number[] = [];
      read(model.participants[thread]!, model.bucket, (value) => values.push(value));
      return values;
    },
    end(world, values) {
      assert.deepEqual(values, [...new Set(values)], 'a read shows a sample twice');
      for (const value of values) assert.ok(world.begun.includes(value), `a read shows ${value}, which nobody pushed`);
      if (world.hasClears) return;
      for (const value of world.expected) assert.ok(values.includes(value), `a read does not show ${value}`);
    },
  });

const handsOut = (thread: number, model: BucketModel, how: 'readWithClear' | 'close'): Action<World> =>
  model.action(thread, how, {
    begin: (world) => void (world.hasClears = true),
    run() {
      const values: number[] = [];
      model.readers[thread]![how]((value) => values.push(value));
      return values;
    },
    end: (world, values) => put(world.out, ...values),
  });

export const clears: Step = (thread, model) => handsOut(thread, model, 'readWithClear');
export const closes: Step = (thread, model) => handsOut(thread, model, 'close');

export const pins: Step = (thread, model) =>
  model.action(thread, 'pin', { run: () => model.participants[thread]!.pin() });
export const unpins: Step = (thread, model) =>
  model.action(thread, 'unpin', { run: () => model.participants[thread]!.unpin() });
export const advances: Step = (thread, model) =>
  model.action(thread, 'advance', { run: () => model.participants[thread]!.advance() });
export const collects: Step = (thread, model) =>
  model.action(thread, 'pin, collect, unpin', {
    run() {
      model.participants[thread]!.pin();
      model.participants[thread]!.collect();
      model.participants[thread]!.unpin();
    },
  });

export const allocates: Step = (thread, model) =>
  model.action(thread, 'allocate', {
    run: () => allocate(model.view),
    end(world, block) {
      if (block === NONE) return;
      assert.ok(!world.owned.flat().includes(block), `block ${block} is given out twice`);
      world.owned[thread]!.push(block);
    },
  });

/** The oldest one it has; nothing when it got none. */
export const frees: Step = (thread, model) =>
  model.action(thread, 'free', {
    begin: (world) => void world.seen[thread]!.splice(0, 1, world.owned[thread]!.shift() ?? NONE),
    run: ({ seen }) => seen[thread]![0]! > NONE && free(model.view, seen[thread]![0]!),
    end: (world) => void (world.seen[thread] = []),
  });
