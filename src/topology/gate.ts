// Stands in for a sink that is being replaced and must end before its successor can be built: senders wait.

import { type Batch, finish } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import type { Status } from '../event/finalizer.ts';
import type { Consumer } from './fanout.ts';

interface InLine {
  readonly batch: Batch;
  readonly resolve: () => void;
}

export class Gate implements Consumer {
  readonly id: string;
  readonly types: readonly EventType[];
  readonly writes = false;
  readonly #line: InLine[] = [];

  constructor({ id, types }: Consumer) {
    this.id = id;
    this.types = types;
  }

  accept(batch: Batch): Promise<void> {
    return new Promise((resolve) => this.#line.push({ batch, resolve }));
  }

  inputAdded(): void {}

  inputEnded(): void {}

  /** Passes on what waits, or finishes it with `status` when there is no successor. Called once, when disconnected. */
  open(successor: Consumer | undefined, status: Status): void {
    // What waits here is an input of the successor, perhaps the last one.
    successor?.inputAdded();
    for (const { batch, resolve } of this.#line.splice(0)) {
      const wait = successor?.types.includes(batch.type) ? successor.accept(batch) : undefined;
      if (!successor?.types.includes(batch.type)) finish(batch, status);
      if (wait) void wait.then(resolve);
      else resolve();
    }
    successor?.inputEnded();
  }
}
