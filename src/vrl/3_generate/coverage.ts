// Which lines of a program hold statements, for counting how often each ran.

import { type Checked, partsOf } from '../2_check/checked.ts';
import type { Span } from '../diagnostics/diagnostic.ts';

/** Line numbers (from 1) of byte offsets. */
export class LineTable {
  readonly #starts: number[] = [0];

  constructor(source: string) {
    const bytes = new TextEncoder().encode(source);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) this.#starts.push(at + 1);
  }

  get count(): number {
    return this.#starts.length;
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}

/** The spans of everything that stands as a statement in some block. */
export function statementsOf(root: Checked): Span[] {
  const spans = root.op === 'block' ? root.expressions.map(({ span }) => span) : [];
  for (const part of partsOf(root)) spans.push(...statementsOf(part));
  return spans;
}
