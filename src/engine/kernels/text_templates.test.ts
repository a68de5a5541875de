import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../../event/json.ts';
import { parseRfc3339 } from '../../event/timestamp.ts';
import { instantiate, KERNEL_BYTES, KERNEL_PADDING_BYTES, KERNEL_SCRATCH_BYTES } from './kernels.ts';
import {
  TEXT_AFFIX_BYTES_MAX,
  TEXT_DONE,
  TEXT_FULL,
  TEXT_NOT_UTF8,
  TEXT_ODD,
  TEXT_RANGES_MAX,
  TEXT_SLACK_BYTES,
  TextGap,
} from './text_kernel.ts';

const RUNS = Number(process.env['TEXT_KERNEL_RUNS'] ?? 1000);
const SPACE = 262_144;
const INPUT = KERNEL_BYTES + KERNEL_SCRATCH_BYTES;
const OUT = INPUT + SPACE;
const pages = Math.ceil((OUT + SPACE + KERNEL_PADDING_BYTES) / 65_536);
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const { text } = instantiate(memory, { offset: KERNEL_BYTES, bytes: KERNEL_SCRATCH_BYTES });
const bytes = Buffer.from(memory.buffer);

const PARTS = ['{"m":"', '","s":"', '","t":"', '"}'];
const GAPS = [TextGap.MESSAGE, TextGap.STREAM, TextGap.TIME];
const NEWLINE = 10;

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }).filter((one) => one.isWellFormed()),
  fc.constantFrom('', '"\\', 'x'.repeat(16), 'ü'.repeat(20), '\u0001'.repeat(9)),
);

interface Headed {
  readonly time: string;
  readonly stream: string;
  readonly message: string;
}

/** Puts lines with headers into memory: the frames of their messages. */
function put(lines: readonly Headed[]): Int32Array {
  const frames: number[] = [];
  let at = INPUT;
  for (const { time, stream, message } of lines) {
    at += bytes.write(`${time} ${stream} F `, at);
    const length = bytes.write(message, at);
    frames.push(at - INPUT, length);
    at += length;
    bytes[at++] = NEWLINE;
  }
  return Int32Array.from(frames);
}

function objectOf({ time, stream, message }: Headed): string {
  return `{"m":${stringifyJson(message)},"s":"${stream}","t":"${parseRfc3339(time)}"}`;
}

const headed = fc.record({
  time: fc
    .tuple(fc.nat(59), fc.option(fc.nat(999_999_999)), fc.constantFrom('Z', '+00:00'))
    .map(
      ([second, nanos, zone]) =>
        `2026-02-28T23:59:${String(second).padStart(2, '0')}${nanos === null ? '' : `.${nanos}`}${zone}`,
    ),
  stream: fc.constantFrom('stdout', 'stderr'),
  message: anyText.map((one) => one.replaceAll('\n', ' ')),
});

test('frames with headers become objects, and nothing is written beyond the room there is', () => {
  fc.assert(
    fc.property(fc.array(headed, { maxLength: 8 }), fc.nat(300), (lines, room) => {
      const frames = put(lines);
      assert.ok(text.aroundHeaded(PARTS, GAPS, NEWLINE));
      const objects: string[] = [];
      for (let done = 0; done < lines.length; done += text.done) {
        // One that has no room in what is left gets all there is.
        const size = text.done === 0 && done > 0 ? SPACE : room;
        bytes.fill(1, OUT, OUT + room + 200);
        const reason = text.headedFrames(frames, done, lines.length, INPUT, { start: OUT, end: OUT + size, base: OUT });
        if (size === room) assert.ok(bytes.subarray(OUT + room, OUT + room + 200).every((byte) => byte === 1));
        if (text.done === 0) {
          assert.equal(reason, TEXT_FULL);
          text.headedFrames(frames, done, done + 1, INPUT, { start: OUT, end: OUT + SPACE, base: OUT });
          assert.equal(text.done, 1);
        }
        objects.push(...bytes.toString('utf8', OUT, text.outputEnd - 1).split('\n'));
      }
      assert.deepEqual(objects, lines.map(objectOf));
    }),
    { numRuns: RUNS },
  );
});

const GOOD: Headed = { time: '2026-01-01T00:00:00.5Z', stream: 'stdout', message: 'good' };
for (const [what, time] of [
  ['another zone', '2026-01-01T00:00:00+01:00'],
  ['a day that there is not', '2026-02-29T00:00:00Z'],
  ['an hour that there is not', '2026-01-01T24:00:00Z'],
  ['a second that there is not', '2026-01-01T00:00:60Z'],
  ['ten digits', '2026-01-01T00:00:00.1234567890Z'],
  ['no digits', '2026-01-01T00:00:00.Z'],
  ['a letter for a digit', '2026-01-01T00:00:00.1x3Z'],
  ['a space for the letter', '2026-01-01_00:00:00Z'],
  ['no zone', '2026-01-01T00:00:00.123'],
  ['too long a time', `2026-01-01T00:00:00.${'1'.repeat(30)}Z`],
  ['no time', '-'],
] as const) {
  test(`a header with ${what} is for others`, () => {
    const frames = put([GOOD, { ...GOOD, time }, GOOD]);
    assert.ok(text.aroundHeaded(PARTS, GAPS, NEWLINE));
    const output = { start: OUT, end: OUT + SPACE, base: OUT };
    assert.equal(text.headedFrames(frames, 0, 3, INPUT, output), TEXT_ODD);
    assert.deepEqual([text.done, text.inputEnd], [1, INPUT + frames[2]!]);
    assert.equal(text.headedFrames(frames, 2, 3, INPUT, output), TEXT_DONE);
    assert.equal(bytes.toString('utf8', OUT, text.outputEnd), `${objectOf(GOOD)}\n`);
  });
}

test('a message that is not UTF-8, and one without a header, are for others', () => {
  const frames = put([GOOD, GOOD, GOOD]);
  bytes[INPUT + frames[0]!] = 0xff;
  assert.ok(text.aroundHeaded(PARTS, GAPS, NEWLINE));
  const output = { start: OUT, end: OUT + SPACE, base: OUT };
  assert.equal(text.headedFrames(frames, 0, 3, INPUT, output), TEXT_NOT_UTF8);
  bytes[INPUT + frames[2]! - 1] = NEWLINE;
  assert.equal(text.headedFrames(frames, 1, 3, INPUT, output), TEXT_ODD);
  assert.equal(text.headedFrames(frames, 2, 3, INPUT, output), TEXT_DONE);
});

test('templates take turns with affixes', () => {
  const frames = put([GOOD]);
  const output = { start: OUT, end: OUT + SPACE, base: OUT };
  for (let turn = 0; turn < 2; turn++) {
    assert.ok(text.aroundHeaded(PARTS, GAPS, NEWLINE));
    text.headedFrames(frames, 0, 1, INPUT, output);
    assert.equal(bytes.toString('utf8', OUT, text.outputEnd), `${objectOf(GOOD)}\n`);
    assert.ok(text.aroundText('<', '>', NEWLINE));
    text.frames(frames, 0, 1, INPUT, output);
    assert.equal(bytes.toString('utf8', OUT, text.outputEnd), '<good>\n');
  }
  assert.equal(text.aroundHeaded(['x'.repeat(2 * TEXT_AFFIX_BYTES_MAX + 100), '', '', '"}'], GAPS, NEWLINE), false);
});

test('texts from several places become one object, in the room they need', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), fc.nat(20), (texts, shift) => {
      const ranges: number[] = [];
      let at = INPUT + shift;
      for (const one of texts) {
        const length = bytes.write(one, at);
        ranges.push(at, at + length);
        at += length + shift;
      }
      const parts = ['[', ...texts.map((_, index) => `${index})`)];
      const expected = texts.map((one, index) => `${parts[index]}${stringifyJson(one).slice(1, -1)}`).join('');
      const object = expected + parts.at(-1)!;
      const room = Buffer.byteLength(object) + TEXT_SLACK_BYTES;
      assert.ok(text.useParts(parts));
      bytes.fill(1, OUT, OUT + room + 200);
      assert.equal(text.between(Int32Array.from(ranges), OUT, room - 1), -1);
      assert.equal(text.between(Int32Array.from(ranges), OUT, room), Buffer.byteLength(object));
      assert.equal(bytes.toString('utf8', OUT, OUT + Buffer.byteLength(object)), object);
      assert.ok(bytes.subarray(OUT + room, OUT + room + 200).every((byte) => byte === 1));
    }),
    { numRuns: RUNS },
  );
});

test('texts that are not UTF-8 are for others, and parts have limits', () => {
  bytes.set([0x61, 0xff], INPUT);
  assert.ok(text.useParts(['<', '|', '>']));
  assert.equal(text.between(Int32Array.of(INPUT, INPUT + 1, INPUT + 1, INPUT + 2), OUT, 1000), -2);
  assert.equal(text.useParts(new Array(TEXT_RANGES_MAX + 2).fill('')), false);
  assert.equal(text.useParts(['x'.repeat(5000), '']), false);
  assert.ok(text.useParts(new Array(TEXT_RANGES_MAX + 1).fill(',')));
});

test('many sets of parts take turns', () => {
  bytes.write('x', INPUT);
  const sets = Array.from({ length: 20 }, (_, index) => [`<${index} `, '>']);
  for (const parts of [...sets, ...sets.toReversed(), ...sets]) {
    assert.ok(text.useParts(parts));
    const length = text.between(Int32Array.of(INPUT, INPUT + 1), OUT, 1000);
    assert.equal(bytes.toString('utf8', OUT, OUT + length), parts.join('x'));
  }
});
