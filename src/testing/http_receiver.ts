// A real HTTP server that records what it is sent and answers as a test says. For tests only.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import zlib from 'node:zlib';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent, before `Content-Encoding` is undone. */
  readonly raw: Buffer;
  /** The text of the body, inflated. */
  readonly body: string;
}

/** What the server does with a request. A number is a status. */
export type Answer =
  | number
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      /** Wait before answering. */
      readonly after?: Promise<unknown>;
    }
  /** Read the request and close the connection without an answer. */
  | 'reset'
  /** Never answer. */
  | 'hang'
  /** Begin an answer and never end it, sending on and on. */
  | 'endless';

/** An answer for all requests, one for each in turn (the last repeats), or a function of the request and its number. */
export type Answers = Answer | readonly Answer[] | ((request: ReceivedRequest, index: number) => Answer);

export interface HttpReceiver {
  /** `http://127.0.0.1:PORT`. */
  readonly uri: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** The bodies of the requests, in order. */
  readonly bodies: readonly string[];
  /** Connections that were opened. */
  readonly connections: number;
  /** Most requests that were without an answer at the same time. */
  readonly concurrencyMax: number;
  /** Resolves when at least `count` requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function httpReceiver(answers: Answers = 200, tls?: ServerOptions): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const waiters: { count: number; resolve: () => void }[] = [];
  let connections = 0;
  let open = 0;
  let concurrencyMax = 0;
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    concurrencyMax = Math.max(concurrencyMax, (open += 1));
    response.once('close', () => void (open -= 1));
    const request = await read(incoming);
    requests.push(request);
    for (const waiter of waiters.filter(({ count }) => requests.length >= count)) waiter.resolve();
    await reply(response, answerTo(answers, request, requests.length - 1));
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    handle(incoming, response).catch(() => response.destroy());
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    uri: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get bodies() {
      return requests.map(({ body }) => body);
    },
    get connections() {
      return connections;
    },
    get concurrencyMax() {
      return concurrencyMax;
    },
    received: (count) =>
      requests.length >= count ? Promise.resolve() : new Promise((resolve) => waiters.push({ count, resolve })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answerTo(answers: Answers, request: ReceivedRequest, index: number): Answer {
  if (typeof answers === 'function') return answers(request, index);
  return Array.isArray(answers) ? answers[Math.min(index, answers.length - 1)] : (answers as Answer);
}

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    raw,
    body: inflate(raw, incoming.headers['content-encoding']).toString('utf8'),
  };
}

function inflate(raw: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return zlib.gunzipSync(raw);
  if (encoding === 'deflate') return zlib.inflateSync(raw);
  return encoding === 'zstd' ? zlib.zstdDecompressSync(raw) : raw;
}

const ENDLESS_PIECE = Buffer.alloc(65_536, 'x');

async function reply(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.destroy();
    return;
  }
  if (answer === 'endless') {
    const more = (): void => {
      while (!response.destroyed && response.write(ENDLESS_PIECE));
    };
    response.on('drain', more);
    response.on('error', () => {});
    more();
    return;
  }
  const { status = 200, headers = {}, body = '', after } = typeof answer === 'number' ? { status: answer } : answer;
  await after;
  response.writeHead(status, headers);
  response.end(body);
}
