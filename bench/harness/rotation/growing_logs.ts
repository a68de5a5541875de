// Logs of many containers that grow and are rotated as the kubelet does it. Every message says the number of its log and
// its own, and how it ends, so that whoever reads them knows what is lost, doubled, torn or out of order.
//
//   line=17:4711;xxxxxxxx….

import { join } from 'node:path';
import { ContainerLog } from '../../../src/testing/container_log.ts';

/** Bytes of a line, with its header of 40 bytes and its end. */
const LINE_BYTES = 250;
const HEADER_BYTES = 40;

/** Lines come a few to one log, then a few to the next. */
const LINES_AT_ONCE = 4;

const TICK_MS = 100;

export interface GrowingLogsOptions {
  readonly count: number;
  readonly bytesPerSecond: number;
  readonly rotateMs: number;
  /** Whether a message lies across each rotation: its beginning in the old file, the rest in the new one. */
  readonly tears: boolean;
}

/** The pod of a log, by its number. */
export function podOf(index: number): { readonly name: string; readonly uid: string } {
  return { name: `pod-${index}`, uid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}` };
}

interface Log {
  readonly file: ContainerLog;
  count: number;
  nextRotationMs: number;
}

export class GrowingLogs {
  readonly #options: GrowingLogsOptions;
  readonly #logs: Log[];
  #next = 0;
  #nanos = 0;

  /** Makes the folders and empty files below `root`. */
  constructor(root: string, options: GrowingLogsOptions) {
    this.#options = options;
    this.#logs = Array.from({ length: options.count }, (_, index) => {
      const { name, uid } = podOf(index);
      return {
        file: new ContainerLog(join(root, `default_${name}_${uid}`, 'main')),
        count: 0,
        nextRotationMs: options.rotateMs * (1 + index / options.count),
      };
    });
  }

  /** Messages written, by log. */
  get counts(): number[] {
    return this.#logs.map(({ count }) => count);
  }

  get bytes(): number {
    return this.#logs.reduce((sum, { file }) => sum + file.bytes, 0);
  }

  get rotations(): number {
    return this.#logs.reduce((sum, { file }) => sum + file.rotations, 0);
  }

  /** Writes for so long. */
  async grow(forMs: number): Promise<void> {
    const startedMs = performance.now();
    let owed = 0;
    for (let nowMs = 0; nowMs < forMs; nowMs = performance.now() - startedMs) {
      // By the clock, so that a tick that came late is made up for.
      const dueBytes = (this.#options.bytesPerSecond * Math.min(forMs, nowMs + TICK_MS)) / 1000;
      for (owed = dueBytes - this.bytes; owed >= LINE_BYTES * LINES_AT_ONCE; owed -= LINE_BYTES * LINES_AT_ONCE) {
        this.#write(this.#next);
        this.#next = (this.#next + 1) % this.#logs.length;
      }
      for (const [index, log] of this.#logs.entries()) {
        if (nowMs < log.nextRotationMs) continue;
        this.#rotate(log, index);
        log.nextRotationMs += this.#options.rotateMs;
      }
      const leftMs = TICK_MS - (performance.now() - startedMs - nowMs);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
    }
  }

  close(): void {
    for (const { file } of this.#logs) file.close();
  }

  #write(index: number): void {
    const log = this.#logs[index]!;
    let text = '';
    for (let i = 0; i < LINES_AT_ONCE; i++) text += this.#line(message(index, log.count++));
    log.file.write(text);
  }

  #rotate(log: Log, index: number): void {
    if (!this.#options.tears) {
      log.file.rotate();
      return;
    }
    const text = message(index, log.count++);
    const half = text.length >> 1;
    log.file.write(this.#line(text.slice(0, half), 'P'));
    log.file.rotate();
    log.file.write(this.#line(text.slice(half)));
  }

  /** No two lines are alike: of files that begin alike, as copies do, an agent reads one. */
  #line(text: string, tag: 'F' | 'P' = 'F'): string {
    this.#nanos = (this.#nanos + 1) % 1_000_000;
    const time = new Date().toISOString().replace('Z', `${String(this.#nanos).padStart(6, '0')}Z`);
    return `${time} stdout ${tag} ${text}\n`;
  }
}

function message(index: number, number: number): string {
  return `${`line=${index}:${number};`.padEnd(LINE_BYTES - HEADER_BYTES - 2, 'x')}.`;
}
