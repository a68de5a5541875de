// One file that is appended to. Its steps (writing, flushing, emptying, closing) run one after the other.
//
// What is written is delivered when the operating system has it; with compression, when the compressor was flushed, which
// happens after a second or a mebibyte. A full disk is waited for, since what is on its way must not be lost; any
// other error costs the events of that write, and the file is opened anew for the next.

import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Compression, type StreamCompressor, streamCompressor } from '../../codecs/compression/compression.ts';
import type { SinkContext } from '../../component/context.ts';
import { Backoff } from '../../component/request_backoff.ts';
import { UNLIMITED } from '../../component/request_options.ts';
import type { Status } from '../../event/finalizer.ts';
import { sleep, type Timer } from '../../std/clock.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import type { Truncation } from './truncation.ts';

/** A compressor is flushed when it holds this much, or has held anything this long. */
const FLUSH_BYTES = 1_048_576;
const FLUSH_MS = 1_000;

/** Errors that pass by themselves or by what an operator does: no space, no quota, no descriptors. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR']);

const RETRIES = {
  retry_attempts: UNLIMITED,
  retry_initial_backoff_secs: 1,
  retry_max_duration_secs: 30,
  retry_jitter_mode: 'Full',
} as const;

export interface OpenFileOptions {
  readonly context: SinkContext;
  readonly compression: Compression;
  readonly truncation: Truncation;
  readonly sentBytes: Counter;
  readonly idleMs: number;
  readonly givenUp: AbortSignal;
  /** Done when the file that was open under this path before is closed. */
  readonly after: Promise<void>;
  readonly onIdle: (file: OpenFile) => void;
}

interface Held {
  readonly events: number;
  readonly settle: (status: Status) => void;
}

export class OpenFile {
  readonly path: string;
  readonly #options: OpenFileOptions;
  #handle: FileHandle | undefined;
  #compressor: StreamCompressor | undefined;
  /** What the compressor may still hold. */
  #held: Held[] = [];
  #heldBytes = 0;
  #flushTimer: Timer | undefined;
  #idleTimer: Timer | undefined;
  #usedMs: number;
  #turn: Promise<void>;
  #broken = false;
  #closed = false;

  constructor(path: string, options: OpenFileOptions) {
    this.path = path;
    this.#options = options;
    this.#turn = options.after;
    this.#usedMs = options.context.clock.monotonic();
    this.#watchIdle();
  }

  /** An error happened: close it, and make a new one for the next write. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** Never rejects; see `OpenFiles.append`. */
  append(bytes: Uint8Array, events: number, settle: (status: Status) => void): Promise<void> {
    this.#usedMs = this.#options.context.clock.monotonic();
    return this.#inTurn(async () => {
      const held: Held = { events, settle };
      try {
        await this.#prepare();
        await this.#write(bytes, held);
      } catch (error) {
        this.#fail(error, this.#handle ? 'failed_writing_file' : 'failed_opening_file', [held]);
      }
    });
  }

  /** Writes what is left and closes the file. Never rejects. */
  close(): Promise<void> {
    this.#idleTimer?.cancel();
    const closedMs = this.#options.context.clock.now();
    return this.#inTurn(async () => {
      if (this.#closed) return;
      this.#closed = true;
      const handle = this.#handle;
      try {
        await this.#endCompressor();
        if (handle && !this.#broken) await sync(handle);
      } catch (error) {
        this.#fail(error, 'failed_closing_file', []);
      }
      this.#flushTimer?.cancel();
      this.#handle = undefined;
      await handle?.close().catch(() => {});
      if (handle) this.#options.truncation.closed(this.path, closedMs);
    });
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step);
    return this.#turn;
  }

  /** Opens the file when it is not open, and empties it when its time has come. */
  async #prepare(): Promise<void> {
    const { truncation, context, compression } = this.#options;
    let empty = false;
    if (!this.#handle) {
      this.#handle = await this.#persist(() => this.#open());
      const stat = await this.#handle.stat();
      const times = { modifiedMs: stat.mtimeMs, createdMs: stat.birthtimeMs || stat.mtimeMs };
      empty = truncation.onOpen(this.path, times, context.clock.now()) && stat.isFile() && stat.size > 0;
    } else empty = truncation.onWrite(this.path, context.clock.now());
    if (empty) {
      await this.#endCompressor();
      await this.#handle.truncate(0);
      truncation.emptied(this.path, context.clock.now());
    }
    this.#compressor ??= streamCompressor(compression);
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true });
    return open(this.path, 'a');
  }

  async #write(bytes: Uint8Array, held: Held): Promise<void> {
    if (!this.#compressor) {
      await this.#writeAll(bytes);
      held.settle('delivered');
      return;
    }
    const ready = await this.#compressor.write(bytes);
    this.#held.push(held);
    this.#heldBytes += bytes.length;
    try {
      await this.#writeAll(ready);
      if (this.#heldBytes >= FLUSH_BYTES) await this.#flush();
      else this.#flushTimer ??= this.#options.context.clock.after(FLUSH_MS, () => this.#flushInTurn());
    } catch (error) {
      this.#fail(error, 'failed_writing_file', []);
    }
  }

  #flushInTurn(): void {
    void this.#inTurn(async () => {
      this.#flushTimer = undefined;
      try {
        await this.#flush();
      } catch (error) {
        this.#fail(error, 'failed_flushing_file', []);
      }
    });
  }

  async #flush(): Promise<void> {
    if (!this.#compressor || this.#held.length === 0) return;
    await this.#writeAll(await this.#compressor.flush());
    this.#deliver();
  }

  async #endCompressor(): Promise<void> {
    if (!this.#compressor) return;
    const rest = await this.#compressor.end();
    this.#compressor = undefined;
    await this.#writeAll(rest);
    this.#deliver();
  }

  #deliver(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    this.#heldBytes = 0;
    for (const { settle } of this.#held.splice(0)) settle('delivered');
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length) {
        const { bytesWritten } = await this.#persist(() => this.#handle!.write(bytes, written, bytes.length - written));
        written += bytesWritten;
      }
    } catch (error) {
      if (written > 0) await this.#takeBack(written);
      throw error;
    }
    this.#options.sentBytes.add(bytes.length);
  }

  /** Half a line must not stay in front of the next one. */
  async #takeBack(written: number): Promise<void> {
    try {
      const { size } = await this.#handle!.stat();
      await this.#handle!.truncate(size - written);
    } catch (error) {
      this.#options.context.log.warn('The last line of a file may be incomplete', {
        path: this.path,
        error: messageOf(error),
      });
    }
  }

  /** Tries again after errors that pass. */
  async #persist<T>(step: () => Promise<T>): Promise<T> {
    const { context, givenUp } = this.#options;
    const backoff = new Backoff(RETRIES, context.random);
    for (;;) {
      try {
        return await step();
      } catch (error) {
        const code = codeOf(error);
        const waitMs = PASSING.has(code) && !givenUp.aborted ? backoff.next() : undefined;
        if (waitMs === undefined) throw error;
        context.faults.error('A file cannot be written now, and is tried again', {
          type: 'io_failed',
          stage: 'sending',
          code: 'failed_writing_file',
          fields: { path: this.path, error: messageOf(error), wait_ms: waitMs },
        });
        await sleep(context.clock, waitMs, givenUp);
      }
    }
  }

  #fail(error: unknown, code: string, more: readonly Held[]): void {
    const { faults } = this.#options.context;
    this.#broken = true;
    this.#compressor?.close();
    this.#compressor = undefined;
    this.#heldBytes = 0;
    const lost = [...this.#held.splice(0), ...more];
    const events = lost.reduce((sum, held) => sum + held.events, 0);
    faults.error('A file cannot be written', {
      type: 'io_failed',
      stage: 'sending',
      code,
      fields: { path: this.path, error: messageOf(error), events },
    });
    if (events > 0) faults.discarded(events, 'io_failed', false, { path: this.path });
    for (const { settle } of lost) settle('errored');
  }

  /** One timer that is set anew only when it fires: writes come often. */
  #watchIdle(): void {
    const { context, idleMs, onIdle } = this.#options;
    // Without any idle time, the owner closes it after each write.
    if (idleMs === 0) return;
    const leftMs = idleMs - (context.clock.monotonic() - this.#usedMs);
    if (leftMs <= 0) onIdle(this);
    else this.#idleTimer = context.clock.after(leftMs, () => this.#watchIdle());
  }
}

/** Brings what was written to the disk; pipes and terminals have none. */
async function sync(handle: FileHandle): Promise<void> {
  try {
    await handle.datasync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
