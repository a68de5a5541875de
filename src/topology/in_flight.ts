// What a source has sent and nobody has finished yet. Each batch travels under a ticket of its own, so that the source
// is told once, also when the time for a stop is over and somebody below never lets go.
//
//   source's finalizer ◄─release─ ticket ◄─holders─ fan-outs, buffers, transforms, sinks

import type { Batch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';

export class InFlight {
  readonly #open = new Set<Finalizer>();
  readonly #onFailure: (error: unknown) => void;
  #waiting: (() => void)[] = [];

  /** `onFailure` is told when the source throws while it is told what became of a batch. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** The same batch under a ticket. */
  track(batch: Batch): Batch {
    const { finalizer } = batch;
    const ticket: Finalizer = new Finalizer((status) => {
      this.#open.delete(ticket);
      try {
        finalizer.release(status);
      } catch (error) {
        this.#onFailure(error);
      }
      if (this.#open.size === 0) this.#wake();
    });
    this.#open.add(ticket);
    return { ...batch, finalizer: ticket };
  }

  /** Batches sent and not finished. */
  get count(): number {
    return this.#open.size;
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends what is in flight with this status, whoever holds it. Returns how many batches that were. */
  abandon(status: Status): number {
    const tickets = [...this.#open];
    for (const ticket of tickets) ticket.abandon(status);
    return tickets.length;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
