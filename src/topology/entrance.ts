// The way into a transform or sink. Raw batches that a segment can take go through the segment, which stands for this
// component and those behind it up to where events or encoded frames come out; everything else goes into the component.

import type { Batch } from '../event/batch.ts';
import type { EventType } from '../event/event.ts';
import type { Consumer } from './fanout.ts';
import type { SegmentOfGraph } from './segments.ts';

export class Entrance implements Consumer {
  readonly #component: Consumer;
  /** What takes raw batches of logs in place of the component. */
  segment: SegmentOfGraph | undefined;

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

  accept(batch: Batch): Promise<void> | undefined {
    const { segment } = this;
    if (!segment || batch.kind !== 'raw' || batch.count === 0) return this.#component.accept(batch);
    return segment.accept(batch);
  }

  inputAdded(): void {
    this.#component.inputAdded();
  }

  inputEnded(): void {
    this.#component.inputEnded();
  }
}
