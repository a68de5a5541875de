// Reads connections (and pipes) into the arena: what all sources share whose bytes come from several streams at once.
//
//   connection ──bytes──► reader.room ──copy──► reader.filled ──► output
//        ║                    │ arena full            │ output busy
//        ║                    └──────► held ◄─────────┘   this stream pauses, what was read already is held
//        ╚══ straight: reads into reader.room by itself
//
// All connections read into one buffer, so that an idle one holds none, and are copied from there. A few whose reads are
// large read straight into slots, each with an intake of its own, until a read is small again: 0.27 CPU-s/GB in place of
// 0.30 from a connection to nowhere.
//
// Bound: beside the arena, at most HELD_BYTES_MAX are held for all streams of a source together, and one read more; at
// that limit every stream pauses until the held bytes went on.

import { setImmediate } from 'node:timers/promises';
import type { Intake } from '../engine/arena/intake.ts';
import type { Connection } from '../net/stream/connection.ts';
import type { Histogram, Labels } from '../telemetry/telemetry.ts';
import type { SourceContext } from './context.ts';
import type { Output } from './define.ts';
import { StreamReaders } from './stream/readers.ts';
import type { StreamCodec, StreamOptions, StreamReader } from './stream/stream.ts';

const HELD_BYTES_MAX = 1_048_576;

/** Streams of a source that read straight at a time: each may hold a slot that it is not filling. */
const STRAIGHT_MAX = 2;

/** A stream whose read was so large is busy enough for that, and no more after one smaller than a quarter. */
const STRAIGHT_READ_BYTES = 32_768;

/** So long a stream is read and its events are worked on before timers and other connections have their turn. */
const WORK_MS_MAX = 10;

export interface IntakeOptions {
  readonly codec: StreamCodec;
  /** The label `protocol` of `component_received_bytes_total`. */
  readonly protocol: string;
  /** Gets the bytes of each read. */
  readonly sizes?: Histogram;
  /** What received events are counted with. */
  readonly receivedLabels?: Labels;
  /** The label `mode` of what is said about errors. */
  readonly mode?: string;
}

/** One stream that is being read. */
export interface Stream {
  readonly connection: Connection;
  /** Whether everything of it was sent or given up. */
  readonly isGone: boolean;
  /** Ends it from our side: what was read is sent, its last frame too. */
  finish(): void;
}

export class StreamIntake {
  readonly #context: SourceContext;
  readonly #options: IntakeOptions;
  readonly #output: Output;
  readonly #readers: StreamReaders;
  readonly #open = new Set<Reading>();
  /** Streams whose held bytes wait for room in the arena, first come, first served. */
  readonly #hungry: Reading[] = [];
  /** Streams that pause because of what others hold. */
  readonly #paused = new Set<Reading>();
  #pumping = false;
  #held = 0;
  #straight = 0;
  /** What reads have taken since others had their turn. */
  #workedMs = 0;

  constructor(context: SourceContext, options: IntakeOptions, output: Output) {
    this.#context = context;
    this.#options = options;
    this.#output = output;
    this.#readers = new StreamReaders(context, options.codec, options.protocol, options.receivedLabels);
  }

  /** Reads a connection to its end. `onGone` is called once, when everything of it was sent or given up. */
  read(connection: Connection, options: StreamOptions, onGone: () => void): Stream {
    const reading = new Reading(connection, this.#readers.open(this.#output, options), onGone);
    reading.finish = () => {
      this.#over(reading, undefined);
      connection.destroy();
    };
    this.#open.add(reading);
    connection.receive({
      bytes: (bytes) => this.#guard(reading, () => this.#take(reading, bytes)) ?? false,
      room: () => this.#guard(reading, () => this.#room(reading)),
      filled: (count) => this.#guard(reading, () => this.#filled(reading, count)) ?? false,
      over: (error) => this.#guard(reading, () => this.#over(reading, error)),
    });
    return reading;
  }

  /** Lets go of the slot that is being filled, when all streams are gone. */
  close(): void {
    this.#readers.close();
  }

  /** Whether the stream may go on. */
  #take(reading: Reading, bytes: Buffer): boolean {
    if (reading.over) return false;
    this.#options.sizes?.record(bytes.length);
    const startedMs = this.#context.clock.monotonic();
    // A socket that was told to pause may have one more buffer on its way.
    const rest = reading.busy || reading.held ? bytes : this.#feed(reading, bytes);
    if (rest) this.#hold(reading, rest);
    else if (bytes.length >= STRAIGHT_READ_BYTES && reading.reader.leavesFrames) this.#goStraight(reading);
    this.#breathe(reading, startedMs);
    return !reading.busy && !reading.held;
  }

  /** A busy socket is read 32 times in a row, which may be seconds of work before anything else has its turn. */
  #breathe(reading: Reading, startedMs: number): void {
    this.#workedMs += this.#context.clock.monotonic() - startedMs;
    if (this.#workedMs < WORK_MS_MAX || reading.busy || reading.over) return;
    this.#workedMs = 0;
    this.#wait(reading, setImmediate());
  }

  #goStraight(reading: Reading): void {
    if (this.#straight >= STRAIGHT_MAX || reading.straight) return;
    reading.straight = this.#readers.ownIntake();
    if (reading.straight) this.#straight++;
  }

  /** Where a stream that reads straight is to read to; undefined for the others. */
  #room(reading: Reading): Buffer | undefined {
    if (!reading.straight || reading.over) return undefined;
    reading.room = reading.reader.room(reading.straight);
    if (!reading.room) this.#leaveStraight(reading);
    return reading.room;
  }

  /** Whether a stream that read straight may go on. */
  #filled(reading: Reading, count: number): boolean {
    const { room, reader } = reading;
    if (!room) return false;
    this.#options.sizes?.record(count);
    if (reading.busy || reading.held) {
      // It was told to pause, but had a read on its way.
      this.#hold(reading, room.subarray(0, count));
      this.#leaveStraight(reading);
      return false;
    }
    reading.room = undefined;
    const startedMs = this.#context.clock.monotonic();
    const wait = reader.filled(count);
    if (wait) this.#wait(reading, wait);
    this.#breathe(reading, startedMs);
    if (count * 4 < STRAIGHT_READ_BYTES) this.#leaveStraight(reading);
    return !reading.busy;
  }

  #leaveStraight(reading: Reading): void {
    if (!reading.straight) return;
    if (reading.room) void reading.reader.filled(0);
    reading.room = undefined;
    reading.straight.close();
    reading.straight = undefined;
    this.#straight--;
  }

  /** Gives bytes to the reader for as long as it takes them; the rest. */
  #feed(reading: Reading, bytes: Buffer): Buffer | undefined {
    const { reader } = reading;
    let at = 0;
    while (at < bytes.length && !reading.busy) {
      const room = reader.room();
      if (!room) break;
      const count = bytes.copy(room, 0, at);
      at += count;
      const wait = reader.filled(count);
      if (reader.broken) {
        reading.connection.destroy();
        return undefined;
      }
      if (wait) this.#wait(reading, wait);
    }
    return at < bytes.length ? bytes.subarray(at) : undefined;
  }

  #wait(reading: Reading, wait: Promise<void>): void {
    reading.busy = true;
    wait.then(
      () => {
        reading.busy = false;
        this.#guard(reading, () => this.#goOn(reading));
      },
      (error: unknown) => this.#broken(reading, error),
    );
  }

  #hold(reading: Reading, bytes: Buffer): void {
    reading.held = reading.held ? Buffer.concat([reading.held, bytes]) : Buffer.from(bytes);
    this.#held += bytes.length;
    if (!reading.busy) this.#enqueue(reading);
    if (this.#held < HELD_BYTES_MAX) return;
    for (const other of this.#open) {
      if (other.busy || other.held || this.#paused.has(other)) continue;
      other.connection.pause();
      this.#paused.add(other);
    }
  }

  #unhold(reading: Reading, rest: Buffer | undefined): void {
    this.#held -= (reading.held?.length ?? 0) - (rest?.length ?? 0);
    reading.held = rest;
    if (this.#held * 2 > HELD_BYTES_MAX || this.#paused.size === 0) return;
    const paused = [...this.#paused];
    this.#paused.clear();
    for (const other of paused) other.connection.resume();
  }

  #enqueue(reading: Reading): void {
    if (reading.hungry) return;
    reading.hungry = true;
    this.#hungry.push(reading);
    if (!this.#pumping) void this.#pump();
  }

  /** Feeds hungry streams while there is room in the arena. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#hungry.length > 0) {
      await this.#readers.available();
      // Whoever finds no room ends the round: the others would find none either.
      for (let full = false; !full && this.#hungry.length > 0; ) {
        const reading = this.#hungry.shift()!;
        reading.hungry = false;
        this.#guard(reading, () => this.#goOn(reading));
        full = reading.hungry;
        if (full) this.#hungry.unshift(this.#hungry.pop()!);
      }
    }
    this.#pumping = false;
  }

  /** Feeds what is held, then reads on or ends. */
  #goOn(reading: Reading): void {
    if (reading.isGone || reading.busy) return;
    if (reading.held) {
      this.#unhold(reading, this.#feed(reading, reading.held));
      if (reading.held && !reading.busy) this.#enqueue(reading);
      if (reading.held || reading.busy) return;
    }
    if (reading.over) this.#finish(reading);
    else reading.connection.resume();
  }

  #over(reading: Reading, error: Error | undefined): void {
    if (reading.over) return;
    reading.over = { error };
    this.#leaveStraight(reading);
    if (!reading.busy && !reading.held) this.#finish(reading);
  }

  #finish(reading: Reading): void {
    if (reading.ended) return;
    reading.ended = true;
    const { error } = reading.over!;
    if (error) this.#lost(reading, error);
    const wait = error ? undefined : reading.reader.end();
    if (!wait) this.#gone(reading);
    else
      void wait.then(
        () => this.#gone(reading),
        () => this.#gone(reading),
      );
  }

  /** The connection broke: what came of an unfinished frame is no event. */
  #lost(reading: Reading, error: Error): void {
    const { log, faults } = this.#context;
    const { mode } = this.#options;
    const length = reading.reader.giveUp();
    log.debug('Connection lost', { error: error.message, mode });
    if (length > 0) faults.discarded(1, 'The connection was lost inside a frame.', false, { length });
  }

  #gone(reading: Reading): void {
    if (!this.#open.delete(reading)) return;
    reading.isGone = true;
    this.#leaveStraight(reading);
    this.#paused.delete(reading);
    this.#unhold(reading, undefined);
    reading.onGone();
  }

  /** A failure while one stream is served ends that stream and nothing else. */
  #guard<T>(reading: Reading, step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#broken(reading, error);
      return undefined;
    }
  }

  #broken(reading: Reading, error: unknown): void {
    this.#context.faults.error('Failed to handle received data.', {
      type: 'reader_failed',
      stage: 'receiving',
      code: 'socket_receive',
      fields: { error: error instanceof Error ? error.message : String(error), mode: this.#options.mode },
    });
    reading.over ??= { error: undefined };
    reading.ended = true;
    reading.connection.destroy();
    this.#gone(reading);
  }
}

class Reading implements Stream {
  readonly connection: Connection;
  readonly reader: StreamReader;
  readonly onGone: () => void;
  /** The output has not taken the last batch yet. */
  busy = false;
  /** Bytes that were read and not taken by the reader yet. */
  held: Buffer | undefined;
  /** Set while it reads straight into slots: where they come from. */
  straight: Intake | undefined;
  /** Where its next read goes then. */
  room: Buffer | undefined;
  /** Whether it is in the queue for room in the arena. */
  hungry = false;
  /** How the stream ended, once it did. */
  over: { readonly error: Error | undefined } | undefined;
  /** Whether its last frame was asked for. */
  ended = false;
  isGone = false;
  finish: () => void = () => {};

  constructor(connection: Connection, reader: StreamReader, onGone: () => void) {
    this.connection = connection;
    this.reader = reader;
    this.onGone = onGone;
  }
}
