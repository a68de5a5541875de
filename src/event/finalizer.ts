// Delivery tracking: one finalizer per batch, held by everyone who holds a part of it.
//
//   source ── new Finalizer(done) ──► 1 holder
//   fan-out, split:   retain()        +1 each
//   merge:            the merged batch holds all finalizers
//   last release() ──► done(worst status), exactly once
//
// Invariant: every `retain` (and the first hold) is matched by exactly one `release`, unless holders were lost and
// `abandon` ended it before.

import { assert } from '../std/assert.ts';

/**
 * `delivered`: all of it arrived, or was filtered out on purpose. `errored`: it failed in a way that may pass.
 * `rejected`: it was refused for good. Worse wins: rejected over errored over delivered.
 */
export type Status = 'delivered' | 'errored' | 'rejected';

const RANK = { delivered: 0, errored: 1, rejected: 2 } as const;

export class Finalizer {
  #holders = 1;
  #status: Status = 'delivered';
  #abandoned = false;
  readonly #done: ((status: Status) => void) | undefined;

  /** `done` is called once, synchronously, when the last holder lets go; it must not throw. */
  constructor(done?: (status: Status) => void) {
    this.#done = done;
  }

  /** Adds `count` holders. */
  retain(count = 1): this {
    assert(this.#holders > 0 || this.#abandoned, 'a finalizer is retained after its last release');
    this.#holders += count;
    return this;
  }

  /** Notes a status without letting go. */
  update(status: Status): void {
    if (RANK[status] > RANK[this.#status]) this.#status = status;
  }

  /** Lets go, with the status of the part that was held. */
  release(status: Status = 'delivered'): void {
    assert(this.#holders > 0 || this.#abandoned, 'a finalizer is released more often than it was retained');
    this.update(status);
    this.#holders -= 1;
    if (this.#holders === 0 && !this.#abandoned) this.#done?.(this.#status);
  }

  /**
   * Ends it now, whoever still holds it: a component that held it threw, or the time for a stop is over. Holders are
   * counted on, but the status is final. Does nothing to one that has ended.
   */
  abandon(status: Status): void {
    if (this.#abandoned || this.#holders === 0) return;
    this.update(status);
    this.#abandoned = true;
    this.#done?.(this.#status);
  }

  /** How many hold it now. */
  get holders(): number {
    return this.#holders;
  }
}
