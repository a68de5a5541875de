// Regular expressions in Oniguruma's syntax, as grok patterns are: with look-around, atomic groups and references, and
// with a limit on what a search may cost.

import { LimitReached, OnigMachine } from './machine.ts';
import { OnigProblem, type Pattern } from './node.ts';
import { parseOnig } from './parse.ts';
import { programOf } from './program.ts';

export { LimitReached, OnigProblem };

export class OnigRegex {
  /** Named captures, each with its numbers. */
  readonly names: ReadonlyMap<string, readonly number[]>;
  readonly #machine: OnigMachine;

  /** From a pattern's text, or its tree. Throws `OnigProblem`. */
  constructor(source: string | Pattern) {
    const pattern = typeof source === 'string' ? parseOnig(source) : source;
    this.names = pattern.names;
    this.#machine = new OnigMachine(programOf(pattern));
  }

  /**
   * The first match: start and end of each capture at twice its number, -1 where it took no part. Valid until the next
   * search. Throws `LimitReached`.
   */
  search(text: string, from = 0): Int32Array | undefined {
    return this.#machine.search(text, from);
  }
}
