// Where in the journal reading goes on: the cursor of the last entry that was delivered, as `journalctl` prints it, and
// a newline. Vector's own file, so that one can go on where the other ended.
//
//   set ──► written at most once per WRITE_EVERY_MS: checkpoint.txt.new, synced, renamed
//   close ─► the last one is written

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceContext } from '../../component/context.ts';
import type { Timer } from '../../std/clock.ts';

const NAME = 'checkpoint.txt';
const WRITE_EVERY_MS = 1000;

/** Cursors have about 150 characters. */
const CURSOR = /^[\x21-\x7e]{1,4096}$/;

export class CursorFile {
  readonly #context: SourceContext;
  readonly #folder: string;
  #cursor: string | undefined;
  #written: string | undefined;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;

  private constructor(context: SourceContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
  }

  /** Rejects when the folder cannot be made or the file cannot be read. */
  static async open(context: SourceContext, folder: string): Promise<CursorFile> {
    const file = new CursorFile(context, folder);
    await mkdir(folder, { recursive: true });
    await file.#load();
    return file;
  }

  /** The last cursor that was set. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  set(cursor: string): void {
    this.#cursor = cursor;
    if (this.#timer) return;
    this.#timer = this.#context.clock.after(WRITE_EVERY_MS, () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  /** Puts a cursor that leads nowhere out of the way; reading begins anew. */
  async setAside(reason: string): Promise<void> {
    this.#cursor = undefined;
    this.#written = undefined;
    const kept = `${NAME}.damaged`;
    this.#context.faults.error('The saved position in the journal cannot be used and is set aside.', {
      type: 'reader_failed',
      stage: 'initializing',
      code: 'checkpoint_damaged',
      fields: { reason, file: join(this.#folder, kept) },
    });
    await rename(join(this.#folder, NAME), join(this.#folder, kept)).catch(() => {});
  }

  /** Writes what was not written yet. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#write();
  }

  async #load(): Promise<void> {
    let text: string;
    try {
      text = await readFile(join(this.#folder, NAME), 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw new Error(`cannot read the saved position ${join(this.#folder, NAME)}`, { cause: error });
    }
    const [cursor = ''] = text.split('\n', 1);
    if (CURSOR.test(cursor)) {
      this.#cursor = cursor;
      this.#written = cursor;
    } else if (text.length > 0) await this.setAside('it is no cursor');
  }

  async #write(): Promise<void> {
    while (this.#writing) await this.#writing;
    const cursor = this.#cursor;
    if (cursor === undefined || cursor === this.#written) return;
    this.#writing = this.#replace(cursor);
    try {
      await this.#writing;
      this.#written = cursor;
    } catch (error) {
      this.#context.faults.error('Could not set journald checkpoint.', {
        type: 'io_failed',
        stage: 'processing',
        code: 'checkpoint_write',
        fields: { error: (error as Error).message, file: join(this.#folder, NAME) },
      });
    } finally {
      this.#writing = undefined;
    }
  }

  async #replace(cursor: string): Promise<void> {
    const path = join(this.#folder, NAME);
    const file = await open(`${path}.new`, 'w', 0o644);
    try {
      await file.writeFile(`${cursor}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}
