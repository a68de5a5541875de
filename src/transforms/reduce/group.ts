// A group: what the events that belong together have come to so far, field by field.
//
//   { "n": 1, "o": { "v": "a" } }        n ─► sum        the fields without a strategy, as a tree like the events
//   { "n": 2, "o": { "v": "b" } }        o ─► v ─► first
//                                        paths with a strategy, each with one merger, whatever stands there

import { valueAt } from '../../component/event_paths.ts';
import type { Joining } from '../../engine/segment/step.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { EMPTY_METADATA, type Metadata } from '../../event/metadata.ts';
import { setField } from '../../event/object.ts';
import { ownValue } from '../../event/own_value.ts';
import { formatPath, type Path, setPath } from '../../event/path.ts';
import { isObject, type ObjectValue, own, type Value } from '../../event/value.ts';
import {
  type Merger,
  type MergeStrategy,
  mergerOf,
  mergerOfKind,
  restoredMerger,
  type SavedMerger,
  Unmergeable,
} from './merge_strategies.ts';

/** The strategies of a configuration, and what they cover. */
export class Strategies {
  readonly list: readonly { readonly path: Path; readonly strategy: MergeStrategy }[];
  readonly covered: Cover = new Map();
  /** Whether texts become a text in all fields, and an event that has no others comes out of a group of its own as it went in. */
  readonly keepTexts: boolean;

  constructor(strategies: readonly { readonly path: Path; readonly strategy: MergeStrategy }[]) {
    this.list = strategies;
    this.keepTexts = strategies.every(({ path, strategy }) => path.target === 'event' && OF_TEXTS.has(strategy));
    for (const { path } of strategies) if (path.target === 'event') cover(this.covered, path.segments as string[]);
  }

  /** What becomes of the fields of such events. */
  joiningOf(names: readonly string[]): Joining {
    return names.map((name) => {
      const found = this.list.findLast(({ path: { segments } }) => segments.length === 1 && segments[0] === name);
      return (found && OF_TEXTS.get(found.strategy)) ?? 'first';
    });
  }
}

/** What becomes of texts by the strategies that make a text of them, a text alone being what it was. */
const OF_TEXTS = new Map<MergeStrategy, Joining[number]>([
  ['concat', { separator: ' ' }],
  ['concat_newline', { separator: '\n' }],
  ['concat_raw', { separator: '' }],
  ['discard', 'first'],
  ['retain', 'last'],
]);

/** Names of fields: those that have a strategy, and those with one further inside. */
type Cover = Map<string, Cover | 'covered'>;

function cover(names: Cover, [name, ...rest]: readonly string[]): void {
  const inner = name === undefined ? 'covered' : names.get(name);
  if (name === undefined || inner === 'covered') return;
  if (rest.length === 0) names.set(name, 'covered');
  else {
    const next: Cover = inner ?? new Map();
    names.set(name, next);
    cover(next, rest);
  }
}

type Fields = Map<string, Merger | Fields>;

/** Told of values that could not be taken: the event goes on without them. */
export type OnUnmergeable = (path: string, problem: Unmergeable) => void;

/** Measured bytes of a group, of a field besides its name, and of holding a batch that a source waits for. */
const GROUP_BYTES = 640;
const FIELD_BYTES = 24;
const HOLD_BYTES = 344;

/** A group as it is saved. */
export interface SavedGroup {
  readonly ageMs: number;
  readonly idleMs: number;
  readonly events: number;
  readonly metadata: Metadata;
  readonly root: SavedMerger | undefined;
  readonly chosen: readonly (SavedMerger | null)[];
  readonly fields: SavedFields;
}

type SavedFields = Map<string, SavedMerger | SavedFields>;

export class Group {
  readonly createdMs: number;
  lastMs: number;
  events = 0;
  /** Estimated bytes of all that it keeps. */
  sizeBytes = GROUP_BYTES;
  /** The batches its events came in, each held once. */
  holds: Finalizer[] = [];
  /** Whether some of it is safe in a file, so that the batches which that came in are not held any more. */
  isSaved = false;
  readonly #strategies: Strategies;
  readonly #onUnmergeable: OnUnmergeable;
  readonly #chosen: (Merger | undefined)[];
  readonly #fields: Fields = new Map();
  /** What events have come to that are no objects. */
  #root: Merger | undefined;
  #metadata: Metadata = EMPTY_METADATA;

  constructor(strategies: Strategies, onUnmergeable: OnUnmergeable, nowMs: number) {
    this.createdMs = nowMs;
    this.lastMs = nowMs;
    this.#strategies = strategies;
    this.#onUnmergeable = onUnmergeable;
    this.#chosen = new Array(strategies.list.length).fill(undefined);
  }

  save(nowMs: number): SavedGroup {
    return {
      ageMs: nowMs - this.createdMs,
      idleMs: nowMs - this.lastMs,
      events: this.events,
      metadata: this.#metadata,
      root: this.#root?.save(),
      chosen: this.#chosen.map((merger) => merger?.save() ?? null),
      fields: savedFields(this.#fields),
    };
  }

  /** The group that was saved when there were these strategies. Throws when it cannot be made. */
  static restore(saved: SavedGroup, strategies: Strategies, onUnmergeable: OnUnmergeable, nowMs: number): Group {
    const group = new Group(strategies, onUnmergeable, nowMs - saved.ageMs);
    group.lastMs = nowMs - saved.idleMs;
    group.events = saved.events;
    group.#metadata = saved.metadata;
    group.#root = saved.root && restoredMerger(saved.root);
    group.sizeBytes += group.#root?.sizeBytes ?? 0;
    saved.chosen.forEach((one, index) => {
      const merger = one ? restoredMerger(one) : undefined;
      group.#chosen[index] = merger;
      group.sizeBytes += merger?.sizeBytes ?? 0;
    });
    group.#restoreFields(saved.fields, group.#fields);
    group.saved();
    return group;
  }

  /** It is safe in a file: the batches that its events came in are let go. */
  saved(): void {
    this.isSaved = true;
    for (const hold of this.holds) hold.release();
    this.sizeBytes -= Math.max(this.holds.length - 1, 0) * HOLD_BYTES;
    if (this.holds.length === 0) this.sizeBytes += HOLD_BYTES;
    this.holds = [new Finalizer()];
  }

  #restoreFields(saved: SavedFields, fields: Fields): void {
    for (const [name, one] of saved) {
      if (one instanceof Map) {
        const inner: Fields = new Map();
        this.#put(fields, name, inner);
        this.#restoreFields(one, inner);
      } else {
        const merger = restoredMerger(one);
        this.sizeBytes += merger.sizeBytes;
        this.#put(fields, name, merger);
      }
    }
  }

  /** Takes an event of a batch, of which it takes a hold. */
  add(event: LogEvent, finalizer: Finalizer, nowMs: number): void {
    this.#addMetadata(event.metadata);
    this.#addChosen(event);
    if (isObject(event.value)) this.#addFields(event.value, this.#fields, this.#strategies.covered, '');
    else this.#root = this.#merged(this.#root, event.value, '.');
    if (this.holds.at(-1) !== finalizer) {
      this.holds.push(finalizer.retain());
      this.sizeBytes += HOLD_BYTES;
    }
    this.events += 1;
    this.lastMs = nowMs;
  }

  /** The event that it has come to. */
  result(): LogEvent {
    const value = objectOf(this.#fields);
    const metadata: ObjectValue = { ...this.#metadata.value };
    this.#strategies.list.forEach(({ path: { target, segments } }, index) => {
      const merger = this.#chosen[index];
      if (merger) setPath(target === 'event' ? value : metadata, segments, merger.result);
    });
    const isEmpty = this.#root !== undefined && Object.keys(value).length === 0;
    return { value: isEmpty ? this.#root!.result : value, metadata: { ...this.#metadata, value: metadata } };
  }

  /** Metadata is that of the first event, with the secrets of all. */
  #addMetadata(metadata: Metadata): void {
    if (this.events === 0) {
      this.#metadata = { ...metadata, value: ownValue(metadata.value) as ObjectValue };
      return;
    }
    const { secrets } = metadata;
    if (!secrets || secrets === this.#metadata.secrets) return;
    this.#metadata = { ...this.#metadata, secrets: new Map([...secrets, ...(this.#metadata.secrets ?? [])]) };
  }

  #addChosen(event: LogEvent): void {
    const { list } = this.#strategies;
    for (let i = 0; i < list.length; i++) {
      const { path, strategy } = list[i]!;
      const value = valueAt(event, path);
      if (value === undefined) continue;
      const merger = this.#chosen[i];
      if (merger) this.#add(merger, value, formatPath(path));
      else {
        const begun = mergerOf(strategy, value);
        if (begun instanceof Unmergeable) this.#onUnmergeable(formatPath(path), begun);
        else {
          this.#chosen[i] = begun;
          this.sizeBytes += begun.sizeBytes;
        }
      }
    }
  }

  #addFields(object: ObjectValue, fields: Fields, covered: Cover | undefined, above: string): void {
    for (const name of Object.keys(object)) {
      const inner = covered?.get(name);
      if (inner === 'covered') continue;
      const value = object[name]!;
      const known = fields.get(name);
      if (!isObject(value) || Object.keys(value).length === 0) {
        // What was an object stays one: nobody can say what both together are.
        if (known instanceof Map) continue;
        const merger = this.#merged(known, value, above + name);
        if (!known) this.#put(fields, name, merger);
      } else if (known === undefined) {
        const branch: Fields = new Map();
        this.#put(fields, name, branch);
        this.#addFields(value, branch, inner, `${above}${name}.`);
      } else if (known instanceof Map) this.#addFields(value, known, inner, `${above}${name}.`);
    }
  }

  #put(fields: Fields, name: string, field: Merger | Fields): void {
    fields.set(own(name), field);
    this.sizeBytes += FIELD_BYTES + name.length;
  }

  /** The merger of a field without a strategy, with one more value. */
  #merged(merger: Merger | undefined, value: Value, path: string): Merger {
    if (merger) {
      this.#add(merger, value, path);
      return merger;
    }
    const begun = mergerOfKind(value);
    this.sizeBytes += begun.sizeBytes;
    return begun;
  }

  #add(merger: Merger, value: Value, path: string): void {
    const before = merger.sizeBytes;
    const problem = merger.add(value);
    this.sizeBytes += merger.sizeBytes - before;
    if (problem) this.#onUnmergeable(path, problem);
  }
}

function savedFields(fields: Fields): SavedFields {
  const saved: SavedFields = new Map();
  for (const [name, field] of fields) saved.set(name, field instanceof Map ? savedFields(field) : field.save());
  return saved;
}

function objectOf(fields: Fields): ObjectValue {
  const object: ObjectValue = {};
  for (const [name, field] of fields) {
    if (field instanceof Map) setField(object, name, objectOf(field));
    else setField(object, name, field.result);
  }
  for (const [name, field] of fields)
    if (!(field instanceof Map) && field.end !== undefined) setField(object, `${name}_end`, field.end);
  return object;
}
