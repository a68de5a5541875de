// How many files one source may keep open: most of what the process may open is left to it, some to everyone else.

import { readFileSync } from 'node:fs';

/** Files followed at most, whatever the system allows: about 4 KiB each. */
const FILES_MAX = 65_536;

/** The share of the process's descriptors that files may take; sockets need the others. */
const SHARE = 0.75;

/** Most files that a source follows. */
export function filesMax(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? FILES_MAX : Math.min(FILES_MAX, Math.max(1, Math.floor(Number(soft) * SHARE)));
}

/** The limits of this process as Linux shows them; nothing elsewhere. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
