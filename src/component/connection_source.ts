// What sources that listen for connections share: each connection is a stream of its own, read, framed and decoded by
// the kit in stream_reader.ts.
//
//   connection ──bytes──► reader.room ──copy──► reader.filled ──► output
//                             │ arena full            │ output busy
//                             └──────► held ◄─────────┘   this connection pauses, what was read already is held
//
// Bound: beside the arena, at most HELD_BYTES_MAX are held for all connections of a source together, and one read more;
// at that limit every connection pauses until the held bytes went on.

import type { Connection } from '../net/stream/connection.ts';
import { StreamServer, type StreamServerOptions } from '../net/stream/server.ts';
import type { Timer } from '../std/clock.ts';
import {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Gauge,
  type Histogram,
} from '../telemetry/telemetry.ts';
import type { SourceContext } from './context.ts';
import type { Output } from './define.ts';
import type { SourceField } from './source_fields.ts';
import { type StreamCodec, type StreamReader, StreamReaders } from './stream_reader.ts';

const HELD_BYTES_MAX = 1_048_576;

export const connectionEstablished = defineCounter({
  name: 'connection_established_total',
  doc: 'Connections that were established.',
  labels: [{ name: 'mode', values: ['tcp', 'unix'] }],
});
export const connectionShutdown = defineCounter({
  name: 'connection_shutdown_total',
  doc: 'Connections that are over.',
  labels: [{ name: 'mode', values: ['tcp', 'unix'] }],
});
export const openConnections = defineGauge({ name: 'open_connections', doc: 'Connections that are open.' });
export const receivedMessageBytes = defineHistogram({
  name: 'component_received_bytes',
  doc: 'Bytes of each read or datagram.',
  labels: [{ name: 'mode', values: ['tcp', 'udp', 'unix'] }],
});

export interface ConnectionSourceOptions {
  readonly mode: 'tcp' | 'unix';
  readonly server: StreamServerOptions;
  readonly codec: StreamCodec;
  /** What is known about the events of a connection. */
  readonly fields: (connection: Connection) => readonly SourceField[];
  /** Told when the source listens; `port` is 0 for unix sockets. */
  readonly onListening?: (port: number) => void;
  /** A connection open for longer is closed from our side. */
  readonly maxConnectionDurationSecs?: number | undefined;
  /** How long a peer has to close after we did. */
  readonly shutdownTimeoutSecs: number;
}

/**
 * Listens until `stop` aborts; then tells all peers that it is over, reads what they still send, and resolves when the
 * last one closed or had its time. Rejects when the address cannot be listened on.
 */
export async function receiveConnections(
  context: SourceContext,
  options: ConnectionSourceOptions,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const { mode, server: listen } = options;
  const source = new ConnectionSource(context, options, output);
  let server: StreamServer;
  try {
    server = await StreamServer.listen(listen, {
      connection: (connection) => source.add(connection),
      refused: (reason, host) => source.refused(reason, host),
      handshakeFailed: (error) => source.handshakeFailed(error),
      failed: (error) =>
        context.faults.error('Failed to accept a connection.', {
          type: 'connection_failed',
          stage: 'receiving',
          fields: { error: error.message, mode },
        }),
    });
  } catch (error) {
    context.faults.error('Error binding socket.', {
      type: 'io_failed',
      stage: 'initializing',
      code: 'socket_bind',
      fields: { error: (error as Error).message, mode },
    });
    throw error;
  }
  options.onListening?.(server.port);
  if (!stop.aborted)
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  server.close();
  await source.end();
}

class ConnectionSource {
  readonly #context: SourceContext;
  readonly #options: ConnectionSourceOptions;
  readonly #output: Output;
  readonly #readers: StreamReaders;
  readonly #open = new Set<Peer>();
  /** Peers whose held bytes wait for room in the arena, first come, first served. */
  readonly #hungry: Peer[] = [];
  /** Peers that pause because of what others hold. */
  readonly #paused = new Set<Peer>();
  readonly #established: Counter;
  readonly #shutdown: Counter;
  readonly #connections: Gauge;
  readonly #sizes: Histogram;
  #pumping = false;
  #held = 0;
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(context: SourceContext, options: ConnectionSourceOptions, output: Output) {
    const { mode } = options;
    this.#context = context;
    this.#options = options;
    this.#output = output;
    this.#readers = new StreamReaders(context, options.codec, mode);
    this.#established = context.counter(connectionEstablished, { mode });
    this.#shutdown = context.counter(connectionShutdown, { mode });
    this.#connections = context.gauge(openConnections);
    this.#sizes = context.histogram(receivedMessageBytes, { mode });
  }

  add(connection: Connection): void {
    const reader = this.#readers.open(this.#output, { fields: this.#options.fields(connection) });
    const peer = new Peer(connection, reader);
    this.#open.add(peer);
    this.#established.add(1);
    this.#connections.set(this.#open.size);
    const { maxConnectionDurationSecs: seconds } = this.#options;
    if (seconds !== undefined) peer.timer = this.#context.clock.after(seconds * 1000, () => this.#dismiss(peer));
    if (this.#ended) this.#dismiss(peer);
    connection.receive({
      bytes: (bytes) => this.#guard(peer, () => this.#take(peer, bytes)) ?? false,
      over: (error) => this.#guard(peer, () => this.#over(peer, error)),
    });
  }

  refused(reason: 'origin' | 'limit', host: string): void {
    const message =
      reason === 'origin'
        ? 'Connection refused: its origin is not permitted.'
        : 'Connection refused: too many wait for a place below the connection limit.';
    this.#context.faults.error(message, { type: 'connection_failed', stage: 'receiving', fields: { host } });
  }

  handshakeFailed(error: NodeJS.ErrnoException): void {
    const { mode } = this.#options;
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT')
      this.#context.faults.error('TLS handshake took too long.', {
        type: 'timed_out',
        stage: 'receiving',
        code: 'tls_handshake_timeout',
        fields: { mode },
      });
    // Load balancers open and close connections to see whether somebody listens.
    else if (error.code === 'ECONNRESET') this.#context.log.debug('Peer left during the TLS handshake', { mode });
    else
      this.#context.faults.error('TLS handshake failed.', {
        type: 'connection_failed',
        stage: 'receiving',
        code: 'connection_failed',
        fields: { error: error.message, mode },
      });
  }

  /** Tells every peer that it is over; resolves when all are gone. */
  async end(): Promise<void> {
    this.#ended = Promise.withResolvers();
    for (const peer of [...this.#open]) this.#dismiss(peer);
    if (this.#open.size === 0) this.#ended.resolve();
    await this.#ended.promise;
    this.#readers.close();
  }

  /** Closes our side and gives the peer time to close its own. */
  #dismiss(peer: Peer): void {
    const { clock, log } = this.#context;
    const { shutdownTimeoutSecs } = this.#options;
    peer.timer?.cancel();
    peer.connection.endOwnSide();
    peer.timer = clock.after(shutdownTimeoutSecs * 1000, () => {
      log.info('Resetting connection, still open after the time it had to close', { seconds: shutdownTimeoutSecs });
      peer.connection.destroy();
    });
  }

  /** Whether the peer may go on sending. */
  #take(peer: Peer, bytes: Buffer): boolean {
    this.#sizes.record(bytes.length);
    if (peer.busy || peer.held) {
      // A socket that was told to pause may have one more buffer on its way.
      this.#hold(peer, bytes);
      return false;
    }
    const rest = this.#feed(peer, bytes);
    if (rest) this.#hold(peer, rest);
    return !peer.busy && !peer.held;
  }

  /** Gives bytes to the reader for as long as it takes them; the rest. */
  #feed(peer: Peer, bytes: Buffer): Buffer | undefined {
    const { reader } = peer;
    let at = 0;
    while (at < bytes.length) {
      const room = reader.room();
      if (!room) break;
      const count = bytes.copy(room, 0, at);
      at += count;
      const wait = reader.filled(count);
      if (reader.broken) {
        peer.connection.destroy();
        return undefined;
      }
      if (wait) {
        this.#wait(peer, wait);
        break;
      }
    }
    return at < bytes.length ? bytes.subarray(at) : undefined;
  }

  #wait(peer: Peer, wait: Promise<void>): void {
    peer.busy = true;
    wait.then(
      () => {
        peer.busy = false;
        this.#guard(peer, () => this.#goOn(peer));
      },
      (error: unknown) => this.#broken(peer, error),
    );
  }

  #hold(peer: Peer, bytes: Buffer): void {
    peer.held = peer.held ? Buffer.concat([peer.held, bytes]) : Buffer.from(bytes);
    this.#held += bytes.length;
    if (!peer.busy) this.#enqueue(peer);
    if (this.#held < HELD_BYTES_MAX) return;
    for (const other of this.#open) {
      if (other.busy || other.held || this.#paused.has(other)) continue;
      other.connection.pause();
      this.#paused.add(other);
    }
  }

  #unhold(peer: Peer, rest: Buffer | undefined): void {
    this.#held -= (peer.held?.length ?? 0) - (rest?.length ?? 0);
    peer.held = rest;
    if (this.#held * 2 > HELD_BYTES_MAX || this.#paused.size === 0) return;
    const paused = [...this.#paused];
    this.#paused.clear();
    for (const other of paused) other.connection.resume();
  }

  #enqueue(peer: Peer): void {
    if (peer.hungry) return;
    peer.hungry = true;
    this.#hungry.push(peer);
    if (!this.#pumping) void this.#pump();
  }

  /** Feeds hungry peers while there is room in the arena. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#hungry.length > 0) {
      await this.#readers.available();
      // Whoever finds no room ends the round: the others would find none either.
      for (let full = false; !full && this.#hungry.length > 0; ) {
        const peer = this.#hungry.shift()!;
        peer.hungry = false;
        this.#guard(peer, () => this.#goOn(peer));
        full = peer.hungry;
        if (full) this.#hungry.unshift(this.#hungry.pop()!);
      }
    }
    this.#pumping = false;
  }

  /** Feeds what is held, then reads on or ends. */
  #goOn(peer: Peer): void {
    if (peer.finished || peer.busy) return;
    if (peer.held) {
      this.#unhold(peer, this.#feed(peer, peer.held));
      if (peer.held && !peer.busy) this.#enqueue(peer);
      if (peer.held || peer.busy) return;
    }
    if (peer.overWith) this.#finish(peer);
    else peer.connection.resume();
  }

  #over(peer: Peer, error: Error | undefined): void {
    peer.overWith = { error };
    if (!peer.busy && !peer.held) this.#finish(peer);
  }

  #finish(peer: Peer): void {
    if (peer.finished) return;
    peer.finished = true;
    const { error } = peer.overWith!;
    if (!error) {
      const wait = peer.reader.end();
      if (wait) {
        void wait.then(
          () => this.#gone(peer),
          () => this.#gone(peer),
        );
        return;
      }
    } else this.#lost(peer, error);
    this.#gone(peer);
  }

  /** The connection broke: what came of an unfinished frame is no event. */
  #lost(peer: Peer, error: Error): void {
    const bytes = peer.reader.carriedBytes;
    this.#context.log.debug('Connection lost', { error: error.message, mode: this.#options.mode });
    if (bytes > 0)
      this.#context.faults.discarded(1, 'The connection was lost inside a frame.', false, { length: bytes });
  }

  #gone(peer: Peer): void {
    peer.timer?.cancel();
    if (!this.#open.delete(peer)) return;
    this.#paused.delete(peer);
    this.#unhold(peer, undefined);
    this.#shutdown.add(1);
    this.#connections.set(this.#open.size);
    if (this.#open.size === 0) this.#ended?.resolve();
  }

  /** A failure while one peer is served ends that peer and nothing else. */
  #guard<T>(peer: Peer, step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#broken(peer, error);
      return undefined;
    }
  }

  #broken(peer: Peer, error: unknown): void {
    this.#context.faults.error('Failed to handle received data.', {
      type: 'reader_failed',
      stage: 'receiving',
      code: 'socket_receive',
      fields: { error: error instanceof Error ? error.message : String(error), mode: this.#options.mode },
    });
    peer.finished = true;
    peer.connection.destroy();
    this.#gone(peer);
  }
}

/** One connection and where it stands. */
class Peer {
  readonly connection: Connection;
  readonly reader: StreamReader;
  timer: Timer | undefined;
  /** The output has not taken its last batch yet. */
  busy = false;
  /** Bytes that were read and not taken by the reader yet. */
  held: Buffer | undefined;
  /** Whether it is in the queue for room in the arena. */
  hungry = false;
  /** How the connection ended, once it did. */
  overWith: { readonly error: Error | undefined } | undefined;
  finished = false;

  constructor(connection: Connection, reader: StreamReader) {
    this.connection = connection;
    this.reader = reader;
  }
}
