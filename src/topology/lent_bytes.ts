// The bytes of a raw batch while a component has them. When the component throws, nobody knows which holds it had; so
// they are counted here, and taken back together.

import type { ByteHold, RawBatch } from '../event/batch.ts';
import { assert } from '../std/assert.ts';

export class LentBytes implements ByteHold {
  readonly #lender: ByteHold;
  #holders = 1;
  #copy: Buffer | undefined;

  /** Takes over one hold of `lender`. */
  constructor(lender: ByteHold) {
    this.#lender = lender;
  }

  get bytes(): Buffer {
    return this.#copy ?? this.#lender.bytes;
  }

  retain(): void {
    if (this.#copy) return;
    assert(this.#holders > 0, 'lent bytes are retained after their last release');
    this.#holders += 1;
  }

  release(): void {
    if (this.#copy) return;
    assert(this.#holders > 0, 'lent bytes are released more often than they were retained');
    this.#holders -= 1;
    if (this.#holders === 0) this.#lender.release();
  }

  /** Passes one of the holds on to the lender. */
  giveBack(): ByteHold {
    if (!this.#copy) this.#lender.retain();
    this.release();
    return this.#copy ? this : this.#lender;
  }

  /** Ends all holds. Whoever kept the batch against the rules reads a copy from now on, never the bytes of others. */
  takeBack(): void {
    if (this.#holders === 0 || this.#copy) return;
    this.#copy = Buffer.from(this.#lender.bytes);
    this.#lender.release();
  }
}

/** The same batch with its bytes lent out. */
export function lend(batch: RawBatch): RawBatch & { readonly hold: LentBytes } {
  return { ...batch, hold: new LentBytes(batch.hold) };
}
