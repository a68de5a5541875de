// The messages of one container become events: the time in front is taken off, what the engine cut into pieces is put
// together again, and lines that belong together are merged.
//
//   message ─► time ─► new? ─► pieces of one stream joined ─► lines of one stream merged ─► event
//
// Bound: MERGED_BYTES_MAX of a message in pieces, for each stream; HELD_BYTES_MAX for all containers together.

import { LineMerger, type MergeBudget, type Merged, type MultilineConfig } from '../../codecs/multiline/multiline.ts';
import type { SourceContext } from '../../component/context.ts';
import type { LogEvent } from '../../event/event.ts';
import { parseRfc3339, type Timestamp } from '../../event/timestamp.ts';
import { bytesValue } from '../../event/value.ts';
import { latin1Text } from '../../std/bytes.ts';
import type { ContainerFields } from './container_fields.ts';
import type { DockerStream } from './log_frames.ts';
import type { LogPosition } from './position.ts';

/** A message that was cut into pieces is dropped beyond this. */
export const MERGED_BYTES_MAX = 8 * 1024 * 1024;

/** What the pieces of all containers may take together. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** A time in front of a message has 30 characters or a few more. */
const TIME_MAX = 40;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** What the containers of one source share. */
export interface MessageOptions {
  readonly context: SourceContext;
  readonly mergesPieces: boolean;
  readonly multiline: MultilineConfig | undefined;
  readonly budget: MergeBudget;
  /** Bytes of pieces that all containers hold. */
  readonly held: { bytes: number };
}

export class ContainerMessages {
  readonly #options: MessageOptions;
  readonly #fields: ContainerFields;
  readonly #position: LogPosition;
  readonly #streams = new Map<DockerStream, StreamMessages>();
  #events: LogEvent[] = [];

  constructor(options: MessageOptions, fields: ContainerFields, position: LogPosition) {
    this.#options = options;
    this.#fields = fields;
    this.#position = position;
  }

  /** Takes a message as the engine gives it. */
  take(stream: DockerStream, message: Buffer): void {
    const { faults } = this.#options.context;
    const space = message.subarray(0, TIME_MAX).indexOf(' ');
    const text = latin1Text(message, 0, space === -1 ? Math.min(message.length, TIME_MAX) : space);
    const time = space === -1 ? undefined : parseRfc3339(text);
    if (!time) {
      faults.error('Failed to parse timestamp as RFC3339 timestamp.', {
        type: 'parser_failed',
        stage: 'processing',
        fields: { container_id: this.#fields.id, text },
      });
      faults.discarded(1, 'A message without a time.', false);
      return;
    }
    if (this.#position.take(time)) this.#stream(stream).take(message.subarray(space + 1), time);
  }

  /** When the next merged lines are due; infinity when none are open. */
  get deadlineMs(): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const stream of this.#streams.values()) deadline = Math.min(deadline, stream.deadlineMs);
    return deadline;
  }

  /** Sends on what is due at `nowMs`. */
  flushDue(nowMs: number): void {
    for (const stream of this.#streams.values()) if (stream.deadlineMs <= nowMs) stream.flush();
  }

  /** The container is over: what is open goes out as it is. */
  end(): void {
    for (const stream of this.#streams.values()) stream.end();
  }

  /** The events gathered since the last call. */
  events(): LogEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #stream(name: DockerStream): StreamMessages {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = new StreamMessages(this.#options, (text, time, isPartial) =>
        this.#events.push(this.#fields.event(bytesValue(text) as string | Uint8Array, name, time, isPartial)),
      );
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

class StreamMessages {
  readonly #options: MessageOptions;
  readonly #emit: (text: Uint8Array, time: Timestamp, isPartial: boolean) => void;
  readonly #merger: LineMerger | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** When the first piece, or the message at hand, was written. */
  #time: Timestamp | undefined;
  /** The rest of a message that is too long is left out. */
  #skips = false;
  /** Lines by number, with their times: the one at hand, and the first of the group that is open. */
  #line: { readonly number: number; readonly time: Timestamp } | undefined;
  #open: { readonly number: number; readonly time: Timestamp } | undefined;

  constructor(options: MessageOptions, emit: (text: Uint8Array, time: Timestamp, isPartial: boolean) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#merger = options.multiline && new LineMerger(options.multiline, options.budget, (line) => this.#merged(line));
  }

  get deadlineMs(): number {
    return this.#merger?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  take(message: Buffer, time: Timestamp): void {
    const isWhole = message.at(-1) === NEWLINE;
    const end = isWhole ? message.length - (message.at(-2) === RETURN ? 2 : 1) : message.length;
    const text = message.subarray(0, end);
    if (!this.#options.mergesPieces) this.#add(Buffer.from(text), time, !isWhole);
    else if (this.#skips) this.#skips = !isWhole;
    else if (isWhole && this.#pieces.length === 0) this.#add(Buffer.from(text), time, false);
    else this.#piece(text, time, isWhole);
  }

  flush(): void {
    this.#merger?.flush();
  }

  end(): void {
    if (this.#pieces.length > 0) this.#join();
    this.flush();
  }

  #piece(text: Buffer, time: Timestamp, isLast: boolean): void {
    const { held } = this.#options;
    if (this.#bytes + text.length > MERGED_BYTES_MAX || held.bytes + text.length > HELD_BYTES_MAX) {
      this.#giveUp(this.#bytes + text.length);
      this.#skips = !isLast;
      return;
    }
    this.#time ??= time;
    this.#pieces.push(Buffer.from(text));
    this.#bytes += text.length;
    held.bytes += text.length;
    if (isLast) this.#join();
  }

  #join(): void {
    const text = Buffer.concat(this.#pieces);
    const time = this.#time!;
    this.#clear();
    this.#add(text, time, false);
  }

  #giveUp(length: number): void {
    this.#clear();
    this.#options.context.faults.discarded(1, 'A message in pieces is longer than allowed.', false, {
      length,
      max_length: MERGED_BYTES_MAX,
    });
  }

  #clear(): void {
    this.#options.held.bytes -= this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    this.#time = undefined;
  }

  /** A message is there; pieces that are not put together are not merged with other lines either. */
  #add(text: Buffer, time: Timestamp, isPartial: boolean): void {
    const merger = this.#merger;
    if (!merger || isPartial) {
      this.#emit(text, time, isPartial);
      return;
    }
    const number = (this.#line?.number ?? 0) + 1;
    this.#line = { number, time };
    if (merger.deadlineMs === Number.POSITIVE_INFINITY) this.#open = this.#line;
    merger.add(bytesValue(text) as string | Uint8Array, number, number, this.#options.context.clock.now());
  }

  #merged({ text, startOffset }: Merged): void {
    const first = startOffset === this.#open!.number ? this.#open! : this.#line!;
    this.#open = this.#line;
    this.#emit(typeof text === 'string' ? Buffer.from(text) : text, first.time, false);
  }
}
