// Listens for connections on TCP or a unix socket, and lets in those that may come in.
//
//   accepted ─► permitted origin? ─► below the limit? ─► TLS handshake ─► events.connection
//                   │ no                 │ no: waits unread, as in the kernel's queue, until another one is over
//                   └─► refused          └─► refused when too many wait

import { createServer, type Server, type Socket } from 'node:net';
import nodeTls from 'node:tls';
import { type ListenAddress, systemdDescriptor } from '../address.ts';
import type { HeldConnections } from '../connection_memory.ts';
import type { Libc } from '../libc.ts';
import { isPermitted, type Network } from '../tcp/permit_origin.ts';
import { listenOnPath } from '../unix/listen.ts';
import { type Connection, descriptorOf, READ_BYTES, takeOver, takeTls } from './connection.ts';

/** Connections beyond the limit that wait, unread, for their turn. */
const WAITING_MAX = 1024;

/** Connections the kernel keeps for us before they are accepted. */
const BACKLOG = 1024;

/** A handshake that takes longer is given up unless the configuration says otherwise. */
const HANDSHAKE_TIMEOUT_MS = 120_000;

export interface StreamServerOptions {
  readonly listen:
    | { readonly kind: 'tcp'; readonly address: ListenAddress }
    | { readonly kind: 'unix'; readonly path: string; readonly mode: number | undefined };
  /** Most connections open at a time. */
  readonly connectionLimit?: number | undefined;
  readonly permitOrigin?: readonly Network[] | undefined;
  /** Probes idle connections, after `time_secs` where that is set. */
  readonly keepalive?: { readonly time_secs?: number | undefined } | undefined;
  /** The kernel's buffer of each connection. */
  readonly receiveBuffer?: { readonly bytes: number; readonly libc: Libc } | undefined;
  readonly tls?: nodeTls.TlsOptions | undefined;
  readonly handshakeTimeoutSecs?: number | undefined;
}

export interface StreamServerEvents {
  connection(connection: Connection): void;
  /** A connection was closed before anything was read. */
  refused(reason: 'origin' | 'limit', host: string): void;
  handshakeFailed(error: NodeJS.ErrnoException): void;
  /** Accepting failed, or a connection could not be set up; the server goes on. */
  failed(error: Error): void;
}

export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #events: StreamServerEvents;
  readonly #server: Server;
  readonly #tls: nodeTls.Server | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #waiting: Socket[] = [];
  readonly #open = new Set<Socket>();
  /** TLS connections whose handshake is not done, by peer. */
  readonly #handshaking = new Map<string, Socket>();
  #closed = false;

  private constructor(options: StreamServerOptions, events: StreamServerEvents) {
    this.#options = options;
    this.#events = events;
    this.#server = createServer({ pauseOnConnect: true, noDelay: false }, (socket) => this.#accept(socket));
    if (options.tls) {
      const timeoutMs =
        options.handshakeTimeoutSecs === undefined ? HANDSHAKE_TIMEOUT_MS : options.handshakeTimeoutSecs * 1000;
      this.#tls = nodeTls.createServer({ ...options.tls, handshakeTimeout: timeoutMs });
      this.#tls.on('secureConnection', (socket) => this.#secured(socket));
      this.#tls.on('tlsClientError', (error, socket) => {
        socket.destroy();
        this.#events.handshakeFailed(error);
      });
    }
  }

  /** Rejects when the address cannot be listened on. */
  static async listen(options: StreamServerOptions, events: StreamServerEvents): Promise<StreamServer> {
    const server = new StreamServer(options, events);
    await server.#listen();
    server.#server.on('error', (error) => events.failed(error));
    return server;
  }

  /** The port listened on; 0 for unix sockets. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections that are open or wait to be. */
  get held(): HeldConnections {
    const open = this.#open.size + this.#waiting.length;
    return { open, tls: this.#tls ? this.#open.size : 0 };
  }

  /** Accepts no more. Connections that are open stay open. */
  close(): void {
    this.#closed = true;
    this.#server.close(() => {});
    // Nothing was read of these.
    for (const socket of [...this.#waiting.splice(0), ...this.#handshaking.values()]) socket.destroy();
  }

  #listen(): Promise<void> {
    const { listen } = this.#options;
    if (listen.kind === 'unix') return listenOnPath(this.#server, listen.path, listen.mode, BACKLOG);
    const { address } = listen;
    const where =
      address.kind === 'ip'
        ? { host: address.host, port: address.port, backlog: BACKLOG, exclusive: true }
        : { fd: systemdDescriptor(address.index), exclusive: true };
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    // Until somebody reads from it, an error of the peer is nobody's business.
    socket.on('error', () => {});
    const { permitOrigin, connectionLimit } = this.#options;
    const host = socket.remoteAddress ?? '';
    if (this.#closed) socket.destroy();
    else if (permitOrigin && !isPermitted(host, permitOrigin)) this.#refuse(socket, 'origin', host);
    else if (this.#open.size < (connectionLimit ?? Number.POSITIVE_INFINITY)) this.#admit(socket);
    else if (this.#waiting.length < WAITING_MAX) this.#waiting.push(socket);
    else this.#refuse(socket, 'limit', host);
  }

  #refuse(socket: Socket, reason: 'origin' | 'limit', host: string): void {
    socket.destroy();
    this.#events.refused(reason, host);
  }

  #admit(accepted: Socket): void {
    const { keepalive, receiveBuffer } = this.#options;
    if (keepalive) accepted.setKeepAlive(true, (keepalive.time_secs ?? 0) * 1000);
    if (receiveBuffer) receiveBuffer.libc.setReceiveBuffer(descriptorOf(accepted), receiveBuffer.bytes);
    if (this.#tls) {
      this.#count(accepted);
      this.#shakeHands(this.#tls, accepted);
      return;
    }
    const { connection, socket } = takeOver(accepted, this.#buffer);
    this.#count(socket);
    this.#events.connection(connection);
  }

  #shakeHands(server: nodeTls.Server, accepted: Socket): void {
    const peer = peerOf(accepted);
    this.#handshaking.set(peer, accepted);
    accepted.once('close', () => this.#handshaking.delete(peer));
    server.emit('connection', accepted);
  }

  #secured(socket: nodeTls.TLSSocket): void {
    this.#handshaking.delete(peerOf(socket));
    this.#events.connection(takeTls(socket));
  }

  #count(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      const next = this.#closed ? undefined : this.#waiting.shift();
      if (next) this.#admit(next);
    });
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
