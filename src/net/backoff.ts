// How long to wait before trying to connect again.

import type { Random } from '../std/random.ts';

const FIRST_MS = 500;
const MAX_MS = 60_000;

/** Milliseconds after `failures` failures in a row (1 or more): doubling up to a minute, with jitter. */
export function reconnectDelayMs(failures: number, random: Random): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 16), MAX_MS);
  return longest * (0.5 + random() / 2);
}
