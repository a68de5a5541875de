// Calls to a disk of this machine, made in place for as long as it answers at once: what is asked about and what was just
// written is in the kernel's memory. By a thread, as Node makes such calls, each takes ten times the CPU time: measured for
// a thousand files, a third of all that a source takes.
//
// When a call takes long, the disk is slow or the memory short, and calls go to threads for a while: nothing else stands
// still meanwhile.

import { readSync, type Stats, stat, statSync } from 'node:fs';
import { readAt } from './content.ts';

/** A call in place may take so long. */
const QUICK_MS = 10;
/** For so long after one that did not, calls are made by threads. */
const SLOW_FOR_MS = 5_000;

/** Calls in a row, before everything else has its turn. */
const IN_A_ROW = 64;

/** Larger reads are worth a thread. */
const READ_MAX_BYTES = 65_536;

export class LocalDisk {
  readonly #nowMs: () => number;
  #slowUntilMs = Number.NEGATIVE_INFINITY;
  #inARow = 0;

  /** `nowMs` measures calls, so it is a real clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** What is at a path; undefined when nothing is. Throws, or rejects, when it cannot be told. */
  look(path: string): Stats | undefined | Promise<Stats | undefined> {
    if (!this.#isQuick()) return lookByThread(path);
    const inPlace = (): Stats | undefined => this.#timed(() => statSync(path, WITHOUT_THROWING));
    return this.#isInTurn() ? inPlace() : turn().then(inPlace);
  }

  /** As `readAt`. */
  async read(fd: number, bytes: Buffer, start: number, end: number, position: number): Promise<number> {
    if (!this.#isQuick()) return readAt(fd, bytes, start, end, position);
    if (!this.#isInTurn()) await turn();
    const until = Math.min(end, start + READ_MAX_BYTES);
    const count = this.#timed(() => readSync(fd, bytes, start, until - start, position));
    return count === READ_MAX_BYTES && until < end
      ? count + (await readAt(fd, bytes, until, end, position + count))
      : count;
  }

  #isQuick(): boolean {
    return this.#slowUntilMs === Number.NEGATIVE_INFINITY || this.#nowMs() >= this.#slowUntilMs;
  }

  #isInTurn(): boolean {
    this.#inARow = (this.#inARow + 1) % IN_A_ROW;
    return this.#inARow > 0;
  }

  #timed<T>(call: () => T): T {
    const beganMs = this.#nowMs();
    try {
      return call();
    } finally {
      const endedMs = this.#nowMs();
      this.#slowUntilMs = endedMs - beganMs > QUICK_MS ? endedMs + SLOW_FOR_MS : Number.NEGATIVE_INFINITY;
    }
  }
}

const WITHOUT_THROWING = { throwIfNoEntry: false } as const;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function lookByThread(path: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) =>
    stat(path, (error, stats) => {
      if (!error) resolve(stats);
      else if (error.code === 'ENOENT' || error.code === 'ENOTDIR') resolve(undefined);
      else reject(error);
    }),
  );
}
