// Mean and standard deviation of numbers. Up to CHUNK_MAX they are kept, and the result is that of two passes over
// them; of more there are only count, mean and sum of squares of each chunk before, joined by the formula of Chan et al.

const CHUNK_MAX = 1_024;
const NUMBER_BYTES = 8;

export class Moments {
  /** Of the chunks before. */
  #count = 0;
  #mean = 0;
  #squares = 0;
  #sum: number;
  #chunk: number[];

  constructor(first: number) {
    this.#chunk = [first];
    this.#sum = first;
  }

  save(): unknown {
    return [this.#count, this.#mean, this.#squares, this.#sum, this.#chunk];
  }

  static restore(saved: unknown): Moments {
    const [count, mean, squares, sum, chunk] = saved as [number, number, number, number, number[]];
    const moments = new Moments(0);
    moments.#count = count;
    moments.#mean = mean;
    moments.#squares = squares;
    moments.#sum = sum;
    moments.#chunk = chunk;
    return moments;
  }

  add(value: number): void {
    this.#sum += value;
    this.#chunk.push(value);
    if (this.#chunk.length < CHUNK_MAX) return;
    const { count, mean, squares } = this.#all();
    this.#count = count;
    this.#mean = mean;
    this.#squares = squares;
    this.#chunk = [];
  }

  /** Adds what others have come to: the formula is exact for the sum, and up to rounding for the rest. */
  addAll(others: Moments): void {
    const one = this.#all();
    const other = others.#all();
    const count = one.count + other.count;
    const apart = other.mean - one.mean;
    this.#sum += others.#sum;
    this.#count = count;
    this.#mean = one.mean + (apart * other.count) / count;
    this.#squares = one.squares + other.squares + (apart * apart * one.count * other.count) / count;
    this.#chunk = [];
  }

  get sizeBytes(): number {
    return this.#chunk.length * NUMBER_BYTES;
  }

  get mean(): number {
    return this.#sum / (this.#count + this.#chunk.length);
  }

  /** Of all numbers, not of a sample of them. */
  get standardDeviation(): number {
    const { count, squares } = this.#all();
    return Math.sqrt(squares / count);
  }

  #all(): { readonly count: number; readonly mean: number; readonly squares: number } {
    const { length } = this.#chunk;
    if (length === 0) return { count: this.#count, mean: this.#mean, squares: this.#squares };
    const mean = this.#chunk.reduce((sum, value) => sum + value, 0) / length;
    const squares = this.#chunk.reduce((sum, value) => sum + (mean - value) * (mean - value), 0);
    if (this.#count === 0) return { count: length, mean, squares };
    const count = this.#count + length;
    const apart = mean - this.#mean;
    return {
      count,
      mean: this.#mean + (apart * length) / count,
      squares: this.#squares + squares + (apart * apart * this.#count * length) / count,
    };
  }
}
