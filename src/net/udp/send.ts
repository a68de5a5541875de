// Sends UDP datagrams to one address.

import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { PeerAddress } from '../address.ts';

export class UdpSender {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Looks the host up and binds a socket that sends there. Rejects when there is no such host. */
  static async connect({ host, port }: PeerAddress, sendBufferBytes?: number): Promise<UdpSender> {
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Errors come to the callback of `send`; those of earlier datagrams too, when the peer answered them.
    socket.on('error', () => {});
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.connect(port, address, () => {
          socket.off('error', reject);
          resolve();
        });
      });
      if (sendBufferBytes !== undefined) socket.setSendBufferSize(sendBufferBytes);
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpSender(socket);
  }

  /** Rejects when the datagram did not leave; ECONNREFUSED says that nobody took an earlier one. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.#socket.close();
  }
}
