// Unix datagram sockets, which Node does not have: made through libc.ts, watched by a stream handle of Node's.
//
// The handle is given an empty buffer to read into. libuv then reports ENOBUFS whenever the socket is readable (its
// documented way to say "no room") and takes nothing out of it, which makes it a watcher; what is there is received
// with the address of its sender. A sender waits while nobody receives: that is the backpressure.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createConnection, Socket } from 'node:net';
import { type Libc, UNIX_PATH_BYTES, UNIX_PATH_OFFSET } from '../libc.ts';

/** Datagrams received before others get their turn. */
const BURST = 64;

export interface UnixDatagramEvents {
  /**
   * The bytes may be read during the call only. `length` is the whole length of the datagram, of which no more than
   * `lengthMax` bytes are here. `path` is the sender's own socket; empty when it has none.
   */
  datagram(bytes: Buffer, length: number, path: string): void;
  failed(error: Error): void;
}

/** What is used of the handle under a socket of Node's. */
interface PipeHandle {
  open(descriptor: number): number | undefined;
  readStart(): number;
  readStop(): number;
  close(): void;
  useUserBuffer(buffer: Uint8Array): void;
  onread: () => void;
}

export class UnixDatagramReceiver {
  readonly #libc: Libc;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #handle: PipeHandle;
  readonly #events: UnixDatagramEvents;
  readonly #buffer: Buffer;
  readonly #from = Buffer.alloc(UNIX_PATH_OFFSET + UNIX_PATH_BYTES);
  readonly #fromLength = Buffer.alloc(4);
  #reading = false;

  /**
   * Binds a socket to `path` and receives. A socket file that nobody has open any more is replaced.
   * @param mode permission bits of the file
   * @param lengthMax bytes of a datagram that are received
   * @throws Error when the path cannot be bound
   */
  constructor(libc: Libc, path: string, mode: number | undefined, lengthMax: number, events: UnixDatagramEvents) {
    checkPath(path);
    this.#libc = libc;
    this.#path = path;
    this.#events = events;
    this.#buffer = Buffer.allocUnsafeSlow(lengthMax);
    this.#descriptor = libc.unixDatagramSocket();
    if (this.#descriptor < 0) throw new Error(`cannot make a datagram socket: ${libc.errno()}`);
    try {
      bindTo(libc, this.#descriptor, path);
      if (mode !== undefined) chmodSync(path, mode);
      this.#handle = handleOver(this.#descriptor);
    } catch (error) {
      libc.close(this.#descriptor);
      throw error;
    }
    this.#handle.useUserBuffer(new Uint8Array(0));
    this.#handle.onread = () => this.#readable();
    this.resume();
  }

  pause(): void {
    if (this.#reading) this.#handle.readStop();
    this.#reading = false;
  }

  resume(): void {
    if (!this.#reading) this.#handle.readStart();
    this.#reading = true;
  }

  /** Receives no more and removes the socket's file. */
  close(): void {
    this.pause();
    this.#handle.close();
    try {
      unlinkSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#events.failed(error as Error);
    }
  }

  #readable(): void {
    for (let i = 0; i < BURST && this.#reading; i++) {
      this.#fromLength.writeUInt32LE(this.#from.length);
      const length = this.#libc.receive(this.#descriptor, this.#buffer, this.#from, this.#fromLength);
      if (length < 0) {
        const code = this.#libc.errno();
        if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK' && code !== 'EINTR')
          this.#events.failed(new Error(`cannot receive from ${this.#path}: ${code}`));
        return;
      }
      this.#events.datagram(this.#buffer.subarray(0, length), length, this.#sender());
    }
  }

  #sender(): string {
    const length = Math.min(this.#fromLength.readUInt32LE(), this.#from.length);
    const path = this.#from.subarray(UNIX_PATH_OFFSET, Math.max(length, UNIX_PATH_OFFSET));
    const end = path.indexOf(0);
    return path.toString('utf8', 0, end === -1 ? path.length : end);
  }
}

/**
 * A socket that sends: each `write` is one datagram, and its callback comes when the receiver's queue has it. Write the
 * next one only then, or Node joins them. Rejects when nobody receives at `path`.
 * @throws Error
 */
export function connectUnixDatagram(libc: Libc, path: string): Socket {
  checkPath(path);
  const descriptor = libc.unixDatagramSocket();
  if (descriptor < 0) throw new Error(`cannot make a datagram socket: ${libc.errno()}`);
  if (libc.connect(descriptor, path) < 0) {
    const code = libc.errno();
    libc.close(descriptor);
    throw Object.assign(new Error(`cannot connect to ${path}: ${code}`), { code });
  }
  return new Socket({ handle: handleOver(descriptor), readable: false } as unknown as ConstructorParameters<
    typeof Socket
  >[0]);
}

function checkPath(path: string): void {
  if (Buffer.byteLength(path) >= UNIX_PATH_BYTES)
    throw new Error(`the path of a unix socket has at most ${UNIX_PATH_BYTES - 1} bytes: ${path}`);
}

function bindTo(libc: Libc, descriptor: number, path: string): void {
  if (libc.bind(descriptor, path) === 0) return;
  const code = libc.errno();
  if (code === 'EADDRINUSE' && isStale(libc, path)) {
    unlinkSync(path);
    if (libc.bind(descriptor, path) === 0) return;
  }
  throw Object.assign(new Error(`cannot listen on ${path}: ${code}`), { code });
}

/** Whether `path` is a datagram socket that nobody has open. */
function isStale(libc: Libc, path: string): boolean {
  if (!lstatSync(path).isSocket()) return false;
  const probe = libc.unixDatagramSocket();
  const stale = libc.connect(probe, path) < 0 && libc.errno() === 'ECONNREFUSED';
  libc.close(probe);
  return stale;
}

/** A handle of Node's over a descriptor, which it closes in the end. Any socket for a path has one of the right kind. */
function handleOver(descriptor: number): PipeHandle {
  const model = createConnection({ path: '/nonexistent/model' });
  model.on('error', () => {});
  const { constructor: Pipe } = (model as unknown as { _handle: object })._handle;
  model.destroy();
  const handle = new (Pipe as new (type: number) => PipeHandle)(0);
  const code = handle.open(descriptor);
  if (code !== undefined && code !== 0) throw new Error(`cannot watch a datagram socket: error ${code}`);
  return handle;
}
