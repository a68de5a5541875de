// A running sink with its buffer: batches go from the buffer to the sink, one write after the other.

import { buildBuffer, type EventBuffer } from '../buffers/buffers.ts';
import type { SinkContext } from '../component/context.ts';
import type { Sink } from '../component/define.ts';
import type { SinkConfig } from '../config/config.ts';
import { type Batch, estimatedBytes, finish } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import type { LogFields } from '../telemetry/log.ts';
import { beginTurn, endTurn, enter, lastLook, leave, look } from '../telemetry/self_time.ts';
import { Utilization } from '../telemetry/work_metrics.ts';
import { Entrance } from './entrance.ts';
import type { Consumer } from './fanout.ts';
import { LentBytes, lend } from './lent_bytes.ts';
import { Ending, FORCE_GRACE_MS, type Node, TIME_IS_OVER } from './node.ts';
import { reasonOf } from './runtime.ts';
import { type StallSubject, StallWatch } from './stall.ts';
import { attempt, within } from './waits.ts';

export interface BuiltSink {
  readonly config: SinkConfig;
  readonly sink: Sink;
  readonly context: SinkContext;
}

interface Write {
  readonly events: number;
  readonly sinceMs: number;
}

export class SinkNode implements Node, Consumer, StallSubject {
  readonly id: string;
  readonly types: readonly EventType[];
  readonly writes = false;
  /** A reload that leaves it running may give it other inputs. */
  config: SinkConfig;
  readonly context: SinkContext;
  readonly sink: Sink;
  readonly entrance = new Entrance(this);
  readonly #buffer: EventBuffer;
  readonly #received: Throughput;
  readonly #stall: StallWatch;
  readonly #utilization: Utilization;
  readonly #abort = new AbortController();
  readonly #ending = new Ending();
  #inputs = 0;
  #writing: Write | undefined;
  #pumping = false;
  #inputOver = false;
  #forced = false;

  constructor({ config, sink, context }: BuiltSink) {
    this.id = config.id;
    this.config = config;
    this.context = context;
    this.sink = sink;
    this.types = config.definition.inputs(config.config);
    this.#buffer = buildBuffer(config.buffer, {
      id: config.id,
      recorder: context,
      faults: context.faults,
      clock: context.clock,
    });
    context.owns('buffer', { bytes: () => this.#buffer.heapBytes });
    this.#received = Throughput.received(context);
    void this.ended.then(() => context.disown());
    this.#stall = new StallWatch(context.clock, context.log, this);
    this.#utilization = new Utilization(context, context.clock);
  }

  accept(batch: Batch): Promise<void> | undefined {
    if (this.#inputOver) {
      this.context.faults.discarded(batch.count, 'The sink has ended.', false);
      finish(batch, 'errored');
      return undefined;
    }
    const wait = this.#buffer.send(batch);
    this.#pump();
    if (wait) this.#stall.watch();
    return wait;
  }

  inputAdded(): void {
    this.#inputs += 1;
  }

  inputEnded(): void {
    this.#inputs -= 1;
    this.settle();
  }

  /** Ends the sink when there is nothing left to come or to write. */
  settle(): void {
    if (this.#inputs > 0 || this.#inputOver || this.#pumping || this.#writing || !this.#buffer.isEmpty) return;
    this.#end();
  }

  retire(): void {
    this.#buffer.unblock();
  }

  force(): void {
    if (this.#ending.done || this.#forced) return;
    this.#forced = true;
    this.#abort.abort();
    if (!this.#inputOver) this.#end();
    this.#buffer.clear('errored', TIME_IS_OVER);
    void within(this.context.clock, FORCE_GRACE_MS, this.#ending.promise).then((inTime) => {
      if (inTime) return;
      this.context.log.error('The sink did not stop and is left to itself');
      this.#finish();
    });
  }

  get waiting(): number {
    return this.#buffer.waiting;
  }

  describe(): LogFields {
    const writing = this.#writing;
    return {
      waits_for: writing ? `its write of ${writing.events} events` : 'its end',
      write_secs: writing ? Math.round((this.context.clock.monotonic() - writing.sinceMs) / 100) / 10 : undefined,
      buffer: this.#buffer.describe(),
      batches_waiting: this.#buffer.waiting,
      inputs: this.config.inputs.join(', '),
    };
  }

  #finish(): void {
    this.#utilization.close();
    this.#buffer.close();
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

  /** Writes what is in the buffer until the sink asks to wait. */
  #pump(): void {
    if (this.#pumping || this.#inputOver) return;
    this.#pumping = true;
    while (!this.#writing) {
      const batch = this.#buffer.take();
      if (!batch) break;
      this.#stall.moved();
      this.#write(batch);
    }
    this.#pumping = false;
    this.settle();
  }

  #write(batch: Batch): void {
    this.#received.add(batch.count, estimatedBytes(batch));
    const given = batch.kind === 'raw' ? lend(batch) : batch;
    const { clock } = this.context;
    const startMs = lastLook(clock);
    const outer = enter();
    const wait = this.#writeNow(given);
    const endMs = look(clock);
    this.#utilization.worked(leave(outer, startMs, endMs));
    if (!wait) return;
    this.#utilization.busy(endMs);
    this.#writing = { events: batch.count, sinceMs: endMs };
    void attempt(
      () => wait,
      (error) => this.#failed(given, error),
    ).then(() => {
      this.#utilization.idle(beginTurn(clock));
      this.#writing = undefined;
      this.#pump();
      endTurn();
    });
  }

  /** A segment encoded events for this sink; `ms` is its share of the time. */
  workedInSegment(ms: number): void {
    this.#utilization.worked(ms);
  }

  #writeNow(given: Batch): Promise<void> | undefined {
    try {
      return this.sink.write(given);
    } catch (error) {
      this.#failed(given, error);
      return undefined;
    }
  }

  /** A sink that throws is broken: nobody knows what it still holds of the batch. All of that ends here. */
  #failed(batch: Batch, error: unknown): void {
    if (batch.kind === 'raw' && batch.hold instanceof LentBytes) batch.hold.takeBack();
    batch.finalizer.abandon('rejected');
    this.context.faults.error('The sink failed on a batch', {
      type: 'writer_failed',
      stage: 'sending',
      fields: { error: reasonOf(error) },
    });
    this.context.faults.discarded(batch.count, 'The sink failed.', false);
  }

  #end(): void {
    this.#inputOver = true;
    void attempt(
      () => this.sink.end(this.#abort.signal),
      (error) =>
        this.context.faults.error('The sink failed at its end', {
          type: 'writer_failed',
          stage: 'sending',
          fields: { error: reasonOf(error) },
        }),
    ).then(() => {
      this.#stall.cancel();
      this.#finish();
    });
  }
}
