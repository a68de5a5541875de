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
  /** Bytes written, to all files and to the present one. */
  bytes = 0;
  sizeBytes = 0;
  #fd: number;

  /** `folder` is that of the container, below that of the pod. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#fd = this.#open();
  }

  /** Appends whole lines, each with its header and its end. */
  write(text: string): void {
    const bytes = writeSync(this.#fd, text);
    this.bytes += bytes;
    this.sizeBytes += bytes;
  }

  /**
   * As the kubelet: the file gets a name with the time, the one before is compressed, the oldest is removed. Names have
   * seconds, so in one second there is one rotation at most.
   */
  rotate(date = new Date()): void {
    const name = `0.log.${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`;
    const rotated = readdirSync(this.folder)
      .filter((other) => other.startsWith('0.log.'))
      .sort();
    const last = rotated.at(-1);
    if (last?.startsWith(name)) return;
    for (const other of rotated.slice(0, 1 - ROTATED_MAX)) rmSync(join(this.folder, other));
    if (last && !last.endsWith('.gz')) this.#compress(join(this.folder, last));
    closeSync(this.#fd);
    renameSync(join(this.folder, '0.log'), join(this.folder, name));
    this.rotations += 1;
    this.sizeBytes = 0;
    this.#fd = this.#open();
  }

  #compress(path: string): void {
    writeFileSync(`${path}.tmp`, gzipSync(readFileSync(path), { level: 1 }));
    renameSync(`${path}.tmp`, `${path}.gz`);
    rmSync(path);
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
export function criLine(
  message: string,
  isWhole = true,
  date = new Date(),
  stream: 'stdout' | 'stderr' = 'stdout',
): string {
  return `${date.toISOString().replace('Z', '000000Z')} ${stream} ${isWhole ? 'F' : 'P'} ${message}\n`;
}
