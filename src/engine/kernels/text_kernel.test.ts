import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../../event/json.ts';
import { instantiate, KERNEL_BYTES, KERNEL_PADDING_BYTES, KERNEL_SCRATCH_BYTES } from './kernels.ts';
import { TEXT_AFFIX_BYTES_MAX, TEXT_DONE, TEXT_FULL, TEXT_NOT_UTF8, TEXT_SLACK_BYTES } from './text_kernel.ts';

const RUNS = Number(process.env['TEXT_KERNEL_RUNS'] ?? 2000);
const SPACE = 262_144;
const INPUT = KERNEL_BYTES + KERNEL_SCRATCH_BYTES;
const OUT = INPUT + SPACE;
const pages = Math.ceil((OUT + SPACE + KERNEL_PADDING_BYTES) / 65_536);
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const { text, frames } = instantiate(memory, { offset: KERNEL_BYTES, bytes: KERNEL_SCRATCH_BYTES });
const bytes = Buffer.from(memory.buffer);

const piece = fc.oneof(
  fc.constantFrom('"', '\\', '\n', '\t', '\b', '\f', '\r', '\0', '\v', '\x1b', '\x1f', '\x7f', '\u2028', '\ufeff'),
  fc.constantFrom('ü', '߿', 'ࠀ', '€', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10000}', '\u{10ffff}'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 3 }).filter((one) => one.isWellFormed()),
  fc.constantFrom('a', 'plain text', '{"level":"info","n":1}', 'x'.repeat(40)),
);
const anyText = fc.array(piece, { maxLength: 24, size: 'max' }).map((parts) => Buffer.from(parts.join('')));

/** Text in which some bytes were replaced by others that matter to UTF-8. */
const broken = fc
  .tuple(
    anyText,
    fc.array(
      fc.tuple(
        fc.nat(10_000),
        fc.oneof(
          fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef),
          fc.constantFrom(0xf0, 0xf4, 0xf5, 0xf7, 0xf8, 0xff),
          fc.nat(255),
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([whole, changes]) => {
    for (const [place, byte] of changes) if (whole.length > 0) whole[place % whole.length] = byte;
    return whole;
  });
const hostile = fc.oneof({ arbitrary: anyText, weight: 3 }, { arbitrary: broken, weight: 2 });

const escaped = (line: Buffer): string => stringifyJson(line.toString()).slice(1, -1);

/** Puts `input` at `at`; what lies behind it must not matter. */
function put(input: Buffer, at: number, behind: number): void {
  bytes.set(input, at);
  bytes.fill(behind, at + input.length, at + input.length + KERNEL_PADDING_BYTES);
}

test('escapes text as the JSON writer does, and nothing that is not UTF-8', () => {
  fc.assert(
    fc.property(hostile, fc.nat(40), fc.nat(255), (input, shift, behind) => {
      const at = INPUT + shift;
      put(input, at, behind);
      const valid = isUtf8(input);
      assert.equal(text.isUtf8(at, at + input.length), valid);
      const length = text.escape(at, at + input.length, OUT, SPACE);
      if (!valid) return assert.equal(length, -2);
      assert.equal(bytes.toString('utf8', OUT, OUT + length), escaped(input));
    }),
    { numRuns: RUNS },
  );
});

test('a text takes the room it needs and the slack, and not a byte more', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (input, shift) => {
      const at = INPUT + shift;
      put(input, at, 0);
      const expected = escaped(input);
      const room = Buffer.byteLength(expected) + TEXT_SLACK_BYTES;
      bytes.fill(1, OUT, OUT + room + 200);
      assert.equal(text.escape(at, at + input.length, OUT, room - 1), -1);
      assert.equal(text.escape(at, at + input.length, OUT, room), Buffer.byteLength(expected));
      assert.equal(bytes.toString('utf8', OUT, OUT + Buffer.byteLength(expected)), expected);
      assert.ok(bytes.subarray(OUT + room, OUT + room + 200).every((byte) => byte === 1));
    }),
    { numRuns: RUNS },
  );
});

test('every sequence that could be a character is judged as Node judges it', () => {
  const seconds = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xff];
  for (let first = 0x80; first < 0x100; first++)
    for (const second of seconds)
      for (const third of seconds)
        for (const fourth of [0x41, 0x80, 0xbf, 0xc2])
          for (const before of [0, 12, 14, 16]) {
            const input = Buffer.alloc(before + 4, 97);
            input.set([first, second, third, fourth], before);
            put(input, INPUT, 0x80);
            for (const end of [input.length, input.length - 1, input.length - 2])
              assert.equal(text.isUtf8(INPUT, INPUT + end), isUtf8(input.subarray(0, end)), input.toString('hex'));
          }
});

interface Written {
  objects: string[];
  /** What the calls ended with. */
  reasons: number[];
}

/** Lines through the kernel as a caller does it: again behind a line that is no text, and into a new room when full. */
function writeAll(lines: readonly Buffer[], delimiter: number, room: number, byTable: boolean): Written {
  const input = Buffer.concat(lines.flatMap((line) => [line, Buffer.of(delimiter)]));
  put(input, INPUT, delimiter);
  const end = INPUT + input.length;
  const table: number[] = [];
  for (let at = 0, i = 0; i < lines.length; at += lines[i++]!.length + 1) table.push(at, lines[i]!.length);
  const written: Written = { objects: [], reasons: [] };
  const output = { start: OUT, end: OUT + room, base: OUT };
  let stuck = false;
  for (let from = INPUT, next = 0; ; ) {
    const reason = byTable
      ? text.frames(Int32Array.from(table), next, lines.length, INPUT, output)
      : text.lines(from, end, delimiter, output);
    written.reasons.push(reason);
    const objects = bytes.toString('utf8', OUT, text.outputEnd).split('\n').slice(0, text.done);
    for (let i = 0; i < text.done; i++) {
      const offset = OUT + text.table[2 * i]!;
      assert.equal(bytes.toString('utf8', offset, offset + text.table[2 * i + 1]!), objects[i]);
    }
    written.objects.push(...objects);
    next += text.done;
    if (reason === TEXT_DONE) break;
    assert.equal(text.inputEnd, INPUT + table[2 * next]!);
    from = text.inputEnd;
    assert.ok(reason === TEXT_NOT_UTF8 || text.done > 0 || !stuck, 'an empty room takes an object');
    stuck = reason === TEXT_FULL && text.done === 0;
    if (reason === TEXT_FULL) continue;
    written.objects.push('not text');
    from += lines[next++]!.length + 1;
  }
  return written;
}

test('lines become objects, however little room there is', () => {
  fc.assert(
    fc.property(
      fc.array(hostile, { maxLength: 12 }),
      fc.constantFrom(10, 0, 44, 255),
      fc.constantFrom('', '{"message":"', `{"file":"${'f'.repeat(50)}","message":"`),
      fc.constantFrom('"}\n', `","source_type":"file"}\n`),
      fc.boolean(),
      fc.boolean(),
      (texts, delimiter, prefix, suffix, byTable, tight) => {
        const lines = texts.map((line) => line.filter((byte) => byte !== delimiter)).map((line) => Buffer.from(line));
        assert.ok(text.around(Buffer.from(prefix), Buffer.from(suffix), 1));
        const expected = lines.map((line) =>
          isUtf8(line) ? prefix + escaped(line) + suffix.slice(0, -1) : 'not text',
        );
        const longest = Math.max(0, ...lines.map((line) => Buffer.byteLength(escaped(line))));
        const room = tight ? prefix.length + longest + suffix.length + TEXT_SLACK_BYTES : SPACE;
        const { objects, reasons } = writeAll(lines, delimiter, room, byTable);
        assert.deepEqual(objects, expected);
        if (!tight) assert.ok(!reasons.includes(TEXT_FULL));
      },
    ),
    { numRuns: RUNS },
  );
});

test('a frame that is not complete is left', () => {
  text.around(Buffer.from('<'), Buffer.from('>,'), 1);
  put(Buffer.from('one\ntwo\nthr'), INPUT, 10);
  assert.equal(text.lines(INPUT, INPUT + 11, 10, { start: OUT, end: OUT + 1000, base: OUT }), TEXT_DONE);
  assert.equal(bytes.toString('utf8', OUT, text.outputEnd), '<one>,<two>,');
  assert.deepEqual([text.done, text.inputEnd, ...text.table.subarray(0, 4)], [2, INPUT + 8, 0, 5, 6, 5]);
});

test('no more objects are written than are asked for, and frames found by the kernel are taken', () => {
  text.around(Buffer.from(''), Buffer.from('\n'), 1);
  put(Buffer.from('a\nb\nc\n'), INPUT, 0);
  const output = { start: OUT, end: OUT + 1000, base: INPUT };
  assert.equal(text.lines(INPUT, INPUT + 6, 10, output, 2), TEXT_FULL);
  assert.deepEqual([text.done, text.inputEnd], [2, INPUT + 4]);
  assert.equal(frames.cut(INPUT, INPUT + 6, INPUT, 10, 100), 3);
  assert.equal(text.frames(frames.table, 1, 3, INPUT, output), TEXT_DONE);
  assert.deepEqual([text.done, text.inputEnd, bytes.toString('utf8', OUT, text.outputEnd)], [2, INPUT + 5, 'b\nc\n']);
  assert.equal(text.table[0], OUT - INPUT);
});

test('affixes have a longest length', () => {
  const long = Buffer.alloc(TEXT_AFFIX_BYTES_MAX, 97);
  assert.equal(text.around(Buffer.alloc(TEXT_AFFIX_BYTES_MAX + 1), long, 0), false);
  assert.ok(text.around(long, long, 0));
  put(Buffer.from('x\n'), INPUT, 0);
  assert.equal(text.lines(INPUT, INPUT + 2, 10, { start: OUT, end: OUT + SPACE, base: OUT }), TEXT_DONE);
  assert.equal(text.outputEnd - OUT, 2 * long.length + 1);
});
