// A segment that workers may run, as the main thread knows it.

import type { LeafForm } from '../segment/leaf.ts';
import type { SegmentResult } from '../segment/segment.ts';
import type { Notes } from './notes.ts';

export interface SharedSegment {
  readonly id: number;
  /** The component that its batches come in at. */
  readonly name: string;
  /** Plain data that workers build it from. */
  readonly recipe: unknown;
  /** What comes out of its leaves. */
  readonly forms: readonly LeafForm[];
  /** Why workers do not run it, once that is known. */
  refused: string | undefined;
}

/** What became of a batch that a worker was given. */
export type Outcome =
  | {
      readonly kind: 'run';
      readonly result: SegmentResult;
      readonly notes: Notes | undefined;
      readonly ms: number;
    }
  /** The segment throws on it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly notes: Notes | undefined; readonly ms: number }
  /** The worker ended before it had answered: it may be run again. */
  | { readonly kind: 'lost' }
  /** The worker died of it: whoever runs it again may do so as well. */
  | { readonly kind: 'fatal'; readonly reason: string };
