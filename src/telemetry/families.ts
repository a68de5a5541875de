// The way from a definition and labels to a series. Series that differ in nothing but the values of the same labels are a
// family, in a tree of these values: the way to a series that is there makes no text and sorts nothing.
//
//   definition, names of all labels ─► group ─► family of component a ─► method ─► status ─► series
//                                          └──► family of component b ─► …
//
// Of all labels a series has, the family fixes some, for what is recorded through `labelled`. Where the same labels are
// partly fixed by one registry and given by another, the first family that they fit into is theirs, so a series is in
// one family however it is asked for. A family is there as long as it has series that are awake.

import { keyOf, type Series } from './series.ts';
import type { Labels, SeriesDefinition } from './telemetry.ts';

/** Distinct values of a label that comes from data, unless its definition says otherwise. */
const LABEL_LIMIT = 100;

/** Series of one definition and component, whatever labels from data they combine, unless one label may have more values. */
const CROWD_LIMIT = 2_000;

/** How many values a label has that come from data, with the number of series that have each. */
export interface LabelLimit {
  readonly label: string;
  readonly most: number;
  readonly values: Map<string, number>;
  /** By component, so that one with many values does not take those of the others. */
  readonly key: string;
  /** Families that it is for. */
  families: number;
}

/** How many series of a definition and a component have labels that come from data. */
export interface Crowd {
  readonly key: string;
  readonly most: number;
  size: number;
  /** Families that it is for. */
  families: number;
}

/** Labels that many families have fixed. */
interface Scope {
  readonly key: string;
  readonly labels: Labels;
  families: number;
}

/** Families with labels of the same names. */
interface Group {
  readonly key: string;
  /** Which of the names are fixed, in every way that there is. */
  readonly splits: (readonly string[])[];
  readonly families: Map<Scope, Family>;
}

type Next = Branch | Series;

/** So many values are compared one after the other, which is quicker than a map; more are in a map. */
const COMPARED_MAX = 8;

/** Where one label leads, by its value: to the next label, or to the series. */
class Branch {
  /** A value, where it leads, the next value … */
  #compared: readonly (string | Next)[] = [];
  #more: Map<string, Next> | undefined = undefined;

  get(value: string): Next | undefined {
    const compared = this.#compared;
    for (let i = 0; i < compared.length; i += 2) if (compared[i] === value) return compared[i + 1] as Next;
    return this.#more?.get(value);
  }

  add(value: string, next: Next): void {
    // A list that is made anew has no room to spare, which is most of what a short one takes.
    if (this.#compared.length < 2 * COMPARED_MAX) this.#compared = [...this.#compared, value, next];
    else (this.#more ??= new Map()).set(value, next);
  }

  remove(value: string): void {
    const index = this.#compared.indexOf(value);
    if (index >= 0) this.#compared = this.#compared.toSpliced(index, 2);
    else this.#more?.delete(value);
  }

  get isEmpty(): boolean {
    return this.#compared.length === 0 && !this.#more?.size;
  }
}

export class Family {
  readonly definition: SeriesDefinition;
  readonly group: Group;
  readonly scope: Scope;
  /** Labels that tell its series apart, in the order in which they were given first. */
  readonly names: readonly string[];
  /** Of those whose values come from data. */
  readonly limits: readonly LabelLimit[];
  /** Undefined where none do. */
  readonly crowd: Crowd | undefined;
  /** Series that are awake. */
  size = 0;
  readonly #root = new Branch();
  /** Without labels of its own it has one series. */
  #only: Series | undefined = undefined;

  constructor(
    definition: SeriesDefinition,
    group: Group,
    scope: Scope,
    names: readonly string[],
    limits: readonly LabelLimit[],
    crowd: Crowd | undefined,
  ) {
    this.definition = definition;
    this.group = group;
    this.scope = scope;
    this.names = names;
    this.limits = limits;
    this.crowd = crowd;
  }

  /** Labels that all of its series have. */
  get fixed(): Labels {
    return this.scope.labels;
  }

  /** The series with these labels, which are none of the fixed ones, in the order of `names`. */
  find(labels: Labels): Series | undefined {
    const { names } = this;
    let next: Next | undefined = this.#root;
    let depth = 0;
    for (const name in labels) {
      if (name !== names[depth]) return undefined;
      next = (next as Branch).get(labels[name]!);
      if (next === undefined) return undefined;
      depth += 1;
    }
    if (depth < names.length) return undefined;
    return depth === 0 ? this.#only : (next as Series);
  }

  add(series: Series): void {
    this.size += 1;
    if (this.names.length === 0) {
      this.#only = series;
      return;
    }
    const last = this.names.length - 1;
    let branch = this.#root;
    for (let depth = 0; depth < last; depth++) {
      const value = series.own[this.names[depth]!]!;
      let next = branch.get(value) as Branch | undefined;
      if (!next) branch.add(value, (next = new Branch()));
      branch = next;
    }
    branch.add(series.own[this.names[last]!]!, series);
  }

  remove({ own }: Series): void {
    this.size -= 1;
    this.#only = undefined;
    const branches: Branch[] = [this.#root];
    for (const name of this.names.slice(0, -1)) branches.push(branches.at(-1)!.get(own[name]!) as Branch);
    for (let depth = this.names.length - 1; depth >= 0; depth--) {
      branches[depth]!.remove(own[this.names[depth]!]!);
      if (!branches[depth]!.isEmpty) return;
    }
  }
}

/** All families of a registry. */
export class Families {
  readonly #groups = new Map<string, Group>();
  readonly #scopes = new Map<string, Scope>();
  readonly #limits = new Map<string, LabelLimit>();
  readonly #crowds = new Map<string, Crowd>();

  /** The family of series with `fixed` and `given` labels; the given ones count where both name one. */
  of(definition: SeriesDefinition, fixed: Labels, given: Labels): Family {
    const labels = { ...fixed, ...given };
    const key = JSON.stringify([definition.name, ...Object.keys(labels).sort()]);
    const group = this.#groups.get(key) ?? { key, splits: [], families: new Map<Scope, Family>() };
    for (const split of group.splits) {
      const scope = this.#scopes.get(keyOf('', chosen(labels, split)));
      const family = scope && group.families.get(scope);
      if (family) return family;
    }
    const names = Object.keys(given);
    const split = Object.keys(fixed).filter((name) => !names.includes(name));
    return this.#make(definition, group, chosen(fixed, split), names);
  }

  /** It has no series any more. */
  drop({ group, scope, limits, crowd }: Family): void {
    group.families.delete(scope);
    if (group.families.size === 0) this.#groups.delete(group.key);
    scope.families -= 1;
    if (scope.families === 0) this.#scopes.delete(scope.key);
    for (const limit of limits) {
      limit.families -= 1;
      if (limit.families === 0) this.#limits.delete(limit.key);
    }
    if (!crowd) return;
    crowd.families -= 1;
    if (crowd.families === 0) this.#crowds.delete(crowd.key);
  }

  #make(definition: SeriesDefinition, group: Group, fixed: Labels, names: readonly string[]): Family {
    const scope = this.#scopeOf(fixed);
    const limits: LabelLimit[] = [];
    for (const label of names) {
      const declared = definition.labels.find(({ name }) => name === label);
      if (!declared?.values) limits.push(this.#limitOf(definition, scope, label, declared?.limit));
    }
    const crowd = limits.length > 0 ? this.#crowdOf(definition, scope) : undefined;
    const family = new Family(definition, group, scope, names, limits, crowd);
    const split = Object.keys(fixed);
    if (!group.splits.some((known) => isSame(known, split))) group.splits.push(split);
    group.families.set(scope, family);
    this.#groups.set(group.key, group);
    return family;
  }

  #scopeOf(labels: Labels): Scope {
    const key = keyOf('', labels);
    const scope = this.#scopes.get(key) ?? { key, labels, families: 0 };
    scope.families += 1;
    this.#scopes.set(key, scope);
    return scope;
  }

  #limitOf({ name }: SeriesDefinition, { labels }: Scope, label: string, most = LABEL_LIMIT): LabelLimit {
    const { component_kind: kind, component_id: id } = labels;
    const key = JSON.stringify([name, label, kind, id]);
    const limit = this.#limits.get(key) ?? { label, most, values: new Map<string, number>(), key, families: 0 };
    limit.families += 1;
    this.#limits.set(key, limit);
    return limit;
  }

  #crowdOf({ name, labels }: SeriesDefinition, scope: Scope): Crowd {
    const { component_kind: kind, component_id: id } = scope.labels;
    const key = JSON.stringify([name, kind, id]);
    const most = Math.max(CROWD_LIMIT, ...labels.map(({ limit = 0 }) => limit));
    const crowd = this.#crowds.get(key) ?? { key, most, size: 0, families: 0 };
    crowd.families += 1;
    this.#crowds.set(key, crowd);
    return crowd;
  }
}

/** The labels with these names, in their order. */
export function chosen(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.map((name) => [name, labels[name]!]));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
