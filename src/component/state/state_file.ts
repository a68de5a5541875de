// The file in which a component keeps its state over restarts: a line that says what it is, and the state.
//
//   {"sluice_state":1,"type":"dedupe","saved_ms":…,"bytes":…,"crc64":"…"}⏎
//   state, as many bytes
//
// Written to a file beside it, synced and renamed, so that there is always a whole one. One that is damaged, of another
// component or of a version to come is set aside, never deleted. It may hold what events hold: nobody else may read it.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Crc64 } from '../../std/crc64.ts';
import { decodeExact, encodeExact } from './exact.ts';

const VERSION = 1;

/** Larger states are neither written nor read. */
export const STATE_FILE_BYTES_MAX = 256 * 1024 * 1024;

/** A header is shorter. */
const HEADER_BYTES_MAX = 1024;

interface Header {
  readonly sluice_state: number;
  readonly type: string;
  readonly saved_ms: number;
  readonly bytes: number;
  readonly crc64: string;
}

export interface SavedState {
  readonly state: unknown;
  /** When it was saved, on the clock of the wall. */
  readonly savedMs: number;
}

/** The file is there and cannot be used. */
export class DamagedState extends Error {
  override readonly name = 'DamagedState';
}

export class StateFile {
  readonly path: string;
  readonly #type: string;
  /** What this one wrote last: the same again is not written. */
  #written = '';

  /** `type` is that of the component: another's state means nothing to it. */
  constructor(path: string, type: string) {
    this.path = path;
    this.#type = type;
  }

  /** What was saved last; undefined when nothing was. Throws `DamagedState`, or what reading throws. */
  load(): SavedState | undefined {
    let bytes: Buffer;
    try {
      const { size } = statSync(this.path);
      if (size > STATE_FILE_BYTES_MAX + HEADER_BYTES_MAX) throw new DamagedState(`it is too large, ${size} bytes`);
      bytes = readFileSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const end = bytes.subarray(0, HEADER_BYTES_MAX).indexOf('\n');
    const header = headerOf(bytes.toString('utf8', 0, Math.max(end, 0)));
    const state = bytes.subarray(end + 1);
    this.#check(header, state);
    try {
      return { state: decodeExact(state.toString('utf8')), savedMs: header.saved_ms };
    } catch (error) {
      throw new DamagedState('its state cannot be read', { cause: error });
    }
  }

  /** Puts a file that cannot be used out of the way, and says where it is. */
  setAside(): string {
    const aside = `${this.path}.damaged`;
    renameSync(this.path, aside);
    return aside;
  }

  /** Durable when it returns; what has not changed keeps its time. Throws what writing throws; the file before is still there then. */
  save(state: unknown, savedMs: number): void {
    const bytes = Buffer.from(encodeExact(state), 'utf8');
    if (bytes.length > STATE_FILE_BYTES_MAX)
      throw new Error(`the state takes ${bytes.length} bytes, more than ${STATE_FILE_BYTES_MAX}`);
    const crc64 = checksum(bytes);
    const written = `${bytes.length} ${crc64}`;
    if (written === this.#written) return;
    const header: Header = { sluice_state: VERSION, type: this.#type, saved_ms: savedMs, bytes: bytes.length, crc64 };
    const folder = dirname(this.path);
    mkdirSync(folder, { recursive: true });
    write(`${this.path}.new`, [Buffer.from(`${JSON.stringify(header)}\n`), bytes]);
    renameSync(`${this.path}.new`, this.path);
    syncFolder(folder);
    this.#written = written;
  }

  #check(header: Header, state: Buffer): void {
    if (header.sluice_state !== VERSION)
      throw new DamagedState(`its version is ${header.sluice_state}, which is not known here`);
    if (header.type !== this.#type) throw new DamagedState(`it is the state of a component \`${header.type}\``);
    if (state.length !== header.bytes)
      throw new DamagedState(`it has ${state.length} bytes where there should be ${header.bytes}`);
    if (checksum(state) !== header.crc64) throw new DamagedState('its checksum is wrong');
  }
}

function headerOf(text: string): Header {
  try {
    const header = JSON.parse(text) as Partial<Header> | null;
    if (typeof header?.sluice_state === 'number' && typeof header.saved_ms === 'number') return header as Header;
  } catch {
    // It is not even that.
  }
  throw new DamagedState('it does not begin as a state does');
}

function checksum(bytes: Uint8Array): string {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest().toString(16).padStart(16, '0');
}

function write(path: string, parts: readonly Buffer[]): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(descriptor, part, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the rename durable too, where a folder can be synced. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch {
    // Some file systems do not have it.
  } finally {
    closeSync(descriptor);
  }
}
