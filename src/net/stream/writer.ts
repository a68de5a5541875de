// Writes to a server over one connection that is made when there is something to write and made again when it broke.
//
//   pending:  [ written, not confirmed by the kernel │ not written yet ]
//               ◄── confirmed ones leave here          new ones come in here ──►
//
// After a break everything pending is written again, in order, on the new connection: nothing is lost as far as this
// side can know, and what the other side had of an unconfirmed piece arrives twice.

import type { Socket } from 'node:net';
import { type Clock, sleep } from '../../std/clock.ts';
import type { Random } from '../../std/random.ts';

/** With this many bytes pending, whoever writes has to wait. */
const PENDING_BYTES_MAX = 1_048_576;

/** With this many pieces pending, whoever writes has to wait: the kernel takes at most 1024 of them in one call. */
const PENDING_PIECES_MAX = 512;

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 60_000;

/** A connection that lived shorter is no reason to try again at once. */
const STABLE_MS = 1_000;

/** After the last byte, the other side gets this long to close too. */
const FAREWELL_MS = 250;

export interface Piece {
  /** Must stay as they are until `done`. */
  readonly bytes: Buffer;
  /** The kernel has all of it. Called once. */
  readonly done: () => void;
}

export interface WriterOptions {
  readonly dial: (stop: AbortSignal) => Promise<Socket>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: {
    connected(): void;
    /** No connection: tried again after `delayMs`. */
    failed(error: Error, delayMs: number): void;
    /** A connection is over: the other side closed it, it broke (with `error`), or it was not needed any more. */
    closed(error: Error | undefined): void;
  };
}

export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #pending: Piece[] = [];
  readonly #stop = new AbortController();
  /** How many of `pending` were given to `#socket`. */
  #written = 0;
  #pendingBytes = 0;
  #socket: Socket | undefined;
  #connecting = false;
  #failures = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Takes a piece. A returned promise is backpressure: wait for it before writing more. */
  write(piece: Piece): Promise<void> | undefined {
    this.#pending.push(piece);
    this.#pendingBytes += piece.bytes.length;
    if (this.#socket) this.#send(this.#socket, piece);
    else this.#connect();
    if (this.#pendingBytes < PENDING_BYTES_MAX && this.#pending.length < PENDING_PIECES_MAX) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves when the kernel has everything and the connection is closed in good order. */
  async end(): Promise<void> {
    if (this.#pending.length > 0) {
      this.#empty ??= Promise.withResolvers();
      await this.#empty.promise;
    }
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FAREWELL_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
    socket.destroy();
  }

  /** Gives up: closes the connection and forgets what is pending without a word to it. */
  abort(): void {
    this.#stop.abort();
    this.#socket?.destroy();
  }

  #send(socket: Socket, piece: Piece): void {
    this.#written += 1;
    socket.write(piece.bytes, (error) => {
      if (!error && socket === this.#current) this.#confirm(piece);
    });
  }

  /** The socket whose confirmations count; it outlives `#socket` while it is closing. */
  #current: Socket | undefined;

  #confirm(piece: Piece): void {
    this.#pending.shift();
    this.#written -= 1;
    this.#pendingBytes -= piece.bytes.length;
    piece.done();
    if (this.#room && this.#pendingBytes * 2 <= PENDING_BYTES_MAX && this.#pending.length * 2 <= PENDING_PIECES_MAX) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#pending.length === 0) {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }

  #connect(): void {
    if (this.#connecting || this.#current) return;
    this.#connecting = true;
    void this.#dialUntilConnected().finally(() => {
      this.#connecting = false;
    });
  }

  async #dialUntilConnected(): Promise<void> {
    const { dial, clock, events } = this.#options;
    while (!this.#stop.signal.aborted) {
      if (this.#failures > 0) await sleep(clock, this.#delayMs(), this.#stop.signal);
      try {
        this.#adopt(await dial(this.#stop.signal));
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#failures += 1;
        events.failed(error as Error, this.#delayMs());
      }
    }
  }
