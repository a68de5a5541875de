// Runs a function for one operation more than the last time. It cannot be stopped in the middle, so it is run again: up
// to the operation it came to, with the answers it got then, then for one more, and then an exception takes it out.

/** Answers to operations so far, and what parts of the function returned. */
export type Answer = number | boolean | Whole;

interface Whole {
  /** Parts that it was within. */
  readonly depth: number;
  readonly result: unknown;
}

/** Thrown to get out of a function in the middle. */
const PAUSED = Symbol('paused');

export class Replay {
  #answers: Answer[] = [];
  #position = 0;
  #depth = 0;
  #mayGoOn = false;

  /** What the function returned when it has come to its end. Adds to the answers. */
  run(answers: Answer[], run: () => unknown): { readonly result: unknown } | undefined {
    this.#answers = answers;
    this.#position = 0;
    this.#depth = 0;
    this.#mayGoOn = true;
    try {
      return { result: run() };
    } catch (error) {
      if (error !== PAUSED) throw error;
      return undefined;
    }
  }

  /**
   * An operation: an answer that is known already, the step, or the way out.
   * @param isOwn when it happens together with the one before it
   */
  operation(isOwn: () => boolean, happen: () => number | boolean): number | boolean {
    if (this.#position < this.#answers.length) return this.#answers[this.#position++] as number | boolean;
    if (!this.#mayGoOn && !isOwn()) throw PAUSED;
    this.#mayGoOn = false;
    const answer = happen();
    this.#answers.push(answer);
    this.#position += 1;
    return answer;
  }

  /** A part whose answers are forgotten when it returns. Others may be within it. */
  whole<R>(part: () => R): R {
    const first = this.#position;
    const depth = this.#depth;
    const known = this.#answers[first];
    if (typeof known === 'object' && known.depth === depth) {
      this.#position += 1;
      return known.result as R;
    }
    this.#depth += 1;
    const result = part();
    this.#depth = depth;
    this.#answers.splice(first, this.#answers.length, { depth, result });
    this.#position = first + 1;
    return result;
  }

  /** Forgets all answers: the function is where it began. */
  again(): void {
    this.#answers.length = 0;
    this.#position = 0;
  }
}
