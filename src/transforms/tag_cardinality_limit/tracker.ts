// Which values each tag has, by bucket: all metrics together, or one of them.

import type { TagValue } from '../../event/metric.ts';
import { own } from '../../event/value.ts';
import { BYTES_MAX, type Settings, TRACKED_KEYS_MAX } from './options.ts';
import { BloomValues, ExactValues, FingerprintValues, type ValueSet } from './value_sets.ts';

/** `last`: accepted, and no other new value will be. `untracked`: there is no room to remember the tag. */
export type Verdict = 'accepted' | 'last' | 'refused' | 'untracked';

/** A key with an empty set of values. */
const KEY_BYTES = 260;

interface Rule {
  readonly mode: Settings['mode'];
  readonly limit: number;
  /** Of a filter. */
  readonly sizeBytes: number;
}

export class Tracker {
  readonly #keysMax: number;
  readonly #bytesMax: number;
  readonly #buckets = new Map<string, Map<string, ValueSet>>();
  readonly #rules = new WeakMap<Settings, RuleBook>();
  #keys = 0;
  #bytes = 0;

  constructor(keysMax = TRACKED_KEYS_MAX, bytesMax = BYTES_MAX) {
    this.#keysMax = keysMax;
    this.#bytesMax = bytesMax;
  }

  /** How many keys are tracked. */
  get keys(): number {
    return this.#keys;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Whether `accept` would not refuse. */
  wouldAccept(settings: Settings, bucket: string, tag: string, value: TagValue): boolean {
    const rule = this.#ruleOf(settings, tag);
    if (!rule) return true;
    const values = this.#buckets.get(bucket)?.get(tag);
    if (!values) return rule.limit > 0;
    const key = valueKey(value);
    return values.has(key) || this.#hasRoom(values, rule, key);
  }

  /** Takes the value for one that the tag has, while it may have more. */
  accept(settings: Settings, bucket: string, tag: string, value: TagValue): Verdict {
    const rule = this.#ruleOf(settings, tag);
    if (!rule) return 'accepted';
    if (rule.limit === 0) return 'refused';
    const values = this.#buckets.get(bucket)?.get(tag) ?? this.#track(rule, bucket, tag);
    if (!values) return 'untracked';
    const key = valueKey(value);
    if (values.has(key)) return 'accepted';
    if (!this.#hasRoom(values, rule, key)) return 'refused';
    this.#bytes += values.growthOf(key);
    values.add(key);
    return values.size >= rule.limit ? 'last' : 'accepted';
  }

  #hasRoom(values: ValueSet, { limit }: Rule, key: string): boolean {
    return values.size < limit && this.#bytes + values.growthOf(key) <= this.#bytesMax;
  }

  #track(rule: Rule, bucket: string, tag: string): ValueSet | undefined {
    const bytes = KEY_BYTES + 2 * (bucket.length + tag.length) + (rule.mode === 'probabilistic' ? rule.sizeBytes : 0);
    if (this.#keys >= this.#keysMax || this.#bytes + bytes > this.#bytesMax) return undefined;
    let tags = this.#buckets.get(bucket);
    if (!tags) this.#buckets.set(own(bucket), (tags = new Map()));
    const values = valuesFor(rule);
    tags.set(own(tag), values);
    this.#keys += 1;
    this.#bytes += bytes;
    return values;
  }

  /** Undefined for a tag without a limit. */
  #ruleOf(settings: Settings, tag: string): Rule | undefined {
    let book = this.#rules.get(settings);
    if (!book) this.#rules.set(settings, (book = ruleBook(settings)));
    return book.ofTags.has(tag) ? book.ofTags.get(tag) : book.otherwise;
  }
}

interface RuleBook {
  readonly ofTags: ReadonlyMap<string, Rule | undefined>;
  readonly otherwise: Rule;
}

function ruleBook(settings: Settings): RuleBook {
  const { mode, value_limit: limit, per_tag_limits: perTag } = settings;
  const sizeBytes = settings.mode === 'probabilistic' ? settings.cache_size_per_key : 0;
  const ofTags = new Map<string, Rule | undefined>();
  for (const [tag, one] of perTag ?? []) {
    if (one.mode === 'excluded') ofTags.set(tag, undefined);
    else ofTags.set(tag, { mode, limit: one.value_limit, sizeBytes: one.cache_size_per_key ?? sizeBytes });
  }
  return { ofTags, otherwise: { mode, limit, sizeBytes } };
}

function valuesFor({ mode, limit, sizeBytes }: Rule): ValueSet {
  if (mode === 'exact') return new ExactValues();
  return mode === 'exact_fingerprint' ? new FingerprintValues() : new BloomValues(sizeBytes, limit);
}

/** All values that a tag has in one metric are one value here. */
function valueKey(value: TagValue): string {
  if (typeof value === 'string' && !value.startsWith('\0')) return value;
  if (Array.isArray(value) && value.length === 1) return valueKey(value[0]!);
  return `\0${JSON.stringify(value)}`;
}
