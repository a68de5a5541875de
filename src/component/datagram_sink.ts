// Sinks that send each event as a datagram of its own.

import type { BatchEncoder } from '../codecs/encoding/encoding.ts';
import { EncodeError } from '../codecs/encoding/encoding.ts';
import { type Batch, decode, estimatedBytes, finish, frameOf } from '../event/batch.ts';
import type { Status } from '../event/finalizer.ts';
import { reconnectDelayMs } from '../net/backoff.ts';
import { sleep } from '../std/clock.ts';
import { componentSentBytes, Throughput } from '../telemetry/component_metrics.ts';
import type { Counter } from '../telemetry/telemetry.ts';
import type { SinkContext } from './context.ts';
import type { Sink } from './define.ts';
import { encodeFailed } from './stream_sink.ts';

/** A socket that sends to one place. */
export interface DatagramSocket {
  /** Rejects when the datagram did not leave. */
  send(bytes: Buffer): Promise<void>;
  close(): void;
}

export interface DatagramSinkOptions {
  readonly mode: 'udp' | 'unix';
  readonly encoder: BatchEncoder;
  readonly connect: () => Promise<DatagramSocket>;
  /** Whether the framing of `encoder` is part of the datagrams. */
  readonly framed: boolean;
  /** Datagrams handed to the socket before it is waited for. 1 where each must have left before the next one comes. */
  readonly inFlightMax: number;
  /** The datagrams that carry one message; itself unless given. Throws `EncodeError` when there are none. */
  readonly split?: (message: Buffer) => readonly Buffer[];
}

/** Attempts to send a datagram: an error may be about an earlier one. */
const ATTEMPTS = 2;

/** The error that says something about the datagram and not about the socket. */
const TOO_LONG = 'EMSGSIZE';

/** A sink that sends each event with `options.connect`'s socket. */
export function datagramSink(context: SinkContext, options: DatagramSinkOptions): Sink {
  return new DatagramSink(context, options);
}

class DatagramSink implements Sink {
  readonly #context: SinkContext;
  readonly #options: DatagramSinkOptions;
  readonly #sent: Throughput;
  readonly #sentBytes: Counter;
  readonly #stop = new AbortController();
  #socket: DatagramSocket | undefined;
  #failures = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(context: SinkContext, options: DatagramSinkOptions) {
    this.#context = context;
    this.#options = options;
    this.#sent = Throughput.sent(context);
    this.#sentBytes = context.counter(componentSentBytes, { protocol: options.mode });
  }

  write(batch: Batch): Promise<void> {
    this.#last = this.#last.then(() => this.#send(batch));
    return this.#last;
  }

  async end(abort?: AbortSignal): Promise<void> {
    const stop = (): void => this.#stop.abort();
    if (abort?.aborted) stop();
    else abort?.addEventListener('abort', stop, { once: true });
    await this.#last;
    abort?.removeEventListener('abort', stop);
    this.#stop.abort();
    this.#socket?.close();
  }

  async healthcheck(): Promise<void> {
    (await this.#options.connect()).close();
  }

  /** Sends the events of a batch, and ends the hold on it. */
  async #send(batch: Batch): Promise<void> {
    const size = estimatedBytes(batch);
    const { count } = batch;
    // A frame that is the message already goes out from where it lies; anything else is decoded and encoded.
    const asIs = batch.kind === 'raw' && this.#options.encoder.copiesFramesOf(batch) && !this.#options.framed;
    const held = asIs ? batch : decode(batch);
    let status: Status = 'delivered';
    let sent = 0;
    let inFlight: Promise<Status>[] = [];
    const settle = async (): Promise<void> => {
      for (const result of await Promise.all(inFlight)) {
        if (result === 'delivered') sent += 1;
        else if (status !== 'rejected') status = result;
      }
      inFlight = [];
    };
    for (let i = 0; i < count; i++) {
      const datagrams = this.#datagrams(held, i);
      if (!datagrams) {
        status = 'rejected';
        continue;
      }
      inFlight.push(this.#sendEvent(datagrams));
      if (inFlight.length >= this.#options.inFlightMax) await settle();
    }
    await settle();
    if (sent > 0) this.#sent.add(sent, Math.round((size * sent) / count));
    finish(held, status);
  }

  /** What is sent for event `index`, or undefined when it cannot be encoded. */
  #datagrams(batch: Batch, index: number): readonly Buffer[] | undefined {
    const { encoder, framed, split } = this.#options;
    try {
      let message: Buffer;
      if (batch.kind === 'raw') message = frameOf(batch, index);
      else if (framed) message = encoder.encodeOne(batch.events[index]!, batch.type);
      else message = encoder.encodeMessage(batch.events[index]!, batch.type);
      return split ? split(message) : [message];
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      encodeFailed(this.#context, error);
      return undefined;
    }
  }

  /** What became of an event: delivered when all of its datagrams left. */
  async #sendEvent(datagrams: readonly Buffer[]): Promise<Status> {
    for (const bytes of datagrams) {
      const error = await this.#sendOne(bytes);
      if (error) {
        this.#failed(error);
        return error.code === TOO_LONG ? 'rejected' : 'errored';
      }
      this.#sentBytes.add(bytes.length);
    }
    return 'delivered';
  }

  async #sendOne(bytes: Buffer): Promise<NodeJS.ErrnoException | undefined> {
    let last: NodeJS.ErrnoException | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const socket = await this.#connected();
      if (!socket) return new Error('the time to stop was over');
      try {
        await socket.send(bytes);
        return undefined;
      } catch (error) {
        last = error as NodeJS.ErrnoException;
        if (last.code === TOO_LONG) return last;
        this.#drop(socket);
      }
    }
    return last;
  }

  #drop(socket: DatagramSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.close();
  }

  #connecting: Promise<DatagramSocket | undefined> | undefined;

  /** The socket; connects until there is one, or the time is over. */
  #connected(): Promise<DatagramSocket | undefined> {
    if (this.#socket) return Promise.resolve(this.#socket);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<DatagramSocket | undefined> {
    const { clock, random, faults } = this.#context;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#socket = await this.#options.connect();
        this.#failures = 0;
        return this.#socket;
      } catch (error) {
        this.#failures += 1;
        const delayMs = reconnectDelayMs(this.#failures, random);
        faults.error('Unable to connect.', {
          type: 'connection_failed',
          stage: 'sending',
          code: 'failed_connecting',
          fields: { error: (error as Error).message, mode: this.#options.mode, retry_ms: Math.round(delayMs) },
        });
        await sleep(clock, delayMs, signal);
      }
    }
    return undefined;
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { faults } = this.#context;
    faults.error('Error sending data.', {
      type: 'writer_failed',
      stage: 'sending',
      code: error.code === TOO_LONG ? 'message_too_long' : 'socket_send',
      fields: { error: error.message, mode: this.#options.mode },
    });
    faults.discarded(1, 'The datagram could not be sent.', false);
  }
}
