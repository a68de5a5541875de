// The secrets of an event as programs reach them: read from what travels with the event, copied when one is written.

import type { Secrets } from '../vrl/vrl.ts';

const NONE: ReadonlyMap<string, string> = new Map();

export class EventSecrets implements Secrets {
  #map: ReadonlyMap<string, string>;
  #own = false;

  constructor(map: ReadonlyMap<string, string> = NONE) {
    this.#map = map;
  }

  /** Goes on to another event. */
  reset(map: ReadonlyMap<string, string> = NONE): void {
    this.#map = map;
    this.#own = false;
  }

  /** The secrets now; undefined when nothing was written. */
  get written(): ReadonlyMap<string, string> | undefined {
    return this.#own ? this.#map : undefined;
  }

  get(key: string): string | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: string): void {
    this.#writable().set(key, value);
  }

  remove(key: string): void {
    if (this.#map.has(key)) this.#writable().delete(key);
  }

  #writable(): Map<string, string> {
    if (!this.#own) this.#map = new Map(this.#map);
    this.#own = true;
    return this.#map as Map<string, string>;
  }
}
