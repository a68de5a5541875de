// What travels with an event and is not part of its data.

import type { ObjectValue } from './value.ts';

/**
 * Shared read-only between events of a batch and between consumers: who changes it puts a changed copy in its place.
 */
export interface Metadata {
  /** What VRL reaches as `%`. */
  readonly value: ObjectValue;
  /** What `get_secret` reaches; never printed. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** Id and type of the source the event came from. */
  readonly sourceId?: string;
  readonly sourceType?: string;
  /** Output id of the component it last left, as `id` or `id.port`. */
  readonly upstreamId?: string;
}

export const EMPTY_METADATA: Metadata = Object.freeze({ value: Object.freeze({}) as ObjectValue });
