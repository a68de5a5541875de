// The bytes of an open file by their position: as they are, or inflated where the file is gzip. Whoever reads says how
// far back it may still want to go (`forget`), so that inflated content needs no more memory than one unfinished line.

import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { LocalDisk } from './local_disk.ts';

/** The content needs another turn to get to the position. */
export const AGAIN = -1;
/** Others must have their turn first. */
export const LATER = -2;
/** There is nothing behind what is known. */
export const NOTHING = -3;

export interface Content {
  readonly isCompressed: boolean;
  /**
   * Reads from `position` on into `bytes[start, end)`, fewer bytes only at the end of what is there now. Resolves with
   * their number or one of the codes above; the first `known` bytes were read before. Rejects when the disk fails, or the
   * data is damaged and there are no more than the known bytes before that.
   */
  read(bytes: Buffer, start: number, end: number, position: number, known?: number): Promise<number>;
  /** Nothing before `position` is asked for again. */
  forget(position: number): void;
  /** There is nothing new for a while: lets go of what can be made again. */
  rest(): void;
  /** The file changed after it was thought to be finished: its content to go on with, on the same open file. */
  revive?(): Content;
  /** Closes the file. */
  close(): void;
}

/** What is known of an open file. Device and inode are exact: some file systems number beyond 2^53. */
export interface FileFacts {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly createdMs: number;
  readonly isFile: boolean;
}

interface BigStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeMs: bigint;
  readonly birthtimeMs: bigint;
  isFile(): boolean;
}

export function factsOf(stats: BigStats): FileFacts {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    createdMs: Number(stats.birthtimeMs),
    isFile: stats.isFile(),
  };
}

/** The same of numbers, where device and inode are exact as such. */
export function factsOfNumbers(stats: Stats): FileFacts | undefined {
  if (!Number.isSafeInteger(stats.dev) || !Number.isSafeInteger(stats.ino)) return undefined;
  return {
    device: BigInt(stats.dev),
    inode: BigInt(stats.ino),
    sizeBytes: stats.size,
    modifiedMs: Math.floor(stats.mtimeMs),
    createdMs: Math.floor(stats.birthtimeMs),
    isFile: stats.isFile(),
  };
}

/** Whether `factsOfNumbers(stats)` would say what is known already. */
export function isAsKnownByNumbers(known: FileFacts, stats: Stats): boolean {
  return (
    Number(known.inode) === stats.ino &&
    Number.isSafeInteger(stats.ino) &&
    Number(known.device) === stats.dev &&
    known.sizeBytes === stats.size &&
    known.modifiedMs === Math.floor(stats.mtimeMs) &&
    known.createdMs === Math.floor(stats.birthtimeMs) &&
    known.isFile === stats.isFile()
  );
}

/** Whether `factsOf(stats)` would say what is known already. */
export function isAsKnown(known: FileFacts, stats: BigStats): boolean {
  return (
    known.inode === stats.ino &&
    known.device === stats.dev &&
    known.sizeBytes === Number(stats.size) &&
    known.modifiedMs === Number(stats.mtimeMs) &&
    known.createdMs === Number(stats.birthtimeMs) &&
    known.isFile === stats.isFile()
  );
}

/** Opens without waiting even where the name turns out to be a pipe; such things are refused. */
export async function openFile(path: string): Promise<{ fd: number; facts: FileFacts }> {
  const fd = await new Promise<number>((resolve, reject) =>
    open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  );
  try {
    const facts = await factsOfOpen(fd);
    if (!facts.isFile) throw new Error(`${path} is not a file`);
    return { fd, facts };
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}

export function factsOfOpen(fd: number): Promise<FileFacts> {
  return new Promise((resolve, reject) =>
    fstat(fd, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(factsOf(stats)))),
  );
}

export function readAt(fd: number, bytes: Buffer, start: number, end: number, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    read(fd, bytes, start, end - start, position, (error, count) => (error ? reject(error) : resolve(count))),
  );
}

export function closeFile(fd: number): void {
  close(fd, () => {});
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

/** Whether a file that begins with `head` is gzip. */
export function isGzip(head: Buffer): boolean {
  return head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC);
}

/**
 * Whether inflated content ends at `position`, as far as the file's last four bytes tell: they hold the size of the last
 * member. It saves inflating a rotated file again only to find that it was read.
 */
export async function gzipEndsAt(fd: number, sizeBytes: number, position: number): Promise<boolean> {
  const trailer = Buffer.alloc(4);
  if (sizeBytes < 18 || (await readAt(fd, trailer, 0, 4, sizeBytes - 4)) < 4) return false;
  return trailer.readUInt32LE() === position % 2 ** 32;
}

export class PlainContent implements Content {
  readonly isCompressed = false;
  readonly #fd: number;
  readonly #disk: LocalDisk | undefined;

  constructor(fd: number, disk?: LocalDisk) {
    this.#fd = fd;
    this.#disk = disk;
  }

  read(bytes: Buffer, start: number, end: number, position: number): Promise<number> {
    return this.#disk
      ? this.#disk.read(this.#fd, bytes, start, end, position)
      : readAt(this.#fd, bytes, start, end, position);
  }

  forget(): void {}

  rest(): void {}

  close(): void {
    closeFile(this.#fd);
  }
}

/** A compressed file that was read already, or is not to be read at all. */
export class FinishedContent implements Content {
  readonly isCompressed = true;
  readonly #fd: number;
  readonly revive: (() => Content) | undefined;

  /** Without `inflaters` the file is not read even when it changes. */
  constructor(fd: number, inflaters?: Inflaters) {
    this.#fd = fd;
    this.revive = inflaters && (() => new GzipContent(fd, inflaters));
  }

  read(): Promise<number> {
    return Promise.resolve(0);
  }

  forget(): void {}

  rest(): void {}

  close(): void {
    closeFile(this.#fd);
  }
}

/** Files that inflate at a time; each takes less than a MiB. Others wait for their turn. */
const INFLATERS_MAX = 16;

/** Who inflates now, among the files of one source. */
export class Inflaters {
  readonly #active = new Set<GzipContent>();

  /** Whether `content` may inflate: there is room, or one that has come to its end for now makes room. */
  admit(content: GzipContent): boolean {
    if (this.#active.size >= INFLATERS_MAX && !this.#active.has(content)) {
      const idle = [...this.#active].find(({ isAtEnd }) => isAtEnd);
      if (!idle) return false;
      idle.rest();
    }
    this.#active.add(content);
    return true;
  }

  release(content: GzipContent): void {
    this.#active.delete(content);
  }
}

const COMPRESSED_CHUNK_BYTES = 65_536;
const INFLATED_CHUNK_BYTES = 65_536;

/** Inflated bytes passed over in one turn on the way to a position. */
const SKIP_MAX_BYTES = 8_388_608;

export class GzipContent implements Content {
  readonly isCompressed = true;
  readonly #fd: number;
  readonly #inflaters: Inflaters;
  #stream: Inflating | undefined;
  /** Inflated bytes kept, one behind the other; the first is at `#start` of the content. */
  #kept: Buffer[] = [];
  #start = 0;
  #end = 0;
  #floor = 0;
  /** Whether everything the file holds now was inflated. */
  isAtEnd = false;
  /** Where the content ended when it was inflated last, and the size of the file then: it is not done twice. */
  #ended: { readonly position: number; readonly sizeBytes: number } | undefined;

  constructor(fd: number, inflaters: Inflaters) {
    this.#fd = fd;
    this.#inflaters = inflaters;
  }

  async read(bytes: Buffer, start: number, end: number, position: number, known = 0): Promise<number> {
    if (position < this.#start) this.rest();
    if (!this.#stream && position + known === this.#ended?.position) {
      if ((await factsOfOpen(this.#fd)).sizeBytes === this.#ended.sizeBytes) return NOTHING;
    }
    this.#floor = Math.min(this.#floor, position);
    if (!this.#inflaters.admit(this)) return LATER;
    this.isAtEnd = false;
    const from = this.#end;
    try {
      while (this.#end < position + (end - start) && (await this.#inflate())) {
        this.#drop(position);
        if (this.#end <= position && this.#end - from >= SKIP_MAX_BYTES) return AGAIN;
      }
    } catch (error) {
      const count = this.#copy(bytes, start, end, position);
      this.rest();
      if (count <= known) throw error;
      return count;
    }
    return this.#copy(bytes, start, end, position);
  }

  forget(position: number): void {
    this.#floor = position;
    this.#drop(position);
  }

  rest(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#inflaters.release(this);
    this.#kept = [];
    this.#start = 0;
    this.#end = 0;
    this.isAtEnd = false;
  }

  close(): void {
    this.rest();
    closeFile(this.#fd);
  }

  async #inflate(): Promise<boolean> {
    this.#stream ??= new Inflating(this.#fd);
    const chunk = await this.#stream.next();
    if (!chunk) {
      this.isAtEnd = true;
      this.#ended = { position: this.#end, sizeBytes: this.#stream.inputPosition };
      return false;
    }
    this.#kept.push(chunk);
    this.#end += chunk.length;
    return true;
  }

  /** Lets go of pieces that lie wholly before both `position` and what may be asked for again. */
  #drop(position: number): void {
    const until = Math.min(position, this.#floor);
    while (this.#kept.length > 0 && this.#start + this.#kept[0]!.length <= until)
      this.#start += this.#kept.shift()!.length;
  }

  #copy(bytes: Buffer, start: number, end: number, position: number): number {
    let at = start;
    let pieceStart = this.#start;
    for (const piece of this.#kept) {
      const from = position + (at - start) - pieceStart;
      if (from < piece.length && at < end) at += piece.copy(bytes, at, from, Math.min(piece.length, from + end - at));
      pieceStart += piece.length;
    }
    return at - start;
  }
}

/** Inflates a file from its start, one chunk at a time; the next compressed bytes are read when the last are used up. */
class Inflating {
  readonly #fd: number;
  readonly #gunzip: Gunzip;
  readonly #input = Buffer.allocUnsafe(COMPRESSED_CHUNK_BYTES);
  inputPosition = 0;
  #isWriting = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    this.#gunzip = createGunzip({ chunkSize: INFLATED_CHUNK_BYTES });
    this.#gunzip.on('readable', () => this.#wake?.());
    this.#gunzip.on('end', () => this.#wake?.());
    this.#gunzip.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
  }

  /** The next inflated bytes; undefined when the file holds no more for now. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#gunzip.read() as Buffer | null;
      if (chunk) return chunk;
      if (this.#error) throw this.#error;
      if (this.#gunzip.readableEnded) return undefined;
      if (this.#isWriting) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (!(await this.#feed())) return undefined;
    }
  }

  async #feed(): Promise<boolean> {
    const count = await readAt(this.#fd, this.#input, 0, this.#input.length, this.inputPosition);
    if (count === 0) return false;
    this.inputPosition += count;
    this.#isWriting = true;
    this.#gunzip.write(this.#input.subarray(0, count), () => {
      this.#isWriting = false;
      this.#wake?.();
    });
    return true;
  }

  close(): void {
    this.#gunzip.destroy();
  }
}
