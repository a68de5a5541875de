// State for each key that data brings: as much as fits, the key that was used longest ago is forgotten for a new one.

import { LruMap } from '../std/lru_map.ts';
import type { Counter } from '../telemetry/telemetry.ts';
import type { ComponentContext } from './context.ts';
import { KEY_BYTES } from './state_key.ts';
import { stateEvictions } from './state_metrics.ts';

/** Most keys that a component remembers, unless it is told otherwise. */
const KEYS_MAX = 50_000;

/** What is remembered of a key, at most a small object. */
const VALUE_BYTES = 56;
const ENTRY_BYTES = KEY_BYTES + VALUE_BYTES;

export class KeyedState<V> {
  readonly #states = new LruMap<V>();
  readonly #keysMax: number;
  readonly #evictions: Counter;
  #evicted = 0;

  constructor(context: ComponentContext, keysMax = KEYS_MAX) {
    this.#keysMax = Math.max(1, Math.min(keysMax, Math.floor(context.stateBytesMax / ENTRY_BYTES)));
    this.#evictions = context.counter(stateEvictions);
    context.owns('state', {
      bytes: () => this.#states.size * ENTRY_BYTES,
      shrink: (bytes) => this.#shrink(bytes),
    });
  }

  get size(): number {
    return this.#states.size;
  }

  /** The state of a key, which was used now. */
  use(key: string): V | undefined {
    return this.#states.use(key);
  }

  set(key: string, state: V): void {
    this.#states.set(key, state);
    if (this.#states.size <= this.#keysMax) return;
    this.#states.delete(this.#states.oldest()![0]);
    this.#evicted += 1;
  }

  /** Entries, the one used longest ago first. */
  [Symbol.iterator](): Iterator<[string, V]> {
    return this.#states[Symbol.iterator]();
  }

  delete(key: string): void {
    this.#states.delete(key);
  }

  /**
   * Takes entries that were saved, the one used longest ago first, as older than all that it has. Those it has already
   * stay as they are, and what there is no room for is left out.
   */
  restore(entries: Iterable<readonly [string, V]>): void {
    const own = [...this.#states];
    this.#states.clear();
    for (const [key, state] of entries) this.set(key, state);
    for (const [key, state] of own) this.set(key, state);
  }

  /** Forgets what was used longest ago as long as `isOver` says so. */
  forget(isOver: (state: V) => boolean): void {
    for (let oldest = this.#states.oldest(); oldest && isOver(oldest[1]); oldest = this.#states.oldest())
      this.#states.delete(oldest[0]);
  }

  #shrink(bytes: number): number {
    const keys = Math.min(this.#states.size, Math.ceil(bytes / ENTRY_BYTES));
    for (let i = 0; i < keys; i++) this.#states.delete(this.#states.oldest()![0]);
    this.#evictions.add(keys);
    return keys * ENTRY_BYTES;
  }

  /** Counts what was forgotten for lack of room; after each batch. */
  settle(): void {
    if (this.#evicted > 0) this.#evictions.add(this.#evicted);
    this.#evicted = 0;
  }
}
