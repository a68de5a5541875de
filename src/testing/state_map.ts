// Remembers a number for each state that a search has been in, by 64 bits of the state: 16 bytes instead of all of it.
//
// Two states that have the same 64 bits are taken for one, and what follows from the second is not looked at. Among ten
// million states the chance that this happens at all is 3 in a million.

/** Data as JSON has it; undefined as well. */
export type Plain = unknown;

const FIRST_CAPACITY = 1 << 12;

/** Of each kind of value, so that lists of other shapes with the same numbers in them are others. */
const LIST = 0x51ed270b;
const RECORD = 0x2545f491;
const TEXT = 0x6a09e667;
const NOTHING = 0x3c6ef372;
const FRACTION = 0x1f83d9ab;
const TRUE = 0x5be0cd19;
const FALSE = 0x2f9c6a13;

/** 64 bits of a state, in two signed halves; the first is never 0. */
export interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

export class StateMap {
  #capacity = FIRST_CAPACITY;
  /** Open addressing: both halves of each fingerprint, and beside them its number. */
  #halves = new Int32Array(2 * FIRST_CAPACITY);
  #numbers = new Float64Array(FIRST_CAPACITY);
  #size = 0;
  #low = 0;
  #high = 0;

  get size(): number {
    return this.#size;
  }

  fingerprint(words: ArrayLike<number>, rest: Plain): Fingerprint {
    this.#low = 0x9e3779b9;
    this.#high = 0x85ebca6b;
    for (let index = 0; index < words.length; index++) this.#mix(words[index]!);
    this.#take(rest);
    return { low: finished(this.#low) | 1, high: finished(this.#high) };
  }

  get({ low, high }: Fingerprint): number | undefined {
    const at = this.#find(low, high);
    return this.#halves[2 * at] === 0 ? undefined : this.#numbers[at];
  }

  set({ low, high }: Fingerprint, number: number): void {
    const at = this.#find(low, high);
    this.#numbers[at] = number;
    if (this.#halves[2 * at] !== 0) return;
    this.#halves[2 * at] = low;
    this.#halves[2 * at + 1] = high;
    this.#size += 1;
    if (this.#size * 2 > this.#capacity) this.#grow();
  }

  #take(value: Plain): void {
    if (typeof value === 'number') {
      if ((value | 0) === value) this.#mix(value);
      else this.#takeText(FRACTION, String(value));
    } else if (typeof value === 'boolean') this.#mix(value ? TRUE : FALSE);
    else if (typeof value === 'string') this.#takeText(TEXT, value);
    else if (Array.isArray(value)) {
      this.#mix(LIST ^ value.length);
      for (let index = 0; index < value.length; index++) this.#take(value[index]);
    } else if (typeof value === 'object' && value !== null) {
      this.#mix(RECORD);
      // Records of one place have the same keys in the same order.
      for (const key in value) this.#take((value as Record<string, Plain>)[key]);
    } else this.#mix(NOTHING);
  }

  #takeText(kind: number, text: string): void {
    this.#mix(kind ^ text.length);
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index));
  }

  #mix(value: number): void {
    this.#low = mixed(this.#low, value, 0xcc9e2d51);
    this.#high = mixed(this.#high, value, 0x1b873593);
  }

  /** Where it is, or would be. */
  #find(low: number, high: number): number {
    const mask = this.#capacity - 1;
    for (let at = high & mask; ; at = (at + 1) & mask) {
      const found = this.#halves[2 * at]!;
      if (found === 0 || (found === low && this.#halves[2 * at + 1] === high)) return at;
    }
  }

  #grow(): void {
    const [halves, numbers] = [this.#halves, this.#numbers];
    this.#capacity *= 2;
    this.#halves = new Int32Array(2 * this.#capacity);
    this.#numbers = new Float64Array(this.#capacity);
    for (let from = 0; from < numbers.length; from++) {
      const [low, high] = [halves[2 * from]!, halves[2 * from + 1]!];
      if (low === 0) continue;
      const at = this.#find(low, high);
      this.#halves[2 * at] = low;
      this.#halves[2 * at + 1] = high;
      this.#numbers[at] = numbers[from]!;
    }
  }
}

/** A copy that shares nothing. */
export function copyOf<T extends Plain>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, Plain> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, Plain>)[key]);
  return copy as T;
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
