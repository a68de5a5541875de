// Finds the component that leaks: keeps the first so many components and leaves out the rest, and halves the distance
// between the longest part that is flat and the shortest that leaks.

import type { Part } from './swap.ts';

export interface BisectStep {
  /** How many components are kept. */
  readonly kept: number;
  readonly leaks: boolean;
}

/**
 * The component with which the leak begins; all of `parts` together leak. Begins with all sinks left out, as the sinks
 * are what people suspect first.
 */
export async function bisect(parts: readonly Part[], leaks: (kept: number) => Promise<boolean>): Promise<Part> {
  let flat = 0;
  let leaking = parts.length;
  const withoutSinks = parts.filter(({ kind }) => kind !== 'sink').length;
  let next = withoutSinks;
  while (leaking - flat > 1) {
    if (next <= flat || next >= leaking) next = Math.floor((flat + leaking) / 2);
    if (await leaks(next)) leaking = next;
    else flat = next;
  }
  return parts[leaking - 1]!;
}

/** What an arm is, in words. */
export function armText(parts: readonly Part[], kept: number): string {
  const left = parts.slice(kept);
  const names = (kind: Part['kind']): string =>
    left
      .filter((part) => part.kind === kind)
      .map(({ id }) => id)
      .join(', ');
  const texts = [
    ['sources', 'left out'],
    ['transforms', 'passed through'],
    ['sinks', 'swapped for blackholes'],
  ].map(([kinds, what]) => [names(kinds!.slice(0, -1) as Part['kind']), what] as const);
  return texts
    .filter(([who]) => who !== '')
    .map(([who, what]) => `${who} ${what}`)
    .join('; ');
}
