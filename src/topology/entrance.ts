// The way into a transform or sink. Raw batches that a segment can take go through the segment, which stands for this
// component and those behind it up to where events or encoded frames come out; everything else goes into the component.
// What takes the other way waits until the segment has delivered what came before, so that the order is kept.

import type { Batch } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import { Queue } from '../std/queue.ts';
import type { Consumer } from './fanout.ts';
import type { SegmentOfGraph } from './segment_of_graph.ts';

interface Waiting {
  readonly batch: Batch;
  readonly resolve: () => void;
}

export class Entrance implements Consumer {
  readonly #component: Consumer;
  /** What takes raw batches of logs in place of the component. */
  #segment: SegmentOfGraph | undefined;
  /** The segment before, while it has something to deliver. */
  #leaving: SegmentOfGraph | undefined;
  readonly #line = new Queue<Waiting>();

  constructor(component: Consumer) {
    this.#component = component;
  }

  get id(): string {
    return this.#component.id;
  }

  get types(): readonly EventType[] {
    return this.#component.types;
  }

  get writes(): boolean {
    return this.#component.writes;
  }

  /** Puts another segment, or none, in the place of the present one, which delivers what it has and ends. */
  use(segment: SegmentOfGraph | undefined): void {
    const before = this.#segment;
    this.#segment = segment;
    if (segment) segment.onIdle = () => this.#goOn();
    if (before?.isBusy) this.#leaving = before;
    before?.close();
  }

  accept(batch: Batch): Promise<void> | undefined {
    if (this.#line.length === 0 && !this.#mustWait(batch)) return this.#pass(batch);
    // As long as it waits here it is an input of the component, perhaps the last one.
    this.#component.inputAdded();
    return new Promise((resolve) => this.#line.push({ batch, resolve }));
  }

  inputAdded(): void {
    this.#component.inputAdded();
  }

  inputEnded(): void {
    this.#component.inputEnded();
  }

  #pass(batch: Batch): Promise<void> | undefined {
    const segment = this.#segmentFor(batch);
    return segment ? segment.accept(batch as Parameters<SegmentOfGraph['accept']>[0]) : this.#component.accept(batch);
  }

  #segmentFor(batch: Batch): SegmentOfGraph | undefined {
    return batch.kind === 'raw' && batch.count > 0 ? this.#segment : undefined;
  }

  #mustWait(batch: Batch): boolean {
    if (this.#leaving) return true;
    return (this.#segment?.isBusy ?? false) && !this.#segmentFor(batch);
  }

  /** The segment, or the one before, has delivered everything. */
  #goOn(): void {
    if (this.#leaving && !this.#leaving.isBusy) this.#leaving = undefined;
    for (let next = this.#line.peek(); next && !this.#mustWait(next.batch); next = this.#line.peek()) {
      const { batch, resolve } = this.#line.shift()!;
      const wait = this.#pass(batch);
      this.#component.inputEnded();
      if (wait) void wait.then(resolve);
      else resolve();
    }
  }
}
