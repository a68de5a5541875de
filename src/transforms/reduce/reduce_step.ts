// Reduce as a part of a segment, which knows of most events no more than what tells groups apart.
//
//   event ──┬─ alone in its group, which is over: passes as it is
//           ├─ texts in memory: held where they lie, until the group is over or the batch
//           │      over in the same batch: the texts, one behind the other, are the event
//           └─ anything else, and what is held at the end of the batch: made whole, into an ordinary group

import {
  type HeldTexts,
  type Joining,
  type Keeping,
  type Needs,
  SEVERAL,
  type SegmentEvent,
  type Step,
} from '../../engine/segment/step.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { Group, Strategies } from './group.ts';

/** Where an event belongs. */
export interface Place extends Sides {
  readonly key: string;
}

/** Whether an event begins a group, and whether it ends one whatever came before it. */
export interface Sides {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** What the transform does for its step. */
export interface Reducing {
  readonly needs: Needs;
  readonly strategies: Strategies;
  readonly maxEvents: number | undefined;
  sidesOf(event: LogEvent): Sides;
  keyOf(event: LogEvent): string;
  readonly hasGroups: boolean;
  hasGroup(key: string): boolean;
  /** Puts a whole event into its group; what ends by that comes into `ended`. */
  put(place: Place, event: LogEvent, finalizer: Finalizer, ended: Group[]): void;
  resultsOf(ended: readonly Group[]): { readonly events: readonly LogEvent[]; readonly holds: readonly Finalizer[] };
  /** Sends on groups that ended when their batch was over. */
  emit(ended: readonly Group[]): void;
}

/** Events of a group that are held as texts; the parts of a message are few. */
const HELD_MAX = 32;

export function reduceStep(reducing: Reducing): Step {
  const run = new ReduceRun(reducing);
  return { needs: reducing.needs, keeping: run, run: (event) => run.run(event) };
}

class ReduceRun implements Keeping {
  readonly #reducing: Reducing;
  /** Texts of the present batch by group; the one that got an event longest ago comes first. */
  readonly #held = new Map<string, HeldTexts[]>();
  readonly #joinings = new WeakMap<readonly string[], Joining>();
  #departed: Finalizer[] = [];
  #finalizer = NOBODY;

  constructor(reducing: Reducing) {
    this.#reducing = reducing;
  }

  readonly begin = (finalizer: Finalizer): void => {
    this.#finalizer = finalizer;
  };

  readonly departed = (): readonly Finalizer[] => {
    const ended: Group[] = [];
    this.#settle(ended);
    if (ended.length > 0) this.#reducing.emit(ended);
    this.#finalizer = NOBODY;
    if (this.#departed.length === 0) return NONE;
    return this.#departed.splice(0);
  };

  run(event: SegmentEvent): number {
    const { strategies, hasGroups } = this.#reducing;
    const sides = this.#reducing.sidesOf(event);
    const isText = strategies.keepTexts && event.hasTextsAlone;
    if (isText && sides.isLast && !sides.isFirst && !hasGroups && this.#held.size === 0) return PASSED;
    const key = this.#reducing.keyOf(event);
    const bits = isText && !(hasGroups && this.#reducing.hasGroup(key)) ? this.#asText(event, key, sides) : undefined;
    return bits ?? this.#asWhole(event, { key, ...sides });
  }

  /** Undefined, and nothing is done, where the event has to be made whole. */
  #asText(event: SegmentEvent, key: string, { isFirst, isLast }: Sides): number | undefined {
    const before = this.#held.get(key);
    if (isLast && !isFirst && !before) return PASSED;
    const texts = event.texts();
    if (!texts || (isFirst && isLast)) return undefined;
    if (!before || isFirst) {
      if (before && !this.#join(event, before)) return undefined;
      this.#hold(key, [texts]);
      return before ? PASSED : HELD;
    }
    const [first] = before;
    if (texts.names !== first!.names || texts.metadata !== first!.metadata) return undefined;
    const events = before.length + 1;
    if (isLast || events === this.#reducing.maxEvents) {
      if (!this.#join(event, [...before, texts])) return undefined;
      this.#held.delete(key);
      return PASSED;
    }
    if (events > HELD_MAX) return undefined;
    before.push(texts);
    this.#hold(key, before);
    return HELD;
  }

  #hold(key: string, texts: HeldTexts[]): void {
    this.#held.delete(key);
    this.#held.set(key, texts);
  }

  #join(event: SegmentEvent, texts: readonly HeldTexts[]): boolean {
    const [first] = texts;
    let joining = this.#joinings.get(first!.names);
    if (!joining) this.#joinings.set(first!.names, (joining = this.#reducing.strategies.joiningOf(first!.names)));
    return first!.makeJoined(event, texts, joining);
  }

  #asWhole(event: SegmentEvent, place: Place): number {
    const ended: Group[] = [];
    // All of it, as groups stand in the order in which they got their last event.
    this.#settle(ended);
    event.complete();
    this.#reducing.put(place, event, this.#finalizer, ended);
    if (ended.length === 0) return HELD;
    const { events, holds } = this.#reducing.resultsOf(ended);
    event.several = events;
    for (const hold of holds) {
      // What comes out of this batch stands under its finalizer anyway.
      if (hold === this.#finalizer) hold.release();
      else this.#departed.push(hold);
    }
    return SEVERAL;
  }

  /** Makes ordinary groups of the texts that are held. */
  #settle(ended: Group[]): void {
    for (const [key, texts] of this.#held) {
      for (const one of texts) {
        const event = { value: one.whole(), metadata: one.metadata };
        this.#reducing.put({ key, isFirst: false, isLast: false }, event, this.#finalizer, ended);
      }
    }
    this.#held.clear();
  }
}

/** Results of a step: the event goes on, or stays. */
const PASSED = 1;
const HELD = 0;

const NOBODY = new Finalizer();
const NONE: readonly Finalizer[] = [];
