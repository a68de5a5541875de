// The files that are open, by path. Their number has a limit: the one not written to for longest is closed first. A file
// that nothing is written to is closed after a while.

import type { Compression } from '../../codecs/compression/compression.ts';
import type { SinkContext } from '../../component/context.ts';
import { openFiles } from '../../component/file_metrics.ts';
import type { Status } from '../../event/finalizer.ts';
import { componentSentBytes } from '../../telemetry/component_metrics.ts';
import type { Gauge } from '../../telemetry/telemetry.ts';
import { OpenFile } from './open_file.ts';
import { type TruncateConfig, Truncation } from './truncation.ts';

/** Files open at a time; a process may usually have 1,024, and needs some for other things. */
export const OPEN_FILES_MAX = 256;

export interface OpenFilesOptions {
  readonly compression: Compression;
  /** Time without a write after which a file is closed. */
  readonly idleMs: number;
  readonly truncate: TruncateConfig;
  /** Whether written bytes are counted by file. */
  readonly labelled: boolean;
}

export class OpenFiles {
  readonly #context: SinkContext;
  readonly #options: OpenFilesOptions;
  readonly #truncation: Truncation;
  readonly #gauge: Gauge;
  /** The one written to last comes last. */
  readonly #files = new Map<string, OpenFile>();
  /** Files that are being closed, by path: the next one of that path waits for it. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #givenUp = new AbortController();

  constructor(context: SinkContext, options: OpenFilesOptions) {
    this.#context = context;
    this.#options = options;
    this.#truncation = new Truncation(options.truncate);
    this.#gauge = context.gauge(openFiles);
    this.#gauge.set(0);
  }

  /**
   * Appends bytes to the file. `settle` is told what became of them: at once, or, with compression, once they can be
   * read again. Resolves when the bytes are not needed any more; never rejects.
   */
  async append(path: string, bytes: Uint8Array, events: number, settle: (status: Status) => void): Promise<void> {
    if (this.#givenUp.signal.aborted) {
      this.#context.faults.discarded(events, 'io_failed', false, { path });
      settle('errored');
      return;
    }
    let file = this.#files.get(path);
    if (file) this.#files.delete(path);
    else {
      while (this.#files.size >= OPEN_FILES_MAX) await this.#close(this.#files.values().next().value!);
      file = this.#make(path);
    }
    this.#files.set(path, file);
    this.#gauge.set(this.#files.size);
    await file.append(bytes, events, settle);
    if (file.isBroken || this.#options.idleMs === 0) await this.#close(file);
  }

  /** Closes all files. When `abort` aborts, what still waits to be written is given up. */
  async end(abort?: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#givenUp.abort();
    if (abort?.aborted) onAbort();
    else abort?.addEventListener('abort', onAbort, { once: true });
    for (const file of [...this.#files.values()]) void this.#close(file);
    await Promise.all(this.#closing.values());
    abort?.removeEventListener('abort', onAbort);
  }

  #make(path: string): OpenFile {
    const labels = { protocol: 'file', ...(this.#options.labelled ? { file: path } : {}) };
    return new OpenFile(path, {
      context: this.#context,
      compression: this.#options.compression,
      truncation: this.#truncation,
      sentBytes: this.#context.counter(componentSentBytes, labels),
      idleMs: this.#options.idleMs,
      givenUp: this.#givenUp.signal,
      after: this.#closing.get(path) ?? Promise.resolve(),
      onIdle: (file) => void this.#close(file),
    });
  }

  #close(file: OpenFile): Promise<void> {
    if (this.#files.get(file.path) === file) this.#files.delete(file.path);
    this.#gauge.set(this.#files.size);
    const closed = file.close().then(() => {
      if (this.#closing.get(file.path) === closed) this.#closing.delete(file.path);
    });
    this.#closing.set(file.path, closed);
    return closed;
  }
}
