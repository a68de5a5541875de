// Requests to the API server: lists in pages, and watches line by line. Nothing is kept here but connections.

import type { Clock } from '../../std/clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Recorder } from '../../telemetry/telemetry.ts';
import type { MemoryScope } from '../connection_memory.ts';
import { HttpClient, HttpError, type HttpRequest, type HttpResponse } from '../http/client.ts';
import type { TlsConfig } from '../tls/options.ts';
import type { ClientTls } from '../tls/tls.ts';
import { tlsWhenNeeded } from '../tls/when_needed.ts';
import type { Access } from './access.ts';
import { type Credential, Credentials } from './credentials.ts';
import { answerError, explained } from './failures.ts';

/** Connections at a time: each watch keeps one. */
const CONNECTIONS_MAX = 16;

/** Longest wait for the head of an answer. The server answers a watch at once. */
const TIMEOUT_MS = 30_000;

/** A page of a list that is larger is asked for again with fewer objects. */
export const PAGE_MAX_BYTES = 33_554_432;

/** A line of a watch, one object: etcd holds no object larger than 1.5 MiB. */
const LINE_MAX_BYTES = 8_388_608;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiClientOptions {
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Where its connections are entered. */
  readonly memory?: MemoryScope;
  readonly userAgent: string;
  readonly log: Pick<Logger, 'warn'>;
}

export class ApiClient {
  readonly #access: Access;
  readonly #options: ApiClientOptions;
  readonly #credentials: Credentials;
  #http: HttpClient | undefined;
  #certificate: Credential['certificate'];

  constructor(access: Access, options: ApiClientOptions) {
    this.#access = access;
    this.#options = options;
    this.#credentials = new Credentials(access.identity, options.clock, options.log);
  }

  /** One page of a list, as it came; undefined when it is larger than `PAGE_MAX_BYTES`. */
  async list(path: string, query: Query, accept: string, stop: AbortSignal): Promise<unknown> {
    const { body, truncated } = await this.#send(path, query, { accept, responseBytesMax: PAGE_MAX_BYTES }, stop);
    return truncated ? undefined : JSON.parse(body.toString('utf8'));
  }

  /** Calls `onEvent` for each line of a watch until the server ends it. */
  async watch(
    path: string,
    query: Query,
    accept: string,
    onEvent: (event: unknown) => void,
    stop: AbortSignal,
  ): Promise<void> {
    const lines = new Lines((line) => onEvent(JSON.parse(line)));
    let thrown: unknown;
    const onData = (piece: Buffer): void => {
      try {
        lines.add(piece);
      } catch (error) {
        thrown = error;
        throw error;
      }
    };
    try {
      await this.#send(path, { ...query, watch: true }, { accept, onData }, stop);
    } catch (error) {
      throw thrown ?? error;
    }
  }

  async close(): Promise<void> {
    this.#credentials.close();
    await this.#http?.close();
  }

  async #send(
    path: string,
    query: Query,
    { accept, ...rest }: { accept: string } & Partial<HttpRequest>,
    stop: AbortSignal,
  ): Promise<HttpResponse> {
    const credential = await this.#credentials.get(stop);
    const headers = { accept, ...(credential.authorization ? { authorization: credential.authorization } : {}) };
    try {
      const http = this.#client(credential);
      const response = await http.request({ ...rest, method: 'GET', url: this.#url(path, query), headers }, stop);
      if (response.status === 200) return response;
      if (response.status === 401) this.#renew();
      throw answerError(response, this.#access);
    } catch (error) {
      // Certificates on disk may have been renewed since they were read.
      if (error instanceof HttpError && error.kind === 'tls') this.#renew();
      throw explained(error, this.#access);
    }
  }

  #url(path: string, query: Query): URL {
    const base = this.#access.server.href.replace(/\/+$/, '');
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }

  #client({ certificate }: Credential): HttpClient {
    if (this.#http && certificate?.cert === this.#certificate?.cert) return this.#http;
    this.#drop();
    this.#certificate = certificate;
    const { proxy, server, tls } = this.#access;
    const own = certificate ? { ...tls, crt_file: certificate.cert, key_file: certificate.key } : tls;
    const isEncrypted = server.protocol === 'https:';
    this.#http = new HttpClient({
      ...this.#options,
      connectionsMax: CONNECTIONS_MAX,
      timeoutMs: TIMEOUT_MS,
      proxies: { enabled: proxy !== undefined, ...(proxy ? { http: proxy, https: proxy } : {}), noProxy: [] },
      tls: asServerName(
        this.#access,
        tlsWhenNeeded(isEncrypted ? (own as TlsConfig) : undefined, isEncrypted, this.#options.log),
      ),
    });
    return this.#http;
  }

  /** Credentials and certificates are read again. */
  #renew(): void {
    this.#credentials.refused();
    this.#drop();
  }

  /** Watches under way on the old connections end, and are taken up on new ones. */
  #drop(): void {
    void this.#http?.close();
    this.#http = undefined;
  }
}

/** The server is asked for by its name, where it has one, and its certificate must bear it. */
function asServerName({ server, serverName }: Access, tls: ClientTls): ClientTls {
  const own = server.hostname.replace(/^\[|\]$/g, '');
  // A proxy on the way keeps its own name.
  return { options: (host) => tls.options(host === own ? (serverName ?? host) : host) };
}

/** Cuts pieces into lines of bounded length. */
class Lines {
  readonly #onLine: (line: string) => void;
  #kept: Buffer[] = [];
  #bytes = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(piece: Buffer): void {
    let from = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      const last = piece.subarray(from, end);
      const line =
        this.#kept.length === 0 ? last.toString('utf8') : Buffer.concat([...this.#kept, last]).toString('utf8');
      this.#kept = [];
      this.#bytes = 0;
      from = end + 1;
      if (line.trim() !== '') this.#onLine(line);
    }
    if (from === piece.length) return;
    this.#bytes += piece.length - from;
    if (this.#bytes > LINE_MAX_BYTES) throw new Error(`an object of the watch is larger than ${LINE_MAX_BYTES} bytes`);
    this.#kept.push(Buffer.from(piece.subarray(from)));
  }
}
