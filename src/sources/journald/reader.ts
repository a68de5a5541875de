// Follows the journal for as long as the source runs: a `journalctl` that ended is started again behind the last entry
// that was read, after a second that doubles while it keeps failing.

import type { SourceContext } from '../../component/context.ts';
import type { Output } from '../../component/define.ts';
import { type InFlight, Progress } from '../../component/tail/progress.ts';
import { decodedBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { utf8Text } from '../../std/bytes.ts';
import { sleep } from '../../std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import type { CursorFile } from './cursor_file.ts';
import { type Ended, follow, journalctlCommand, LINE_BYTES_MAX } from './journalctl.ts';
import type { JournaldConfig } from './journald.ts';
import { isWanted, type Matches } from './matches.ts';
import { CURSOR, eventOfRecord, type JournalRecord, parseRecord, type RecordOptions, remapPriority } from './record.ts';

/** Batches under way; reading waits beyond it. */
const BATCHES_MAX = 1000;

const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 60_000;

/** As much of a line that is no entry is said. */
const SHOWN_MAX = 200;

export class JournalReader {
  readonly #config: JournaldConfig;
  readonly #include: Matches;
  readonly #exclude: Matches;
  readonly #file: CursorFile;
  readonly #context: SourceContext;
  readonly #options: RecordOptions;
  readonly #received: Throughput;
  readonly #receivedBytes: Counter;
  readonly #inFlight: InFlight = { count: 0 };
  readonly #progress: Progress;
  /** The cursors that positions stand for, in the order of the entries. */
  readonly #cursors = new Map<number, string>();
  #position = 0;
  /** The cursor of the last entry that was read. */
  #cursor: string | undefined;
  #events: LogEvent[] = [];
  /** Full batches of the read that is being looked at, each with the cursor behind it. */
  #batches: { readonly events: readonly LogEvent[]; readonly cursor: string | undefined }[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #hasRead = false;
  #isHeld = false;

  constructor(config: JournaldConfig, include: Matches, exclude: Matches, file: CursorFile, context: SourceContext) {
    this.#config = config;
    this.#include = include;
    this.#exclude = exclude;
    this.#file = file;
    this.#context = context;
    this.#cursor = file.cursor;
    const { id: sourceId, type: sourceType, logNamespace } = context;
    this.#options = { sourceId, sourceType, logNamespace, logSchema: context.globals.logSchema };
    this.#received = Throughput.received(context);
    this.#receivedBytes = context.counter(componentReceivedBytes, { protocol: 'journald' });
    this.#progress = new Progress(0, this.#inFlight, {
      advanced: (position) => this.#delivered(position),
      failed: () => this.#held(),
    });
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#room?.resolve(), { once: true });
    for (let failures = 0; !stop.aborted; ) {
      this.#hasRead = false;
      await this.#follow(output, stop);
      if (stop.aborted) return;
      failures = this.#hasRead ? 1 : failures + 1;
      await sleep(this.#context.clock, Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS), stop);
    }
  }

  /** Follows once, until the command ends. */
  async #follow(output: Output, stop: AbortSignal): Promise<void> {
    const { clock, faults } = this.#context;
    const words = journalctlCommand(this.#config, this.#cursor);
    let ended: Ended;
    try {
      ended = await follow(words, {
        clock,
        stop,
        onRead: (bytes) => this.#receivedBytes.add(bytes),
        onLine: (line) => this.#line(line),
        onDiscard: (length) =>
          faults.discarded(1, 'Discarding frame larger than max_length.', false, {
            length,
            max_length: LINE_BYTES_MAX,
          }),
        onPause: () => this.#send(output, stop),
      });
    } catch (error) {
      faults.error('Error starting journalctl process.', {
        type: 'command_failed',
        stage: 'receiving',
        fields: { error: (error as Error).message, command: words.join(' ') },
      });
      return;
    }
    if (!stop.aborted) await this.#ended(ended, words);
  }

  async #ended({ exitCode, said }: Ended, words: readonly string[]): Promise<void> {
    const { faults } = this.#context;
    if (!this.#hasRead && this.#cursor !== undefined && /seek to cursor/i.test(said)) {
      this.#cursor = undefined;
      await this.#file.setAside(said);
      return;
    }
    faults.error('Journalctl process stopped.', {
      type: 'command_failed',
      stage: 'receiving',
      code: 'journalctl_stopped',
      fields: { exit_code: exitCode, stderr: said, command: words.join(' ') },
    });
  }

  #line(line: Buffer): void {
    if (line.length === 0) return;
    let record: JournalRecord;
    try {
      record = parseRecord(utf8Text(line, 0, line.length));
    } catch (error) {
      this.#context.faults.error('Invalid record from journald, discarding.', {
        type: 'parser_failed',
        stage: 'processing',
        fields: { error: (error as Error).message, text: utf8Text(line, 0, Math.min(line.length, SHOWN_MAX)) },
      });
      return;
    }
    this.#hasRead = true;
    const cursor = record[CURSOR];
    if (typeof cursor === 'string') this.#cursor = cursor;
    if (!this.#config.emit_cursor) delete record[CURSOR];
    if (!isWanted(record, this.#include, this.#exclude)) return;
    if (this.#config.remap_priority) remapPriority(record);
    this.#events.push(eventOfRecord(record, this.#options, this.#context.clock.now()));
    if (this.#events.length >= this.#config.batch_size) this.#cut();
  }

  #cut(): void {
    this.#batches.push({ events: this.#events, cursor: this.#cursor });
    this.#events = [];
  }

  /** Sends the entries of one read. */
  async #send(output: Output, stop: AbortSignal): Promise<void> {
    if (this.#events.length > 0 || this.#cursor !== this.#batches.at(-1)?.cursor) this.#cut();
    const batches = this.#batches;
    this.#batches = [];
    for (const { events, cursor } of batches) {
      while (this.#inFlight.count >= BATCHES_MAX && !stop.aborted) await this.#hasRoom();
      const position = this.#next(cursor);
      if (events.length === 0) {
        this.#progress.pass(position);
        continue;
      }
      const batch = decodedBatch('log', events, this.#progress.begin(position));
      this.#received.add(batch.count, batch.sizeBytes);
      await output.send(batch);
    }
  }

  #next(cursor: string | undefined): number {
    this.#position += 1;
    if (cursor !== undefined && !this.#isHeld) this.#cursors.set(this.#position, cursor);
    return this.#position;
  }

  #hasRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #delivered(position: number): void {
    let reached: string | undefined;
    for (const [at, cursor] of this.#cursors) {
      if (at > position) break;
      reached = cursor;
      this.#cursors.delete(at);
    }
    if (reached !== undefined) this.#file.set(reached);
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** A batch failed: the position stays before it, so that the next start reads it again. */
  #held(): void {
    this.#isHeld = true;
    this.#cursors.clear();
    this.#context.log.warn('Delivery failed; the position in the journal stays where it is until the next start');
    this.#room?.resolve();
    this.#room = undefined;
  }
}
