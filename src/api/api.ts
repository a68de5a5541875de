// The HTTP door: says whether the process works. Small and bounded, because anybody may knock.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../telemetry/log.ts';

export interface ApiOptions {
  /** `host:port`, with brackets around an IPv6 host. */
  readonly address: string;
  /** Whether the topology runs: false while it starts or stops. */
  readonly isHealthy: () => boolean;
  readonly log: Logger;
}

export interface Api {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Closes every connection. */
  close(): Promise<void>;
}

const HEADER_BYTES_MAX = 8_192;
const CONNECTIONS_MAX = 100;
const REQUEST_MS_MAX = 10_000;
const HEADERS_MS_MAX = 5_000;
const IDLE_MS_MAX = 5_000;
/** How often connections are looked at for these limits. */
const LIMITS_CHECKED_MS = 1_000;

/** Starts the server. Rejects when the address cannot be listened on. */
export async function startApi({ address, isHealthy, log }: ApiOptions): Promise<Api> {
  const { host, port } = splitAddress(address);
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: REQUEST_MS_MAX,
      headersTimeout: HEADERS_MS_MAX,
      keepAliveTimeout: IDLE_MS_MAX,
      connectionsCheckingInterval: LIMITS_CHECKED_MS,
    },
    (request, response) => answer(request, response, isHealthy()),
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.setTimeout(REQUEST_MS_MAX, (socket) => socket.destroy());
  await listen(server, host, port, address);
  server.on('error', (error) => log.error('The API failed', { error: error.message }));
  const bound = server.address() as AddressInfo;
  return {
    address: bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`,
    close: () => close(server),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, healthy: boolean): void {
  // A body is nothing we asked for: the connection ends with the answer instead of reading it.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
    response.setHeader('connection', 'close');
  const path = request.url?.split('?', 1)[0];
  if (path !== '/health' || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(404, { 'content-length': 0 }).end();
    return;
  }
  const body = JSON.stringify({ ok: healthy });
  response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: Server, host: string, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `the API cannot listen on ${address}: ${cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message}`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Throws when the address is not `host:port`. */
function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new Error(`the API address \`${address}\` is not \`host:port\``);
  return { host: match[1] ?? match[2]!, port };
}
