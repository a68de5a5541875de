// Runs a case in one way and tells all of it that others can see.

import { setTimeout as sleep } from 'node:timers/promises';
import { syslogSourceDecoder } from '../../src/codecs/decoding/decoding.ts';
import { jsonLayout, type SourceField, type SourceIdentity, textLayout } from '../../src/component/source_fields.ts';
import { type Arena, SLOT_BYTES, type Slot } from '../../src/engine/arena/arena.ts';
import { HeapHold } from '../../src/engine/arena/heap_hold.ts';
import { type ByteHold, decode, type RawBatch, type RawLayout } from '../../src/event/batch.ts';
import { Finalizer, type Status } from '../../src/event/finalizer.ts';
import type { Path } from '../../src/event/path.ts';
import { Timestamp } from '../../src/event/timestamp.ts';
import type { ObjectValue } from '../../src/event/value.ts';
import { messageFrames } from '../../src/sources/syslog/frames.ts';
import { assert } from '../../src/std/assert.ts';
import { FakeClock } from '../../src/std/clock.ts';
import { seededRandom } from '../../src/std/random.ts';
import { memoryLogger } from '../../src/telemetry/log.ts';
import { Registry } from '../../src/telemetry/registry.ts';
import { startTopology } from '../../src/topology/topology.ts';
import { Parts } from './parts.ts';
import { type BatchPlan, type Case, configOf, logSchemaOf, type SourcePlan } from './plan.ts';
import { WorkerWatch } from './worker_watch.ts';

/** How a case is run. */
export interface Way {
  readonly name: string;
  /** Whether batches come as frames; otherwise the source decodes them. */
  readonly raw: boolean;
  readonly segments: boolean;
  /** Threads that segments run on, the main one included. */
  readonly threads: number;
}

/** The specification: events from component to component, encoded by the sink. */
export const PLAIN: Way = { name: 'decoded', raw: false, segments: false, threads: 1 };
export const RAW: Way = { name: 'raw batches without segments', raw: true, segments: false, threads: 1 };
export const SEGMENTS: Way = { name: 'segments', raw: true, segments: true, threads: 1 };
export const TWO_THREADS: Way = { name: 'segments on two threads', raw: true, segments: true, threads: 2 };

export interface Outcome {
  /** What each sink wrote. */
  readonly sinks: Readonly<Record<string, Buffer>>;
  /** What is counted of events, by series. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the source heard of each batch. */
  readonly statuses: readonly (readonly Status[])[];
  /** What was logged, each once and in any order, but for how many events it speaks of and for what reason. */
  readonly lines: readonly string[];
  /** The same with reasons. */
  readonly reasons: readonly string[];
  readonly slotsLeft: number;
  /** Events that came to sinks encoded; differs between ways. */
  readonly encodedEvents: number;
  /** Batches that workers ran. */
  readonly workerBatches: number;
}

const NOW_MS = 1_700_000_000_000;

const parts = new Parts();
const workers = new WorkerWatch();

/** Throws when the topology cannot start. The arena knows of the threads of the way. */
export async function run(given: Case, { raw, segments, threads }: Way, arena: Arena): Promise<Outcome> {
  const layout = layoutOf(given.source, arena);
  const definitions = parts.definitions(segments);
  const { feed, kept } = parts;
  const clock = new FakeClock(NOW_MS);
  const recorder = new Registry();
  const { logger, records } = memoryLogger(clock, 'warn');
  const free = arena.freeSlots;
  const batchesBefore = workers.batches;
  workers.reset();
  const topology = await startTopology(configOf(given, definitions), {
    clock,
    random: seededRandom(1),
    log: logger,
    recorder,
    arena,
    hostname: 'test-host',
    env: {},
    chunkSizeEvents: 1000,
    maxDecompressedBytes: 1_000_000,
    gracefulShutdownLimitMs: 60_000,
    // However little there is to do, a worker does it.
    offloadMinMs: 0,
  });
  if (threads > 1) await workers.ready();
  const others = claimAllBut(given.freeSlots, arena);
  const statuses: Status[][] = [];
  try {
    for (const plan of given.batches) {
      const heard: Status[] = [];
      statuses.push(heard);
      const batch = batchOf(plan, layout, new Finalizer((status) => void heard.push(status)), arena);
      await feed.send(raw ? batch : decode(batch));
    }
  } finally {
    for (const slot of others) slot.release();
    feed.end();
  }
  await Promise.race([topology.finished, tooLate()]);
  return {
    sinks: Object.fromEntries([...kept.pieces].map(([id, pieces]) => [id, Buffer.concat(pieces)])),
    counts: countsOf(recorder),
    statuses,
    lines: textsOf(records, ({ count: _, error: __, ...rest }) => rest),
    reasons: textsOf(records, ({ count: _, ...rest }) => rest),
    slotsLeft: free - arena.freeSlots,
    encodedEvents: kept.encodedEvents,
    workerBatches: workers.batches - batchesBefore,
  };
}

type Records = ReturnType<typeof memoryLogger>['records'];

function textsOf(records: Records, fieldsOf: (fields: Records[number]['fields']) => object): readonly string[] {
  const texts = records.map(({ level, message, fields }) => JSON.stringify([level, message, fieldsOf(fields)]));
  return [...new Set(texts)].sort();
}

const LIMIT_MS = 30_000;

/** Rejects when nothing has come to its end for too long. */
async function tooLate(): Promise<never> {
  await sleep(LIMIT_MS, undefined, { ref: false });
  throw new Error(`the pipeline has not ended after ${LIMIT_MS / 1000} seconds`);
}

function claimAllBut(free: number, arena: Arena): readonly Slot[] {
  const slots: Slot[] = [];
  while (arena.freeSlots > free) slots.push(arena.claim('output', 'another')!);
  return slots;
}

function layoutOf(source: SourcePlan, arena: Arena): RawLayout {
  const identity = { id: 'in', type: 'feed', logSchema: logSchemaOf(source), logNamespace: source.namespace };
  const fields = Object.entries(source.common).map(([name, kind]) => ({
    name: [name],
    legacyKey: { target: 'event', segments: [name] } as const,
    mode: name.length % 2 === 0 ? ('overwrite' as const) : ('insert_if_empty' as const),
    value: VALUES[kind],
  }));
  if (source.decoding === 'syslog') return syslogLayout(identity, fields, arena);
  const layout = (source.decoding === 'json' ? jsonLayout : textLayout)(identity, fields);
  assert(layout, 'what a source of JSON adds are plain members');
  return layout;
}

/** As the source of syslog makes it for a peer. */
function syslogLayout(source: SourceIdentity, fields: readonly SourceField[], { bytes }: Arena): RawLayout {
  const peer = '10.1.2.3';
  const hostKey: Path = { target: 'event', segments: ['host'] };
  const value: SourceField['value'] = (_, { value: event }) => (event as ObjectValue)['hostname'] ?? peer;
  const all: SourceField[] = [...fields, { name: ['host'], legacyKey: hostKey, mode: 'overwrite', value }];
  const { logSchema, logNamespace } = source;
  const decoder = syslogSourceDecoder('feed', {
    logSchema,
    logNamespace,
    clock: new FakeClock(NOW_MS),
    timezone: 'UTC',
  });
  const frames = messageFrames({ source, bytes, decoder, hostKey, peer, fields: all });
  assert(frames, 'all fields are plain members');
  return frames.layout;
}

const VALUES = {
  text: 'a "text"',
  object: { z: 1, at: Timestamp.fromMs(NOW_MS), list: [1, { b: 2.5 }], a: { status: 5 } },
  bytes: Uint8Array.of(0x61, 0xff),
  offset: (streamOffset: number) => streamOffset,
};

/** The frames behind each other, where the case says. */
function batchOf(
  { frames, place, delimiter }: BatchPlan,
  layout: RawLayout,
  finalizer: Finalizer,
  arena: Arena,
): RawBatch {
  const gap = Buffer.from(delimiter >= 0 ? [delimiter] : [0x0d, 0x0a]);
  const bytes = Buffer.concat(frames.flatMap((frame) => [frame, gap]));
  const slot = place === 'slot' && bytes.length < SLOT_BYTES ? arena.claim('intake', 'source') : undefined;
  // Not at the beginning, so that offsets are not by chance those of something else.
  const start = slot ? Math.min(17, SLOT_BYTES - bytes.length) : 0;
  if (slot) bytes.copy(slot.bytes, start);
  const hold: ByteHold = slot ?? new HeapHold(bytes);
  const table = new Int32Array(2 * frames.length);
  let offset = start;
  for (const [index, { length }] of frames.entries()) {
    table.set([offset, length], 2 * index);
    offset += length + gap.length;
  }
  const sizeBytes = bytes.length - frames.length * gap.length;
  const at = { ingestedMs: NOW_MS, streamOffset: 1000 };
  return {
    kind: 'raw',
    type: 'log',
    hold,
    frames: table,
    count: frames.length,
    sizeBytes,
    delimiter,
    ...at,
    layout,
    finalizer,
  };
}

/** Series that count events, and bytes that were sent. */
const COUNTED: ReadonlySet<string> = new Set([
  'component_received_events_total',
  'component_sent_events_total',
  'component_discarded_events_total',
  'component_errors_total',
  'component_sent_bytes_total',
]);

function countsOf(recorder: Registry): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of recorder.all()) {
    // What a blackhole would have sent is an estimate.
    const isEstimate = name === 'component_sent_bytes_total' && labels['protocol'] === 'blackhole';
    if (value === 0 || isEstimate || !COUNTED.has(name)) continue;
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    counts[`${name} ${sorted.map(([key, label]) => `${key}=${label}`).join(' ')}`] = value;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
