// A server that speaks the part of the Docker Engine's API that reads containers and their logs. For tests only.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  isRunning?: boolean;
}

interface Entry {
  readonly stream: 1 | 2;
  readonly time: string;
  readonly text: Buffer;
}

/** Requests as they came, and the answers that are still being written. */
export class DockerEngine {
  readonly requests: URL[] = [];
  readonly #server: Server;
  readonly #containers = new Map<string, FakeContainer>();
  readonly #entries = new Map<string, Entry[]>();
  readonly #followers = new Map<string, Set<ServerResponse>>();
  readonly #watchers = new Set<ServerResponse>();
  /** Answered in place of the logs of a container. */
  refusal: { readonly status: number; readonly message: string } | undefined;

  private constructor(tls: ServerOptions | undefined) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    this.#server = tls ? createSecureServer(tls, answer) : createServer(answer);
  }

  static async listen(where: string | number, tls?: ServerOptions): Promise<DockerEngine> {
    const engine = new DockerEngine(tls);
    await new Promise<void>((resolve) => {
      if (typeof where === 'string') engine.#server.listen(where, resolve);
      else engine.#server.listen(where, '127.0.0.1', resolve);
    });
    return engine;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Followers of the logs of a container. */
  followers(id: string): number {
    return this.#followers.get(id)?.size ?? 0;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  add(container: FakeContainer): void {
    this.#containers.set(container.id, { isRunning: true, ...container });
    if (!this.#entries.has(container.id)) this.#entries.set(container.id, []);
  }

  remove(id: string): void {
    this.#containers.delete(id);
    this.end(id);
  }

  /** A container writes; `time` is in RFC 3339. */
  write(id: string, text: string | Buffer, time: string, stream: 1 | 2 = 1): void {
    const entry = { stream, time, text: Buffer.from(text) };
    this.#entries.get(id)!.push(entry);
    for (const response of this.#followers.get(id) ?? []) response.write(this.#framed(id, entry));
  }

  /** The container stops, and so do its logs. */
  end(id: string): void {
    const container = this.#containers.get(id);
    if (container) container.isRunning = false;
    for (const response of this.#followers.get(id) ?? []) response.end();
  }

  start(id: string): void {
    const container = this.#containers.get(id)!;
    container.isRunning = true;
    this.say({ Type: 'container', Action: 'start', Actor: { ID: id, Attributes: { name: container.name } }, time: 1 });
  }

  /** Sends an event to all who watch. */
  say(event: unknown): void {
    for (const response of this.#watchers)
      response.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
  }

  /** Breaks the connections over which logs are followed. */
  breakLogs(id: string): void {
    for (const response of this.#followers.get(id) ?? []) response.socket?.destroy();
  }

  breakEvents(): void {
    for (const response of this.#watchers) response.socket?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://engine');
    this.requests.push(url);
    const [, kind, id, what] = url.pathname.split('/');
    if (kind === 'events') this.#stay(response, this.#watchers);
    else if (kind !== 'containers') refuse(response, 404, 'no such page');
    else if (id === 'json') json(response, this.#list());
    else if (!this.#containers.has(id!)) refuse(response, 404, `No such container: ${id}`);
    else if (what === 'json') json(response, this.#describe(id!));
    else if (this.refusal) refuse(response, this.refusal.status, this.refusal.message);
    else this.#logs(id!, Number(url.searchParams.get('since')), response);
  }

  #list(): unknown {
    return [...this.#containers.values()]
      .filter(({ isRunning }) => isRunning)
      .map(({ id, name }) => ({ Id: id, Names: [`/${name}`] }));
  }

  #describe(id: string): unknown {
    const { name, image = 'image:1', labels = {}, isTerminal = false, isRunning } = this.#containers.get(id)!;
    return {
      Id: id,
      Name: `/${name}`,
      Created: '2023-11-14T00:00:00.5Z',
      Config: { Image: image, Labels: labels, Tty: isTerminal },
      State: { Running: isRunning },
    };
  }

  #logs(id: string, since: number, response: ServerResponse): void {
    let followers = this.#followers.get(id);
    if (!followers) {
      followers = new Set();
      this.#followers.set(id, followers);
    }
    this.#stay(response, followers);
    for (const entry of this.#entries.get(id)!)
      if (Date.parse(entry.time) >= since * 1000) response.write(this.#framed(id, entry));
    if (!this.#containers.get(id)!.isRunning) response.end();
  }

  #stay(response: ServerResponse, those: Set<ServerResponse>): void {
    response.writeHead(200).flushHeaders();
    those.add(response);
    response.once('close', () => those.delete(response));
  }

  #framed(id: string, { stream, time, text }: Entry): Buffer {
    const message = Buffer.concat([Buffer.from(`${time} `), text]);
    if (this.#containers.get(id)?.isTerminal) return message;
    const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(message.length, 4);
    return Buffer.concat([header, message]);
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}
