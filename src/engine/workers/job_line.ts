// Batches that wait for a thread. Workers are offered the oldest first; what none of them takes the main thread runs
// itself, one in each turn of its event loop, so that in between it reads and writes, and while the system does that it
// runs the next.

import { Queue } from '../../std/queue.ts';

export interface WaitingJob {
  /** Whether there is nothing to be done any more. */
  readonly isOver: boolean;
  /** Gives it to a worker; false when none takes it now. */
  offer(): boolean;
  /** Does it on the main thread. */
  run(): void;
}

export class JobLine {
  readonly #line = new Queue<WaitingJob>();
  #next: NodeJS.Immediate | undefined;

  add(job: WaitingJob): void {
    this.#line.push(job);
    this.offer();
  }

  /** Workers may have room. */
  offer(): void {
    for (let job = this.#line.peek(); job && (job.isOver || job.offer()); job = this.#line.peek()) this.#line.shift();
    if (this.#line.length > 0) this.#next ??= setImmediate(() => this.#runOne());
  }

  #runOne(): void {
    this.#next = undefined;
    let job = this.#line.shift();
    while (job?.isOver) job = this.#line.shift();
    job?.run();
    this.offer();
  }
}
