// The HTTP client: keep-alive connections with limits, proxies, TLS, and answers of bounded size. Redirects are answers
// like any other. This is the one file that knows undici.

import type { ConnectionOptions } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, errors, ProxyAgent } from 'undici';
import type { Clock } from '../../std/clock.ts';
import type { Recorder } from '../../telemetry/telemetry.ts';
import { type MemoryScope, ownConnections } from '../connection_memory.ts';
import type { ClientTls } from '../tls/tls.ts';
import { ClientMetrics } from './client_metrics.ts';
import { noProxy } from './no_proxy.ts';

/**
 * Bytes of an answer that are kept unless the request says otherwise; what comes after ends the connection, since an
 * answer may be endless.
 */
const RESPONSE_BYTES_MAX = 1_048_576;

/** Bytes of the headers of an answer. */
const HEADER_BYTES_MAX = 65_536;

/** Hosts that one client talks to at a time. More come only from templates that name hosts. */
const ORIGINS_MAX = 256;

/** An agent without connections, as measured. */
const AGENT_BYTES = 6_800;

const CONNECT_TIMEOUT_MS = 10_000;

export interface Proxies {
  readonly enabled: boolean;
  readonly http?: string;
  readonly https?: string;
  readonly noProxy: readonly string[];
}

export interface HttpClientOptions {
  readonly recorder: Recorder;
  /** Where its connections are entered. */
  readonly memory?: MemoryScope;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Most connections to one host. */
  readonly connectionsMax: number;
  /** Longest wait for the headers of an answer, and between two pieces of its body; 0 for none. */
  readonly timeoutMs: number;
  readonly proxies: Proxies;
  /** TLS settings by host; with `h2` among the ALPN protocols, HTTP/2 may be spoken. */
  readonly tls: ClientTls;
  /** Headers that prove who sends a request, where they depend on what is in it. */
  readonly sign?: RequestSigner | undefined;
}

/** Gets a way to send requests of its own, unsigned. */
export type RequestSigner = (
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<Readonly<Record<string, string>>>;

export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Bytes of the answer that are kept. */
  readonly responseBytesMax?: number;
  /**
   * Takes the body of an answer of status 200 piece by piece, however long it goes on, in place of its being kept. A
   * piece is valid during the call. What it throws ends the request.
   */
  readonly onData?: (piece: Buffer) => void;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The first bytes of the body. */
  readonly body: Buffer;
  /** Whether the body went on, and the connection was closed for it. */
  readonly truncated: boolean;
}

/** Why there is no answer. */
export type HttpErrorKind =
  | 'aborted'
  | 'connection'
  | 'credentials'
  | 'invalid_request'
  | 'protocol'
  | 'proxy'
  | 'timeout'
  | 'tls';

export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: HttpErrorKind;

  constructor(kind: HttpErrorKind, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }

  /** Whether the same request may go through later. */
  get mayPass(): boolean {
    return this.kind !== 'invalid_request';
  }
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #metrics: ClientMetrics;
  readonly #direct: Agent;
  /** By proxy, and by host behind it: the certificate of each host is held against its own name. */
  readonly #proxies = new Map<string, ProxyAgent>();
  readonly #bypasses: (url: URL) => boolean;
  readonly #disown: () => void;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#metrics = new ClientMetrics(options.recorder);
    this.#direct = new Agent({ ...limits(options), maxOrigins: ORIGINS_MAX, connect: connector(options.tls) });
    this.#bypasses = noProxy(options.proxies.noProxy);
    this.#disown = this.#account(options.memory);
  }

  /** Sends a request and reads the answer, whatever its status. Rejects with `HttpError` when there is none. */
  async request(request: HttpRequest, stop?: AbortSignal): Promise<HttpResponse> {
    const { clock, sign } = this.#options;
    const startedMs = clock.monotonic();
    this.#metrics.sent(request.method);
    try {
      const response = await this.#send(sign ? await this.#signed(request, sign, stop) : request, stop);
      this.#metrics.answered(response.status, clock.monotonic() - startedMs);
      return response;
    } catch (cause) {
      const error = cause instanceof HttpError ? cause : explain(cause);
      this.#metrics.failed(error.kind, clock.monotonic() - startedMs);
      throw error;
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    this.#disown();
    await Promise.all([this.#direct.destroy(), ...[...this.#proxies.values()].map((agent) => agent.destroy())]);
  }

  /** Connections through proxies are one for each host and proxy, as far as it is known here. */
  #account(memory: MemoryScope | undefined): () => void {
    let open = 0;
    let tls = 0;
    this.#direct.on('connect', ({ protocol }) => {
      open += 1;
      if (protocol === 'https:') tls += 1;
    });
    this.#direct.on('disconnect', ({ protocol }) => {
      open -= 1;
      if (protocol === 'https:') tls -= 1;
    });
    return ownConnections(memory, 'httpClient', () => {
      const { size } = this.#proxies;
      return { open: open + size, tls, heapBytes: (1 + size) * AGENT_BYTES };
    });
  }

  #send(request: HttpRequest, stop: AbortSignal | undefined): Promise<HttpResponse> {
    return dispatch(this.#route(request.url), request, this.#options.userAgent, stop);
  }

  async #signed(request: HttpRequest, sign: RequestSigner, stop: AbortSignal | undefined): Promise<HttpRequest> {
    try {
      const added = await sign(request, (own) => this.#send(own, stop));
      return { ...request, headers: { ...request.headers, ...added } };
    } catch (cause) {
      // The next attempt may find what this one has not.
      throw new HttpError('credentials', cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #route(url: URL): Dispatcher {
    const { enabled, http, https } = this.#options.proxies;
    const proxy = url.protocol === 'https:' ? https : http;
    return !enabled || !proxy || this.#bypasses(url) ? this.#direct : this.#through(proxy, url);
  }

  #through(proxy: string, url: URL): ProxyAgent {
    const key = `${proxy} ${url.origin}`;
    const known = this.#proxies.get(key);
    if (known) return known;
    if (this.#proxies.size >= ORIGINS_MAX) throw new HttpError('proxy', `more than ${ORIGINS_MAX} hosts`, undefined);
    const { tls } = this.#options;
    const agent = new ProxyAgent({
      ...limits(this.#options),
      uri: proxy,
      connectTimeout: CONNECT_TIMEOUT_MS,
      requestTls: tlsFor(tls, url),
      proxyTls: tlsFor(tls, new URL(proxy)),
    });
    this.#proxies.set(key, agent);
    return agent;
  }
}

function limits({ connectionsMax, timeoutMs }: HttpClientOptions): Agent.Options {
  return {
    connections: connectionsMax,
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
}

/** TLS settings for one host, as undici takes them: it sets the ALPN protocols itself. */
function tlsOf(tls: ClientTls, host: string): ConnectionOptions & { allowH2: boolean } {
  const { ALPNProtocols: protocols, ...rest } = tls.options(host);
  return { ...rest, allowH2: Array.isArray(protocols) && protocols.includes('h2') };
}

const PLAIN = { allowH2: false };

/** The same, or none for a URL that needs none: settings may be read from files when they are asked for. */
function tlsFor(tls: ClientTls, url: URL): ConnectionOptions & { allowH2: boolean } {
  return url.protocol === 'https:' ? tlsOf(tls, url.hostname.replace(/^\[|\]$/g, '')) : PLAIN;
}

/** Connects to a host with the TLS settings for it; each host keeps its own TLS sessions. */
function connector(tls: ClientTls): buildConnector.connector {
  const plain = buildConnector({ ...PLAIN, timeout: CONNECT_TIMEOUT_MS });
  const encrypted = new Map<string, buildConnector.connector>();
  return (options, callback) => {
    if (options.protocol !== 'https:') return plain(options, callback);
    let connect = encrypted.get(options.hostname);
    if (!connect) {
      if (encrypted.size >= ORIGINS_MAX) encrypted.clear();
      connect = buildConnector({ ...tlsOf(tls, options.hostname), timeout: CONNECT_TIMEOUT_MS });
      encrypted.set(options.hostname, connect);
    }
    return connect(options, callback);
  };
}

function dispatch(
  dispatcher: Dispatcher,
  { method, url, headers, body, responseBytesMax = RESPONSE_BYTES_MAX, onData }: HttpRequest,
  userAgent: string,
  stop: AbortSignal | undefined,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  if (stop?.aborted) return Promise.reject(aborted(stop));
  let controller: Dispatcher.DispatchController | undefined;
  let response: { status: number; headers: HttpResponse['headers']; chunks: Buffer[]; bytes: number } | undefined;
  const onStop = (): void => {
    const error = aborted(stop!);
    reject(error);
    controller?.abort(error);
  };
  const finish = (truncated: boolean): void => {
    const { status, headers, chunks } = response!;
    resolve({ status, headers, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), truncated });
  };
  stop?.addEventListener('abort', onStop, { once: true });
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method as Dispatcher.HttpMethod,
      headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity', ...headers },
      body: body ?? null,
      // Who takes a body that never ends knows when it has been silent for too long.
      ...(onData ? { bodyTimeout: 0 } : {}),
    },
    {
      onRequestStart(started) {
        controller = started;
        if (stop?.aborted) started.abort(aborted(stop));
      },
      onResponseStart(_, status, headers) {
        if (status >= 200) response = { status, headers, chunks: [], bytes: 0 };
      },
      onResponseData(own, chunk) {
        if (onData && response!.status === 200) {
          try {
            onData(chunk);
          } catch (error) {
            own.abort(error as Error);
          }
          return;
        }
        const { chunks, bytes } = response!;
        const kept = chunk.subarray(0, responseBytesMax - bytes);
        // Copied: the chunk may be a small part of a large read.
        chunks.push(Buffer.from(kept));
        response!.bytes += kept.length;
        if (kept.length === chunk.length) return;
        finish(true);
        own.abort(new Error('the answer is too long'));
      },
      onResponseEnd() {
        finish(false);
      },
      onResponseError(_, error) {
        reject(error);
      },
    },
  );
  return promise.finally(() => stop?.removeEventListener('abort', onStop));
}

function aborted(stop: AbortSignal): HttpError {
  return new HttpError('aborted', 'the request was given up', stop.reason);
}

/** What undici and Node report, in words. */
function explain(cause: unknown): HttpError {
  const code = codeOf(cause);
  const message = messageOf(cause);
  if (cause instanceof errors.InvalidArgumentError)
    return new HttpError(/^Proxy /.test(message) ? 'proxy' : 'invalid_request', message, cause);
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new HttpError('timeout', message, cause);
  if (code.startsWith('UND_ERR_PRX') || /^Proxy response/.test(message)) return new HttpError('proxy', message, cause);
  if (/^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|UNABLE_TO_|^EPROTO/.test(code)) return new HttpError('tls', message, cause);
  if (/^HPE_|HEADERS_OVERFLOW|CONTENT_LENGTH_MISMATCH/.test(code)) return new HttpError('protocol', message, cause);
  return new HttpError('connection', message, cause);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** The message, with those of the single attempts when several addresses were tried. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map((one) => messageOf(one)).join('; ');
  return error instanceof Error ? error.message : String(error);
}
