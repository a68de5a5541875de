import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteSink } from '../codecs/encoding/byte_sink.ts';
import { batchEncoder } from '../codecs/encoding/encoding.ts';
import { layoutOf, type RawBatch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA } from '../event/log_schema.ts';
import { FakeClock } from '../std/clock.ts';
import { log, testContext } from '../testing/component.ts';
import { Parcels } from './request_parcels.ts';

interface Setup {
  readonly framing?: 'newline_delimited' | 'length_delimited' | ',';
  readonly measure?: 'encoded' | 'memory';
  readonly limits?: { readonly max_bytes?: number; readonly max_events?: number };
}

function setUp({ framing = 'newline_delimited', measure = 'encoded', limits = {} }: Setup = {}) {
  const { context, recorder } = testContext('sink', 'test', { clock: new FakeClock() });
  const lengths = {
    length_field_is_big_endian: true,
    length_field_length: 4,
    length_field_offset: 0,
    max_frame_length: 20,
  };
  const encoder = batchEncoder(
    { codec: 'text', metric_tag_values: 'single' },
    framing === ','
      ? { method: 'character_delimited', character_delimited: { delimiter: 0x2c } }
      : framing === 'length_delimited'
        ? { method: 'length_delimited', length_delimited: lengths }
        : { method: framing },
    'message',
    { logSchema: DEFAULT_LOG_SCHEMA, clock: context.clock },
  );
  const bodies: string[] = [];
  const events: number[] = [];
  const parcels = new Parcels<string>({
    limits: { timeout_secs: 1, max_bytes: undefined, max_events: undefined, ...limits },
    measure,
    route: { key: '', value: '' },
    encoder: () => encoder,
    newBody: () => new ByteSink(),
    clock: context.clock,
    faults: context.faults,
    onClosed(parcel) {
      bodies.push(parcel.body.take().toString());
      events.push(parcel.events);
      for (const finalizer of parcel.finalizers) finalizer.release();
    },
  });
  return { parcels, bodies, events, recorder };
}

/** A raw batch of lines; `delimiter` stands behind each, or gaps between them when it is -1. */
function raw(lines: readonly string[], delimiter = 0x0a, done?: (status: Status) => void): RawBatch {
  const byte = String.fromCharCode(delimiter < 0 ? 0x3f : delimiter);
  const frames = new Int32Array(2 * lines.length);
  let text = 'before';
  lines.forEach((line, i) => {
    if (delimiter < 0) text += '??';
    frames[2 * i] = text.length;
    frames[2 * i + 1] = line.length;
    text += `${line}${byte}`;
  });
  return {
    kind: 'raw',
    type: 'log',
    hold: { bytes: Buffer.from(`${text}behind`), retain() {}, release() {} },
    frames,
    count: lines.length,
    sizeBytes: lines.reduce((sum, { length }) => sum + length, 0),
    delimiter,
    ingestedMs: 0,
    streamOffset: 0,
    layout: layoutOf({
      overheadBytes: 0,
      decodeFrame: (batch, i) =>
        log(batch.hold.bytes.toString('utf8', batch.frames[2 * i], batch.frames[2 * i]! + batch.frames[2 * i + 1]!)),
    }),
    finalizer: new Finalizer(done),
  };
}

const lineOf = fc.string({ unit: fc.constantFrom('a', 'b', ','), maxLength: 12 });

for (const measure of ['encoded', 'memory'] as const)
  test(`ranges of raw batches make the bodies that frame after frame makes, counting ${measure} bytes`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(lineOf, { maxLength: 8 }), { maxLength: 6 }),
        fc.record({
          max_bytes: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
          max_events: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        }),
        fc.constantFrom('newline_delimited', ',' as const),
        (batches, given, framing) => {
          // In memory, an event counts more than its text.
          const max_bytes = given.max_bytes && (measure === 'memory' ? 20 * given.max_bytes : given.max_bytes);
          const limits = { ...given, max_bytes } as { max_bytes?: number; max_events?: number };
          const ended: Status[] = [];
          const [ranges, frames] = [setUp({ framing, measure, limits }), setUp({ framing, measure, limits })];
          for (const lines of batches) {
            ranges.parcels.add(raw(lines, 0x0a, (status) => ended.push(status)));
            frames.parcels.add(raw(lines, -1));
          }
          ranges.parcels.flush();
          frames.parcels.flush();
          assert.deepEqual([ranges.bodies, ranges.events], [frames.bodies, frames.events]);
          assert.deepEqual(
            ended,
            batches.map(() => 'delivered'),
          );
          const delimiter = framing === ',' ? ',' : '\n';
          assert.equal(
            ranges.bodies.join(''),
            batches
              .flat()
              .map((line) => line + delimiter)
              .join(''),
          );
        },
      ),
    );
  });

test('a batch that fills a body to the byte ends it', () => {
  const { parcels, bodies } = setUp({ limits: { max_bytes: 6 } });
  parcels.add(raw(['ab', 'cd', 'e', 'a very long one', 'f']));
  assert.deepEqual(bodies, ['ab\ncd\n', 'e\n', 'a very long one\n']);
  parcels.flush();
  assert.deepEqual(bodies.at(-1), 'f\n');
});

test('a frame that cannot be framed is dropped alone, and its batch rejected', () => {
  const { parcels, bodies, recorder } = setUp({ framing: 'length_delimited' });
  const ended: Status[] = [];
  parcels.add(raw(['short', 'far longer than is allowed', 'too'], 0x0a, (status) => ended.push(status)));
  parcels.flush();
  assert.deepEqual(bodies, ['\0\0\0\x05short\0\0\0\x03too']);
  assert.deepEqual(ended, ['rejected']);
  assert.equal(recorder.read('component_discarded_events_total'), 1);
});
