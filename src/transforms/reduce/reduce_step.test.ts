import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Emit } from '../../component/define.ts';
import { Arena } from '../../engine/arena/arena.ts';
import { OutputSlots } from '../../engine/segment/frame_writer.ts';
import { type Branch, Segment } from '../../engine/segment/segment.ts';
import type { Step } from '../../engine/segment/step.ts';
import { decode, finish, frameOf, layoutOf, logBatch, type RawBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { stringifyJson } from '../../event/json.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { bytesValue, type ObjectValue } from '../../event/value.ts';
import { parseConfig, testContext } from '../../testing/component.ts';
import { transform } from './reduce.ts';

const RUNS = Number(process.env['REDUCE_STEP_RUNS'] ?? 40);
const READS = /^(?<stream>\S+) (?<flag>[PF]) (?<message>.*)$/;
const EVENT = [{ target: 'event', segments: [] }] as const;

/** `. = parse_regex!(.message, r'…')`, and sometimes one more field that is no text. */
function parsing(counts: boolean): Step {
  const edit = (value: ObjectValue): number => {
    if (counts) value['n'] = 1;
    return 1;
  };
  return {
    needs: { reads: EVENT, writes: EVENT },
    replaces: {
      reads: [{ target: 'event', segments: ['message'] }],
      text: {
        format: 'regex',
        pattern: String.raw`^(?P<stream>\S+) (?P<flag>[PF]) (?P<message>.*)$`,
        path: ['message'],
        keepsOthers: false,
        needs: { reads: [], writes: counts ? [{ target: 'event', segments: ['n'] }] : [] },
        run: ({ value }) => edit(value as ObjectValue),
      },
    },
    run(event) {
      const value = parsed(String((event.value as ObjectValue)['message']));
      event.replace(value);
      return edit(value);
    },
  };
}

function parsed(line: string): ObjectValue {
  return { ...(READS.exec(line)?.groups as Record<string, string>) };
}

const layout = layoutOf({
  decodeFrame: (batch, index) => ({ value: { message: bytesValue(frameOf(batch, index)) }, metadata: EMPTY_METADATA }),
  common: () => ({ fields: {}, metadata: EMPTY_METADATA, messageKey: 'message', overwriting: [] }),
});
const arena = new Arena(4);
const slots = new OutputSlots(arena);

function rawBatch(lines: readonly string[], finalizer: Finalizer): RawBatch {
  const hold = arena.claim()!;
  const frames: number[] = [];
  let at = 0;
  for (const line of lines) {
    const length = hold.bytes.write(`${line}\n`, at) - 1;
    frames.push(at, length);
    at += length + 1;
  }
  const count = lines.length;
  const about = { delimiter: 10, ingestedMs: 0, streamOffset: -1, layout, finalizer };
  return { kind: 'raw', type: 'log', hold, frames: Int32Array.from(frames), count, sizeBytes: at - count, ...about };
}

/** A step behind: what it needs of the events, and how it changes them. */
const TAGGING: Step = {
  needs: { reads: [{ target: 'event', segments: ['message'] }], writes: [{ target: 'event', segments: ['size'] }] },
  run({ value }) {
    tag(value as ObjectValue);
    return 1;
  },
};

function tag(value: ObjectValue): void {
  const { message } = value;
  if (typeof message === 'string' && message.length > 3) value['size'] = message.length;
}

/** What came out, and which batches have been heard of, by and by. */
interface Course {
  readonly lines: string[];
  readonly statuses: string[];
}

/** `tags`: what is emitted goes through `TAGGING`. */
async function built(raw: unknown, tags = false) {
  const { context } = testContext('transform', 'reduce', {});
  const reduce = await transform.build(parseConfig(transform, raw), context);
  const course: Course = { lines: [], statuses: [] };
  const emit: Emit = (batch) => {
    const decoded = decode(batch);
    for (const { value } of decoded.events as readonly LogEvent[]) {
      if (tags) tag(value as ObjectValue);
      course.lines.push(stringifyJson(value));
    }
    finish(decoded);
  };
  return { reduce, course, emit };
}

/** Finalizers of batches, whose statuses are there once they are known. */
function finalizers(count: number): { readonly all: Finalizer[]; readonly statuses: (Status | undefined)[] } {
  const statuses = new Array<Status | undefined>(count).fill(undefined);
  return { statuses, all: statuses.map((_, index) => new Finalizer((status) => void (statuses[index] = status))) };
}

async function ordinary(
  raw: unknown,
  counts: boolean,
  tags: boolean,
  batches: readonly (readonly string[])[],
): Promise<Course> {
  const { reduce, course, emit } = await built(raw, tags);
  const { all, statuses } = finalizers(batches.length);
  for (const [index, lines] of batches.entries()) {
    const events = lines.map((line) => ({
      value: { ...parsed(line), ...(counts ? { n: 1 } : {}) },
      metadata: EMPTY_METADATA,
    }));
    reduce.process(logBatch(events, all[index]), emit);
    course.statuses.push(statuses.join());
  }
  reduce.end!(emit);
  course.statuses.push(statuses.join());
  return course;
}

async function inSegment(
  raw: unknown,
  counts: boolean,
  tags: boolean,
  batches: readonly (readonly string[])[],
): Promise<Course> {
  const { reduce, course, emit } = await built(raw, tags);
  const { all, statuses } = finalizers(batches.length);
  const leaf: Branch = { kind: 'leaf', form: { form: 'json', delimiter: 10, message: undefined }, index: 0 };
  const step = reduce.step!() as Step;
  const last: Branch = tags ? { kind: 'step', step: TAGGING, index: 2, ports: [[leaf]] } : leaf;
  const behind: Branch = { kind: 'step', step, index: 1, ports: [[last]] };
  const root: Branch = { kind: 'step', step: parsing(counts), index: 0, ports: [[behind]] };
  const segment = new Segment(root, { kernels: arena.kernels, memory: arena.bytes, slots });
  for (const [index, lines] of batches.entries()) {
    const batch = rawBatch(lines, all[index]!);
    const { leaves, holds, received, sent } = segment.run(batch);
    let count = 0;
    for (const { hold, frames, count: written } of leaves[0]!.written) {
      for (let i = 0; i < written; i++)
        course.lines.push(hold.bytes.toString('utf8', frames[2 * i], frames[2 * i]! + frames[2 * i + 1]!));
      hold.release();
      count += written;
    }
    assert.deepEqual([received[1], sent[1]], [lines.length, [count]]);
    for (const hold of holds) hold.release();
    finish(batch);
    course.statuses.push(statuses.join());
  }
  reduce.end!(emit);
  course.statuses.push(statuses.join());
  return course;
}

const texts = { message: 'concat_raw', flag: 'retain' };
const ENDS = { group_by: ['stream'], ends_when: '.flag == "F"' };
const CONFIGS: readonly (readonly [string, unknown])[] = [
  ['events that end groups', { ...ENDS, merge_strategies: texts }],
  ['strategies that change what is alone', { ...ENDS, merge_strategies: { message: 'array', flag: 'discard' } }],
  [
    'strategies for what is not there',
    { ...ENDS, merge_strategies: { 'message.x': 'max', none: 'concat', flag: 'sum' } },
  ],
  ['events that begin groups', { group_by: ['stream'], starts_when: '.flag == "F"', merge_strategies: texts }],
  ['one event for each', { max_events: 1, merge_strategies: texts }],
  ['texts joined in other ways', { ...ENDS, merge_strategies: { message: 'concat_newline', flag: 'concat' } }],
  ['many events for each', { max_events: 50, merge_strategies: { message: 'concat_raw' } }],
  ['two events for each', { group_by: ['stream', 'n'], max_events: 2, merge_strategies: texts }],
  ['no end', { group_by: ['flag'], merge_strategies: texts }],
];

const line = fc
  .tuple(
    fc.constantFrom('stdout', 'stderr'),
    fc.constantFrom('F', 'F', 'P'),
    fc.constantFrom('', 'a', 'b c', 'ü"', 'x'.repeat(99)),
  )
  .map((parts) => parts.join(' '));
const batches = fc.array(fc.array(line, { minLength: 1, maxLength: 20 }), { maxLength: 5 });

for (const [what, raw] of CONFIGS) {
  test(`makes the same of events in a segment as of whole ones: ${what}`, async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.boolean(), fc.boolean(), async (given, counts, tags) => {
        assert.deepEqual(await inSegment(raw, counts, tags, given), await ordinary(raw, counts, tags, given));
      }),
      { numRuns: RUNS },
    );
  });
}

test('what a segment could not run to its end is heard of', async () => {
  const { reduce } = await built(CONFIGS[0]![1]);
  const { all, statuses } = finalizers(2);
  const broken: Step = {
    needs: { reads: [], writes: [] },
    run() {
      throw new Error('broken');
    },
  };
  const leaf: Branch = { kind: 'leaf', form: 'events', index: 0 };
  const last: Branch = { kind: 'step', step: broken, index: 2, ports: [[leaf]] };
  const behind: Branch = { kind: 'step', step: reduce.step!() as Step, index: 1, ports: [[last]] };
  const root: Branch = { kind: 'step', step: parsing(false), index: 0, ports: [[behind]] };
  const segment = new Segment(root, { kernels: arena.kernels, memory: arena.bytes, slots });
  finishRun(segment, rawBatch(['stdout P a'], all[0]!));
  assert.deepEqual(statuses, [undefined, undefined], 'it waits for the rest of its group');
  const second = rawBatch(['stdout F b'], all[1]!);
  assert.throws(() => segment.run(second), /broken/);
  segment.reset();
  finish(second, 'rejected');
  assert.deepEqual(statuses, ['rejected', 'rejected']);
});

function finishRun(segment: Segment, batch: RawBatch): void {
  assert.deepEqual(segment.run(batch).holds, []);
  finish(batch);
}
