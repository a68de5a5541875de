// What a stateless component does to one event, said so that a segment can run it on a part of the event: which fields
// it reads and writes, and where the event goes on to.

import type { Event, LogEvent } from '../../event/event.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import type { Metadata } from '../../event/metadata.ts';
import type { Path, Segment } from '../../event/path.ts';
import type { ObjectValue, Value } from '../../event/value.ts';

/** The fields of an event that a step reads and writes. The empty path is the whole event. */
export interface Needs {
  readonly reads: readonly Path[];
  readonly writes: readonly Path[];
  /** Fields of which it looks at no more than whether they are there, and null. */
  readonly tests?: readonly Path[];
}

/**
 * An event on its way through a segment. While it is partial, `value` holds no more than the fields that steps need,
 * and the rest is in the bytes it came from.
 */
export interface SegmentEvent extends LogEvent {
  value: Value;
  metadata: Metadata;
  /** What a step made of one event when that is several, all for its first port; see `SEVERAL`. */
  several: readonly LogEvent[] | undefined;
  /** Whether all its fields are known to be texts, those that were not read as well. */
  readonly hasTextsAlone: boolean;
  /**
   * Its fields where they lie in memory, as long as its batch does, when they are texts that no step has changed;
   * undefined where that is not so, or not known.
   */
  texts(): HeldTexts | undefined;
  /** Makes it the whole event as it is now, its own. */
  complete(): void;
  /** Makes it a whole event with another value. */
  replace(value: Value): void;
  /** Makes it what `other` is. */
  become(other: SegmentEvent): void;
}

/** The fields of an event as texts in memory. */
export interface HeldTexts {
  /** In the order in which they are written; the same array for all events that can be joined. */
  readonly names: readonly string[];
  /** Pairs of start and end by name. */
  readonly ranges: Int32Array;
  /** What steps need of it; not to be changed. */
  readonly value: ObjectValue;
  readonly metadata: Metadata;
  /** All of it, its own. */
  whole(): Value;
  /**
   * Makes `event` what several are together, of which this is the first, under its metadata. False, and nothing is done,
   * when they are too many for that.
   */
  makeJoined(event: SegmentEvent, held: readonly HeldTexts[], joining: Joining): boolean;
}

/** What becomes of the texts of each field: that of the first event or of the last one, or all with something between. */
export type Joining = readonly ('first' | 'last' | { readonly separator: string })[];

/** Result of a step that made several events (or none) of one, whole ones: they are in `several`. */
export const SEVERAL = -1;

/** Most ports of a step: each is a bit. */
export const PORTS_MAX = 30;

/** What a step keeps of events from one batch to the next, on the main thread alone. */
export interface Keeping {
  /** Before the first event of a batch: what is kept of its events holds this. */
  begin(finalizer: Finalizer): void;
  /**
   * After the last one: holds of batches before, of whose events something was passed on in this one. The caller's, as
   * those that are passed on in this batch stand under them too.
   */
  departed(): readonly Finalizer[];
}

/** A component as a part of a segment. Made once per segment and thread. */
export interface Step {
  readonly needs: Needs;
  readonly keeping?: Keeping;
  /**
   * Set when the first thing it does is to put something else in the place of the whole event, made of the fields
   * in `reads` alone: what it needs after that is none of what came in.
   */
  readonly replaces?: Replacement;
  /**
   * Runs on an event. A step that `replaces` leaves a whole event behind, whatever happens: by `replace`, or by
   * `complete` where it has to pass on what came in.
   * @returns a bit for each of its ports that the event goes on to, 0 for none, or `SEVERAL`.
   */
  run(event: SegmentEvent): number;
  /** The batch is over: counts what was dropped or failed in it. */
  settle?(): void;
}

export interface Replacement {
  /** What the new event is made of. */
  readonly reads: readonly Path[];
  /** Set when the new event is what a text of the event says, or that merged into the event. */
  readonly text?: TextReplacement;
}

export interface TextReplacement {
  /** `json` is an object; `syslog` is a message as `parse_syslog` reads it; `regex` is what `pattern` captures. */
  readonly format: 'json' | 'syslog' | 'regex';
  readonly pattern?: string | undefined;
  readonly path: readonly Segment[];
  /** Whether members of the event that the text does not have stay; not of syslog. */
  readonly keepsOthers: boolean;
  /** What the step needs of the new event. */
  readonly needs: Needs;
  /**
   * Runs what comes after the replacement, on the new event; `before` is what came in. The new event is partial and may
   * stay so; where `before` has to be passed on, it becomes that. Results as of `Step.run`.
   */
  run(event: SegmentEvent, before: SegmentEvent): number;
}

/**
 * A consumer behind a segment that makes something else of events and keeps none of them, so that they need not be made
 * whole for it. Made once per segment.
 */
export interface Taker {
  /** What it reads of an event; it writes nothing. */
  readonly needs: Needs;
  /** Looks at an event, which is gone after the call. */
  take(event: LogEvent): void;
  /** The batch is over: what was made of its events, which is forgotten then. Counts what was dropped or failed. */
  made(): readonly Event[];
}

/** What several parts of a step need together. */
export function joined(needs: readonly Needs[]): Needs {
  return {
    reads: needs.flatMap(({ reads }) => reads),
    writes: needs.flatMap(({ writes }) => writes),
    tests: needs.flatMap(({ tests = [] }) => tests),
  };
}
