// A socket for datagrams that is made when there is something to send, and made again when it broke.

import { reconnectDelayMs } from '../net/backoff.ts';
import { sleep } from '../std/clock.ts';
import type { SinkContext } from './context.ts';
import type { DatagramSocket } from './datagram_sink.ts';

/** Attempts to send a datagram: an error may be about an earlier one. */
const ATTEMPTS = 2;

/** The error that says something about the datagram and not about the socket. */
const TOO_LONG = 'EMSGSIZE';

/** What became of a datagram. */
export type DatagramEnd =
  | { readonly outcome: 'sent' }
  /** `isFinal`: it cannot be sent whoever tries. */
  | { readonly outcome: 'failed'; readonly error: Error; readonly isFinal: boolean };

export class DatagramConnection {
  readonly #context: SinkContext;
  readonly #mode: 'udp' | 'unix';
  readonly #connect: () => Promise<DatagramSocket>;
  #socket: DatagramSocket | undefined;
  #failures = 0;

  constructor(context: SinkContext, mode: 'udp' | 'unix', connect: () => Promise<DatagramSocket>) {
    this.#context = context;
    this.#mode = mode;
    this.#connect = connect;
  }

  /** Sends one datagram, once there is a socket; one at a time. Errors are counted and said. */
  async send(bytes: Buffer, stop: AbortSignal): Promise<DatagramEnd> {
    let last = new Error('the time to send was over') as NodeJS.ErrnoException;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const socket = this.#socket ?? (await this.#connected(stop));
      if (!socket) break;
      try {
        await socket.send(bytes);
        return { outcome: 'sent' };
      } catch (error) {
        last = error as NodeJS.ErrnoException;
        if (last.code === TOO_LONG) break;
        this.close();
      }
    }
    const isFinal = last.code === TOO_LONG;
    this.#context.faults.error('Error sending data.', {
      type: 'writer_failed',
      stage: 'sending',
      code: isFinal ? 'message_too_long' : 'socket_send',
      fields: { error: last.message, mode: this.#mode },
    });
    return { outcome: 'failed', error: last, isFinal };
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Connects until there is a socket; undefined when the time is over. */
  async #connected(stop: AbortSignal): Promise<DatagramSocket | undefined> {
    const { clock, random, faults } = this.#context;
    while (!stop.aborted) {
      try {
        this.#socket = await this.#connect();
        this.#failures = 0;
        return this.#socket;
      } catch (error) {
        this.#failures += 1;
        const delayMs = reconnectDelayMs(this.#failures, random);
        faults.error('Unable to connect.', {
          type: 'connection_failed',
          stage: 'sending',
          code: 'failed_connecting',
          fields: { error: (error as Error).message, mode: this.#mode, retry_ms: Math.round(delayMs) },
        });
        await sleep(clock, delayMs, stop);
      }
    }
    return undefined;
  }
}
