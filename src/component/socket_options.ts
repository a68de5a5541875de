// Options that sources share which listen on sockets, and what is made of them.

import { formatListenAddress, type ListenAddress, listenAddress } from '../net/address.ts';
import { loadLibc } from '../net/libc.ts';
import type { StreamServerOptions } from '../net/stream/server.ts';
import { keepalive, permitOrigin } from '../net/tcp/options.ts';
import { tlsSource } from '../net/tls/options.ts';
import { serverTls } from '../net/tls/tls.ts';
import { type ConfigOf, string, uint } from '../schema/schema.ts';
import type { SourceContext } from './context.ts';
import type { Resource } from './define.ts';

/** How long peers of a unix socket have to close at a stop. */
export const UNIX_SHUTDOWN_SECS = 1;

/** The host of a peer whose unix socket has no name. */
export const UNNAMED_PEER = '(unnamed)';

/** `address` of sources. */
export const socketAddress = () =>
  listenAddress('The address to listen on, or `systemd` or `systemd#N` for a socket that systemd opened.');

/** `receive_buffer_bytes` of sources. */
export const receiveBufferBytes = () =>
  uint('Size of the kernel’s buffer of each socket.', { optional: true, unit: 'bytes', examples: [65_536] });

/** What a source can say about its connections over TCP. */
export const tcpOptions = () =>
  ({
    address: socketAddress(),
    connection_limit: uint('Most connections open at a time. Others wait.', {
      optional: true,
      min: 1,
      unit: 'connections',
    }),
    keepalive: keepalive(),
    permit_origin: permitOrigin(),
    receive_buffer_bytes: receiveBufferBytes(),
    tls: tlsSource(),
    tls_handshake_timeout_secs: uint('How long a TLS handshake may take.', {
      optional: true,
      min: 1,
      unit: 'seconds',
    }),
  }) as const;

/** `path` of a unix socket. */
export const socketPath = () =>
  string('The path of the unix socket, which is made at start.', { syntax: 'path', examples: ['/path/to/socket'] });

/** What a source can say about a unix socket. */
export const unixOptions = () =>
  ({
    path: socketPath(),
    socket_file_mode: uint('Permission bits of the socket file, best written in octal.', {
      optional: true,
      max: 0o7777,
      examples: [0o777, 0o600],
    }),
  }) as const;

/** How a source with `tcpOptions` listens. */
export async function tcpServer(
  config: ConfigOf<ReturnType<typeof tcpOptions>>,
  context: SourceContext,
): Promise<StreamServerOptions> {
  const bytes = config.receive_buffer_bytes;
  const libc = bytes === undefined ? undefined : await loadLibc();
  if (bytes !== undefined && !libc) context.log.warn('`receive_buffer_bytes` cannot be set on this system');
  return {
    listen: { kind: 'tcp', address: config.address },
    connectionLimit: config.connection_limit,
    permitOrigin: config.permit_origin,
    keepalive: config.keepalive,
    receiveBuffer: bytes !== undefined && libc ? { bytes, libc } : undefined,
    tls: config.tls?.enabled ? serverTls(config.tls) : undefined,
    handshakeTimeoutSecs: config.tls_handshake_timeout_secs,
  };
}

/** What a source claims for itself that listens there. */
export function socketResources(
  config: { readonly mode: string } & ({ readonly path: string } | { readonly address: ListenAddress }),
): readonly Resource[] {
  if ('path' in config) return [`unix:${config.path}`];
  return [`${config.mode}:${formatListenAddress(config.address)}`];
}

/** Says that an address is listened on, and at which port. */
export function saysItListens(context: SourceContext, address: ListenAddress): (port: number) => void {
  return (port) => context.log.info('Listening.', { address: formatListenAddress(address), port });
}
