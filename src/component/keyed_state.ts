// State for each key that data brings: as much as fits, the key that was used longest ago is forgotten for a new one.

import { LruMap } from '../std/lru_map.ts';
import type { Counter } from '../telemetry/telemetry.ts';
import type { ComponentContext } from './context.ts';
import { stateEvictions } from './state_metrics.ts';

/** Most keys that a component remembers, unless it is told otherwise. */
const KEYS_MAX = 50_000;

export class KeyedState<V> {
  readonly #states = new LruMap<V>();
  readonly #keysMax: number;
  readonly #evictions: Counter;
  #evicted = 0;

  constructor(context: ComponentContext, keysMax = KEYS_MAX) {
    this.#keysMax = keysMax;
    this.#evictions = context.counter(stateEvictions);
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

  /** Forgets what was used longest ago as long as `isOver` says so. */
  forget(isOver: (state: V) => boolean): void {
    for (let oldest = this.#states.oldest(); oldest && isOver(oldest[1]); oldest = this.#states.oldest())
      this.#states.delete(oldest[0]);
  }

  /** Counts what was forgotten for lack of room; after each batch. */
  settle(): void {
    if (this.#evicted > 0) this.#evictions.add(this.#evicted);
    this.#evicted = 0;
  }
}
