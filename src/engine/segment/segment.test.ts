import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameOf, layoutOf, type RawBatch, type RawLayout } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { bytesValue, type ObjectValue, type Value } from '../../event/value.ts';
import { Arena } from '../arena/arena.ts';
import { OutputSlots, type Written } from './frame_writer.ts';
import type { LeafForm } from './leaf.ts';
import { type Branch, Segment } from './segment.ts';
import { SEVERAL, type SegmentEvent, type Step } from './step.ts';

const JSON_LINES: LeafForm = { form: 'json', delimiter: 10, message: undefined };

const layout: RawLayout = layoutOf({
  decodeFrame: (batch, index) => ({
    value: { host: 'h', message: bytesValue(frameOf(batch, index)) },
    metadata: EMPTY_METADATA,
  }),
  common: () => ({ fields: { host: 'h' }, metadata: EMPTY_METADATA, messageKey: 'message', overwriting: [] }),
});

function bench() {
  const arena = new Arena(4);
  const slots = new OutputSlots(arena);
  return { arena, slots, tools: { kernels: arena.kernels, memory: arena.bytes, slots } };
}

function batchOf(arena: Arena, lines: readonly string[]): RawBatch {
  const slot = arena.claim()!;
  const frames: number[] = [];
  let at = 0;
  for (const line of lines) {
    const length = slot.bytes.write(`${line}\n`, at) - 1;
    frames.push(at, length);
    at += length + 1;
  }
  return {
    kind: 'raw',
    type: 'log',
    hold: slot,
    frames: Int32Array.from(frames),
    count: lines.length,
    sizeBytes: at - lines.length,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: -1,
    layout,
    finalizer: new Finalizer(),
  };
}

/** A step that needs these fields. */
function stepOf(reads: readonly string[], writes: readonly string[], run: Step['run']): Step {
  const paths = (names: readonly string[]) => names.map((name) => ({ target: 'event', segments: [name] }) as const);
  return { needs: { reads: paths(reads), writes: paths(writes) }, run };
}

function leaf(form: LeafForm, index: number): Branch {
  return { kind: 'leaf', form, index };
}

function fieldsOf({ value }: SegmentEvent): Record<string, Value> {
  return value as ObjectValue;
}

function textOf(written: readonly Written[]): string {
  let text = '';
  for (const { hold, frames, count } of written) {
    text += hold.bytes.toString('utf8', frames[0], frames[2 * count - 2]! + frames[2 * count - 1]! + 1);
    hold.release();
  }
  return text;
}

test('gives each port its events, each of its own', () => {
  const { arena, slots, tools } = bench();
  const split = stepOf(['message'], [], ({ value }) => ((value as ObjectValue)['message'] === 'both' ? 0b11 : 0b10));
  const mark = stepOf([], ['mark'], (event) => {
    fieldsOf(event)['mark'] = true;
    return 1;
  });
  const root: Branch = {
    kind: 'step',
    step: split,
    index: 0,
    ports: [
      [{ kind: 'step', step: mark, index: 1, ports: [[leaf(JSON_LINES, 0)]] }, leaf('events', 1)],
      [leaf(JSON_LINES, 2)],
    ],
  };
  const segment = new Segment(root, tools);
  const batch = batchOf(arena, ['both', 'one']);
  const { leaves, received, sent } = segment.run(batch);
  assert.deepEqual(
    [received, sent],
    [
      [2, 1],
      [[1, 2], [1]],
    ],
  );
  assert.equal(textOf(leaves[0]!.written), '{"host":"h","mark":true,"message":"both"}\n');
  assert.deepEqual(leaves[1]!.events, [{ value: { host: 'h', message: 'both' }, metadata: EMPTY_METADATA }]);
  assert.equal(textOf(leaves[2]!.written), '{"host":"h","message":"both"}\n{"host":"h","message":"one"}\n');
  batch.hold.release();
  segment.close();
  slots.close();
  assert.equal(arena.freeSlots, 4);
});

test('one event may become several, or none', () => {
  const { arena, slots, tools } = bench();
  const step = stepOf(['message'], [], (event) => {
    const { message } = fieldsOf(event);
    event.several = message === 'none' ? [] : [1, 2].map((n) => ({ value: { n }, metadata: EMPTY_METADATA }));
    return SEVERAL;
  });
  const segment = new Segment({ kind: 'step', step, index: 0, ports: [[leaf(JSON_LINES, 0)]] }, tools);
  const batch = batchOf(arena, ['none', 'some']);
  const { leaves, received, sent } = segment.run(batch);
  assert.deepEqual([received, sent], [[2], [[2]]]);
  assert.equal(textOf(leaves[0]!.written), '{"n":1}\n{"n":2}\n');
  batch.hold.release();
  slots.close();
  assert.equal(arena.freeSlots, 4);
});

test('an event that cannot be encoded is told, and those beside it are written', () => {
  const { arena, tools } = bench();
  const step = stepOf(['message'], ['deep'], (event) => {
    if (fieldsOf(event)['message'] !== 'deep') return 1;
    let deep: Value = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    fieldsOf(event)['deep'] = deep;
    return 1;
  });
  const segment = new Segment({ kind: 'step', step, index: 0, ports: [[leaf(JSON_LINES, 0)]] }, tools);
  const batch = batchOf(arena, ['a', 'deep', 'b']);
  const { leaves } = segment.run(batch);
  assert.equal(leaves[0]!.errors.length, 1);
  assert.equal(textOf(leaves[0]!.written), '{"host":"h","message":"a"}\n{"host":"h","message":"b"}\n');
  assert.deepEqual(segment.run(batchOf(arena, [])).leaves[0]!.errors, []);
});

test('what came of a batch before it failed is let go of', () => {
  const { arena, slots, tools } = bench();
  const step = stepOf(['message'], [], ({ value }) => {
    if ((value as ObjectValue)['message'] === 'bad') throw new Error('it broke');
    return 1;
  });
  const segment = new Segment({ kind: 'step', step, index: 0, ports: [[leaf(JSON_LINES, 0)]] }, tools);
  const batch = batchOf(arena, ['good', 'bad']);
  assert.throws(() => segment.run(batch), /it broke/);
  segment.reset();
  const { leaves, received } = segment.run(batchOf(arena, ['again']));
  assert.deepEqual(received, [1]);
  assert.equal(textOf(leaves[0]!.written), '{"host":"h","message":"again"}\n');
  batch.hold.release();
  slots.close();
  assert.equal(arena.freeSlots, 3);
});

test('a step hears of the end of each batch', () => {
  const { arena, tools } = bench();
  let ends = 0;
  const step: Step = { ...stepOf([], [], () => 0), settle: () => void (ends += 1) };
  const segment = new Segment({ kind: 'step', step, index: 0, ports: [[leaf('discard', 0)]] }, tools);
  segment.run(batchOf(arena, ['a', 'b']));
  const { leaves } = segment.run(batchOf(arena, ['c']));
  assert.equal(ends, 2);
  assert.equal(leaves[0]!.discarded, 0);
});
