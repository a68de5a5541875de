import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frameOf, layoutOf, type RawBatch } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { stringifyJson } from '../../event/json.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { bytesValue, type ObjectValue } from '../../event/value.ts';
import { Arena, SLOT_BYTES } from '../arena/arena.ts';
import { OutputSlots } from './frame_writer.ts';
import type { LeafForm } from './leaf.ts';
import { type Branch, Segment } from './segment.ts';
import type { SegmentEvent, Step } from './step.ts';

const RUNS = Number(process.env['REGEX_BASE_RUNS'] ?? 300);
const PATTERN = String.raw`^(?P<time>\S+) (?P<stream>stdout|stderr) (?P<flag>[PFX]) (?P<message>.*)$`;
const READS = /^(?<time>\S+) (?<stream>stdout|stderr) (?<flag>[PFX]) (?<message>[^\n]*)$/;

/** What the events have besides their message, which goes by another name where it is to stay beside a capture. */
const fields = (): ObjectValue => ({ host: 'h', at: new Timestamp(1, 0), time: 'before', pod: { name: 'web' } });
const layoutWith = (messageKey: string) =>
  layoutOf({
    decodeFrame: (batch, index) => ({
      value: { ...fields(), [messageKey]: bytesValue(frameOf(batch, index)) },
      metadata: EMPTY_METADATA,
    }),
    common: () => ({ fields: fields(), metadata: EMPTY_METADATA, messageKey, overwriting: [] }),
  });
const LAYOUTS = { message: layoutWith('message'), raw: layoutWith('raw') };

const paths = (names: readonly string[]) => names.map((name) => ({ target: 'event', segments: [name] }) as const);

/** What the program of the step does after the captures are there. */
type Rest = (value: ObjectValue) => boolean;

interface Shape {
  readonly of: keyof typeof LAYOUTS;
  readonly step: Step;
}

/** `. = parse_regex!(.message, r'…')` and more; what does not match is dropped. */
function parsing(reads: readonly string[], writes: readonly string[], rest: Rest): Shape {
  return { of: 'message', step: stepOf('message', false, reads, writes, rest) };
}

/** The same with `|=`. */
function merging(of: keyof typeof LAYOUTS, reads: readonly string[], writes: readonly string[], rest: Rest): Shape {
  return { of, step: stepOf(of, true, reads, writes, rest) };
}

function stepOf(of: string, merges: boolean, reads: readonly string[], writes: readonly string[], rest: Rest): Step {
  return {
    needs: { reads: [{ target: 'event', segments: [] }], writes: [{ target: 'event', segments: [] }] },
    replaces: {
      reads: paths([of]),
      text: {
        format: 'regex',
        pattern: PATTERN,
        path: [of],
        keepsOthers: merges,
        needs: { reads: paths(reads), writes: paths(writes) },
        run: ({ value }) => (rest(value as ObjectValue) ? 1 : 0),
      },
    },
    run(event: SegmentEvent) {
      const text = (event.value as ObjectValue)[of] as string | Uint8Array;
      const found = READS.exec(typeof text === 'string' ? text : Buffer.from(text).toString());
      if (!found) return 0;
      const value: ObjectValue = {
        ...(merges ? (event.value as ObjectValue) : {}),
        ...(found.groups as Record<string, string>),
      };
      event.replace(value);
      return rest(value) ? 1 : 0;
    },
  };
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['nothing is looked at', parsing([], [], () => true)],
  ['a capture decides', parsing(['flag'], [], ({ flag }) => flag === 'F')],
  ['the message is read', parsing(['message'], [], ({ message }) => String(message).length % 2 === 0)],
  [
    'captures are changed, taken away and added to',
    parsing(['stream', 'message'], ['stream', 'time', 'n'], (value) => {
      if (value['stream'] === 'stderr') delete value['time'];
      else value['n'] = String(value['message']).length;
      if (value['message'] === '') value['stream'] = null;
      return true;
    }),
  ],
  ['they are merged into it', merging('message', [], [], () => true)],
  ['the text stays beside them', merging('raw', ['raw', 'host'], [], ({ raw, host }) => String(raw) !== host)],
  [
    'what was there before is changed and read',
    merging('raw', ['flag', 'pod', 'none'], ['host', 'raw', 'pod', 'none'], (value) => {
      if (value['flag'] === 'P') delete value['raw'];
      else if (value['flag'] === 'F') (value['pod'] as ObjectValue)['seen'] = true;
      if (value['none'] === undefined && value['flag'] === 'X') value['none'] = 1;
      return true;
    }),
  ],
  ['it is only said that they may be changed', merging('message', [], ['host', 'stream', 'at'], () => true)],
];

const message = fc.oneof(
  fc.constantFrom('', ' ', '"quoted" \\', 'a\tb', 'ü€😀', 'x'.repeat(15), 'y'.repeat(400), '\u0085', '\0'),
  fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', '')),
);
const line = fc
  .tuple(
    fc.constantFrom('2026-01-01T00:00:00.1Z', '-', 'tïme', 'a b', ''),
    fc.constantFrom('stdout', 'stdout', 'stderr', 'stdin'),
    fc.constantFrom('F', 'F', 'P', 'X', 'x'),
    message,
    fc.option(fc.tuple(fc.nat(40), fc.constantFrom(0x80, 0xc3, 0xff)), { freq: 4 }),
  )
  .map(([time, stream, flag, text, broken]) => {
    const bytes = Buffer.from(`${time} ${stream} ${flag} ${text}`);
    if (broken) bytes[broken[0] % bytes.length] = broken[1];
    return bytes;
  });

const arena = new Arena(4);
const slots = new OutputSlots(arena);

function batchOf(lines: readonly Buffer[], of: keyof typeof LAYOUTS): RawBatch {
  const hold = arena.claim()!;
  const frames: number[] = [];
  let at = 0;
  for (const one of lines) {
    frames.push(at, one.copy(hold.bytes, at));
    at += one.length;
    hold.bytes[at++] = 10;
  }
  return {
    kind: 'raw',
    type: 'log',
    hold,
    frames: Int32Array.from(frames),
    count: lines.length,
    sizeBytes: at - lines.length,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: -1,
    layout: LAYOUTS[of],
    finalizer: new Finalizer(),
  };
}

function segmentOf(step: Step, form: LeafForm): Segment {
  const leaf: Branch = { kind: 'leaf', form, index: 0 };
  const root: Branch = { kind: 'step', step, index: 0, ports: [[leaf]] };
  return new Segment(root, { kernels: arena.kernels, memory: arena.bytes, slots });
}

/** The lines that a segment wrote. */
function linesOf(segment: Segment, batch: RawBatch): string {
  return segment
    .run(batch)
    .leaves[0]!.written.map(({ hold, frames, count }) => {
      const text = hold.bytes.toString('utf8', frames[0], frames[2 * count - 2]! + frames[2 * count - 1]! + 1);
      hold.release();
      return text;
    })
    .join('');
}

for (const [what, { of, step }] of SHAPES) {
  test(`events are what the pattern captures when ${what}`, () => {
    const json = segmentOf(step, { form: 'json', delimiter: 10, message: undefined });
    const events = segmentOf(step, 'events');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const batch = batchOf(lines, of);
        const expected = batch.layout.decode(batch).flatMap(({ value, metadata }) => {
          const event = { value, metadata, replace: (now: ObjectValue) => void (event.value = now) };
          return step.run(event as unknown as SegmentEvent) === 1 ? [`${stringifyJson(event.value)}\n`] : [];
        });
        assert.equal(linesOf(json, batch), expected.join(''));
        const whole = events.run(batch).leaves[0]!.events.map(({ value }) => `${stringifyJson(value)}\n`);
        assert.equal(whole.join(''), expected.join(''));
        batch.hold.release();
      }),
      { numRuns: RUNS },
    );
  });
}

test('events of captures fill slots to their end', () => {
  const { of, step } = SHAPES[0]![1];
  const json = segmentOf(step, { form: 'json', delimiter: 10, message: undefined });
  const long = Buffer.from(`- stdout F ${'"'.repeat(SLOT_BYTES / 8)}`);
  const batch = batchOf([long, long, long, Buffer.from('- stdout F short'), long], of);
  const lines = linesOf(json, batch).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((text) => (JSON.parse(text) as { message: string }).message.length),
    [SLOT_BYTES / 8, SLOT_BYTES / 8, SLOT_BYTES / 8, 5, SLOT_BYTES / 8],
  );
  batch.hold.release();
});
