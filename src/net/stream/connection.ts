// One accepted connection, TCP, unix or TLS, read without a buffer of its own.
//
// An accepted socket takes no `onread`, so its handle moves into a socket that does. All connections of a server read
// into one buffer: libuv reads and calls back in one step, so the bytes of one are gone before the next one reads. Ten
// thousand idle connections hold no buffers. Where a read goes must be said when the one before it is over, so a
// receiver that names a room of its own keeps it until the connection has something. TLS sockets know nothing of this
// and hand over buffers of their own.

import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { peerSubject } from '../tls/tls.ts';

/** Bytes that one read takes at most. */
export const READ_BYTES = 262_144;

/** What becomes of a connection's bytes. */
export interface Receiver {
  /** Bytes arrived; they may be read during the call only. False: no more until `resume`. */
  bytes(bytes: Buffer): boolean;
  /** Asked after each read: where the next one goes, to be answered by `filled`; undefined for `bytes`. */
  room?(): Buffer | undefined;
  /** So many bytes are in the room named last. False: no more until `resume`. */
  filled?(count: number): boolean;
  /** Nothing more comes: the peer ended its side, or the connection broke. Called once. */
  over(error: Error | undefined): void;
}

export interface Connection {
  /** IP address of the peer; empty for unix sockets. */
  readonly host: string;
  readonly port: number;
  /** The subject of the peer's certificate. */
  readonly subject: string | undefined;
  /** Starts reading. Call it once. */
  receive(receiver: Receiver): void;
  pause(): void;
  resume(): void;
  /** Tells the peer that nothing comes from here; its bytes are still read. */
  endOwnSide(): void;
  /** Closes at once. */
  destroy(): void;
}

interface Handle {
  readonly fd?: number;
}

interface WithHandle {
  _handle?: Handle | null;
}

/** The descriptor under a socket, for options that Node does not set; -1 when it is not known. */
export function descriptorOf(socket: Socket): number {
  return (socket as unknown as WithHandle)._handle?.fd ?? -1;
}

/**
 * Takes over a socket that was accepted with `pauseOnConnect`. `buffer` is what all connections of the server read to.
 * With `allowHalfOpen`, our side is open until it is ended, also when the peer's is.
 * @returns the connection and its socket, which closes when the connection is over
 */
export function takeOver(
  accepted: Socket,
  buffer: Buffer,
  allowHalfOpen = false,
): { connection: Connection; socket: Socket } {
  const owner = accepted as unknown as WithHandle;
  const handle = owner._handle;
  if (!handle) return { connection: new Reading(accepted, undefined), socket: accepted };
  let reading: Reading | undefined;
  const socket = new Socket({
    handle,
    allowHalfOpen,
    pauseOnCreate: true,
    onread: { buffer: () => reading?.target() ?? buffer, callback: (count: number) => reading!.taken(count) },
  } as unknown as ConstructorParameters<typeof Socket>[0]);
  // Without its handle the accepted socket is an empty shell; destroying it tells its server that it is gone.
  owner._handle = null;
  accepted.destroy();
  reading = new Reading(socket, undefined, buffer);
  return { connection: reading, socket };
}

/** A pipe or socket that this process was started with. */
export function takeDescriptor(descriptor: number): Connection {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let reading: Reading | undefined;
  const socket = new Socket({
    fd: descriptor,
    readable: true,
    writable: false,
    pauseOnCreate: true,
    onread: { buffer: () => reading?.target() ?? buffer, callback: (count: number) => reading!.taken(count) },
  } as unknown as ConstructorParameters<typeof Socket>[0]);
  reading = new Reading(socket, undefined, buffer);
  return reading;
}

/** The connection over a TLS socket whose handshake is done. */
export function takeTls(socket: TLSSocket): Connection {
  return takeStream(socket, peerSubject(socket));
}

/** The connection over a socket that hands over buffers of its own: TLS, a terminal, the output of a child process. */
export function takeStream(socket: Socket, subject?: string): Connection {
  const reading = new Reading(socket, subject);
  socket.on('data', (bytes: Buffer) => {
    if (!reading.take(bytes)) socket.pause();
  });
  socket.pause();
  return reading;
}

class Reading implements Connection {
  readonly host: string;
  readonly port: number;
  readonly subject: string | undefined;
  readonly #socket: Socket;
  /** What it reads into unless the receiver names a room. */
  readonly #buffer: Buffer | undefined;
  #room: Buffer | undefined;
  #receiver: Receiver | undefined;
  #error: Error | undefined;
  #closed = false;

  constructor(socket: Socket, subject: string | undefined, buffer?: Buffer) {
    this.host = socket.remoteAddress ?? '';
    this.port = socket.remotePort ?? 0;
    this.subject = subject;
    this.#socket = socket;
    this.#buffer = buffer;
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.once('end', () => this.#over(undefined));
    socket.once('close', () => {
      this.#closed = true;
      this.#over(this.#error ?? new Error('the connection was closed'));
    });
  }

  receive(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#closed) this.#over(this.#error);
    else this.#socket.resume();
  }

  take(bytes: Buffer): boolean {
    return this.#receiver?.bytes(bytes) ?? false;
  }

  /** Where the next read goes; asked when the one before is over. */
  target(): Buffer | undefined {
    this.#room = this.#receiver?.room?.();
    return this.#room ?? this.#buffer;
  }

  /** So many bytes are in the target. */
  taken(count: number): boolean {
    if (this.#room) return this.#receiver?.filled?.(count) ?? false;
    return this.take(this.#buffer!.subarray(0, count));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  endOwnSide(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #over(error: Error | undefined): void {
    const receiver = this.#receiver;
    if (!receiver) return;
    this.#receiver = undefined;
    receiver.over(error);
  }
}
