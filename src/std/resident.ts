// What of this process is in RAM, by kind of mapping, as Linux tells it. Where there is no /proc, nothing is known.
//
//   0x400000 …          the program, a file                           files
//   [heap]              the C library                                 native
//   up to 2^46 …        pages of V8, which asks for such addresses    managed
//   executable          code that V8 compiled                         managed
//   0x7….               the C library, stacks, shared memory          native, but for `sharedBytes`

import { readFileSync } from 'node:fs';

export interface Resident {
  readonly totalBytes: number;
  /** Mapped files: the program and its libraries. */
  readonly fileBytes: number;
  /** Pages of V8 with and without objects in them, of all threads. */
  readonly managedBytes: number;
  /** What the C library has given out or keeps for later, stacks, and what else is mapped. */
  readonly nativeBytes: number;
  /** The mapping of the size that was asked for. */
  readonly sharedBytes: number;
}

/** Below it V8 puts its pages, and the kernel nothing that it chooses the place of. */
const MANAGED_END = 0x7000_0000_0000;

const CAPITAL_A = 65;
const CAPITAL_Z = 90;

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ (\d+) *(.*)$/;

/** `sharedSize` is that of a memory that has a mapping to itself. */
export function residentMemory(sharedSize: number): Resident | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/smaps', 'latin1');
  } catch {
    return undefined;
  }
  return residentOf(text, sharedSize);
}

/** The same from the text of /proc/PID/smaps. */
export function residentOf(smaps: string, sharedSize: number): Resident {
  const sums = { file: 0, managed: 0, native: 0, shared: 0 };
  let kind: keyof typeof sums = 'native';
  for (let at = 0; at < smaps.length; ) {
    let end = smaps.indexOf('\n', at);
    if (end < 0) end = smaps.length;
    // Most lines are of no interest: only those that begin a mapping begin with a digit or a small letter.
    const isMapping = smaps.charCodeAt(at) > CAPITAL_Z || smaps.charCodeAt(at) < CAPITAL_A;
    const mapping = isMapping ? MAPPING.exec(smaps.slice(at, end)) : null;
    if (mapping) kind = kindOf(mapping, sharedSize);
    else if (smaps.startsWith('Rss:', at)) sums[kind] += 1024 * Number.parseInt(smaps.slice(at + 4, end), 10);
    at = end + 1;
  }
  return {
    totalBytes: sums.file + sums.managed + sums.native + sums.shared,
    fileBytes: sums.file,
    managedBytes: sums.managed,
    nativeBytes: sums.native,
    sharedBytes: sums.shared,
  };
}

function kindOf(
  [, from, to, rights, inode, name]: RegExpExecArray,
  sharedSize: number,
): 'file' | 'managed' | 'native' | 'shared' {
  if (inode !== '0') return 'file';
  if (name !== '') return 'native';
  const start = Number.parseInt(from!, 16);
  if (Number.parseInt(to!, 16) - start === sharedSize && rights === 'rw-p') return 'shared';
  return start < MANAGED_END || rights!.includes('x') ? 'managed' : 'native';
}
