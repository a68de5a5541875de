// The HTTP server: connections with limits on their number, their age, and what a peer may send how slowly. Whatever
// goes wrong with a request ends in a reply or a closed connection, and is told to `onError`.
//
// It reads HTTP/1 itself: with bodies of 10 KB that costs half of what Node's server costs, and no buffer is allocated
// per read. `http1.fuzz.test.ts` holds it against Node's parser.

import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import nodeTls, { type TlsOptions } from 'node:tls';
import type { Clock, Timer } from '../../std/clock.ts';
import type { Random } from '../../std/random.ts';
import type { Recorder } from '../../telemetry/telemetry.ts';
import { type ListenAddress, systemdDescriptor } from '../address.ts';
import { type MemoryScope, ownConnections } from '../connection_memory.ts';
import { type Connection, READ_BYTES, takeOver, takeTls } from '../stream/connection.ts';
import { HttpConnection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { Keepalive } from './keepalive.ts';
import { HttpRejection, type HttpReply, rejectionReply } from './rejection.ts';
import { BodyBudget, type RequestBody } from './request_body.ts';
import { HeadReader, type RequestHead } from './request_head.ts';
import { ResponseWriter } from './response.ts';
import { ServerMetrics, type ServerSeries } from './server_metrics.ts';

export const HTTP_CONNECTIONS_MAX = 10_000;

/** Requests of all connections that wait for their replies; more are told to come later. */
const OPEN_MAX = 20_000;

/** How often connections are looked at for what takes too long. */
const CHECK_MS = 5_000;

const HANDSHAKE_MS = 15_000;

/** Connections the kernel keeps for us before they are accepted. */
const BACKLOG = 1024;

/** What went wrong on a connection or in a handler. */
export type ServerErrorKind = 'connection' | 'handler' | 'limit' | 'malformed' | 'timeout' | 'tls';

export interface RequestHandler {
  /** A request came. A reply ends it; without one, either `body` or `gone` follows. */
  begin(exchange: Exchange): HttpReply | undefined;
  /**
   * The whole body of a request is there. The handler lets it go by `release`, keeps it beyond the call by `own`, and
   * replies when it likes.
   */
  body(exchange: Exchange, body: RequestBody): void;
  /** The body will not come: `rejection` is what the peer is told about it, where there is a peer to tell. */
  gone(exchange: Exchange, rejection: HttpRejection | undefined): void;
}

export interface HttpServerOptions {
  readonly address: ListenAddress;
  readonly tls?: TlsOptions | undefined;
  readonly keepalive: Keepalive;
  /** Bytes of one request body, and of all in memory together. */
  readonly bodyBytesMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  /** Where its connections are entered. */
  readonly memory?: MemoryScope;
  /** The name of a path that this server is there for, one of few: the `path` label of its requests. */
  readonly ownPath: (path: string) => string | undefined;
  readonly handler: RequestHandler;
  readonly onError: (kind: ServerErrorKind, error: Error) => void;
}

/** What a connection needs of its server. */
export interface ConnectionHost extends RequestHandler {
  readonly clock: Clock;
  /** Memory for what is coming in: bodies, and heads that come in pieces. */
  readonly budget: BodyBudget;
  readonly heads: HeadReader;
  readonly writer: ResponseWriter;
  /** Whether each reply is the last of its connection. */
  readonly isStopping: boolean;
  seriesOf(head: RequestHead): ServerSeries;
  /** A request was begun, */
  opened(): void;
  /** and is answered or gone. */
  closed(): void;
  onError(kind: ServerErrorKind, error: Error): void;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #tls: nodeTls.Server | undefined;
  readonly #host: ConnectionHost;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #connections = new Map<Socket, HttpConnection>();
  /** Those whose TLS handshake is not done, by peer. */
  readonly #handshaking = new Map<string, Socket>();
  #checkTimer: Timer | undefined;
  #onIdle: (() => void)[] = [];
  #open = 0;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#host = this.#hostFor(options);
    ownConnections(options.memory, 'httpServer', () => {
      const open = this.#connections.size + this.#handshaking.size;
      const { budget, heads } = this.#host;
      return { open, tls: options.tls ? open : 0, nativeBytes: budget.usedBytes, heapBytes: heads.heldBytes };
    });
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
    if (!options.tls) return;
    this.#tls = nodeTls.createServer({
      ALPNProtocols: ['http/1.1'],
      ...options.tls,
      allowHalfOpen: true,
      handshakeTimeout: HANDSHAKE_MS,
    });
    this.#tls.on('secureConnection', (socket) => {
      this.#handshaking.delete(peerOf(socket));
      this.#serve(socket, takeTls(socket));
    });
    this.#tls.on('tlsClientError', (error, socket) => {
      socket.destroy();
      options.onError('tls', error);
    });
  }

  /** Resolves once connections are accepted; rejects when the address cannot be had. */
  listen(): Promise<AddressInfo> {
    const { address } = this.#options;
    const where: ListenOptions =
      address.kind === 'ip'
        ? { host: address.host, port: address.port, backlog: BACKLOG }
        : ({ fd: systemdDescriptor(address.index) } as ListenOptions);
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.onError('connection', error));
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Accepts no more connections and closes idle ones; requests under way go on, each the last on its connection. */
  stopAccepting(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#server.close();
    for (const socket of this.#handshaking.values()) socket.destroy();
    for (const connection of [...this.#connections.values()]) if (connection.isIdle) connection.destroy();
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Refuses the requests that are still coming in. */
  cutOff(rejection: HttpRejection): void {
    for (const connection of [...this.#connections.values()]) connection.cutOff(rejection);
  }

  /** Resolves when no request is without a reply. */
  idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Closes every connection at once. */
  close(): void {
    this.stopAccepting();
    this.#checkTimer?.cancel();
    for (const connection of [...this.#connections.values()]) connection.destroy();
  }

  #hostFor({ clock, recorder, handler, bodyBytesMax, ownPath, onError }: HttpServerOptions): ConnectionHost {
    const metrics = new ServerMetrics(recorder, ownPath);
    const server = this;
    return {
      clock,
      budget: new BodyBudget(bodyBytesMax),
      heads: new HeadReader(),
      writer: new ResponseWriter(clock),
      get isStopping() {
        return server.#stopping;
      },
      seriesOf: ({ method, path }) => metrics.of(method, path),
      begin: (exchange) => (this.#open > OPEN_MAX ? TOO_MANY : handler.begin(exchange)),
      body: (exchange, body) => handler.body(exchange, body),
      gone: (exchange, rejection) => handler.gone(exchange, rejection),
      opened: () => {
        this.#open += 1;
      },
      closed: () => {
        this.#open -= 1;
        if (this.#open === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
      },
      onError,
    };
  }

  #accept(accepted: Socket): void {
    accepted.on('error', () => {});
    if (this.#stopping || this.#connections.size + this.#handshaking.size >= HTTP_CONNECTIONS_MAX) {
      accepted.destroy();
      if (!this.#stopping) this.#options.onError('limit', new Error(`more than ${HTTP_CONNECTIONS_MAX} connections`));
      return;
    }
    if (this.#tls) {
      const peer = peerOf(accepted);
      this.#handshaking.set(peer, accepted);
      accepted.once('close', () => this.#handshaking.delete(peer));
      this.#tls.emit('connection', accepted);
      return;
    }
    const { connection, socket } = takeOver(accepted, this.#buffer, true);
    this.#serve(socket, connection);
  }

  #serve(socket: Socket, connection: Connection): void {
    const { clock, random, keepalive } = this.#options;
    const { max_connection_age_secs: age, max_connection_age_jitter_factor: factor } = keepalive;
    const deadlineMs = clock.monotonic() + age * 1000 * (1 + factor * (2 * random() - 1));
    this.#connections.set(socket, new HttpConnection(this.#host, connection, socket, deadlineMs));
    socket.once('close', () => this.#connections.delete(socket));
    this.#checkTimer ??= this.#options.clock.after(CHECK_MS, () => this.#check());
  }

  #check(): void {
    const now = this.#options.clock.monotonic();
    for (const connection of [...this.#connections.values()]) connection.check(now);
    this.#checkTimer =
      this.#connections.size > 0 ? this.#options.clock.after(CHECK_MS, () => this.#check()) : undefined;
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;

const TOO_MANY = rejectionReply(new HttpRejection(503, 'Too many requests are waiting', { 'retry-after': '1' }));
