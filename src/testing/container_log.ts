// The log of a container as the kubelet and its runtime write it: CRI lines, renamed when it is time, then compressed,
// then removed.

import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Rotated files that are kept, compressed but for the last. */
const ROTATED_MAX = 4;

export class ContainerLog {
  readonly folder: string;
  rotations = 0;
  /** Bytes written. */
  bytes = 0;
  #fd: number;

  /** `folder` is that of the container, below that of the pod. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#fd = this.#open();
  }

  /** Appends whole lines, each with its header and its end. */
  write(text: string): void {
    this.bytes += writeSync(this.#fd, text);
  }

  /** As the kubelet: the file gets a name with the time, the one before is compressed, the oldest is removed. */
  rotate(): void {
    const rotated = readdirSync(this.folder)
      .filter((name) => name.startsWith('0.log.'))
      .sort();
    for (const name of rotated.slice(0, 1 - ROTATED_MAX)) rmSync(join(this.folder, name));
    const last = rotated.at(-1);
    if (last && !last.endsWith('.gz')) {
      const path = join(this.folder, last);
      writeFileSync(`${path}.tmp`, gzipSync(readFileSync(path), { level: 1 }));
      renameSync(`${path}.tmp`, `${path}.gz`);
      rmSync(path);
    }
    closeSync(this.#fd);
    const name = `0.log.2026${String(this.rotations).padStart(8, '0')}`;
    renameSync(join(this.folder, '0.log'), join(this.folder, name));
    this.rotations += 1;
    this.#fd = this.#open();
  }

  /** Nothing is written any more; the files stay. */
  close(): void {
    closeSync(this.#fd);
  }

  #open(): number {
    return openSync(join(this.folder, '0.log'), 'a');
  }
}

/** A line of a container: whole, or with the rest of its message in the next one. */
export function criLine(message: string, isWhole = true, date = new Date()): string {
  return `${date.toISOString().replace('Z', '000000Z')} stdout ${isWhole ? 'F' : 'P'} ${message}\n`;
}
