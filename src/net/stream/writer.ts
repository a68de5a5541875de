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
import { reconnectDelayMs } from '../backoff.ts';

/** With this many bytes pending, whoever writes has to wait. */
const PENDING_BYTES_MAX = 1_048_576;

/** With this many pieces pending, whoever writes has to wait: the kernel takes at most 1024 of them in one call. */
const PENDING_PIECES_MAX = 512;

/** A connection that lived shorter is no reason to try again at once. */
const STABLE_MS = 1_000;

/** After the last byte, the other side gets this long to close too. */
const FAREWELL_MS = 250;

export interface Piece {
  /** Must stay as they are until `done`. */
  readonly bytes: Buffer;
  /** Called once: whether the kernel has all of it, or it was given up at the end. */
  readonly done: (written: boolean) => void;
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

interface Connection {
  readonly socket: Socket;
  readonly sinceMs: number;
  /** Whether it takes more: until the other side ends it or it breaks. */
  open: boolean;
}

export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #pending: Piece[] = [];
  readonly #stop = new AbortController();
  #pendingBytes = 0;
  #connection: Connection | undefined;
  #connecting = false;
  /** Connections in a row that could not be made or did not last. */
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
    if (!this.#connection) this.#connect();
    else if (this.#connection.open) this.#send(this.#connection.socket, piece);
    if (this.#pendingBytes < PENDING_BYTES_MAX && this.#pending.length < PENDING_PIECES_MAX) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /**
   * Resolves when the kernel has everything and the connection is closed in good order. When `abort` aborts, what is
   * still pending is given up.
   */
  async end(abort?: AbortSignal): Promise<void> {
    if (this.#pending.length > 0) {
      const empty = (this.#empty ??= Promise.withResolvers());
      const giveUp = (): void => this.#giveUp();
      if (abort?.aborted) giveUp();
      else abort?.addEventListener('abort', giveUp, { once: true });
      await empty.promise;
      abort?.removeEventListener('abort', giveUp);
    }
    this.#stop.abort();
    const socket = this.#connection?.socket;
    if (!socket) return;
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

  #giveUp(): void {
    this.#stop.abort();
    const socket = this.#connection?.socket;
    this.#connection = undefined;
    socket?.destroy();
    for (const piece of this.#pending.splice(0)) {
      this.#pendingBytes -= piece.bytes.length;
      piece.done(false);
    }
    this.#settle();
  }

  #connect(): void {
    if (this.#connecting || this.#stop.signal.aborted) return;
    this.#connecting = true;
    void this.#dial().then((socket) => {
      this.#connecting = false;
      if (socket) this.#adopt(socket);
    });
  }

  /** Tries until there is a connection; undefined when it is not wanted any more. */
  async #dial(): Promise<Socket | undefined> {
    const { dial, clock, events } = this.#options;
    const { signal } = this.#stop;
    if (this.#failures > 0) await sleep(clock, this.#delayMs(), signal);
    while (!signal.aborted) {
      try {
        return await dial(signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        this.#failures += 1;
        const delayMs = this.#delayMs();
        events.failed(error as Error, delayMs);
        await sleep(clock, delayMs, signal);
      }
    }
    return undefined;
  }

  #delayMs(): number {
    return reconnectDelayMs(this.#failures, this.#options.random);
  }

  #adopt(socket: Socket): void {
    const connection: Connection = { socket, sinceMs: this.#options.clock.monotonic(), open: true };
    let error: Error | undefined;
    this.#connection = connection;
    socket.on('error', (cause) => {
      error ??= cause;
      connection.open = false;
    });
    socket.once('end', () => {
      connection.open = false;
    });
    socket.once('close', () => this.#closed(connection, error));
    this.#options.events.connected();
    socket.cork();
    for (const piece of this.#pending) this.#send(socket, piece);
    socket.uncork();
  }

  #closed(connection: Connection, error: Error | undefined): void {
    const { clock, events } = this.#options;
    const lastedMs = clock.monotonic() - connection.sinceMs;
    this.#failures = lastedMs >= STABLE_MS ? 0 : this.#failures + 1;
    if (this.#connection === connection) this.#connection = undefined;
    events.closed(error);
    if (this.#pending.length > 0) this.#connect();
  }

  #send(socket: Socket, piece: Piece): void {
    socket.write(piece.bytes, (error) => {
      if (!error && socket === this.#connection?.socket) this.#confirm(piece);
    });
  }

  #confirm(piece: Piece): void {
    this.#pending.shift();
    this.#pendingBytes -= piece.bytes.length;
    piece.done(true);
    this.#settle();
  }

  /** Tells those who wait for room, or for the end. */
  #settle(): void {
    if (this.#room && this.#pendingBytes * 2 <= PENDING_BYTES_MAX && this.#pending.length * 2 <= PENDING_PIECES_MAX) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#pending.length === 0) {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}
