// An event of which only the fields that are needed have been decoded.
//
//   bytes of the frame ──read──► value: { level: "info", request: { status: 200 } } ──steps──► value, edited
//         │                        originals: what was read                                        │
//         └──────────────── the rest, untouched ─────────────────────────► output ◄── what differs from the originals
//
// Invariant: the whole event is what the bytes say, with each written field as it stands in `value`. `base` knows how to
// tell that; without one the event is whole, and `value` is all of it.

import type { CommonFields } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { stringifyJson } from '../../event/json.ts';
import { EMPTY_METADATA, type Metadata } from '../../event/metadata.ts';
import { cloneValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import type { HeldTexts, SegmentEvent } from './step.ts';

/** Where the fields of a partial event that are not in its value are. */
export interface Base {
  /** Whether all fields of its events are texts, but for those that steps changed. */
  readonly hasTextsAlone?: boolean;
  /** As `SegmentEvent.texts`. */
  textsOf?(event: PartialEvent): HeldTexts | undefined;
  /** The value of the whole event, its own. */
  wholeOf(event: PartialEvent): Value;
}

/**
 * Stands for a field that is written and never read: it is there, and nobody wants to know what it is. An object, so
 * that it has an identity; nothing looks into it.
 */
export const UNREAD: Value = Object.freeze({});

/** Top-level fields that an event has besides those of its text. */
export interface Others {
  readonly fields: readonly OtherField[];
  /** Name of a field whose value is the text itself, unless that has a member of the same name. */
  readonly messageKey: string | undefined;
  /** Whether values differ from event to event of a batch. */
  readonly vary?: boolean;
}

export interface OtherField {
  readonly name: string;
  /** Whether it stands over a member of the text of the same name, or gives way to it. */
  readonly overwrites: boolean;
  readonly value: Value;
  /** The value as JSON. */
  readonly json: string;
}

export function othersOf({ fields, messageKey, overwriting }: CommonFields): Others {
  return {
    fields: Object.entries(fields).map(([name, value]) => {
      return { name, value, json: stringifyJson(value), overwrites: overwriting.includes(name) };
    }),
    messageKey,
  };
}

export class PartialEvent implements SegmentEvent {
  value: Value = null;
  metadata: Metadata = EMPTY_METADATA;
  base: Base | undefined;
  /** Values of the base's fields as they were read; shared with forks. */
  originals: readonly (Value | undefined)[] = [];
  /** Which frame of the batch it is, and where the text of the base lies in memory. */
  frame = 0;
  start = 0;
  end = 0;
  /** What the event had before JSON was merged into it. */
  others: Others | undefined;
  /** Where texts of several events lie that it was made of, and its value as it was then. */
  joined: { readonly ranges: Int32Array; readonly value: ObjectValue } | undefined;
  several: readonly LogEvent[] | undefined;

  get hasTextsAlone(): boolean {
    if (!this.base?.hasTextsAlone) return false;
    const fields = this.value as ObjectValue;
    for (const name in fields) {
      const value = fields[name]!;
      if (typeof value !== 'string' && value !== UNREAD) return false;
    }
    return true;
  }

  texts(): HeldTexts | undefined {
    return this.base?.textsOf?.(this);
  }

  complete(): void {
    if (!this.base) return;
    this.value = this.base.wholeOf(this);
    this.base = undefined;
  }

  replace(value: Value): void {
    this.value = value;
    this.base = undefined;
  }

  /** Makes it a whole event. */
  be({ value, metadata }: LogEvent): void {
    this.replace(value);
    this.metadata = metadata;
  }

  become(other: PartialEvent): void {
    this.value = other.value;
    this.metadata = other.metadata;
    this.base = other.base;
    this.originals = other.originals;
    this.frame = other.frame;
    this.start = other.start;
    this.end = other.end;
    this.others = other.others;
    this.joined = other.joined;
  }

  snapshot(): Value {
    return cloneFields(this.value);
  }

  /** The same event for one more way, on which it may be changed. */
  fork(): PartialEvent {
    const fork = new PartialEvent();
    fork.become(this);
    fork.value = this.snapshot();
    return fork;
  }
}

/** A whole event on its own. */
export function wholeEvent(whole: LogEvent): PartialEvent {
  const event = new PartialEvent();
  event.be(whole);
  return event;
}

/** As `cloneValue`; what stands for unread fields stays itself. */
export function cloneFields(value: Value): Value {
  if (value === UNREAD || !isObject(value)) return value === UNREAD ? value : cloneValue(value);
  const copy = { ...value };
  for (const name of Object.keys(copy)) {
    const member = copy[name]!;
    if (typeof member === 'object' && member !== null) copy[name] = cloneFields(member);
  }
  return copy;
}
