// What reading, writing and removing at a path does to kinds. The kinds are made by whoever asks, so that this file
// needs none of the lattice itself.

import type { Segment } from '../../event/path.ts';
import type { Collection, Kind } from './kind.ts';

/** How kinds are made. */
export interface Makers {
  readonly never: Kind;
  readonly null: Kind;
  readonly undefined: Kind;
  /** An array of these items, empty when not given. */
  array(items?: Collection<number>): Kind;
  object(members?: Collection<string>): Kind;
  /** Indices beyond this are not known one by one. */
  readonly entriesMax: number;
}

/**
 * Where an index counts from an end that is not known, each place it may mean is tried. With more places than this,
 * items are known only all together.
 */
const PLACES_MAX = 256;

/** The kind at a path, in place: with `undefined` where there may be nothing. */
export function kindAt(root: Kind, path: readonly Segment[], make: Makers): Kind {
  let kind = root;
  for (const segment of path) {
    if (kind.isNever()) return kind;
    const isCertain = kind.isExact();
    let next: Kind | undefined;
    if (typeof segment === 'string') {
      const members = kind.objectMembers;
      if (members !== undefined) next = members.knownAt(segment) ?? members.unknownKind;
    } else if (kind.arrayItems !== undefined) {
      const items = kind.arrayItems;
      if (segment < 0 && hasUnknown(items)) {
        kind = kindFromEnd(items, segment, isCertain);
        continue;
      }
      const index = segment < 0 ? segment + knownLength(items) : segment;
      if (index >= 0) next = items.knownAt(index) ?? items.unknownKind;
    }
    if (next === undefined) kind = make.undefined;
    else kind = isCertain ? next : next.with('undefined');
  }
  return kind;
}

/** An index from the end of an array that may be longer than known: any of the last items it can reach. */
function kindFromEnd(items: Collection<number>, index: number, isCertain: boolean): Kind {
  const first = knownLength(items) + index;
  let kind = items.unknownKind;
  if (isCertain && first >= 0) kind = kind.without('undefined');
  for (const [i, known] of items.known) if (i >= first) kind = kind.union(known);
  return kind;
}

function hasUnknown<K extends string | number>(collection: Collection<K>): boolean {
  return !collection.unknownKind.is('undefined');
}

/** The length as far as indices are known, those that may be absent included. */
function knownLength(items: Collection<number>): number {
  let length = 0;
  for (const index of items.known.keys()) length = Math.max(length, index + 1);
  return length;
}

/** The kind after a value of `kind` was written at the path. A value that never comes changes nothing. */
export function kindWithInsertion(root: Kind, path: readonly Segment[], kind: Kind, make: Makers): Kind {
  return kind.isNever() ? root : insertAt(root, path, 0, kind, make);
}

function insertAt(root: Kind, path: readonly Segment[], at: number, kind: Kind, make: Makers): Kind {
  const segment = path[at];
  if (segment === undefined) return kind;
  if (typeof segment === 'string') {
    const members = (root.objectMembers ?? make.object().objectMembers)!;
    const old = members.knownAt(segment) ?? members.unknownKind;
    return make.object(members.withKnown(segment, insertAt(old, path, at + 1, kind, make)));
  }
  const items = (root.arrayItems ?? make.array().arrayItems)!;
  const inserted = (old: Kind): Kind => insertAt(old, path, at + 1, kind, make);
  if (segment < 0 && hasUnknown(items)) {
    const upgraded = kind.upgradeUndefined();
    return make.array(insertFromEnd(items, segment, (old) => insertAt(old, path, at + 1, upgraded, make), make));
  }
  return make.array(insertItem(items, segment, inserted, make));
}

type Insertion = (old: Kind) => Kind;

function insertItem(items: Collection<number>, segment: number, inserted: Insertion, make: Makers): Collection<number> {
  const length = items.minLength();
  const index = segment < 0 ? segment + Math.max(-segment, length) : segment;
  if (Math.max(index, -segment) >= make.entriesMax) return insertAnywhere(items, inserted, make);
  const known = new Map(items.known);
  if (segment < 0) for (let i = length; i < -segment; i++) known.set(i, make.null);
  if (!known.has(index)) {
    const hole = items.unknownKind.without('undefined').with('null');
    for (let i = 0; i < index; i++) if (!known.has(i)) known.set(i, hole);
  }
  return items.withEntries(known.set(index, inserted(known.get(index) ?? items.unknownKind)));
}

/** An index from the end of an array that may be longer than known: each item it may be, and the unknown ones. */
function insertFromEnd(
  items: Collection<number>,
  segment: number,
  inserted: Insertion,
  make: Makers,
): Collection<number> {
  if (-segment > PLACES_MAX) return insertAnywhere(items, inserted, make);
  const unknown = items.unknownKind;
  const length = items.minLength();
  const known = new Map(withShifts(items, -segment - length, make).known);
  for (let i = 0; i < -segment; i++) known.set(i, (known.get(i) ?? unknown).without('undefined'));
  for (const [i, kind] of known) if (i >= length + segment) known.set(i, kind.union(inserted(kind)));
  return items.withEntries(known).withUnknown(unknown.union(inserted(unknown)));
}

/** An array that is too short for an index from the end grows at its front, by up to `shiftsMax` items. */
function withShifts(items: Collection<number>, shiftsMax: number, make: Makers): Collection<number> {
  let all = items;
  for (let shift = 1; shift <= shiftsMax; shift++) {
    const known = new Map<number, Kind>();
    for (let i = 1; i < shift; i++) known.set(i, make.null);
    for (const [i, kind] of items.known) known.set(i + shift, kind);
    all = all.merge(items.withEntries(known), false);
  }
  return all;
}

/** Where there are too many places to tell them apart. */
function insertAnywhere(items: Collection<number>, inserted: Insertion, make: Makers): Collection<number> {
  const all = items.anonymized();
  return all.withUnknown(all.unknownKind.union(inserted(make.undefined)).with('null'));
}

/** What is left after the value at the path was removed. The root itself is emptied, as it cannot be removed. */
export function kindWithout(root: Kind, path: readonly Segment[], compact: boolean, make: Makers): Kind {
  if (path.length > 0) return removeAt(root, path, 0, compact, make).kind;
  let kind = make.never;
  if (root.contains('object')) kind = kind.union(make.object());
  if (root.contains('array')) kind = kind.union(make.array());
  return root.hasPrimitive() ? kind.union(make.null) : kind;
}

/** Whether what is left is then removed from its parent, too. */
type Removes = 'always' | 'maybe' | 'never';

interface Removal {
  readonly kind: Kind;
  readonly removes: Removes;
}

function removeAt(root: Kind, path: readonly Segment[], at: number, compact: boolean, make: Makers): Removal {
  if (root.isNever()) return { kind: root, removes: 'never' };
  const segment = path[at];
  if (segment === undefined)
    return { kind: root, removes: certainty(!root.is('undefined'), root.contains('undefined')) };
  const inner = (child: Kind): Removal => removeAt(child, path, at + 1, compact, make);
  if (typeof segment === 'string') {
    const members = root.objectMembers;
    if (members === undefined) return { kind: root, removes: 'never' };
    const { kind: child, removes } = inner(members.knownAt(segment) ?? kindAt(root, path.slice(at), make));
    const changed = members.knownAt(segment) === undefined ? members : members.withKnown(segment, child);
    const left = takeOut(changed, removes, (from) => from.withoutKnown(segment));
    return { kind: root.withObjectMembers(left), removes: onward(left, removes, compact) };
  }
  const items = root.arrayItems;
  if (items === undefined) return { kind: root, removes: 'never' };
  if (segment < 0 && hasUnknown(items)) return removeFromEnd(root, items, segment, inner);
  const index = segment < 0 ? segment + items.minLength() : segment;
  if (index < 0) return { kind: root, removes: 'never' };
  const { kind: child, removes } = inner(items.knownAt(index) ?? kindAt(root, path.slice(at), make));
  const changed = items.knownAt(index) === undefined ? items : items.withKnown(index, child);
  const left = takeOut(changed, removes, (from) => withoutItem(from, index));
  return { kind: root.withArrayItems(left), removes: onward(left, removes, compact) };
}

/** Whether the array itself may then go does not depend on `compact` here, as in the original. */
function removeFromEnd(
  root: Kind,
  items: Collection<number>,
  segment: number,
  inner: (child: Kind) => Removal,
): Removal {
  const length = items.minLength();
  const first = length + segment;
  let all = items;
  if (length - first > PLACES_MAX) all = items.anonymized();
  else if (length > 0 && first >= 0) {
    for (let i = first; i < length; i++) {
      const known = items.knownAt(i);
      if (known === undefined) continue;
      const { kind: child, removes } = inner(known);
      all = all.merge(
        takeOut(items.withKnown(i, child), removes, (from) => withoutItem(from, i)),
        false,
      );
    }
  }
  return { kind: root.withArrayItems(all), removes: all.minLength() <= 1 ? 'maybe' : 'never' };
}

function certainty(canBe: boolean, canBeNot: boolean): Removes {
  if (!canBe) return 'never';
  return canBeNot ? 'maybe' : 'always';
}

function takeOut<K extends string | number>(
  collection: Collection<K>,
  removes: Removes,
  without: (collection: Collection<K>) => Collection<K>,
): Collection<K> {
  if (removes === 'never') return collection;
  const left = without(collection);
  return removes === 'always' ? left : left.merge(collection, false);
}

/** An emptied collection goes, too, when it is asked for and something went at all. */
function onward<K extends string | number>(left: Collection<K>, removes: Removes, compact: boolean): Removes {
  return compact && removes !== 'never' ? left.emptiness : 'never';
}

/** The item after the removed one takes its place; what is known of later ones stays where it is, as in the original. */
function withoutItem(items: Collection<number>, index: number): Collection<number> {
  const known = new Map(items.known);
  known.delete(index);
  const next = items.knownAt(index + 1);
  if (next !== undefined && index < items.minLength()) {
    known.delete(index + 1);
    known.set(index, next);
  }
  return items.withEntries(known);
}
