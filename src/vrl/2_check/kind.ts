// The kinds a value can be of, as the checker knows them: a set of primitives, and for arrays and objects what is known
// of their items and members. Immutable and shared: the plain kinds exist once, and an operation that changes nothing
// returns the kind it was given.
//
// A kind without any possibility (`never`) is that of an expression that never gives a value. Questions of the form
// "may it be…" answer yes for it, as there is no value that could prove them wrong.

import { sortedKeys, sortedStrings } from '../../event/object.ts';
import type { Segment } from '../../event/path.ts';
import { isObject, kindOf, type Value } from '../../event/value.ts';
import type { KindName } from '../function.ts';
import { kindAt, kindWithInsertion, kindWithout, type Makers } from './kind_path.ts';

export type PrimitiveName = 'bytes' | 'integer' | 'float' | 'boolean' | 'timestamp' | 'regex' | 'null' | 'undefined';
export type AnyKindName = PrimitiveName | 'array' | 'object';

/** Collections with more known entries than this are known only by the kinds of their entries. */
export const ENTRIES_MAX = 4096;
/** The same for collections that hold more kinds than this all in all, … */
const SIZE_MAX = 16_384;
/** … and for those nested deeper. */
const DEPTH_MAX = 64;

/** Unknown entries that hold, at any depth, what `any` or `json` hold. */
type Infinite = 'any' | 'json';

const BITS: Readonly<Record<AnyKindName, number>> = {
  bytes: 1,
  integer: 2,
  float: 4,
  boolean: 8,
  timestamp: 16,
  regex: 32,
  null: 64,
  undefined: 128,
  array: 256,
  object: 512,
};
/** In the order of messages. */
const NAMES = Object.keys(BITS) as readonly AnyKindName[];
const ALL = 1023;
const PRIMITIVES = 255;
const JSON_BITS = ALL & ~(BITS.timestamp | BITS.regex);

function bitsOf(names: readonly (KindName | 'undefined')[]): number {
  let bits = 0;
  for (const name of names) bits |= name === 'any' ? ALL : BITS[name];
  return bits;
}

/** What is known of the items of an array (keys are indices) or the members of an object (keys are names). */
export class Collection<K extends string | number> {
  /** How many kinds it holds, and how deep. */
  readonly size: number;
  readonly depth: number;
  private entries: ReadonlyMap<K, Kind>;
  private inOrder = false;
  /** The kind of unknown entries as it was given, with or without `undefined`. */
  private readonly rest: Kind | Infinite;

  constructor(known: ReadonlyMap<K, Kind>, unknown?: Kind | Infinite) {
    let rest = unknown ?? Kind.of('undefined');
    if (rest instanceof Kind && rest === PLAIN[ALL]) rest = 'any';
    let size = 1;
    let depth = 0;
    for (const kind of known.values()) {
      size += kind.size;
      depth = Math.max(depth, kind.depth);
    }
    if (rest instanceof Kind) {
      size += rest.size;
      depth = Math.max(depth, rest.depth);
    }
    if (known.size > ENTRIES_MAX || size > SIZE_MAX || depth >= DEPTH_MAX) {
      rest = simplified(known, rest);
      this.entries = new Map();
      this.size = 2;
      this.depth = 2;
    } else {
      this.entries = known;
      this.size = size;
      this.depth = depth + 1;
    }
    this.rest = rest;
  }

  /** No entries at all. */
  static empty<K extends string | number>(): Collection<K> {
    return EMPTY as unknown as Collection<K>;
  }
  /** Any entries of any kind. */
  static any<K extends string | number>(): Collection<K> {
    return ANY_ENTRIES as unknown as Collection<K>;
  }
  /** Any entries that JSON has. */
  static json<K extends string | number>(): Collection<K> {
    return JSON_ENTRIES as unknown as Collection<K>;
  }
  /** Known entries, the rest of kind `unknown` (always allowed to be absent). */
  static of<K extends string | number>(known: Iterable<readonly [K, Kind]>, unknown?: Kind): Collection<K> {
    const entries = new Map<K, Kind>(known);
    if (entries.size > 0) return new Collection(entries, restOf(unknown));
    const rest = restOf(unknown);
    if (rest === 'any') return Collection.any();
    if (rest === 'json') return Collection.json();
    return rest === undefined || rest === Kind.of('undefined') ? Collection.empty() : new Collection(entries, rest);
  }

  /** Entries known by key, in key order (bytewise for names). */
  get known(): ReadonlyMap<K, Kind> {
    if (!this.inOrder) {
      this.entries = sortedEntries(this.entries);
      this.inOrder = true;
    }
    return this.entries;
  }

  /** What is known of one entry; undefined when it is not known by key. */
  knownAt(key: K): Kind | undefined {
    return this.entries.get(key);
  }

  /** The kind of entries that are not known (contains `undefined`). */
  get unknownKind(): Kind {
    if (this.rest === 'any') return Kind.any();
    return this.rest === 'json' ? JSON_OR_UNDEFINED : this.rest.with('undefined');
  }

  withUnknown(kind: Kind): Collection<K> {
    return Collection.of(this.entries, kind);
  }

  withKnown(key: K, kind: Kind): Collection<K> {
    if (this.entries.get(key) === kind) return this;
    return new Collection(new Map(this.entries).set(key, kind), this.rest);
  }

  withoutKnown(key: K): Collection<K> {
    if (!this.entries.has(key)) return this;
    const entries = new Map(this.entries);
    entries.delete(key);
    return new Collection(entries, this.rest);
  }

  /** The same entries under other keys or of other kinds. */
  withEntries(known: ReadonlyMap<K, Kind>): Collection<K> {
    return new Collection(known, this.rest);
  }

  /** All entries become unknown ones. */
  anonymized(): Collection<K> {
    let all = this.unknownKind;
    for (const kind of this.entries.values()) all = all.union(kind);
    return Collection.of<K>([], all);
  }

  /** The union of all entries' kinds, without `undefined` unless it can be. */
  reducedKind(): Kind {
    let all = Kind.never();
    for (const kind of this.entries.values()) all = all.union(kind);
    return all.union(this.unknownKind.without('undefined'));
  }

  isAny(): boolean {
    for (const kind of this.entries.values()) if (!kind.isAny()) return false;
    return this.unknownKind.isAny();
  }

  /** `always` | `never` | `maybe` empty. */
  get emptiness(): 'always' | 'never' | 'maybe' {
    if (this.entries.size > 0) return 'never';
    return this.unknownKind.is('undefined') ? 'always' : 'maybe';
  }

  merge(other: Collection<K>, overwrite: boolean): Collection<K> {
    if (other === this) return this;
    const changed = new Map<K, Kind>();
    for (const [key, kind] of this.entries) {
      const merged = mergeEntry(kind, other, key, overwrite);
      if (merged !== kind) changed.set(key, merged);
    }
    const own = this.unknownKind;
    for (const [key, kind] of other.entries) {
      if (this.entries.has(key)) continue;
      // What is unknown here may be there; where nothing is unknown, the entry may be missing.
      changed.set(key, overwrite ? kind : own.is('undefined') ? kind.with('undefined') : kind.union(own));
    }
    const rest = mergeRest(this.rest, other.rest, overwrite);
    if (changed.size === 0) return rest === this.rest ? this : new Collection(this.entries, rest);
    const entries = new Map(this.entries);
    for (const [key, kind] of changed) entries.set(key, kind);
    return new Collection(entries, rest);
  }

  isSuperset(other: Collection<K>): boolean {
    if (other === this) return true;
    if (!isRestSuperset(this.rest, other.rest)) return false;
    for (const [key, kind] of other.entries) {
      if (!(this.entries.get(key) ?? this.unknownKind).isSuperset(kind)) return false;
    }
    for (const [key, kind] of this.entries) {
      if (!other.entries.has(key) && !kind.isSuperset(other.unknownKind)) return false;
    }
    return true;
  }

  /** Known entries that say no more than the unknown ones do not count. */
  equals(other: Collection<K>): boolean {
    if (other === this) return true;
    if (!isSameRest(this.unknownKind, other.unknownKind)) return false;
    const [own, others] = [this.telling(), other.telling()];
    if (own.size !== others.size) return false;
    for (const [key, kind] of own) {
      const theirs = others.get(key);
      if (theirs === undefined || !kind.equals(theirs)) return false;
    }
    return true;
  }

  private telling(): Map<K, Kind> {
    const rest = this.unknownKind;
    return new Map([...this.entries].filter(([, kind]) => !kind.equals(rest)));
  }

  /** Of arrays: the smallest length there can be, and the length where it is certain. */
  minLength(): number {
    let length = 0;
    for (const [key, kind] of this.entries) {
      if (!kind.is('undefined') && Number(key) >= length) length = Number(key) + 1;
    }
    return length;
  }

  exactLength(): number | undefined {
    return this.unknownKind.is('undefined') ? this.minLength() : undefined;
  }
}

/** Members that may be undefined, and `undefined` as the kind of the rest, decide how an entry of one side only merges. */
function mergeEntry<K extends string | number>(kind: Kind, other: Collection<K>, key: K, overwrite: boolean): Kind {
  const theirs = other.knownAt(key);
  if (theirs !== undefined) return overwrite ? theirs : kind.union(theirs);
  const rest = other.unknownKind;
  if (rest.is('undefined')) return overwrite ? kind : kind.with('undefined');
  return overwrite ? rest.without('undefined').union(kind) : kind.union(rest);
}

function mergeRest(a: Kind | Infinite, b: Kind | Infinite, overwrite: boolean): Kind | Infinite {
  if (a instanceof Kind) return b instanceof Kind ? (overwrite ? a.mergeOverwrite(b) : a.union(b)) : b;
  if (b instanceof Kind) return a;
  return a === 'any' || b === 'any' ? 'any' : 'json';
}

function isRestSuperset(a: Kind | Infinite, b: Kind | Infinite): boolean {
  if (a === 'any') return true;
  if (a === 'json') return b instanceof Kind ? Kind.json().isSuperset(b) : b === 'json';
  return b instanceof Kind ? a.without('undefined').isSuperset(b.without('undefined')) : a.isAny();
}

function isSameRest(a: Kind, b: Kind): boolean {
  if (a.isAny() || b.isAny()) return a.isAny() && b.isAny();
  if (a.isJson() || b.isJson()) return a.isJson() && b.isJson();
  return a.equals(b);
}

/** Anything goes by its flags alone here, what is known of its entries included. */
function restOf(unknown: Kind | undefined): Kind | Infinite | undefined {
  if (unknown?.isAny()) return 'any';
  return unknown?.isJson() ? 'json' : unknown;
}

/** The kind of all entries, without details of arrays and objects. */
function simplified<K>(known: ReadonlyMap<K, Kind>, rest: Kind | Infinite): Kind | Infinite {
  if (rest === 'any') return rest;
  let names = rest === 'json' ? [...Kind.json().names] : [...rest.names];
  for (const kind of known.values()) names = [...new Set([...names, ...kind.names])];
  return Kind.of(...names);
}

function sortedEntries<K extends string | number>(entries: ReadonlyMap<K, Kind>): ReadonlyMap<K, Kind> {
  if (entries.size < 2) return entries;
  const keys = [...entries.keys()];
  const order =
    typeof keys[0] === 'number' ? (keys as number[]).sort((a, b) => a - b) : sortedStrings(keys as string[]);
  return new Map((order as K[]).map((key) => [key, entries.get(key)!]));
}

export class Kind {
  readonly size: number;
  readonly depth: number;
  private readonly bits: number;
  private readonly array: Collection<number> | undefined;
  private readonly object: Collection<string> | undefined;

  private constructor(bits: number, array: Collection<number> | undefined, object: Collection<string> | undefined) {
    this.bits = bits;
    this.array = array;
    this.object = object;
    this.size = 1 + (array?.size ?? 0) + (object?.size ?? 0);
    this.depth = Math.max(array?.depth ?? 0, object?.depth ?? 0);
  }

  private static make(bits: number, array?: Collection<number>, object?: Collection<string>): Kind {
    const isPlain =
      (array === undefined || array === Collection.any()) && (object === undefined || object === Collection.any());
    if (!isPlain) return new Kind(bits, array, object);
    let plain = PLAIN[bits];
    if (plain === undefined) {
      plain = new Kind(bits, array, object);
      PLAIN[bits] = plain;
    }
    return plain;
  }

  private static plain(bits: number): Kind {
    return (
      PLAIN[bits] ??
      Kind.make(
        bits,
        bits & BITS.array ? Collection.any() : undefined,
        bits & BITS.object ? Collection.any() : undefined,
      )
    );
  }

  static never(): Kind {
    return Kind.plain(0);
  }
  static any(): Kind {
    return Kind.plain(ALL);
  }
  static json(): Kind {
    return JSON_KIND;
  }
  /** The union of plain kinds: `Kind.of('bytes', 'null')`. Arrays and objects hold anything. */
  static of(...names: readonly (KindName | 'undefined')[]): Kind {
    return Kind.plain(bitsOf(names));
  }
  static array(items: Collection<number>): Kind {
    return Kind.make(BITS.array, items, undefined);
  }
  static object(members: Collection<string>): Kind {
    return Kind.make(BITS.object, undefined, members);
  }
  /** The exact kind of a value. */
  static fromValue(value: Value): Kind {
    return exactKind(value, 1);
  }
  /** Members of exact kinds: `Kind.objectOf({ a: Kind.of('bytes') })` has no others; `unknown` is the kind of others. */
  static objectOf(known: Readonly<Record<string, Kind>>, unknown?: Kind): Kind {
    return Kind.object(Collection.of(Object.entries(known), unknown));
  }
  static arrayOf(known: readonly Kind[], unknown?: Kind): Kind {
    return Kind.array(Collection.of(known.entries(), unknown));
  }

  get arrayItems(): Collection<number> | undefined {
    return this.array;
  }
  get objectMembers(): Collection<string> | undefined {
    return this.object;
  }

  /** Whether it may be of the named kind. */
  contains(name: AnyKindName): boolean {
    return this.bits === 0 || (this.bits & BITS[name]) !== 0;
  }
  /** Whether it can be of no other kind than the named. */
  is(name: AnyKindName): boolean {
    return (this.bits & ~BITS[name]) === 0;
  }
  /** All kinds at the top, whatever is known of items and members. */
  isAny(): boolean {
    return this.bits === ALL || this.bits === 0;
  }
  /** The kinds of JSON and `undefined`, at the top. */
  isJson(): boolean {
    return this.bits === JSON_BITS;
  }
  isNever(): boolean {
    return this.bits === 0;
  }
  /** One kind only. */
  isExact(): boolean {
    return (this.bits & (this.bits - 1)) === 0;
  }
  /** Only arrays and objects. */
  isCollection(): boolean {
    return this.bits !== 0 && (this.bits & PRIMITIVES) === 0;
  }
  /** Whether it is known to be more than nothing, an array or an object. */
  hasPrimitive(): boolean {
    return (this.bits & PRIMITIVES) !== 0;
  }

  union(other: Kind): Kind {
    return this.merged(other, false);
  }
  /** The kind of a value of this kind into which one of the other is merged: members of the other replace those here. */
  mergeOverwrite(other: Kind): Kind {
    return this.merged(other, true);
  }

  private merged(other: Kind, overwrite: boolean): Kind {
    if (other === this || other.bits === 0) return this;
    const bits = this.bits | other.bits;
    const array = this.array && other.array ? this.array.merge(other.array, overwrite) : (this.array ?? other.array);
    const object =
      this.object && other.object ? this.object.merge(other.object, overwrite) : (this.object ?? other.object);
    if (bits === this.bits && array === this.array && object === this.object) return this;
    if (bits === other.bits && array === other.array && object === other.object) return other;
    return Kind.make(bits, array, object);
  }

  intersects(other: Kind): boolean {
    return this.bits === 0 || other.bits === 0 || (this.bits & other.bits) !== 0;
  }

  isSuperset(other: Kind): boolean {
    if (other === this) return true;
    if ((other.bits & ~this.bits) !== 0) return false;
    if (this.array && other.array && !this.array.isSuperset(other.array)) return false;
    return !(this.object && other.object) || this.object.isSuperset(other.object);
  }

  equals(other: Kind): boolean {
    if (other === this) return true;
    if (this.bits !== other.bits) return false;
    if (this.array && other.array && !this.array.equals(other.array)) return false;
    return !(this.object && other.object) || this.object.equals(other.object);
  }

  /** With plain kinds; arrays and objects then hold anything. */
  with(...names: readonly (KindName | 'undefined')[]): Kind {
    const bits = bitsOf(names);
    if ((bits & ~this.bits) === 0 && (bits & ~PRIMITIVES) === 0) return this;
    const array = bits & BITS.array ? Collection.any<number>() : this.array;
    const object = bits & BITS.object ? Collection.any<string>() : this.object;
    return Kind.make(this.bits | bits, array, object);
  }
  /** Without plain kinds: `kind.without('undefined', 'array')`. */
  without(...names: readonly AnyKindName[]): Kind {
    const bits = this.bits & ~bitsOf(names);
    if (bits === this.bits) return this;
    return Kind.make(bits, bits & BITS.array ? this.array : undefined, bits & BITS.object ? this.object : undefined);
  }
  /** `undefined` becomes `null`, as reading does it. */
  upgradeUndefined(): Kind {
    return this.bits & BITS.undefined ? this.without('undefined').with('null') : this;
  }

  /** The kind in place, with `undefined` where there may be nothing. */
  atPath(path: readonly Segment[]): Kind {
    return kindAt(this, path, MAKERS);
  }
  /** The kind of what reading gives. */
  get(path: readonly Segment[]): Kind {
    return this.atPath(path).upgradeUndefined();
  }
  /** The kind after a value was written to the path. */
  insert(path: readonly Segment[], kind: Kind): Kind {
    return kindWithInsertion(this, path, kind.upgradeUndefined(), MAKERS);
  }
  /** The same, but `undefined` stays. */
  setAtPath(path: readonly Segment[], kind: Kind): Kind {
    return kindWithInsertion(this, path, kind, MAKERS);
  }
  /** What is left, and what was there. */
  remove(path: readonly Segment[], compact: boolean): { readonly kind: Kind; readonly removed: Kind } {
    return { kind: kindWithout(this, path, compact, MAKERS), removed: this.get(path) };
  }
  /** The same kind, its array replaced. */
  withArrayItems(items: Collection<number>): Kind {
    return items === this.array ? this : Kind.make(this.bits | BITS.array, items, this.object);
  }
  /** The same kind, its object replaced. */
  withObjectMembers(members: Collection<string>): Kind {
    return members === this.object ? this : Kind.make(this.bits | BITS.object, this.array, members);
  }

  /** As messages show it: `string or null`, `{ a: string }`, `any`. */
  toString(): string {
    if (this.isAny()) return 'any';
    if (this.object && this.isExact()) return objectText(this.object);
    if (this.array && this.isExact()) return arrayText(this.array);
    const names = this.names.map((name) => (name === 'bytes' ? 'string' : name));
    const last = names.pop()!;
    return names.length > 0 ? `${names.join(', ')} or ${last}` : last;
  }
  /** The names of kinds it can be, in the order of messages. */
  get names(): readonly AnyKindName[] {
    return NAMES.filter((name) => this.contains(name));
  }
}

const PLAIN_NAME = /^[0-9]*[a-zA-Z_@][0-9a-zA-Z_@]*$/;

function objectText(members: Collection<string>): string {
  if (!members.unknownKind.is('undefined') || members.known.size === 0) return 'object';
  const texts = [...members.known].map(([name, kind]) => `${PLAIN_NAME.test(name) ? name : `"${name}"`}: ${kind}`);
  return `{ ${texts.join(', ')} }`;
}

function arrayText(items: Collection<number>): string {
  if (!items.unknownKind.is('undefined') || items.known.size === 0) return 'array';
  return `[${[...items.known.values()].join(', ')}]`;
}

function exactKind(value: Value, depth: number): Kind {
  if (Array.isArray(value)) {
    if (value.length > ENTRIES_MAX || depth >= DEPTH_MAX) return Kind.of('array');
    return Kind.arrayOf(value.map((item) => exactKind(item, depth + 1)));
  }
  if (!isObject(value)) return Kind.of(kindOf(value));
  const keys = sortedKeys(value);
  if (keys.length > ENTRIES_MAX || depth >= DEPTH_MAX) return Kind.of('object');
  return Kind.object(Collection.of(keys.map((key) => [key, exactKind(value[key]!, depth + 1)] as const)));
}

const PLAIN: (Kind | undefined)[] = [];
const ANY_ENTRIES = new Collection<never>(new Map<never, Kind>(), 'any');
const JSON_ENTRIES = new Collection<never>(new Map<never, Kind>(), 'json');
const EMPTY = new Collection<never>(new Map<never, Kind>());
const JSON_KIND = Kind.of('bytes', 'integer', 'float', 'boolean', 'null')
  .withArrayItems(Collection.json())
  .withObjectMembers(Collection.json());
const JSON_OR_UNDEFINED = JSON_KIND.with('undefined');
const MAKERS: Makers = {
  undefined: Kind.of('undefined'),
  array: (items) => Kind.array(items ?? Collection.empty()),
  object: (members) => Kind.object(members ?? Collection.empty()),
  never: Kind.never(),
  null: Kind.of('null'),
  entriesMax: ENTRIES_MAX,
};
