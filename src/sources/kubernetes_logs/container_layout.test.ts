import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SourceIdentity } from '../../component/source_fields.ts';
import { Arena, type Slot } from '../../engine/arena/arena.ts';
import { OutputSlots } from '../../engine/segment/frame_writer.ts';
import { type Branch, Segment } from '../../engine/segment/segment.ts';
import type { SegmentEvent, Step } from '../../engine/segment/step.ts';
import type { RawBatch, RawLayout } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { parseJson, stringifyJson } from '../../event/json.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { UTC } from '../../event/timezone.ts';
import { isObject, type ObjectValue } from '../../event/value.ts';
import { containerLayout } from './container_layout.ts';
import { ContainerLines } from './container_lines.ts';
import { HeaderTimes } from './header_times.ts';

const RUNS = Number(process.env['CONTAINER_LAYOUT_RUNS'] ?? 500);
const path = (text: string): Path => parsePath(text) as Path;
const identity: SourceIdentity = {
  id: 'logs',
  type: 'kubernetes_logs',
  logSchema: DEFAULT_LOG_SCHEMA,
  logNamespace: 'legacy',
};

function layoutWith(ingestionKey?: Path, own = identity): RawLayout {
  const value = { pod_name: 'web', pod_labels: { b: '"', a: 'ü' } };
  return containerLayout(own, {
    fields: [
      { name: ['file'], legacyKey: path('file'), mode: 'overwrite', value: '/var/log/pods/a/b/0.log' },
      { name: ['kubernetes'], legacyKey: path('kubernetes'), mode: 'overwrite', value },
    ],
    times: new HeaderTimes(UTC),
    marksPartial: false,
    ingestionKey,
    streamKey: path('stream'),
  });
}

const arena = new Arena(4);
const slots = new OutputSlots(arena);
const tools = { kernels: arena.kernels, memory: arena.bytes, slots };

/** Raw batches of a file that is read at once, the first line at `shift` of the slot. */
function batchesOf(content: Buffer, slot: Slot, shift: number, layout: RawLayout): RawBatch[] {
  slot.bytes.fill(33, 0, shift);
  content.copy(slot.bytes, shift);
  const frames: number[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(10, at);
    frames.push(shift + at, end - at);
    at = end + 1;
  }
  const lines = new ContainerLines(
    { merges: true, maxBytes: undefined, action: 'drop' },
    { heldBytes: 0, onUnreadable() {}, onTooLong() {}, onLimit() {} },
  );
  const made = frames.length === 0 ? [] : lines.take(slot.bytes, Int32Array.from(frames), frames.length / 2, 0, 0);
  return [...made, ...lines.flush()].map(({ bytes, frames, count, sizeBytes }) => ({
    kind: 'raw',
    type: 'log',
    hold: bytes ? { bytes, retain() {}, release() {} } : slot,
    frames,
    count,
    sizeBytes,
    delimiter: -1,
    ingestedMs: 1_700_000_000_123,
    streamOffset: -1,
    layout,
    finalizer: new Finalizer(),
  }));
}

const stepOf = (reads: readonly string[], writes: readonly string[], edit: (value: ObjectValue) => void): Step => ({
  needs: { reads: reads.map(path), writes: writes.map(path) },
  run(event: SegmentEvent) {
    edit(event.value as ObjectValue);
    return 1;
  },
});

/** `. |= object!(parse_json!(.message))`: the message that is no object goes on as it is. */
const merging: Step = {
  needs: { reads: [path('.')], writes: [path('.')] },
  replaces: {
    reads: [path('.')],
    text: {
      format: 'json',
      path: ['message'],
      keepsOthers: true,
      needs: { reads: [], writes: [] },
      run: () => 1,
    },
  },
  run(event) {
    event.complete();
    merge(event);
    return 1;
  },
};

function merge(event: LogEvent): void {
  const value = event.value as ObjectValue;
  try {
    const json = parseJson(String(value['message']));
    if (isObject(json)) Object.assign(value, json);
  } catch {
    // It stays.
  }
}

const editing = stepOf(['stream', 'timestamp'], ['stream', 'seen', 'timestamp'], (value) => {
  value['seen'] = String(value['timestamp']).length + String(value['stream']).length;
  if (value['stream'] === 'stderr') delete value['stream'];
  else delete value['timestamp'];
});

/** What each segment does to events. */
const STEPS: readonly (readonly [string, Step | undefined, (event: LogEvent) => void])[] = [
  ['writes lines as they are', undefined, () => {}],
  ['reads and writes what the header says', editing, (event) => void editing.run(event as SegmentEvent)],
  [
    'adds a field and looks at the message',
    stepOf(['message'], ['cluster'], (value) => {
      value['cluster'] = 'x';
    }),
    (event) => {
      (event.value as ObjectValue)['cluster'] = 'x';
    },
  ],
  ['merges JSON', merging, merge],
];

const minute = fc.constantFrom(
  '2026-11-27T05:24',
  '2024-02-29T23:59',
  '2023-02-29T00:00',
  '2023-02-28T24:00',
  '1969-12-31T23:60',
  '0000-01-01T00:00',
  '2026-13-01T00:00',
  '2026-11-31T00:00',
  '2026-11-27t05:24',
  '2026-11x27T05:24',
);
const second = fc.oneof(
  fc.integer({ min: 0, max: 59 }).map((n) => String(n).padStart(2, '0')),
  fc.constantFrom('60', '61', '7x', '7'),
);
const fraction = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999 }).map((nanos) => `.${String(nanos).padStart(9, '0')}`),
  fc.integer({ min: 0, max: 999 }).map((ms) => `.${ms}`),
  fc.constantFrom('', '.', '.000', '.100000', '.120000000', '.000000001', '.12345678901', '.1x', ',1'),
);
const zone = fc.oneof(
  { arbitrary: fc.constant('Z'), weight: 6 },
  fc.constantFrom('+00:00', '-00:00', '+01:00', '-02:30', '', 'z'),
);
const time = fc.tuple(minute, second, fraction, zone).map((parts) => `${parts[0]}:${parts[1]}${parts[2]}${parts[3]}`);
const message = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\\',
    '"quoted"',
    'a\tb',
    '\u2028',
    '{"a":1,"stream":"mine"}',
    '{"b":{"c":[1.50]},"message":"inner"}',
  ),
  fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ' ')),
  fc.constantFrom('x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'y'.repeat(300)),
);
const stream = fc.constantFrom('stdout', 'stdout', 'stderr');
const cri = fc
  .tuple(time, stream, fc.constantFrom('F', 'F', 'F', 'P', 'P', 'F:x', 'P:y'), message)
  .map(([at, name, tag, text]) => Buffer.from(`${at} ${name} ${tag} ${text}\n`));
const docker = fc
  .tuple(time, stream, fc.constantFrom('', '\n', '\n'), message)
  .map(([at, name, end, text]) => Buffer.from(`${JSON.stringify({ log: text + end, stream: name, time: at })}\n`));
const binary = fc.tuple(cri, fc.nat(), fc.constantFrom(0x80, 0xc3, 0xff, 0x00, 0x1f)).map(([line, at, byte]) => {
  if (line.length > 42) line[41 + (at % (line.length - 42))] = byte;
  return line;
});
const strange = message.map((text) => Buffer.from(`${text}\n`));
const content = fc
  .array(fc.oneof({ arbitrary: cri, weight: 6 }, { arbitrary: docker, weight: 2 }, binary, strange), { maxLength: 12 })
  .map((lines) => Buffer.concat(lines));

for (const [what, step, edit] of STEPS) {
  test(`a segment that ${what} makes of the lines of containers what whole events are`, () => {
    const leaf: Branch = { kind: 'leaf', form: { form: 'json', delimiter: 10, message: undefined }, index: 0 };
    const root: Branch = step ? { kind: 'step', step, index: 0, ports: [[leaf]] } : leaf;
    const segment = new Segment(root, tools);
    const layouts = [layoutWith(), layoutWith(path('ingested'))];
    fc.assert(
      fc.property(content, fc.constantFrom(0, 1, 7), fc.constantFrom(...layouts), (bytes, shift, layout) => {
        // Who forgets to let go of a slot finds none in the end.
        const slot = arena.claim()!;
        for (const batch of batchesOf(bytes, slot, shift, layout)) {
          const expected = batch.layout.decode(batch).map((event) => {
            edit(event);
            return `${stringifyJson(event.value)}\n`;
          });
          const { written } = segment.run(batch).leaves[0]!;
          const found = written.map(({ hold, frames, count }) => {
            const text = hold.bytes.toString('utf8', frames[0], frames[2 * count - 2]! + frames[2 * count - 1]! + 1);
            hold.release();
            return text;
          });
          assert.equal(found.join(''), expected.join(''));
        }
        slot.release();
      }),
      { numRuns: RUNS },
    );
    segment.close();
  });
}
