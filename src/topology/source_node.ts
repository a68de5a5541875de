// A running source.
//
//   waiting ─start─► running ─run settles─► ended: outputs are over ─all of it finished─► closed
//
// `stop` asks it to end, `retire` ends it without anybody waiting for its batches any more, `force` cuts it off.

import type { SourceContext } from '../component/context.ts';
import type { Source } from '../component/define.ts';
import type { SourceConfig } from '../config/config.ts';
import { type Batch, finish } from '../event/batch.ts';
import type { Clock } from '../std/clock.ts';
import { beginTurn, endTurn, lastLook } from '../telemetry/self_time.ts';
import { SourceEdge } from './edge_metrics.ts';
import { InFlight } from './in_flight.ts';
import { Ending, FORCE_GRACE_MS, type Node } from './node.ts';
import { DEFAULT_OUTPUT, Outputs } from './outputs.ts';
import { reasonOf } from './runtime.ts';
import { attempt, within } from './waits.ts';

export interface BuiltSource {
  readonly config: SourceConfig;
  readonly source: Source;
  readonly context: SourceContext;
  readonly keepsState: () => boolean;
}

export class SourceNode implements Node {
  config: SourceConfig;
  readonly context: SourceContext;
  readonly outputs: Outputs;
  readonly inFlight: InFlight;
  readonly keepsState: () => boolean;
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #edge: SourceEdge;
  readonly #stop = new AbortController();
  readonly #forced = new Ending();
  readonly #ran = new Ending();
  readonly #closed = new Ending();
  readonly #senders = new Set<() => void>();
  #retired = false;

  constructor({ config, source, context, keepsState }: BuiltSource) {
    this.config = config;
    this.context = context;
    this.keepsState = keepsState;
    this.outputs = new Outputs(config.outputs, context);
    this.inFlight = new InFlight((error) =>
      context.faults.error('The source failed when told what became of a batch', {
        type: 'acknowledgment_failed',
        stage: 'receiving',
        fields: { error: reasonOf(error) },
      }),
    );
    this.#source = source;
    this.#clock = context.clock;
    void this.ended.then(() => context.disown());
    this.#edge = new SourceEdge(
      context,
      config.outputs.map(({ port }) => [port, port ?? DEFAULT_OUTPUT] as const),
    );
  }

  /** Runs it, after `before`; `onFailure` is told when `run` rejects. */
  async start(onFailure: (reason: string) => void, before?: Promise<void>): Promise<void> {
    await before;
    const run = attempt(
      () => this.#source.run({ send: (batch, port) => this.send(batch, port) }, this.#stop.signal),
      (error) => {
        const reason = reasonOf(error);
        this.context.log.error('The source failed', { error: reason });
        onFailure(reason);
      },
    );
    if (!(await this.#settled(run))) this.context.log.error('The source did not stop and is left to itself');
    this.outputs.end();
    this.#ran.finish();
    await this.inFlight.idle();
    const close = attempt(
      () => this.#source.close?.(),
      (error) =>
        this.context.faults.error('The source failed to close', {
          type: 'io_failed',
          stage: 'receiving',
          fields: { error: reasonOf(error) },
        }),
    );
    if (!(await this.#settled(close))) this.context.log.error('The source did not close and is left to itself');
    this.#closed.finish();
  }

  /** What the source sends through; see `Output`. */
  send(batch: Batch, port: string | undefined): Promise<void> | undefined {
    if (this.#forced.done) {
      finish(batch, 'errored');
      // A source that goes on all the same must not starve the others.
      return new Promise((resolve) => setImmediate(resolve));
    }
    if (batch.count === 0) {
      finish(batch);
      return undefined;
    }
    const edge = this.#edge;
    const { count } = batch;
    const startMs = beginTurn(this.#clock);
    edge.sending(batch, port, startMs);
    const wait = this.outputs.send(this.inFlight.track(batch), port);
    // The last component that had to do with it looked when it was done.
    const endMs = lastLook(this.#clock);
    endTurn();
    if (!wait) {
      edge.sent(endMs - startMs);
      return undefined;
    }
    edge.waits(count, port);
    void wait.then(() => {
      edge.taken(count, port);
      edge.sent(this.#clock.monotonic() - startMs);
    });
    return this.#retired ? undefined : this.#orRetired(wait);
  }

  /** Asks the source to end by itself. */
  stop(): void {
    this.#stop.abort();
  }

  retire(): void {
    this.stop();
    this.#retired = true;
    for (const resume of this.#senders) resume();
    this.#senders.clear();
  }

  force(): void {
    if (this.#forced.done) return;
    this.retire();
    this.#forced.finish();
  }

  /** What is still in flight counts as errored; the source is told now. Returns the number of batches. */
  abandon(): number {
    return this.inFlight.abandon('errored');
  }

  /** Resolves when the source has stopped reading and its outputs are over. */
  get ran(): Promise<void> {
    return this.#ran.promise;
  }

  get hasRun(): boolean {
    return this.#ran.done;
  }

  get ended(): Promise<void> {
    return this.#closed.promise;
  }

  get hasEnded(): boolean {
    return this.#closed.done;
  }

  /** Waits for `promise`; once the source was forced only a moment longer. */
  async #settled(promise: Promise<void>): Promise<boolean> {
    const late = this.#forced.promise.then(() => within(this.#clock, FORCE_GRACE_MS, promise));
    return Promise.race([promise.then(() => true), late]);
  }

  #orRetired(wait: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.#senders.add(resolve);
      void wait.then(() => {
        this.#senders.delete(resolve);
        resolve();
      });
    });
  }
}
