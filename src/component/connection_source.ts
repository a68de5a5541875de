// What sources that listen for connections share: each connection is a stream of its own, counted, with a time to end.

import { ownConnections } from '../net/connection_memory.ts';
import type { Connection } from '../net/stream/connection.ts';
import { StreamServer, type StreamServerOptions } from '../net/stream/server.ts';
import type { Timer } from '../std/clock.ts';
import { type Counter, defineCounter, defineGauge, defineHistogram, type Gauge } from '../telemetry/telemetry.ts';
import type { SourceContext } from './context.ts';
import type { Output, Source } from './define.ts';
import { aborted, LateOutput } from './late_output.ts';
import type { SourceField } from './source_fields.ts';
import type { StreamCodec } from './stream/stream.ts';
import { type Stream, StreamIntake } from './stream_intake.ts';

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
 * A source that listens already: connections that come before it runs wait. When it stops it tells all peers that it is
 * over, reads what they still send, and ends when the last one closed or had its time. Rejects when the address cannot
 * be listened on.
 */
export async function connectionSource(context: SourceContext, options: ConnectionSourceOptions): Promise<Source> {
  const { mode } = options;
  const late = new LateOutput();
  const source = new ConnectionSource(context, options, late);
  let server: StreamServer;
  try {
    server = await StreamServer.listen(options.server, {
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
  ownConnections(context, 'stream', () => server.held);
  options.onListening?.(server.port);
  return {
    async run(output, stop) {
      late.give(output);
      await aborted(stop);
      server.close();
      await source.end();
    },
  };
}

class ConnectionSource {
  readonly #context: SourceContext;
  readonly #options: ConnectionSourceOptions;
  readonly #intake: StreamIntake;
  /** The timer of each open connection. */
  readonly #open = new Map<Connection, Timer | undefined>();
  readonly #established: Counter;
  readonly #shutdown: Counter;
  readonly #connections: Gauge;
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(context: SourceContext, options: ConnectionSourceOptions, output: Output) {
    const { mode, codec } = options;
    this.#context = context;
    this.#options = options;
    const sizes = context.histogram(receivedMessageBytes, { mode });
    this.#intake = new StreamIntake(context, { codec, protocol: mode, mode, sizes, receivedLabels: { mode } }, output);
    this.#established = context.counter(connectionEstablished, { mode });
    this.#shutdown = context.counter(connectionShutdown, { mode });
    this.#connections = context.gauge(openConnections);
  }

  add(connection: Connection): Stream {
    const { fields, maxConnectionDurationSecs: seconds } = this.#options;
    const timer =
      seconds === undefined ? undefined : this.#context.clock.after(seconds * 1000, () => this.#dismiss(connection));
    this.#open.set(connection, timer);
    this.#established.add(1);
    this.#connections.set(this.#open.size);
    const stream = this.#intake.read(connection, { fields: fields(connection) }, () => this.#gone(connection));
    if (this.#ended) this.#dismiss(connection);
    return stream;
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
    const { faults, log } = this.#context;
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT')
      faults.error('TLS handshake took too long.', {
        type: 'timed_out',
        stage: 'receiving',
        code: 'tls_handshake_timeout',
        fields: { mode },
      });
    // Load balancers open and close connections to see whether somebody listens.
    else if (error.code === 'ECONNRESET') log.debug('Peer left during the TLS handshake', { mode });
    else
      faults.error('TLS handshake failed.', {
        type: 'connection_failed',
        stage: 'receiving',
        code: 'connection_failed',
        fields: { error: error.message, mode },
      });
  }

  /** Tells every peer that it is over; resolves when all are gone. */
  async end(): Promise<void> {
    this.#ended = Promise.withResolvers();
    for (const connection of [...this.#open.keys()]) this.#dismiss(connection);
    if (this.#open.size === 0) this.#ended.resolve();
    await this.#ended.promise;
    this.#intake.close();
  }

  /** Closes our side and gives the peer time to close its own. */
  #dismiss(connection: Connection): void {
    if (!this.#open.has(connection)) return;
    const { clock, log } = this.#context;
    const { shutdownTimeoutSecs } = this.#options;
    this.#open.get(connection)?.cancel();
    connection.endOwnSide();
    const timer = clock.after(shutdownTimeoutSecs * 1000, () => {
      log.info('Resetting connection, still open after the time it had to close', { seconds: shutdownTimeoutSecs });
      connection.destroy();
    });
    this.#open.set(connection, timer);
  }

  #gone(connection: Connection): void {
    this.#open.get(connection)?.cancel();
    this.#open.delete(connection);
    this.#shutdown.add(1);
    this.#connections.set(this.#open.size);
    if (this.#open.size === 0) this.#ended?.resolve();
  }
}
