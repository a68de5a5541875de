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
  const { to, tls, keepalive, sendBuffer } = options;
  return new Promise((resolve, reject) => {
    if (stop?.aborted) return reject(new Error('stopped'));
    const onread = { buffer: Buffer.allocUnsafeSlow(DISCARD_BYTES), callback: () => true };
    const plain = 'path' in to ? connect({ path: to.path, onread }) : connect({ ...to, noDelay: true, onread });
    const socket = tls && 'host' in to ? connectTls({ ...tls.options(to.host), socket: plain }) : plain;
    const failed = (error: Error): void => {
      timer.unref();
      clearTimeout(timer);
      stop?.removeEventListener('abort', stopped);
      socket.destroy();
      plain.destroy();
      reject(error);
    };
    const stopped = (): void => failed(new Error('stopped'));
    const timer = setTimeout(() => failed(new Error('the other side does not answer')), CONNECT_TIMEOUT_MS);
    stop?.addEventListener('abort', stopped, { once: true });
    plain.on('error', failed);
    socket.on('error', failed);
    socket.once('close', () => failed(new Error('the connection was closed at once')));
    plain.once('connect', () => {
      if (keepalive) plain.setKeepAlive(true, (keepalive.time_secs ?? 0) * 1000);
      if (sendBuffer) sendBuffer.libc.setSendBuffer(descriptorOf(plain), sendBuffer.bytes);
    });
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', stopped);
      socket.resume();
      resolve(socket);
    });
  });
}
