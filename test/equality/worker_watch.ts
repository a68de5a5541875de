// Workers of this process as seen from outside: whether they are ready, and how many batches they have run.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Answer } from '../../src/engine/workers/messages.ts';

/** How long a worker that has built one segment is silent when it has built them all. */
const SILENCE_MS = 10;
const LIMIT_MS = 10_000;

export class WorkerWatch {
  /** Batches that workers have run. */
  batches = 0;
  #workers = 0;
  #built = 0;
  #lastMs = 0;

  constructor() {
    process.on('worker', (worker: Worker) => {
      this.#workers += 1;
      worker.on('message', (answer: Answer) => {
        if (answer.kind === 'done') this.batches += 1;
        if (answer.kind !== 'defined') return;
        this.#built += 1;
        this.#lastMs = performance.now();
      });
    });
  }

  /** Resolves when the workers that were just started, if there are any, have built their segments. */
  async ready(): Promise<void> {
    await sleep(0);
    const untilMs = performance.now() + LIMIT_MS;
    while (this.#workers > 0 && (this.#built === 0 || performance.now() - this.#lastMs < SILENCE_MS)) {
      if (performance.now() > untilMs) throw new Error('a worker does not get ready');
      await sleep(1);
    }
  }

  /** Before others are started. */
  reset(): void {
    this.#workers = 0;
    this.#built = 0;
  }
}
