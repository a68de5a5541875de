// A running transform: takes a batch, processes it at once, and takes the next when everything emitted was taken.
// There is no queue in front of it, only the line of senders that wait, with one batch each.

import { bufferSendDuration } from '../buffers/buffers.ts';
import type { TransformContext } from '../component/context.ts';
import type { Emit, Transform, Wait } from '../component/define.ts';
import type { TransformConfig } from '../config/config.ts';
import type { LeafForm } from '../engine/segment/leaf.ts';
import type { Step } from '../engine/segment/step.ts';
import { type Batch, type DecodedBatch, estimatedBytes, finish, heapBytesOf, ownEvents } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import { Queue } from '../std/queue.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import { beginTurn, endTurn, enter, lastLook, leave, look } from '../telemetry/self_time.ts';
import type { Histogram } from '../telemetry/telemetry.ts';
import { Latency, Utilization } from '../telemetry/work_metrics.ts';
import { type Level, transformLevel } from './edge_metrics.ts';
import { Entrance } from './entrance.ts';
import type { Consumer } from './fanout.ts';
import { LentBytes, lend } from './lent_bytes.ts';
import { Ending, type Node, TIME_IS_OVER } from './node.ts';
import { Outputs } from './outputs.ts';
import { reasonOf } from './runtime.ts';

/** Batches that a transform may emit on its own (from a timer) while what it emitted before still waits. */
const UNASKED_WAITING_MAX = 100;

const ENDED = 'The transform has ended.';

/**
 * Transforms process a batch, and end, inside of each other's calls; a thousand in a row would be more than the stack
 * holds. From this depth on a batch waits in the line, and the end, until the calls before have returned.
 */
const DEPTH_MAX = 50;
let depth = 0;

export interface BuiltTransform {
  readonly config: TransformConfig;
  readonly transform: Transform;
  readonly context: TransformContext;
}

/** What a segment made of events in the place of a transform. */
export interface MadeBatch {
  readonly made: DecodedBatch;
  /** The events that it was made of, their estimated bytes, and the time that it took. */
  readonly count: number;
  readonly sizeBytes: number;
  readonly ms: number;
}

interface InLine {
  readonly given: Batch | MadeBatch;
  readonly sinceMs: number;
  resolve: (() => void) | undefined;
}

function batchOf(given: Batch | MadeBatch): Batch {
  return 'made' in given ? given.made : given;
}

export class TransformNode implements Node, Consumer {
  readonly id: string;
  readonly types: readonly EventType[];
  readonly writes: boolean;
  /** A reload that leaves it running may give it other inputs. */
  config: TransformConfig;
  readonly context: TransformContext;
  readonly outputs: Outputs;
  readonly entrance = new Entrance(this);
  readonly #transform: Transform;
  readonly #received: Throughput;
  readonly #waited: Histogram;
  readonly #level: Level;
  readonly #latency: Latency;
  readonly #utilization: Utilization;
  readonly #line = new Queue<InLine>();
  readonly #ending = new Ending();
  #inputs = 0;
  /** Emitted batches that have not been taken yet, and a batch for which the transform has no room yet. */
  #untaken = 0;
  /** Within a call of the transform. */
  #calling = false;
  #emittedEvents = 0;
  #retired = false;
  #forced = false;
  #inputOver = false;

  constructor({ config, transform, context }: BuiltTransform) {
    this.id = config.id;
    this.config = config;
    this.context = context;
    this.types = config.definition.inputs(config.config);
    this.writes = config.definition.writes ?? false;
    this.outputs = new Outputs(config.outputs, context);
    this.#transform = transform;
    void this.ended.then(() => context.disown());
    context.owns('waiting batches', { bytes: () => this.#waitingBytes });
    this.#received = Throughput.received(context);
    this.#waited = context.histogram(bufferSendDuration, { stage: '0' });
    this.#level = transformLevel(context);
    this.#latency = new Latency(context, context.globals.smoothing);
    this.#utilization = new Utilization(context, context.clock);
  }

  get #waitingBytes(): number {
    let bytes = 0;
    for (const { given } of this.#line) bytes += heapBytesOf(batchOf(given));
    return bytes;
  }

  /** The transform as a part of a segment; text says why it cannot be one. */
  step(): Step | string {
    if (!this.types.includes('log')) return 'it takes no logs';
    return this.#transform.step?.() ?? 'it keeps something from one event to the next';
  }

  /** How a segment gives it events, where it is no part of one. */
  get form(): LeafForm {
    const taker = this.types.includes('log') ? this.#transform.taker?.() : undefined;
    return typeof taker === 'object' ? { form: 'taker', taker } : 'events';
  }

  /** Options that the same transform is built from on another thread. */
  get recipe(): unknown {
    return this.#transform.recipe ?? this.config.config;
  }

  /** Lets the transform set its timers. Throws what it throws. */
  start(): void {
    this.#transform.start?.(this.#emit);
  }

  accept(given: Batch | MadeBatch): Promise<void> | undefined {
    if (this.#inputOver) {
      this.context.faults.discarded(given.count, ENDED, false);
      finish(batchOf(given), 'errored');
      return undefined;
    }
    const isTooDeep = depth >= DEPTH_MAX;
    const sinceMs = lastLook(this.context.clock);
    this.#level.came(given.count, sinceMs);
    if (!this.#busy && this.#line.length === 0 && !isTooDeep) {
      this.#process(given, sinceMs, sinceMs);
      this.settle();
      return undefined;
    }
    if (isTooDeep) queueMicrotask(() => this.#goOn());
    this.#level.waits(given.count);
    if (this.#retired) {
      this.#line.push({ given, sinceMs, resolve: undefined });
      return undefined;
    }
    return new Promise((resolve) => this.#line.push({ given, sinceMs, resolve }));
  }

  inputAdded(): void {
    this.#inputs += 1;
  }

  inputEnded(): void {
    this.#inputs -= 1;
    if (depth >= DEPTH_MAX) {
      queueMicrotask(() => this.settle());
      return;
    }
    depth += 1;
    this.settle();
    depth -= 1;
  }

  /** Ends when there is nothing left to come or to do. */
  settle(): void {
    if (this.#inputs > 0 || this.#busy || this.#line.length > 0 || this.#ending.done) return;
    if (!this.#inputOver) {
      this.#inputOver = true;
      this.#endTransform();
      if (this.#untaken > 0) return;
    }
    this.outputs.end();
    this.#finish();
  }

  retire(): void {
    this.#retired = true;
    for (const waiting of this.#line) {
      waiting.resolve?.();
      waiting.resolve = undefined;
    }
  }

  force(): void {
    if (this.#ending.done) return;
    this.#forced = true;
    if (!this.#inputOver) this.#endTransform();
    this.#inputOver = true;
    let events = 0;
    for (let next = this.#line.shift(); next; next = this.#line.shift()) {
      events += next.given.count;
      this.#level.taken(next.given.count);
      finish(batchOf(next.given), 'errored');
      next.resolve?.();
    }
    if (events > 0) this.context.faults.discarded(events, TIME_IS_OVER, false);
    this.outputs.end();
    this.#finish();
  }

  #finish(): void {
    this.#utilization.close();
    this.#ending.finish();
  }

  get ended(): Promise<void> {
    return this.#ending.promise;
  }

  get hasEnded(): boolean {
    return this.#ending.done;
  }

  /** Whether it takes nothing any more. */
  get isOver(): boolean {
    return this.#inputOver;
  }

  get #busy(): boolean {
    return this.#calling || this.#untaken > 0;
  }

  /** `sinceMs` is when the batch came. */
  #process(given: Batch | MadeBatch, sinceMs: number, startMs: number): void {
    this.#received.add(given.count, 'made' in given ? given.sizeBytes : estimatedBytes(given));
    this.#waited.record((startMs - sinceMs) / 1000);
    const outer = enter();
    if ('made' in given) this.#handOn(given.made);
    else this.#run(given);
    const ownMs = leave(outer, startMs, look(this.context.clock)) + ('made' in given ? given.ms : 0);
    this.#utilization.worked(ownMs);
    this.#latency.record(startMs - sinceMs + ownMs);
  }

  #handOn(made: DecodedBatch): void {
    this.#calling = true;
    depth += 1;
    void this.#emit(made);
    depth -= 1;
    this.#calling = false;
  }

  /**
   * A segment did the work of this transform on so many events of a batch, and `ms` is its share of the time, after the
   * batch had waited.
   */
  workedInSegment(events: number, ms: number, waitedMs: number): void {
    this.#level.came(events, lastLook(this.context.clock));
    this.#waited.record(waitedMs / 1000);
    this.#utilization.worked(ms);
    this.#latency.record(waitedMs + ms);
  }

  #run(given: Batch): void {
    let batch = given;
    try {
      if (this.writes) batch = ownEvents(given);
    } catch (error) {
      finish(given, 'rejected');
      this.#failed('The transform was given a batch that cannot be decoded', error, given.count);
      return;
    }
    const lent = batch.kind === 'raw' ? lend(batch) : undefined;
    this.#emittedEvents = 0;
    this.#calling = true;
    depth += 1;
    try {
      this.#holdUp(this.#transform.process(lent ?? batch, this.#emit));
    } catch (error) {
      // Nobody knows what of the batch it still holds: all of that ends here.
      lent?.hold.takeBack();
      batch.finalizer.abandon('rejected');
      this.#failed('The transform failed on a batch', error, Math.max(0, batch.count - this.#emittedEvents));
    }
    depth -= 1;
    this.#calling = false;
  }

  #failed(message: string, error: unknown, events: number): void {
    this.context.faults.error(message, {
      type: 'conversion_failed',
      stage: 'processing',
      fields: { error: reasonOf(error) },
    });
    if (events > 0) this.context.faults.discarded(events, 'The transform failed.', false);
  }

  #endTransform(): void {
    this.#calling = true;
    try {
      this.#transform.end?.(this.#emit);
    } catch (error) {
      this.#failed('The transform failed at its end', error, 0);
    }
    this.#calling = false;
  }

  readonly #emit: Emit = (batch, port) => {
    if (batch.count === 0) finish(batch);
    else if (this.#forced) this.#lose(batch, TIME_IS_OVER);
    else if (this.#ending.done) this.#lose(batch, ENDED);
    else if (!this.#calling && this.#untaken >= UNASKED_WAITING_MAX)
      this.#lose(batch, 'What the transform emitted before still waits.');
    else return this.#send(batch, port);
    return undefined;
  };

  #lose(batch: Batch, reason: string): void {
    this.context.faults.discarded(batch.count, reason, false);
    finish(batch, 'errored');
  }

  #send(batch: Batch, port: string | undefined): Promise<void> | undefined {
    this.#emittedEvents += batch.count;
    const own =
      batch.kind === 'raw' && batch.hold instanceof LentBytes ? { ...batch, hold: batch.hold.giveBack() } : batch;
    // It has worked since it last looked.
    look(this.context.clock);
    const wait = this.outputs.send(own, port);
    this.#holdUp(wait);
    return wait;
  }

  /** Takes nothing before `wait` resolves. */
  #holdUp(wait: Wait): void {
    if (!wait) return;
    this.#untaken += 1;
    void wait.then(() => {
      this.#untaken -= 1;
      this.#goOn();
    });
  }

  /** Takes senders out of the line as long as what they bring is taken below. */
  #goOn(): void {
    while (!this.#busy && !this.#forced) {
      const next = this.#line.shift();
      if (!next) break;
      this.#level.taken(next.given.count);
      this.#process(next.given, next.sinceMs, beginTurn(this.context.clock));
      next.resolve?.();
    }
    endTurn();
    this.settle();
  }
}
