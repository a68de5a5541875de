// What all components of a running topology have in common.

import type { ComponentContext } from '../component/context.ts';

export interface Node {
  readonly context: ComponentContext;
  /** Resolves when nothing of it is left: everything it had was handed on, or it was forced. Never rejects. */
  readonly ended: Promise<void>;
  /** Whether `ended` has resolved. */
  readonly hasEnded: boolean;
  /** A reload took it out: nobody waits for it any more while it drains. */
  retire(): void;
  /** The time is over: lets go of everything, as `errored`, and ends within `FORCE_GRACE_MS`. */
  force(): void;
}

/** How long a component has to end after it was forced; then it is left to itself. */
export const FORCE_GRACE_MS = 1_000;

/** Why events are dropped when a component is forced. */
export const TIME_IS_OVER = 'The time to stop was over.';

/** A promise of an end that can be asked whether it has come. */
export class Ending {
  readonly #promise = Promise.withResolvers<void>();
  #done = false;

  finish(): void {
    this.#done = true;
    this.#promise.resolve();
  }

  get promise(): Promise<void> {
    return this.#promise.promise;
  }

  get done(): boolean {
    return this.#done;
  }
}
