// How many series there may be with labels that come from data: for each such label of a definition a limit of values,
// and one of series, however the labels are combined. By component, so that one with many leaves the others their own.

import { SmallMap } from './small_map.ts';
import type { Labels, SeriesDefinition } from './telemetry.ts';

/** The value of a label that is beyond its limit or its list. It counts for no limit. */
export const OTHER = 'other';

/** Distinct values of a label that comes from data, unless its definition says otherwise. */
const LABEL_LIMIT = 100;

/** Series of a definition with such labels, unless one label alone may have more values. */
const SERIES_LIMIT = 2_000;

interface LabelLimit {
  readonly most: number;
  /** With the number of series that have each. */
  readonly values: SmallMap<number>;
}

/** The series of one definition and one component that have labels from data. */
export class Crowd {
  readonly definition: SeriesDefinition;
  readonly component: Component;
  /** Families of such series. */
  families = 0;
  readonly #limits = new SmallMap<LabelLimit>();
  #size = 0;

  constructor(definition: SeriesDefinition, component: Component) {
    this.definition = definition;
    this.component = component;
  }

  /** Whether the next series has to share one that stands for all others. */
  get isFull(): boolean {
    return this.#size >= Math.max(SERIES_LIMIT, ...this.definition.labels.map(({ limit = 0 }) => limit));
  }

  /** Whether a label may have this value: it has it already, or its limit is not reached. */
  hasRoomFor(label: string, value: string): boolean {
    const { most, values } = this.#limitOf(label);
    return value === OTHER || values.size < most || values.get(value) !== undefined;
  }

  /** A series with these labels begins to count, or ends to. */
  count(labels: Labels, change: 1 | -1): void {
    this.#size += change;
    for (const label in labels) {
      const value = labels[label]!;
      if (value === OTHER || isListed(this.definition, label)) continue;
      const { values } = this.#limitOf(label);
      const count = (values.get(value) ?? 0) + change;
      if (count > 0) values.set(value, count);
      else values.delete(value);
    }
  }

  #limitOf(label: string): LabelLimit {
    const known = this.#limits.get(label);
    if (known) return known;
    const declared = this.definition.labels.find(({ name }) => name === label);
    const limit = { most: declared?.limit ?? LABEL_LIMIT, values: new SmallMap<number>() };
    this.#limits.set(label, limit);
    return limit;
  }
}

/** Whether the values of a label are declared, and so come from no data. */
export function isListed(definition: SeriesDefinition, label: string): boolean {
  return definition.labels.some(({ name, values }) => name === label && values !== undefined);
}

interface Component {
  readonly key: string;
  /** By the names of definitions. */
  readonly crowds: Map<string, Crowd>;
}

/** All crowds of a registry. One is there as long as some family is in it. */
export class Crowds {
  readonly #components = new Map<string, Component>();

  /** For one family more, whose series have these labels in common. */
  join(definition: SeriesDefinition, { component_kind: kind, component_id: id }: Labels): Crowd {
    const key = JSON.stringify([kind, id]);
    const component = this.#components.get(key) ?? { key, crowds: new Map<string, Crowd>() };
    const crowd = component.crowds.get(definition.name) ?? new Crowd(definition, component);
    crowd.families += 1;
    component.crowds.set(definition.name, crowd);
    this.#components.set(key, component);
    return crowd;
  }

  leave(crowd: Crowd): void {
    const { component, definition } = crowd;
    crowd.families -= 1;
    if (crowd.families > 0) return;
    component.crowds.delete(definition.name);
    if (component.crowds.size === 0) this.#components.delete(component.key);
  }
}
