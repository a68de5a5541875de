// One output to any number of consumers: each gets a hold on the same batch, at once, whatever the others do.

import { type Batch, finish, share } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';

/** What stands below an output: a transform or a sink. */
export interface Consumer {
  readonly id: string;
  /** What it takes; other batches do not reach it. */
  readonly types: readonly EventType[];
  /** Whether it copies events that others hold. */
  readonly writes: boolean;
  /** Takes the hold of `batch`, also when it returns a promise: then wait for it before sending more. Never throws. */
  accept(batch: Batch): Promise<void> | undefined;
  /** An output was connected to it. */
  inputAdded(): void;
  /** An output that was connected to it sends no more. After the last one it drains and ends. */
  inputEnded(): void;
}

export class Fanout {
  #consumers: readonly Consumer[] = [];
  #byType: Readonly<Record<EventType, readonly Consumer[]>> = { log: [], metric: [], trace: [] };
  #ended = false;

  /** Hands on the hold of `batch`. A promise when some consumer wants the sender to wait: resolves when none does. */
  send(batch: Batch): Promise<void> | undefined {
    const consumers = this.#byType[batch.type];
    if (consumers.length === 1) return consumers[0]!.accept(batch);
    if (consumers.length === 0) {
      finish(batch);
      return undefined;
    }
    for (let i = 1; i < consumers.length; i++) share(batch);
    let waits: Promise<void>[] | undefined;
    for (const consumer of consumers) {
      const wait = consumer.accept(batch);
      if (wait) (waits ??= []).push(wait);
    }
    if (!waits) return undefined;
    return waits.length === 1 ? waits[0] : Promise.all(waits).then(() => {});
  }

  /**
   * Replaces the consumers. Returns those that are no longer connected, which are to be told by `inputEnded` when all
   * outputs have been rewired, so that none ends in between.
   */
  connect(consumers: readonly Consumer[]): readonly Consumer[] {
    if (this.#ended) return [];
    const before = this.#consumers;
    for (const consumer of consumers) if (!before.includes(consumer)) consumer.inputAdded();
    // Writers come last: when the others have already finished the batch, they need not copy it.
    this.#consumers = [...consumers].sort((a, b) => Number(a.writes) - Number(b.writes));
    const taking = (type: EventType) => this.#consumers.filter(({ types }) => types.includes(type));
    this.#byType = { log: taking('log'), metric: taking('metric'), trace: taking('trace') };
    return before.filter((consumer) => !consumers.includes(consumer));
  }

  /** Nothing more is sent. */
  end(): void {
    if (this.#ended) return;
    const consumers = this.#consumers;
    this.connect([]);
    this.#ended = true;
    for (const consumer of consumers) consumer.inputEnded();
  }

  get consumers(): readonly Consumer[] {
    return this.#consumers;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }
}
