// Positions in files, kept in Vector's own file so that a user can change over and back:
//
//   <data_dir>/<component id>/checkpoints.json
//   {"version":"1","checkpoints":[{"fingerprint":{…},"position":42,"modified":"2026-11-23T13:38:35.078180031Z"}]}
//
//   write:  checkpoints.new.json, fsync, rename over checkpoints.json
//   start:  checkpoints.new.json wins when it can be read (the write was interrupted before the rename)
//
// Invariant: the file on disk is always one whole state or the other, and never ahead of what was acknowledged.

import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../event/json.ts';
import { getField } from '../../event/object.ts';
import { parseRfc3339 } from '../../event/timestamp.ts';
import { isObject, type Value } from '../../event/value.ts';
import { type Fingerprint, type FingerprintKey, keyOf, readFingerprint } from './fingerprint.ts';

/** Entries kept at most; beyond it those changed longest ago are dropped, a few at a time. */
const ENTRIES_MAX = 200_000;
const ENTRIES_DROPPED = ENTRIES_MAX / 20;

/** One of them with its texts, as measured. */
const ENTRY_BYTES = 250;

/** A file of checkpoints larger than this is not read. */
const FILE_MAX_BYTES = 67_108_864;

/** How long the entry of a file that is gone is kept. */
const GONE_MS = 60_000;

/** What is written, and room for it that is kept: a new text of all entries every second would be mostly garbage. */
const BUFFER_MIN_BYTES = 4096;

/** A buffer that is mostly empty is given back. */
const BUFFER_SPARE = 4;

interface Entry {
  position: number;
  /** Milliseconds since the epoch; RFC 3339 as it was read. */
  modified: number | string;
  /** When the file was seen to be gone, on the clock of `gone`. */
  goneMs: number | undefined;
}

export interface LoadReport {
  /** Whether an interrupted write was taken up. */
  readonly recovered: boolean;
  readonly loaded: number;
  /** Entries that could not be understood, or were too many. */
  readonly skipped: number;
  /** What kept a file from being read. The damaged file is kept beside, as `checkpoints.damaged.json`. */
  readonly errors: readonly Error[];
}

export class Checkpoints {
  readonly #folder: string;
  readonly #entries = new Map<FingerprintKey, Entry>();
  #buffer = Buffer.alloc(0);
  #dirty = false;
  #writing: Promise<number> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the file; entries changed before `ignoreBeforeMs` are left out. Never rejects. */
  async load(ignoreBeforeMs: number | undefined): Promise<LoadReport> {
    const errors: Error[] = [];
    for (const name of [NEW, STABLE]) {
      const path = join(this.#folder, name);
      let entries: [FingerprintKey, Entry][];
      let skipped = 0;
      try {
        const text = await readBounded(path);
        if (text === undefined) continue;
        [entries, skipped] = readEntries(text);
      } catch (error) {
        errors.push(new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error }));
        await rename(path, join(this.#folder, DAMAGED)).catch(() => {});
        continue;
      }
      if (name === NEW) await rename(path, join(this.#folder, STABLE)).catch((error) => errors.push(error as Error));
      for (const [key, entry] of entries) {
        if (ignoreBeforeMs !== undefined && modifiedMs(entry) < ignoreBeforeMs) continue;
        this.#entries.set(key, entry);
      }
      return { recovered: name === NEW, loaded: this.#entries.size, skipped, errors };
    }
    return { recovered: false, loaded: 0, skipped: 0, errors };
  }

  /** Bytes of the entries. */
  get heapBytes(): number {
    return this.#entries.size * ENTRY_BYTES;
  }

  /** Bytes of what was written last. */
  get bufferBytes(): number {
    return this.#buffer.length;
  }

  /** The position of a file. */
  get(key: FingerprintKey): number | undefined {
    return this.#entries.get(key)?.position;
  }

  /** Sets the position of a file that is there. */
  set(fingerprint: Fingerprint, position: number, nowMs: number, key = keyOf(fingerprint)): void {
    this.#dirty = true;
    const entry = this.#entries.get(key);
    if (entry) {
      entry.position = position;
      entry.modified = nowMs;
      entry.goneMs = undefined;
      return;
    }
    this.#entries.set(key, { position, modified: nowMs, goneMs: undefined });
    if (this.#entries.size > ENTRIES_MAX) this.#dropOldest();
  }

  #dropOldest(): void {
    const byAge = [...this.#entries].map(([key, entry]) => ({ key, ms: modifiedMs(entry) }));
    byAge.sort((a, b) => a.ms - b.ms);
    for (const { key } of byAge.slice(0, ENTRIES_DROPPED)) this.#entries.delete(key);
  }

  /** The file is watched again: its entry stays. */
  keep(key: FingerprintKey): void {
    const entry = this.#entries.get(key);
    if (entry) entry.goneMs = undefined;
  }

  /** The file is gone: its entry is dropped a minute later. */
  gone(key: FingerprintKey, nowMs: number): void {
    const entry = this.#entries.get(key);
    if (entry) entry.goneMs ??= nowMs;
  }

  /** Writes what changed; the number of entries written, 0 when nothing changed. Rejects when the disk does. */
  async write(nowMs: number): Promise<number> {
    while (this.#writing) await this.#writing.catch(() => {});
    for (const [key, { goneMs }] of this.#entries) {
      if (goneMs === undefined || nowMs - goneMs < GONE_MS) continue;
      this.#entries.delete(key);
      this.#dirty = true;
    }
    if (!this.#dirty) return 0;
    this.#dirty = false;
    this.#writing = this.#replace();
    try {
      return await this.#writing;
    } catch (error) {
      this.#dirty = true;
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }

  async #replace(): Promise<number> {
    const count = this.#entries.size;
    const bytes = this.#encode();
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, NEW);
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, join(this.#folder, STABLE));
    return count;
  }

  /** All entries as they are now, in the buffer that the next write uses again. */
  #encode(): Buffer {
    let end = 0;
    const add = (text: string): void => {
      const needed = end + text.length;
      if (needed > this.#buffer.length) this.#resize(Math.max(2 * this.#buffer.length, needed, BUFFER_MIN_BYTES));
      end += this.#buffer.write(text, end, 'latin1');
    };
    add('{"version":"1","checkpoints":[');
    let separator = '';
    for (const [key, entry] of this.#entries) {
      add(separator + entryJson(key, entry));
      separator = ',';
    }
    add(']}');
    if (this.#buffer.length > Math.max(BUFFER_SPARE * end, BUFFER_MIN_BYTES)) this.#resize(end);
    return this.#buffer.subarray(0, end);
  }

  #resize(sizeBytes: number): void {
    const resized = Buffer.allocUnsafeSlow(sizeBytes);
    this.#buffer.copy(resized);
    this.#buffer = resized;
  }
}

const STABLE = 'checkpoints.json';
const NEW = 'checkpoints.new.json';
const DAMAGED = 'checkpoints.damaged.json';

/** The file's text; undefined when there is none. */
async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > FILE_MAX_BYTES) throw new Error(`it is larger than ${FILE_MAX_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The entries of a file's text, and how many could not be understood. Throws when it is no such file. */
function readEntries(text: string): [[FingerprintKey, Entry][], number] {
  const state = parseJson(text, { unsigned: 'bigint' });
  const list = isObject(state) && getField(state, 'version') === '1' ? getField(state, 'checkpoints') : undefined;
  if (!Array.isArray(list)) throw new Error('it is not a list of checkpoints of version 1');
  const entries = list.map(readEntry).filter((entry) => entry !== undefined);
  return [entries.slice(-ENTRIES_MAX), list.length - Math.min(entries.length, ENTRIES_MAX)];
}

function readEntry(value: Value): [FingerprintKey, Entry] | undefined {
  if (!isObject(value)) return undefined;
  const given = getField(value, 'fingerprint');
  const fingerprint = isObject(given) ? readFingerprint(given) : undefined;
  const position = getField(value, 'position');
  const modified = getField(value, 'modified');
  if (!fingerprint || typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) return undefined;
  if (typeof modified !== 'string' || !parseRfc3339(modified)) return undefined;
  return [keyOf(fingerprint), { position, modified, goneMs: undefined }];
}

/** In ASCII. */
function entryJson(json: FingerprintKey, { position, modified }: Entry): string {
  const time = typeof modified === 'number' ? new Date(modified).toISOString() : modified;
  return `{"fingerprint":${json},"position":${position},"modified":"${time}"}`;
}

function modifiedMs({ modified }: Entry): number {
  return typeof modified === 'number' ? modified : parseRfc3339(modified)!.toMs();
}
