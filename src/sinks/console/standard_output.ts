// Standard output and standard error as a stream that says when bytes have left the process.
//
//   pipe, socket     Node's own stream for it, which never blocks the process: a slow reader is backpressure
//   file, terminal   writes on the thread pool, one at a time, all that waits together
//
// After the first error nothing is written any more: a closed pipe does not open again.

import { fstatSync, writev } from 'node:fs';
import type { Writable } from 'node:stream';
import type { ByteWriter } from '../../component/stream_sink.ts';
import type { Piece } from '../../net/stream/writer.ts';

/** With this many bytes waiting, whoever writes has to wait. */
const WAITING_BYTES_MAX = 1_048_576;

/** Pieces written with one call. */
const PIECES_MAX = 512;

/** A terminal that another program has set not to block is tried again after this long. */
const BLOCKED_MS = 10;

/** Writes all pieces in order, then calls back, once. */
type Write = (pieces: readonly Buffer[], done: (error: Error | undefined) => void) => void;

/** The stream of descriptor 1 or 2. `onError` is told once, when it cannot be written to any more. */
export function openOutput(descriptor: 1 | 2, onError: (error: Error) => void): ByteWriter {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isSocket()) return new Output(fileWrite(descriptor), onError);
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  // An error comes to the callback of the write too; without a listener it would end the process.
  if (!listening.has(stream)) stream.on('error', () => {});
  listening.add(stream);
  return new Output(streamWrite(stream), onError);
}

const listening = new Set<Writable>();

class Output implements ByteWriter {
  readonly #write: Write;
  readonly #onError: (error: Error) => void;
  readonly #waiting: Piece[] = [];
  #waitingBytes = 0;
  #writing = false;
  #failed = false;
  #room: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(write: Write, onError: (error: Error) => void) {
    this.#write = write;
    this.#onError = onError;
  }

  write(piece: Piece): Promise<void> | undefined {
    if (this.#failed) {
      piece.done(false);
      return undefined;
    }
    this.#waiting.push(piece);
    this.#waitingBytes += piece.bytes.length;
    this.#pump();
    if (this.#waitingBytes < WAITING_BYTES_MAX) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  async end(abort?: AbortSignal): Promise<void> {
    if (this.#waiting.length === 0) return;
    const idle = (this.#idle ??= Promise.withResolvers());
    const giveUp = (): void => this.#giveUp(this.#waiting.length);
    if (abort?.aborted) giveUp();
    else abort?.addEventListener('abort', giveUp, { once: true });
    await idle.promise;
    abort?.removeEventListener('abort', giveUp);
  }

  #pump(): void {
    if (this.#writing || this.#failed || this.#waiting.length === 0) return;
    this.#writing = true;
    const pieces = this.#waiting.slice(0, PIECES_MAX);
    this.#write(
      pieces.map(({ bytes }) => bytes),
      (error) => {
        this.#writing = false;
        if (this.#failed) return;
        if (error) {
          this.#onError(error);
          this.#giveUp(this.#waiting.length);
          return;
        }
        this.#release(pieces.length, true);
        this.#pump();
      },
    );
  }

  #giveUp(count: number): void {
    this.#failed = true;
    this.#release(count, false);
  }

  #release(count: number, written: boolean): void {
    for (const piece of this.#waiting.splice(0, count)) {
      this.#waitingBytes -= piece.bytes.length;
      piece.done(written);
    }
    if (this.#waitingBytes * 2 <= WAITING_BYTES_MAX) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.#waiting.length === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }
}

function streamWrite(stream: Writable): Write {
  return (pieces, done) => {
    const last = pieces.length - 1;
    stream.cork();
    for (const [index, piece] of pieces.entries())
      stream.write(piece, index === last ? (error) => done(error ?? undefined) : undefined);
    stream.uncork();
  };
}

function fileWrite(descriptor: number): Write {
  return (pieces, done) => {
    writev(descriptor, pieces, (error, written) => {
      if (error?.code === 'EAGAIN') return setTimeout(() => fileWrite(descriptor)(pieces, done), BLOCKED_MS);
      if (error) return done(error);
      const rest = remainder(pieces, written);
      if (rest.length === 0) done(undefined);
      else fileWrite(descriptor)(rest, done);
    });
  };
}

/** What is left of `pieces` behind the first `count` bytes. */
function remainder(pieces: readonly Buffer[], count: number): Buffer[] {
  let at = count;
  const rest: Buffer[] = [];
  for (const piece of pieces) {
    if (at >= piece.length) at -= piece.length;
    else {
      rest.push(at > 0 ? piece.subarray(at) : piece);
      at = 0;
    }
  }
  return rest;
}
