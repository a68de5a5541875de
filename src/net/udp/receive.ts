// Receives UDP datagrams.

import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type ListenAddress, systemdDescriptor } from '../address.ts';

export interface UdpOptions {
  readonly address: ListenAddress;
  /** The kernel's buffer; datagrams that find it full are lost. */
  readonly receiveBufferBytes?: number | undefined;
  /** Groups to join, IPv4. */
  readonly multicastGroups: readonly string[];
  /** Address of the interface that groups are joined on; the address listened on unless given. */
  readonly multicastInterface?: string | undefined;
}

export interface UdpEvents {
  /** The bytes belong to the callee. */
  datagram(bytes: Buffer, host: string, port: number): void;
  /** Receiving failed; the socket goes on. */
  failed(error: Error): void;
}

/** A group could not be joined. */
export class MulticastError extends Error {
  readonly group: string;
  readonly interface: string;

  constructor(group: string, interfaceAddress: string, cause: unknown) {
    super(`cannot join the multicast group ${group} on ${interfaceAddress}: ${(cause as Error).message}`, { cause });
    this.group = group;
    this.interface = interfaceAddress;
  }
}

export class UdpReceiver {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Rejects when the address cannot be bound or a group cannot be joined. */
  static async bind(options: UdpOptions, events: UdpEvents): Promise<UdpReceiver> {
    const { address, receiveBufferBytes } = options;
    const socket = createSocket(address.kind === 'ip' && isIPv6(address.host) ? 'udp6' : 'udp4');
    try {
      await bind(socket, address);
      if (receiveBufferBytes !== undefined) socket.setRecvBufferSize(receiveBufferBytes);
      joinGroups(socket, options);
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => events.failed(error));
    socket.on('message', (bytes, { address: host, port }) => events.datagram(bytes, host, port));
    return new UdpReceiver(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }
}

function bind(socket: Socket, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    const bound = (): void => {
      socket.off('error', reject);
      resolve();
    };
    if (address.kind === 'ip') socket.bind({ address: address.host, port: address.port, exclusive: true }, bound);
    else socket.bind({ fd: systemdDescriptor(address.index), exclusive: true }, bound);
  });
}

function joinGroups(socket: Socket, { address, multicastGroups, multicastInterface }: UdpOptions): void {
  if (multicastGroups.length === 0) return;
  if (address.kind !== 'ip' || isIPv6(address.host))
    throw new Error('multicast groups need an IPv4 address to listen on, as in `address: 0.0.0.0:9000`');
  socket.setMulticastLoopback(true);
  const on = multicastInterface ?? address.host;
  for (const group of multicastGroups) {
    try {
      socket.addMembership(group, on);
    } catch (error) {
      throw new MulticastError(group, on, error);
    }
  }
}
