// Connects to a server, by TCP or a unix socket, with TLS where that is asked for.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PeerAddress } from '../address.ts';
import type { Libc } from '../libc.ts';
import type { ClientTls } from '../tls/tls.ts';
import { descriptorOf } from './connection.ts';

/** A connection that takes longer is given up. */
const CONNECT_TIMEOUT_MS = 60_000;

/** What the other side says is read, so that its end is noticed, and thrown away. */
const DISCARD_BYTES = 4096;

export interface DialOptions {
  readonly to: PeerAddress | { readonly path: string };
  /** Probes an idle connection, after `time_secs` where that is set. */
  readonly keepalive?: { readonly time_secs?: number | undefined } | undefined;
  /** The kernel's buffer of the connection. */
  readonly sendBuffer?: { readonly bytes: number; readonly libc: Libc } | undefined;
  readonly tls?: ClientTls | undefined;
}

/** A connected socket (its TLS handshake done), or a rejection that says why there is none. */
export function dial(options: DialOptions, stop?: AbortSignal): Promise<Socket> {
  const { keepalive, sendBuffer, tls } = options;
  return new Promise((resolve, reject) => {
    if (stop?.aborted) return reject(new Error('stopped'));
    const socket = open(options);
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', stopped);
      socket.off('close', closed);
      if (error) {
        socket.destroy();
        reject(error);
      } else resolve(socket);
    };
    const stopped = (): void => settle(new Error('stopped'));
    const closed = (): void => settle(new Error('the connection was closed at once'));
    const timer = setTimeout(() => settle(new Error('the other side does not answer')), CONNECT_TIMEOUT_MS);
    stop?.addEventListener('abort', stopped, { once: true });
    // It stays: a socket without a listener for errors takes the process down with its first one.
    socket.on('error', settle);
    socket.once('close', closed);
    socket.once('connect', () => {
      if (keepalive) socket.setKeepAlive(true, (keepalive.time_secs ?? 0) * 1000);
      if (sendBuffer) sendBuffer.libc.setSendBuffer(descriptorOf(socket), sendBuffer.bytes);
    });
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.resume();
      settle();
    });
  });
}

function open({ to, tls }: DialOptions): Socket {
  const onread = { buffer: Buffer.allocUnsafeSlow(DISCARD_BYTES), callback: () => true };
  if ('path' in to) return connect({ path: to.path, onread });
  if (tls) return connectTls({ ...tls.options(to.host), ...to });
  return connect({ ...to, noDelay: true, onread });
}
