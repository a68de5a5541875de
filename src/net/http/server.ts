// The HTTP server: connections with limits on their number, their age, and what a peer may send how slowly.
// Handlers get a request and give a reply; whatever goes wrong in between ends in a reply or a closed connection, and
// is told to `onError`.

import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { Clock } from '../../std/clock.ts';
import type { Random } from '../../std/random.ts';
import type { Recorder } from '../../telemetry/telemetry.ts';
import { type ListenAddress, systemdDescriptor } from '../address.ts';
import type { Keepalive } from './keepalive.ts';
import { HttpRejection, type HttpReply, rejectionReply } from './rejection.ts';
import { BodyBudget, type ReadBody, RequestAborted, readBody } from './request_body.ts';
import { ServerMetrics } from './server_metrics.ts';

export const HTTP_CONNECTIONS_MAX = 10_000;

/** Bytes of the head of a request. */
const HEADER_BYTES_MAX = 65_536;

/** The head must be complete in this time, */
const HEADERS_TIMEOUT_MS = 30_000;
/** and the whole request in this. */
const REQUEST_TIMEOUT_MS = 300_000;
/** How often these are looked at. */
const CHECK_MS = 5_000;
/** A connection without a request for this long is closed. */
const IDLE_MS = 75_000;
const HANDSHAKE_MS = 15_000;

/** Requests of one connection that wait for their responses; a peer that sends on regardless is cut off. */
const PIPELINED_MAX = 128;
/** Requests of all connections that wait for their responses; more are told to come later. */
const OPEN_MAX = 20_000;

/** After a reply to a request that was not read to its end: what is still read, so that the peer sees the reply. */
const LINGER_BYTES_MAX = 1_048_576;
const LINGER_MS = 2_000;

/** What went wrong on a connection or in a handler. */
export type ServerErrorKind = 'connection' | 'handler' | 'limit' | 'malformed' | 'timeout' | 'tls';

export interface HttpServerOptions {
  readonly address: ListenAddress;
  readonly tls?: TlsOptions | undefined;
  readonly keepalive: Keepalive;
  /** Bytes of all request bodies in memory. */
  readonly bodyBytesMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  /** The `path` label of requests: one of few. */
  readonly pathLabel: (path: string) => string;
  readonly handle: (request: HttpServerRequest) => Promise<HttpReply>;
  readonly onError: (kind: ServerErrorKind, error: Error) => void;
}

export interface HttpServerRequest {
  readonly method: string;
  /** As it was sent, percent-encoded. */
  readonly path: string;
  /** What follows the `?`, or nothing. */
  readonly query: string;
  /** Names in lower case, each with its first value. */
  readonly headers: ReadonlyMap<string, string>;
  /** The peer's address, without port. */
  readonly peer: string;
  readonly socket: Socket;
  /** Rejects as `readBody` does. */
  body(limitBytes: number): Promise<ReadBody>;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #budget: BodyBudget;
  readonly #metrics: ServerMetrics;
  /** When each connection is too old for another request. */
  readonly #deadlines = new WeakMap<Socket, number>();
  readonly #sockets = new Set<Socket>();
  /** Requests without a response, by connection, and the last that came. */
  readonly #waiting = new WeakMap<Duplex, { open: number; last: IncomingMessage }>();
  #onIdle: (() => void)[] = [];
  #open = 0;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#budget = new BodyBudget(options.bodyBytesMax);
    this.#metrics = new ServerMetrics(options.recorder, options.clock);
    const settings = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: IDLE_MS,
    };
    this.#server = options.tls
      ? createSecureServer({ ...options.tls, ...settings, handshakeTimeout: HANDSHAKE_MS })
      : createServer(settings);
    this.#server.maxConnections = HTTP_CONNECTIONS_MAX;
    // Node would leave out headers beyond a number; their size has a limit already.
    this.#server.maxHeadersCount = 0;
    this.#listenToServer();
  }

  /** Resolves once connections are accepted; rejects when the address cannot be had. */
  listen(): Promise<AddressInfo> {
    const { address } = this.#options;
    const where: ListenOptions =
      address.kind === 'ip'
        ? { host: address.host, port: address.port }
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
    this.#stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Resolves when no request is without a response. */
  idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Closes every connection at once. */
  close(): void {
    this.stopAccepting();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listenToServer(): void {
    const { onError, clock, random, keepalive, tls } = this.#options;
    this.#server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      void this.#serve(incoming, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      const { max_connection_age_secs: age, max_connection_age_jitter_factor: factor } = keepalive;
      const spread = 1 + factor * (2 * random() - 1);
      this.#deadlines.set(socket, clock.monotonic() + age * 1000 * spread);
    });
    this.#server.on('clientError', (error: Error, socket: Duplex) => {
      const { kind, status } = clientError(error);
      onError(kind, error);
      this.#reject(socket, status);
    });
    this.#server.on('tlsClientError', (error) => onError('tls', error));
    this.#server.on('drop', () => onError('limit', new Error(`more than ${HTTP_CONNECTIONS_MAX} connections`)));
  }

  /** Never rejects. */
  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.on('error', () => {});
    response.on('error', () => {});
    const { socket } = incoming;
    const waiting = this.#waiting.get(socket) ?? { open: 0, last: incoming };
    if (waiting.open >= PIPELINED_MAX) {
      this.#options.onError('limit', new Error(`more than ${PIPELINED_MAX} requests at once on one connection`));
      socket.destroy();
      return;
    }
    waiting.open += 1;
    waiting.last = incoming;
    this.#waiting.set(socket, waiting);
    this.#open += 1;
    const request = this.#request(incoming);
    const answered = this.#metrics.received(request.method, this.#options.pathLabel(request.path));
    const reply = await this.#reply(request);
    try {
      if (reply && !response.destroyed) {
        answered(reply.status);
        await this.#send(incoming, response, reply);
      } else incoming.destroy();
    } catch (error) {
      this.#failed('handler', error);
      socket.destroy();
    }
    waiting.open -= 1;
    this.#open -= 1;
    if (this.#open === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** The reply of the handler, or that to what went wrong; undefined when there is nobody to reply to. */
  async #reply(request: HttpServerRequest): Promise<HttpReply | undefined> {
    try {
      if (this.#open > OPEN_MAX) throw new HttpRejection(503, 'Too many requests are waiting', { 'retry-after': '1' });
      return await this.#options.handle(request);
    } catch (error) {
      if (error instanceof HttpRejection) return rejectionReply(error);
      const kind = error instanceof RequestAborted ? 'connection' : 'handler';
      this.#failed(kind, error);
      return kind === 'connection' ? undefined : rejectionReply(new HttpRejection(500, 'Internal error'));
    }
  }

  #failed(kind: ServerErrorKind, error: unknown): void {
    this.#options.onError(kind, error instanceof Error ? error : new Error(String(error)));
  }

  #request(incoming: IncomingMessage): HttpServerRequest {
    const target = incoming.url ?? '/';
    const mark = target.indexOf('?');
    const { clock } = this.#options;
    return {
      method: incoming.method ?? '',
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark + 1),
      headers: firstHeaders(incoming.rawHeaders),
      peer: addressOf(incoming.socket),
      socket: incoming.socket,
      body: (limitBytes) => readBody(incoming, limitBytes, this.#budget, clock),
    };
  }

  /** Sends the reply and, when the request was not read to its end, closes the connection after it. */
  #send(incoming: IncomingMessage, response: ServerResponse, { status, headers, body }: HttpReply): Promise<void> {
    const complete = incoming.complete;
    const last =
      this.#stopping ||
      !complete ||
      this.#options.clock.monotonic() >= (this.#deadlines.get(incoming.socket) ?? Number.POSITIVE_INFINITY);
    return new Promise((resolve) => {
      response.once('close', resolve);
      const length = complete ? {} : { 'content-length': Buffer.byteLength(body ?? '') };
      response.writeHead(status, { ...headers, ...length, ...(last ? { connection: 'close' } : {}) });
      if (complete) response.end(body);
      else {
        if (body) response.write(body);
        else response.flushHeaders();
        this.#linger(incoming, () => response.end());
      }
    });
  }

  /** A connection closed with bytes unread is reset, and the reply lost on the way: so a little more is read first. */
  #linger(incoming: IncomingMessage, done: () => void): void {
    let read = 0;
    const timer = this.#options.clock.after(LINGER_MS, finish);
    incoming.on('data', onData);
    incoming.once('end', finish);
    incoming.once('close', finish);
    incoming.resume();
    function onData(chunk: Buffer): void {
      read += chunk.length;
      if (read > LINGER_BYTES_MAX) finish();
    }
    function finish(): void {
      timer.cancel();
      incoming.off('data', onData);
      incoming.off('end', finish);
      incoming.off('close', finish);
      done();
    }
  }

  /** Ends a connection on which something came that is no request. */
  #reject(socket: Duplex, status: number): void {
    const { open = 0, last } = this.#waiting.get(socket) ?? {};
    // Whoever waits for the response to an earlier request gets that one, and no other in its place.
    if (open > 0 && last!.complete) this.#deadlines.set(socket as Socket, Number.NEGATIVE_INFINITY);
    else if (open > 1) socket.destroy();
    else this.#answerRaw(socket, status);
  }

  /** Answers what could not be read as a request. */
  #answerRaw(socket: Duplex, status: number): void {
    if (status === 0 || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    // The peer may never read it, nor close its side.
    const timer = this.#options.clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
  }
}

function firstHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!headers.has(name)) headers.set(name, raw[i + 1]!);
  }
  return headers;
}

/** An IPv4 peer of an IPv6 socket is written as IPv4. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

/** What Node's parser reports. */
function clientError(error: Error): { readonly kind: ServerErrorKind; readonly status: number } {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'limit', status: 431 };
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { kind: 'limit', status: 413 };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { kind: 'timeout', status: 408 };
  if (code === 'HPE_INVALID_EOF_STATE') return { kind: 'connection', status: 400 };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'connection', status: 0 };
  return { kind: 'malformed', status: 400 };
}
