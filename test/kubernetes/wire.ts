// The network between the agent and the API server: it breaks, and it can keep everything from getting through.

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that wait, while nothing gets through. */
  #waiting: Socket[] | undefined;
  readonly #port: number;
  connections = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on('connection', (near) => {
      this.connections += 1;
      if (!this.#waiting) return this.#pass(near);
      near.on('error', () => {});
      this.#waiting.push(near);
    });
  }

  /** A wire to a port of 127.0.0.1. */
  static async to(port: number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server, port);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All connections break; new ones are as good as ever. */
  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** All connections break, and on new ones nothing gets through until it is mended. */
  block(): void {
    this.#waiting ??= [];
    this.break();
  }

  mend(): void {
    for (const near of this.#waiting ?? []) if (!near.destroyed) this.#pass(near);
    this.#waiting = undefined;
  }

  close(): void {
    this.break();
    for (const near of this.#waiting ?? []) near.destroy();
    this.#server.close();
  }

  #pass(near: Socket): void {
    const far = connect(this.#port, '127.0.0.1');
    this.#join(near, far);
    this.#join(far, near);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}
