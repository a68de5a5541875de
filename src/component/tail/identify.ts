// Opens a file and tells which one it is: its fingerprint, and whether it is compressed.

import {
  closeFile,
  type FileFacts,
  GzipContent,
  Inflaters,
  isGzip,
  openFile,
  PlainContent,
  readAt,
} from './content.ts';
import { type Fingerprint, HeadChecksum } from './fingerprint.ts';

export type FingerprintStrategy =
  | { readonly strategy: 'checksum'; readonly ignored_header_bytes: number; readonly lines: number }
  | { readonly strategy: 'device_and_inode' };

/** An open file. Whoever gets it closes it. */
export interface OpenFile {
  readonly path: string;
  readonly fd: number;
  readonly facts: FileFacts;
  readonly isCompressed: boolean;
  /** Its first bytes when it was identified. */
  readonly head: Buffer;
  /** Undefined while the file is too small for its checksum. */
  readonly fingerprint: Fingerprint | undefined;
}

/** First bytes kept to tell whether a file was truncated and written anew since it was identified. */
const KEPT_HEAD_BYTES = 64;

/** Whether the file still begins as it did when it was identified. */
export async function isUnchanged({ fd, head }: OpenFile): Promise<boolean> {
  const now = Buffer.alloc(head.length);
  return (await readAt(fd, now, 0, now.length, 0)) === now.length && now.equals(head);
}

const HEAD_BYTES = 16_384;

export class Identifier {
  readonly #strategy: FingerprintStrategy;
  readonly #bytesMax: number;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  readonly #inflaters = new Inflaters();

  /** `bytesMax` bounds what a checksum covers. One file is identified at a time. */
  constructor(strategy: FingerprintStrategy, bytesMax: number) {
    this.#strategy = strategy;
    this.#bytesMax = bytesMax;
  }

  /** Rejects when the file cannot be opened or read. */
  async open(path: string): Promise<OpenFile> {
    const { fd, facts } = await openFile(path);
    try {
      const count = await readAt(fd, this.#head, 0, HEAD_BYTES, 0);
      const isCompressed = isGzip(this.#head.subarray(0, count));
      // Not from Node's pool, as it is kept for as long as the file is followed.
      const head = Buffer.allocUnsafeSlow(Math.min(count, KEPT_HEAD_BYTES));
      this.#head.copy(head);
      const fingerprint = await this.#fingerprint(fd, facts, isCompressed, count);
      return { path, fd, facts, isCompressed, head, fingerprint };
    } catch (error) {
      closeFile(fd);
      throw error;
    }
  }

  async #fingerprint(
    fd: number,
    facts: FileFacts,
    isCompressed: boolean,
    count: number,
  ): Promise<Fingerprint | undefined> {
    if (this.#strategy.strategy === 'device_and_inode')
      return { kind: 'dev_inode', device: facts.device, inode: facts.inode };
    const head = new HeadChecksum({ ...this.#strategy, bytesMax: this.#bytesMax });
    const checksum = isCompressed ? await this.#compressed(fd, head) : await this.#plain(fd, head, count);
    return checksum === undefined ? undefined : { kind: 'first_lines_checksum', checksum };
  }

  /** `count` bytes of the file are in the buffer already. */
  async #plain(fd: number, head: HeadChecksum, count: number): Promise<bigint | undefined> {
    const content = new PlainContent(fd);
    for (let position = 0, filled = count; ; filled = await content.read(this.#head, 0, HEAD_BYTES, position)) {
      const checksum = head.add(this.#head.subarray(0, filled));
      if (checksum !== undefined || filled === 0) return checksum;
      position += filled;
    }
  }

  async #compressed(fd: number, head: HeadChecksum): Promise<bigint | undefined> {
    const content = new GzipContent(fd, this.#inflaters);
    try {
      for (let position = 0; ; ) {
        const filled = await content.read(this.#head, 0, HEAD_BYTES, position);
        if (filled === 0) return undefined;
        if (filled < 0) continue;
        const checksum = head.add(this.#head.subarray(0, filled));
        if (checksum !== undefined) return checksum;
        position += filled;
        content.forget(position);
      }
    } finally {
      content.rest();
    }
  }
}
