// A metric as programs see it: an object with `name`, `namespace`, `timestamp`, `kind`, `type`, `interval_ms` and
// `tags`, whose value cannot be reached. What does not fit is not written; reading tells what was last assigned.

import { type MetricEvent, type Tags, type TagValue, writableTags } from '../event/metric.ts';
import { setField } from '../event/object.ts';
import { getPath, type Path, removePath, type Segment, setPath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { cloneValue, isObject, lossyText, type ObjectValue, type Value } from '../event/value.ts';
import type { PathTarget } from '../vrl/vrl.ts';
import { EventSecrets } from './event_secrets.ts';

/** Longer paths lead nowhere in a metric. */
const DEPTH_MAX = 3;

const U32_MAX = 2 ** 32 - 1;

export class MetricTarget implements PathTarget {
  readonly secrets: EventSecrets;
  readonly #metric: MetricEvent;
  /** Whether a tag is the list of its values, or its last text. */
  readonly #fullTags: boolean;
  readonly #view: ObjectValue = {};
  readonly #seen = new Set<string>();
  /** The metadata once it is a copy of our own. */
  #metadata: Value | undefined;

  /** Writes `metric`, which nobody else can see. */
  constructor(metric: MetricEvent, fullTags: boolean) {
    this.#metric = metric;
    this.#fullTags = fullTags;
    this.secrets = new EventSecrets(metric.metadata.secrets);
  }

  get(path: Path): Value | undefined {
    if (path.target === 'metadata') return read(this.#metadata ?? this.#metric.metadata.value, path.segments);
    const [first] = path.segments;
    if (first === undefined) {
      for (const field of FIELDS) this.#look(field);
      return this.#view;
    }
    if (typeof first !== 'string' || path.segments.length > DEPTH_MAX) return undefined;
    this.#look(first);
    return getPath(this.#view, path.segments);
  }

  insert(path: Path, value: Value): boolean {
    if (path.target === 'metadata') {
      this.#metadata = write(this.#writableMetadata(), path.segments, value);
      return true;
    }
    if (!this.#assign(path.segments, value)) return false;
    this.#look(path.segments[0] as string);
    setPath(this.#view, path.segments, value);
    return true;
  }

  remove(path: Path, compact: boolean): Value | undefined {
    if (path.target === 'metadata') {
      const metadata = this.#writableMetadata();
      if (path.segments.length > 0) return removePath(metadata, path.segments, compact);
      this.#metadata = {};
      return metadata;
    }
    const removed = this.#take(path.segments);
    if (removed !== undefined) removePath(this.#view, path.segments);
    return removed;
  }

  /** What the metric carries beside its data, when the program has run. */
  finish(): void {
    const { metadata } = this.#metric;
    const secrets = this.secrets.written;
    if (this.#metadata === undefined && secrets === undefined) return;
    this.#metric.metadata = {
      ...metadata,
      ...(isObject(this.#metadata) ? { value: this.#metadata } : {}),
      ...(secrets ? { secrets } : {}),
    };
  }

  #writableMetadata(): Value {
    this.#metadata ??= cloneValue(this.#metric.metadata.value);
    return this.#metadata;
  }

  /** Puts a field of the metric into what programs read, the first time. */
  #look(field: string): void {
    if (this.#seen.has(field)) return;
    this.#seen.add(field);
    const value = fieldOf(this.#metric, field, this.#fullTags);
    if (value !== undefined) setField(this.#view, field, value);
  }

  /** Whether the metric takes the value there. */
  #assign([field, tag, ...more]: readonly Segment[], value: Value): boolean {
    if (more.length > 0 || (tag !== undefined && field !== 'tags')) return false;
    const metric = this.#metric;
    switch (field) {
      case 'tags':
        if (tag !== undefined) return typeof tag === 'string' && this.#setTag(tag, value);
        if (!isObject(value)) return false;
        delete metric.tags;
        for (const key of Object.keys(value)) this.#setTag(key, value[key]!);
        return true;
      case 'name':
      case 'namespace': {
        const text = textOf(value);
        if (text === undefined) return false;
        metric[field] = text;
        return true;
      }
      case 'interval_ms':
        if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0 || value > U32_MAX) return false;
        metric.intervalMs = value;
        return true;
      case 'timestamp':
        if (!(value instanceof Timestamp)) return false;
        metric.timestamp = value;
        return true;
      case 'kind':
        if (value !== 'incremental' && value !== 'absolute') return false;
        metric.kind = value;
        return true;
      default:
        return false;
    }
  }

  #setTag(name: string, value: Value): boolean {
    const text = this.#fullTags ? tagList(value) : value === null ? null : textOf(value);
    if (text !== undefined) writableTags(this.#metric).set(name, text);
    return true;
  }

  #take([field, tag, ...more]: readonly Segment[]): Value | undefined {
    const metric = this.#metric;
    if (more.length > 0 || (tag !== undefined && field !== 'tags')) return undefined;
    if (field === 'tags' && tag !== undefined) {
      const value = typeof tag === 'string' ? metric.tags?.get(tag) : undefined;
      if (value === undefined) return undefined;
      const tags = writableTags(metric);
      tags.delete(tag as string);
      if (tags.size === 0) delete metric.tags;
      return lastText(value) ?? null;
    }
    if (field !== 'tags' && field !== 'namespace' && field !== 'timestamp' && field !== 'interval_ms') return undefined;
    const removed = fieldOf(metric, field, false);
    delete metric[field === 'interval_ms' ? 'intervalMs' : field];
    return removed;
  }
}

const FIELDS = ['name', 'kind', 'type', 'namespace', 'timestamp', 'interval_ms', 'tags'] as const;

/** The words for types that have two. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  aggregated_histogram: 'aggregated histogram',
  aggregated_summary: 'aggregated summary',
};

function fieldOf(metric: MetricEvent, field: string, fullTags: boolean): Value | undefined {
  switch (field) {
    case 'name':
      return metric.name;
    case 'namespace':
      return metric.namespace;
    case 'timestamp':
      return metric.timestamp;
    case 'kind':
      return metric.kind;
    case 'interval_ms':
      return metric.intervalMs;
    case 'type':
      return TYPE_WORDS[metric.value.type] ?? metric.value.type;
    case 'tags':
      return metric.tags && tagsValue(metric.tags, fullTags);
    default:
      return undefined;
  }
}

function tagsValue(tags: Tags, full: boolean): ObjectValue {
  const result: ObjectValue = {};
  for (const [name, value] of tags) {
    const shown = full ? (Array.isArray(value) ? [...value] : [value]) : lastText(value);
    if (shown !== undefined) setField(result, name, shown);
  }
  return result;
}

/** The last text among the values of a tag. */
function lastText(value: TagValue): string | undefined {
  const last = Array.isArray(value) ? value.findLast((one) => one !== null) : value;
  return last ?? undefined;
}

/** The values of a tag from a list; a text alone is taken for a list of one. */
function tagList(value: Value): TagValue {
  const values = (Array.isArray(value) ? value : [value])
    .map((item) => (item === null ? null : textOf(item)))
    .filter((item) => item !== undefined);
  return values.length === 1 ? values[0]! : values;
}

function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? lossyText(value) : undefined;
}

function read(root: Value, segments: readonly Segment[]): Value | undefined {
  return segments.length === 0 ? root : getPath(root, segments);
}

function write(root: Value, segments: readonly Segment[], value: Value): Value {
  if (segments.length === 0) return value;
  const object = isObject(root) ? root : {};
  setPath(object, segments, value);
  return object;
}
