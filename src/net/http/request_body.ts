// Reads the body of a request into memory, within limits: of the one body, of all bodies of the server together, and of
// the time in which nothing comes.

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../std/clock.ts';
import { HttpRejection } from './rejection.ts';

/** Longest time between two pieces of a body. */
const IDLE_MS = 30_000;

/** Bytes of bodies in memory: what is read and not yet let go. */
export class BodyBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

export interface ReadBody {
  /** The bytes in the pieces they came in. */
  readonly pieces: readonly Buffer[];
  /** Gives its bytes back to the budget; call once the bytes are not needed any more. */
  release(): void;
}

/** The peer went away before its request was complete. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

/**
 * The whole body. Rejects with `HttpRejection` when it is too long, comes too slowly, or finds no room, and with
 * `RequestAborted` when the peer goes away.
 */
export function readBody(
  incoming: IncomingMessage,
  limitBytes: number,
  budget: BodyBudget,
  clock: Clock,
): Promise<ReadBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) return Promise.reject(tooLong(limitBytes));
  const { promise, resolve, reject } = Promise.withResolvers<ReadBody>();
  const pieces: Buffer[] = [];
  let taken = 0;
  let lastMs = clock.monotonic();
  let timer = clock.after(IDLE_MS, checkIdle);
  incoming.on('data', onData);
  incoming.once('end', onEnd);
  incoming.once('error', onGone);
  incoming.once('close', onGone);
  return promise;

  function onData(chunk: Buffer): void {
    lastMs = clock.monotonic();
    if (taken + chunk.length > limitBytes) refuse(tooLong(limitBytes));
    else if (!budget.take(chunk.length)) refuse(busy());
    else {
      taken += chunk.length;
      pieces.push(chunk);
    }
  }
  function onEnd(): void {
    stop();
    let held = taken;
    const release = (): void => {
      budget.give(held);
      held = 0;
    };
    resolve({ pieces, release });
  }
  function onGone(): void {
    refuse(new RequestAborted('the peer closed the connection before its request was complete'));
  }
  /** One timer that is set anew only when it fires: pieces come often. */
  function checkIdle(): void {
    const idleMs = clock.monotonic() - lastMs;
    if (idleMs >= IDLE_MS) refuse(new HttpRejection(408, 'The request body came too slowly'));
    else timer = clock.after(IDLE_MS - idleMs, checkIdle);
  }
  function refuse(error: Error): void {
    stop();
    budget.give(taken);
    pieces.length = 0;
    reject(error);
  }
  function stop(): void {
    timer.cancel();
    incoming.off('data', onData);
    incoming.off('end', onEnd);
    incoming.off('error', onGone);
    incoming.off('close', onGone);
    incoming.on('error', () => {});
  }
}

function busy(): HttpRejection {
  return new HttpRejection(503, 'Too many request bodies are being received', { 'retry-after': '1' });
}

function tooLong(limitBytes: number): HttpRejection {
  return new HttpRejection(413, `The request body is longer than ${limitBytes} bytes`);
}
