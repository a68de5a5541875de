// The way from a definition and labels to a series. Series that differ in nothing but the values of the same labels are a
// family, in a tree of these values: the way to a series that is there makes no text and sorts nothing.
//
//   definition, names of all labels ─► group ─► family of component a ─► method ─► status ─► series
//                                          └──► family of component b ─► …
//
// Of all labels a series has, the family fixes some, for what is recorded through `labelled`. Where the same labels are
// partly fixed by one registry and given by another, the first family that they fit into is theirs, so a series is in
// one family however it is asked for. A family is there as long as it has series that are awake.

import { type Crowd, Crowds, isListed } from './crowds.ts';
import { keyOf, type Series } from './series.ts';
import { SmallMap } from './small_map.ts';
import type { Labels, SeriesDefinition } from './telemetry.ts';

/** Labels that many families have fixed. */
export interface Scope {
  readonly key: string;
  readonly labels: Labels;
  readonly names: readonly string[];
  /** It is remembered as long as there are some. */
  families: number;
}

/** How names of labels are divided. */
interface Split {
  /** In some order. */
  readonly fixed: readonly string[];
  /** Those of families themselves, in the order in which they were given first. */
  readonly own: readonly string[];
}

/** Families with labels of the same names. */
interface Group {
  readonly key: string;
  /** Which of the names are fixed, in every way that there is. */
  readonly splits: Split[];
  readonly families: Map<Scope, Family>;
}

/** Where one label leads, by its value: to the next label, and at last to the series. */
type Branch = SmallMap<Next>;
type Next = SmallMap<Next> | Series;

export class Family {
  readonly definition: SeriesDefinition;
  readonly group: Group;
  readonly scope: Scope;
  /** Labels that tell its series apart, in the order in which they were given first. */
  readonly names: readonly string[];
  /** What limits its series; undefined where no label comes from data. */
  readonly crowd: Crowd | undefined;
  /** Series that are awake. */
  size = 0;
  /** The series itself when there are no labels. */
  #root: Next | undefined = undefined;

  constructor(
    definition: SeriesDefinition,
    group: Group,
    scope: Scope,
    names: readonly string[],
    crowd: Crowd | undefined,
  ) {
    this.definition = definition;
    this.group = group;
    this.scope = scope;
    this.names = names;
    this.crowd = crowd;
  }

  /** Labels that all of its series have. */
  get fixed(): Labels {
    return this.scope.labels;
  }

  /** The series with these labels, which are none of the fixed ones, in the order of `names`. */
  find(labels: Labels): Series | undefined {
    const { names } = this;
    let next = this.#root;
    let depth = 0;
    for (const name in labels) {
      if (next === undefined || name !== names[depth]) return undefined;
      next = (next as Branch).get(labels[name]!);
      depth += 1;
    }
    return depth === names.length ? (next as Series | undefined) : undefined;
  }

  add(series: Series): void {
    this.size += 1;
    this.crowd?.count(series.own, 1);
    if (this.names.length === 0) {
      this.#root = series;
      return;
    }
    this.#root ??= new SmallMap<Next>();
    let branch = this.#root as Branch;
    this.names.forEach((name, depth) => {
      const value = series.own[name]!;
      if (depth === this.names.length - 1) branch.set(value, series);
      else if (!branch.get(value)) branch.set(value, new SmallMap<Next>());
      branch = branch.get(value) as Branch;
    });
  }

  remove({ own }: Series): void {
    this.size -= 1;
    this.crowd?.count(own, -1);
    if (this.size === 0) {
      this.#root = undefined;
      return;
    }
    const branches = [this.#root as Branch];
    for (const name of this.names.slice(0, -1)) branches.push(branches.at(-1)!.get(own[name]!) as Branch);
    for (let depth = this.names.length - 1; depth >= 0; depth--) {
      branches[depth]!.delete(own[this.names[depth]!]!);
      if (branches[depth]!.size > 0) return;
    }
  }
}

/** All families of a registry. */
export class Families {
  readonly #groups = new Map<string, Group>();
  readonly #scopes = new Map<string, Scope>();
  readonly #crowds = new Crowds();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What labels are for families that have them fixed. It may be kept: it is used again when it was forgotten. */
  scope(labels: Labels): Scope {
    const key = keyOf('', labels);
    return this.#scopes.get(key) ?? { key, labels, names: Object.keys(labels), families: 0 };
  }

  /** The family of series with labels of a scope and those that are given, which count where both name one. */
  of(definition: SeriesDefinition, wide: Scope, given: Labels): Family {
    const own = Object.keys(given);
    const isWide = own.some((name) => name in wide.labels);
    const scope = isWide ? this.scope(withoutAny(wide.labels, own)) : (this.#scopes.get(wide.key) ?? wide);
    const names = [...scope.names, ...own].sort();
    const key = `${definition.name}\0${names.join('\0')}`;
    const group = this.#groups.get(key) ?? { key, splits: [], families: new Map<Scope, Family>() };
    for (const split of group.splits) {
      const family = isSame(split.fixed, scope.names)
        ? group.families.get(scope)
        : group.families.get(this.scope(chosen({ ...scope.labels, ...given }, split.fixed)));
      if (family) return family;
    }
    return this.#make(definition, group, scope, own);
  }

  /** It has no series any more. */
  drop({ group, scope, crowd }: Family): void {
    this.#size -= 1;
    group.families.delete(scope);
    if (group.families.size === 0) this.#groups.delete(group.key);
    scope.families -= 1;
    if (scope.families === 0) this.#scopes.delete(scope.key);
    if (crowd) this.#crowds.leave(crowd);
  }

  #make(definition: SeriesDefinition, group: Group, scope: Scope, own: readonly string[]): Family {
    let split = group.splits.find(({ fixed }) => isSame(fixed, scope.names));
    if (!split) group.splits.push((split = { fixed: scope.names, own }));
    const isOfData = own.some((name) => !isListed(definition, name));
    const crowd = isOfData ? this.#crowds.join(definition, scope.labels) : undefined;
    const family = new Family(definition, group, scope, split.own, crowd);
    group.families.set(scope, family);
    this.#groups.set(group.key, group);
    scope.families += 1;
    this.#scopes.set(scope.key, scope);
    this.#size += 1;
    return family;
  }
}

function withoutAny(labels: Labels, names: readonly string[]): Labels {
  return chosen(
    labels,
    Object.keys(labels).filter((name) => !names.includes(name)),
  );
}

/** The labels with these names, in their order. */
export function chosen(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.map((name) => [name, labels[name]!]));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
