// A map from text for where there are very many of them, most with an entry or two: those are in a list, which takes a
// third of the memory of a map and is quicker to look through.

/** So many are compared one after the other; more are in a map. */
const COMPARED_MAX = 8;

const NOTHING: readonly never[] = [];

export class SmallMap<V> {
  /** A key, its value, the next key … Made anew by each change, and not by spreading: so it has no room to spare. */
  #compared: readonly (string | V)[] = NOTHING;
  #more: Map<string, V> | undefined = undefined;

  get(key: string): V | undefined {
    const compared = this.#compared;
    for (let i = 0; i < compared.length; i += 2) if (compared[i] === key) return compared[i + 1] as V;
    return this.#more?.get(key);
  }

  set(key: string, value: V): void {
    const index = this.#indexOf(key);
    if (index >= 0) this.#compared = this.#compared.toSpliced(index, 2, key, value);
    else if (this.#compared.length < 2 * COMPARED_MAX && !this.#more?.has(key))
      this.#compared = this.#compared.concat([key, value]);
    else (this.#more ??= new Map()).set(key, value);
  }

  delete(key: string): void {
    const index = this.#indexOf(key);
    if (index >= 0) this.#compared = this.#compared.toSpliced(index, 2);
    else this.#more?.delete(key);
  }

  get size(): number {
    return this.#compared.length / 2 + (this.#more?.size ?? 0);
  }

  #indexOf(key: string): number {
    const compared = this.#compared;
    for (let i = 0; i < compared.length; i += 2) if (compared[i] === key) return i;
    return -1;
  }
}
