// Remembers which states a search has been in, by 64 bits of each: eight bytes a state instead of the state.
//
// Two states that have the same 64 bits are taken for one, and what follows from the second is not looked at. Among ten
// million states the chance that this happens at all is 3 in a million.

const FIRST_CAPACITY = 1 << 16;

export class StateSet {
  #capacity = FIRST_CAPACITY;
  /** Open addressing: both halves of each fingerprint, which is never 0. */
  #halves = new Uint32Array(2 * FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False when it is there already. */
  add(words: ArrayLike<number>, text: string): boolean {
    let low = 0x9e3779b9;
    let high = 0x85ebca6b;
    for (let index = 0; index < words.length; index++) {
      low = mixed(low, words[index]!, 0xcc9e2d51);
      high = mixed(high, words[index]!, 0x1b873593);
    }
    for (let index = 0; index < text.length; index++) {
      low = mixed(low, text.charCodeAt(index), 0xcc9e2d51);
      high = mixed(high, text.charCodeAt(index), 0x1b873593);
    }
    if (!this.#put(finished(low ^ words.length) | 1, finished(high ^ text.length))) return false;
    this.#size += 1;
    if (this.#size * 2 > this.#capacity) this.#grow();
    return true;
  }

  #put(low: number, high: number): boolean {
    const halves = this.#halves;
    const mask = this.#capacity - 1;
    for (let at = high & mask; ; at = (at + 1) & mask) {
      const found = halves[2 * at]!;
      if (found === 0) {
        halves[2 * at] = low;
        halves[2 * at + 1] = high;
        return true;
      }
      if (found === low >>> 0 && halves[2 * at + 1] === high >>> 0) return false;
    }
  }

  #grow(): void {
    const before = this.#halves;
    this.#capacity *= 2;
    this.#halves = new Uint32Array(2 * this.#capacity);
    for (let at = 0; at < before.length; at += 2) if (before[at] !== 0) this.#put(before[at]!, before[at + 1]!);
  }
}

function mixed(hash: number, value: number, factor: number): number {
  const turned = Math.imul(value, factor);
  const joined = hash ^ Math.imul((turned << 15) | (turned >>> 17), 0x85ebca77);
  return (Math.imul((joined << 13) | (joined >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
