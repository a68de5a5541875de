// The output of a source that receives before it runs: it listens when it is built, so that an address that cannot be
// had is a failure to build, and is given its output when it runs. Whoever sends earlier waits.

import type { Batch } from '../event/batch.ts';
import type { Output } from './define.ts';

export class LateOutput implements Output {
  readonly #given = Promise.withResolvers<Output>();
  #output: Output | undefined;

  send(batch: Batch, port?: string): Promise<void> | undefined {
    return this.#output
      ? this.#output.send(batch, port)
      : this.#given.promise.then((output) => output.send(batch, port));
  }

  /** The source runs. */
  give(output: Output): void {
    this.#output = output;
    this.#given.resolve(output);
  }
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
