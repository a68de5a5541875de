// One segment on several threads: batches are run by workers, and by the main thread while those have enough to do;
// what comes out is delivered in the order in which the batches came.
//
//   accept ─► turns, oldest first:  [at a worker] [at a worker] [was run here] [at a worker] [waits for a thread] …
//                     │
//                     └─► deliver, one after the other; the next one when what is behind took the last one
//
// The number of turns is limited: beyond it senders wait, with one batch each. While there are turns, the consumers
// behind the segment have an input more, so that none of them ends before it was given everything.

import type { JobLine } from '../engine/workers/job_line.ts';
import { JOBS_PER_WORKER, type WorkerPool } from '../engine/workers/pool.ts';
import type { Outcome, SharedSegment } from '../engine/workers/shared_segment.ts';
import { finish, type RawBatch } from '../event/batch.ts';
import { Queue } from '../std/queue.ts';
import type { Consumer } from './fanout.ts';

/** A worker is not worth the messages for batches that take less than this. */
export const OFFLOAD_MIN_MS = 0.1;

/** Turns for each worker beside those that it has: they were run here meanwhile. */
const RUN_MEANWHILE = 2;
/** Turns that are none of a worker's: one waits, one is run here, one is being delivered. */
const OWN_TURNS = 3;

/** How much of what a batch took goes into the estimate for the next. */
const NEW_PART = 0.2;

/** What a batch came to. */
export type Ran = Exclude<Outcome, { readonly kind: 'lost' }>;

const TIME_OVER: Ran = { kind: 'fatal', reason: 'The time was over.' };

export interface LaneOptions {
  readonly pool: WorkerPool;
  /** Where batches of all lanes wait for a thread. */
  readonly jobs: JobLine;
  readonly shared: SharedSegment;
  /** Batches that are thought to take less than this are run here; with 0 none are, and the workers run already. */
  readonly offloadMinMs: number;
  /** Those that `deliver` gives something to. */
  readonly leaves: readonly Pick<Consumer, 'inputAdded' | 'inputEnded'>[];
  /** Runs a batch here. */
  readonly run: (batch: RawBatch) => Ran;
  /** Hands on what a batch, which came at `sinceMs`, came to, and the hold of it. A promise is backpressure. */
  readonly deliver: (batch: RawBatch, ran: Ran, sinceMs: number) => Promise<void> | undefined;
  /** There are no turns any more. */
  readonly onIdle: () => void;
}

interface Turn {
  /** Without its table once that is not needed: a table is kilobytes that would live until a full collection. */
  batch: RawBatch;
  readonly sinceMs: number;
  ran: Ran | undefined;
  /** Whether a worker has it, which reads its bytes until it answers. */
  isAway: boolean;
}

interface Waiting {
  readonly batch: RawBatch;
  readonly sinceMs: number;
  readonly resolve: () => void;
}

export class SegmentLane {
  readonly #options: LaneOptions;
  readonly #turnsMax: number;
  readonly #turns = new Queue<Turn>();
  readonly #line = new Queue<Waiting>();
  #isDelivering = false;
  #holdsLeaves = false;
  #isOver = false;
  /** Milliseconds that a byte takes, once something was run. */
  #msPerByte: number | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#turnsMax = (JOBS_PER_WORKER + RUN_MEANWHILE) * options.pool.size + OWN_TURNS;
  }

  /** Takes the hold of `batch`. A promise when there are turns enough: it resolves when this one has its turn. */
  accept(batch: RawBatch): Promise<void> | undefined {
    const sinceMs = performance.now();
    if (this.#turns.length >= this.#turnsMax || this.#line.length > 0)
      return new Promise((resolve) => this.#line.push({ batch, sinceMs, resolve }));
    this.#begin(batch, sinceMs);
    return undefined;
  }

  /** Whether something it was given has not been delivered. */
  get isBusy(): boolean {
    return this.#turns.length > 0;
  }

  /** The time is over: whatever it still has ends as errored, what workers have as soon as they let go of it. */
  abandon(): void {
    this.#isOver = true;
    for (const turn of this.#turns) if (!turn.isAway) turn.ran ??= TIME_OVER;
    for (let next = this.#line.shift(); next; next = this.#line.shift()) {
      finish(next.batch, 'errored');
      next.resolve();
    }
    this.#goOn();
  }

  #begin(batch: RawBatch, sinceMs: number): void {
    const turn: Turn = { batch, sinceMs, ran: undefined, isAway: false };
    if (!this.#holdsLeaves) {
      this.#holdsLeaves = true;
      for (const leaf of this.#options.leaves) leaf.inputAdded();
    }
    this.#turns.push(turn);
    const { pool, shared } = this.#options;
    const isWorth = this.#isWorth(batch);
    if (!isWorth || !pool.knows(shared)) {
      const isMissed = isWorth && pool.takes(batch);
      const ran = this.#options.run(batch);
      if (isMissed && ran.kind !== 'fatal') pool.missed(ran.ms);
      this.#ranAs(turn, ran);
      return;
    }
    this.#options.jobs.add({
      get isOver() {
        return turn.ran !== undefined;
      },
      offer: () => this.#offer(turn),
      run: () => this.#ranAs(turn, this.#options.run(turn.batch)),
    });
  }

  /** Whether a batch is thought to take long enough for a worker. */
  #isWorth({ sizeBytes }: RawBatch): boolean {
    const { offloadMinMs } = this.#options;
    if (offloadMinMs === 0) return true;
    return this.#msPerByte !== undefined && this.#msPerByte * sizeBytes >= offloadMinMs;
  }

  #offer(turn: Turn): boolean {
    const { pool, jobs, shared } = this.#options;
    turn.isAway = pool.offer(shared, turn.batch, (outcome) => {
      // First of all the worker gets more to do.
      jobs.offer();
      if (outcome.kind !== 'lost') this.#ranAs(turn, outcome);
      else this.#ranAs(turn, this.#isOver ? TIME_OVER : this.#runAgain(turn.batch));
    });
    if (turn.isAway) turn.batch = withoutTable(turn.batch);
    return turn.isAway;
  }

  #runAgain(batch: RawBatch): Ran {
    const whole = withTable(batch);
    return whole
      ? this.#options.run(whole)
      : { kind: 'fatal', reason: 'A worker ended, and its frames are not known.' };
  }

  #ranAs(turn: Turn, ran: Ran): void {
    turn.ran = ran;
    turn.batch = withoutTable(turn.batch);
    if (ran.kind !== 'fatal') {
      const msPerByte = ran.ms / Math.max(1, turn.batch.sizeBytes);
      this.#msPerByte =
        this.#msPerByte === undefined ? msPerByte : this.#msPerByte + NEW_PART * (msPerByte - this.#msPerByte);
    }
    this.#goOn();
  }

  /** Delivers what is ready, in order, and begins what waits. */
  #goOn(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let first = this.#turns.peek(); first?.ran; first = this.#turns.peek()) {
      const wait = this.#isOver
        ? giveUp(first.batch, first.ran)
        : this.#options.deliver(first.batch, first.ran, first.sinceMs);
      if (wait) {
        void wait.then(() => {
          this.#isDelivering = false;
          this.#delivered();
          this.#goOn();
        });
        return;
      }
      this.#delivered();
    }
    this.#isDelivering = false;
    if (this.#turns.length === 0) this.#rest();
  }

  #delivered(): void {
    this.#turns.shift();
    while (this.#turns.length < this.#turnsMax) {
      const next = this.#line.shift();
      if (!next) return;
      this.#begin(next.batch, next.sinceMs);
      next.resolve();
    }
  }

  #rest(): void {
    this.#options.onIdle();
    if (this.#turns.length > 0 || !this.#holdsLeaves) return;
    this.#holdsLeaves = false;
    for (const leaf of this.#options.leaves) leaf.inputEnded();
  }
}

/** Lets go of what a batch came to. */
function giveUp(batch: RawBatch, ran: Ran): undefined {
  if (ran.kind === 'run') for (const { written } of ran.result.leaves) for (const { hold } of written) hold.release();
  finish(batch, 'errored');
}

/** A batch whose frames lie behind each other is as well told by where the first one is. */
function withoutTable(batch: RawBatch): RawBatch {
  return batch.delimiter < 0 || batch.count === 1 ? batch : { ...batch, frames: batch.frames.slice(0, 2) };
}

/** The batch with its table again; undefined when its frames cannot be told apart any more. */
function withTable(batch: RawBatch): RawBatch | undefined {
  const { delimiter, frames: first, count, sizeBytes, hold } = batch;
  if (first.length >= 2 * count) return batch;
  const frames = new Int32Array(2 * count);
  const endOfAll = first[0]! + sizeBytes + count;
  let start = first[0]!;
  for (let index = 0; index < count; index++) {
    const end = hold.bytes.indexOf(delimiter, start);
    if (end < 0 || end >= endOfAll) return undefined;
    frames[2 * index] = start;
    frames[2 * index + 1] = end - start;
    start = end + 1;
  }
  return start === endOfAll ? { ...batch, frames } : undefined;
}
