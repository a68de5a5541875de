// The keys at the top of a configuration.

import { nearest } from '../std/suggest.ts';
import type { FileProblem, MapNode } from './document.ts';
import { globalOptions } from './global_options.ts';

const SECTIONS = ['sources', 'transforms', 'sinks'] as const;

const KNOWN: readonly string[] = [...Object.keys(globalOptions), ...SECTIONS];

/** Splits what is known from what is not, in one file: each unknown key is a problem where it is written. */
export function unknownTopLevelKeys(root: MapNode): {
  readonly known: MapNode;
  readonly problems: readonly FileProblem[];
} {
  const problems: FileProblem[] = [];
  for (const [key, { key: place }] of root.members) {
    if (KNOWN.includes(key)) continue;
    const guess = nearest(key, KNOWN);
    const hint = guess === undefined ? `known here: ${[...KNOWN].sort().join(', ')}` : `did you mean \`${guess}\`?`;
    problems.push({ severity: 'error', message: `unknown option \`${key}\` at the top level`, hint, place });
  }
  const members = new Map([...root.members].filter(([key]) => KNOWN.includes(key)));
  return { known: { ...root, members }, problems };
}
