// A segment in its place in the graph: runs it, on this thread or by workers, counts for the components it stands for,
// and gives what comes out to the consumers behind it.

import { encodeFailed } from '../component/stream_sink.ts';
import { discardedFrames } from '../engine/segment/leaf.ts';
import type { LeafResult, Segment, SegmentResult } from '../engine/segment/segment.ts';
import type { JobLine } from '../engine/workers/job_line.ts';
import { tell } from '../engine/workers/notes.ts';
import type { WorkerPool } from '../engine/workers/pool.ts';
import type { SharedSegment } from '../engine/workers/shared_segment.ts';
import { type Batch, estimatedBytes, finish, logBatch, metricBatch, type RawBatch } from '../event/batch.ts';
import { mergedFinalizer } from '../event/merged_finalizer.ts';
import type { MetricEvent } from '../event/metric.ts';
import { systemClock } from '../std/clock.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import { beginTurn, endTurn, enter, lastLook, leave, look } from '../telemetry/self_time.ts';
import { partsOf } from './batch_parts.ts';
import { DEFAULT_OUTPUT } from './outputs.ts';
import { reasonOf } from './runtime.ts';
import { type Ran, SegmentLane } from './segment_lanes.ts';
import type { SinkNode } from './sink_node.ts';
import type { MadeBatch, TransformNode } from './transform_node.ts';

interface CountedStep {
  readonly node: TransformNode;
  readonly received: Throughput;
  readonly sent: readonly Throughput[];
}

/** Workers that run the segment as well. */
export interface Helpers {
  readonly pool: WorkerPool;
  readonly jobs: JobLine;
  readonly shared: SharedSegment;
  readonly offloadMinMs: number;
}

export interface GraphPart {
  readonly segment: Segment;
  /** The components that it stands for, by index of the step. */
  readonly steps: readonly TransformNode[];
  /** The consumers behind it, by index of the leaf. */
  readonly leaves: readonly (TransformNode | SinkNode)[];
}

/**
 * Events made before a transform gets them: all events of a slot at once outlive V8's young generation. Of CPU seconds
 * for a gigabyte of syslog, made events and counted, it took 30 with 128 at once, 15 with 64, 13.5 with 32 and 14.5 with 16.
 */
const EVENTS_AT_ONCE = 32;
/** What is made of events is smaller than they are. */
const MADE_AT_ONCE = 64;

export class SegmentOfGraph {
  /** Called when everything it was given has been delivered. */
  onIdle: (() => void) | undefined;
  /** Called when it has ended, once it was closed. */
  onEnd: (() => void) | undefined;
  readonly #part: GraphPart;
  readonly #steps: readonly CountedStep[];
  readonly #helpers: Helpers | undefined;
  readonly #lane: SegmentLane | undefined;
  /** Most frames of a run. */
  readonly #atOnce: number;
  /** Batches of which parts have to wait until those before are taken. */
  readonly #rests = new Set<RawBatch[]>();
  #isClosing = false;

  constructor(part: GraphPart, helpers: Helpers | undefined) {
    this.#part = part;
    this.#steps = part.steps.map((node) => ({
      node,
      received: Throughput.received(node.context),
      sent: node.config.outputs.map(({ port }) => Throughput.sent(node.context, port ?? DEFAULT_OUTPUT)),
    }));
    this.#atOnce = Math.min(...part.leaves.map(atOnce));
    this.#helpers = helpers;
    this.#lane = helpers && this.#laneWith(helpers);
  }

  /** Takes the hold of `batch`. A promise is backpressure. */
  accept(batch: RawBatch): Promise<void> | undefined {
    if (this.#lane) return this.#lane.accept(batch);
    if (batch.count <= this.#atOnce) return this.#deliver(batch, this.#runNext(batch), 0);
    const parts = [...partsOf(batch, this.#atOnce)].reverse();
    const wait = this.#runUntilWait(parts);
    return wait && parts.length > 0 ? this.#goOn(parts, wait) : wait;
  }

  /** Runs parts, the last one first, until what comes out is not taken at once. */
  #runUntilWait(parts: RawBatch[]): Promise<void> | undefined {
    for (let part = parts.pop(); part; part = parts.pop()) {
      const wait = this.#deliver(part, this.#runNext(part), 0);
      if (wait) return wait;
    }
    return undefined;
  }

  /** Meanwhile the consumers have an input more, so that none of them ends before it was given everything. */
  async #goOn(rest: RawBatch[], first: Promise<void>): Promise<void> {
    const { leaves } = this.#part;
    for (const leaf of leaves) leaf.inputAdded();
    this.#rests.add(rest);
    for (let wait: Promise<void> | undefined = first; wait; wait = this.#runUntilWait(rest)) await wait;
    this.#rests.delete(rest);
    if (!this.isBusy) this.#delivered();
    for (const leaf of leaves) leaf.inputEnded();
  }

  /** Everything has been delivered. */
  #delivered(): void {
    if (this.#isClosing) this.#end();
    this.onIdle?.();
  }

  /** Whether something it was given has not been delivered. */
  get isBusy(): boolean {
    return this.#rests.size > 0 || (this.#lane?.isBusy ?? false);
  }

  /** Ends when everything it was given has been delivered. It is given no more. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (!this.isBusy) this.#end();
  }

  /** Ends; what was not delivered is errored. */
  abandon(): void {
    this.#lane?.abandon();
    for (const rest of this.#rests) for (const part of rest.splice(0)) finish(part, 'errored');
    this.close();
  }

  #end(): void {
    this.#part.segment.close();
    this.#helpers?.pool.forget(this.#helpers.shared);
    this.onEnd?.();
  }

  #laneWith(helpers: Helpers): SegmentLane {
    return new SegmentLane({
      ...helpers,
      leaves: this.#part.leaves,
      run: (batch) => this.#run(batch, look(systemClock)),
      deliver: (batch, ran, sinceMs) => this.#deliverLate(batch, ran, sinceMs),
      onIdle: () => this.#delivered(),
    });
  }

  /** Runs a batch that was given just now, or is the next part of one. */
  #runNext(batch: RawBatch): Ran {
    return this.#run(batch, lastLook(systemClock));
  }

  #run(batch: RawBatch, startMs: number): Ran {
    const { segment } = this.#part;
    const outer = enter();
    const ended = (): number => {
      const nowMs = look(systemClock);
      leave(outer, startMs, nowMs);
      return nowMs - startMs;
    };
    try {
      const result = segment.run(batch);
      return { kind: 'run', result, notes: undefined, ms: ended() };
    } catch (error) {
      segment.reset();
      return { kind: 'failed', reason: reasonOf(error), notes: undefined, ms: ended() };
    }
  }

  /** `sinceMs` is when the batch came: it was run and has waited since. */
  #deliverLate(batch: RawBatch, ran: Ran, sinceMs: number): Promise<void> | undefined {
    const nowMs = beginTurn(systemClock);
    const wait = this.#deliver(batch, ran, ran.kind === 'run' ? Math.max(0, nowMs - sinceMs - ran.ms) : 0);
    endTurn();
    return wait;
  }

  #deliver(batch: RawBatch, ran: Ran, waitedMs: number): Promise<void> | undefined {
    const notes = ran.kind === 'fatal' ? undefined : ran.notes;
    if (notes)
      tell(
        notes,
        this.#steps.map(({ node }) => node.context),
      );
    if (ran.kind === 'run') {
      return this.#handOn(batch, ran.result, this.#share(ran.result, ran.ms, waitedMs));
    }
    this.#failed(batch, ran.reason);
    return undefined;
  }

  /** `taken` is the time that each leaf took. */
  #handOn(
    given: RawBatch,
    { leaves, received, sent, holds }: SegmentResult,
    taken: readonly number[],
  ): Promise<void> | undefined {
    const eventBytes = estimatedBytes(given) / given.count;
    const batch = holds.length === 0 ? given : { ...given, finalizer: mergedFinalizer([given.finalizer, ...holds]) };
    this.#count(received, sent, eventBytes);
    const waits: Promise<void>[] = [];
    leaves.forEach((leaf, index) => {
      const node = this.#part.leaves[index]!;
      if (leaf.made && leaf.made.of > 0 && !('sink' in node)) {
        const wait = node.accept(madeBatch(batch, leaf.made, eventBytes, taken[index]!));
        if (wait) waits.push(wait);
      }
      if (leaf.errors.length > 0) {
        // They come to the sink as the others do, which counts those that it is given.
        Throughput.received(node.context).add(leaf.errors.length, Math.round(leaf.errors.length * eventBytes));
        for (const error of leaf.errors) encodeFailed(node.context, error);
        batch.finalizer.update('rejected');
      }
      for (const out of batchesOf(batch, leaf, eventBytes)) {
        batch.finalizer.retain();
        const wait = node.accept(out);
        if (wait) waits.push(wait);
      }
    });
    finish(batch);
    if (waits.length < 2) return waits[0];
    return Promise.all(waits).then(() => {});
  }

  /**
   * The time of a run, by the events that each step was given, each sink had encoded for it and each taker looked at:
   * what a step takes of its own is not known, since the steps run event by event. The batch waited for the first step.
   * @returns the part of each leaf
   */
  #share({ received, leaves }: SegmentResult, ms: number, waitedMs: number): readonly number[] {
    const worked = leaves.map(({ written, made }) => written.reduce((sum, { count }) => sum + count, made?.of ?? 0));
    let total = 0;
    for (const events of received) total += events;
    for (const events of worked) total += events;
    if (total === 0) return worked;
    this.#steps.forEach(({ node }, index) => {
      const events = received[index]!;
      if (events > 0) node.workedInSegment(events, (ms * events) / total, index === 0 ? waitedMs : 0);
    });
    return worked.map((events, index) => {
      const node = this.#part.leaves[index]!;
      const share = (ms * events) / total;
      if (events > 0 && 'sink' in node) node.workedInSegment(share);
      return share;
    });
  }

  #count(received: readonly number[], sent: readonly (readonly number[])[], eventBytes: number): void {
    this.#steps.forEach((step, index) => {
      if (received[index] === 0) return;
      step.received.add(received[index]!, Math.round(received[index]! * eventBytes));
      step.sent.forEach((port, at) => {
        const events = sent[index]![at]!;
        if (events > 0) port.add(events, Math.round(events * eventBytes));
      });
    });
  }

  #failed(batch: RawBatch, reason: string): void {
    const { context } = this.#steps[0]?.node ?? this.#part.leaves[0]!;
    context.faults.error('A segment failed on a batch', {
      type: 'conversion_failed',
      stage: 'processing',
      fields: { error: reason },
    });
    context.faults.discarded(batch.count, 'The segment failed.', false);
    finish(batch, 'rejected');
  }
}

function atOnce(node: TransformNode | SinkNode): number {
  if ('sink' in node) return Number.POSITIVE_INFINITY;
  return node.form === 'events' ? EVENTS_AT_ONCE : MADE_AT_ONCE;
}

/** What was made of events of a batch, under its finalizer, which is retained for it. */
function madeBatch(
  { finalizer }: RawBatch,
  { events, of }: NonNullable<LeafResult['made']>,
  eventBytes: number,
  ms: number,
): MadeBatch {
  finalizer.retain();
  const made = metricBatch(events as readonly MetricEvent[], finalizer);
  return { made, count: of, sizeBytes: Math.round(of * eventBytes), ms };
}

/** What came out of a leaf as batches under the finalizer of the batch that went in, which is retained for each. */
function* batchesOf(
  { finalizer, ingestedMs }: RawBatch,
  { written, events, discarded }: LeafResult,
  eventBytes: number,
): Generator<Batch> {
  if (events.length > 0) yield logBatch(events, finalizer, Math.round(events.length * eventBytes));
  const framed = discarded > 0 ? [discardedFrames(discarded, Math.round(discarded * eventBytes))] : written;
  for (const frames of framed) yield { kind: 'raw', type: 'log', ...frames, ingestedMs, streamOffset: -1, finalizer };
}
