// Answers scrapes: `GET /metrics` with the text of all series, compressed for those who like it so.

import { createHash, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { compressAsync } from '../../codecs/compression/compression.ts';
import { TEXT_CONTENT_TYPE, writeText } from '../../codecs/prometheus/write_text.ts';
import { type Series, written } from '../../component/absolute_metrics.ts';
import type { SinkContext } from '../../component/context.ts';
import type { ListenAddress } from '../../net/address.ts';
import type { AwsCredentials } from '../../net/aws/sigv4.ts';
import { isSigned } from '../../net/aws/verifier.ts';
import { authorization, type ClientAuth } from '../../net/http/client_auth.ts';
import type { Exchange } from '../../net/http/exchange.ts';
import type { HttpReply } from '../../net/http/rejection.ts';
import type { RequestBody } from '../../net/http/request_body.ts';
import { HttpServer, type RequestHandler } from '../../net/http/server.ts';
import type { TlsConfig } from '../../net/tls/options.ts';
import { serverTls } from '../../net/tls/tls.ts';
import type { Clock } from '../../std/clock.ts';
import { componentSentBytes, Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';

const PATH = '/metrics';

/** A scrape has no body worth reading. */
const BODY_BYTES_MAX = 65_536;

/** Scrapes that wait for their text; more are told to come later. They share the text that is being made. */
const SCRAPES_MAX = 1_000;

/** How long responses may take to be sent when the sink ends. */
const CLOSE_GRACE_MS = 2_000;

/** Connections are kept for as long as scrapers like. */
const KEEPALIVE = { max_connection_age_secs: 86_400, max_connection_age_jitter_factor: 0.1 };

/** Shorter texts are not worth it. */
const COMPRESSED_BYTES_MIN = 1_024;

interface ScrapeConfig {
  readonly address: ListenAddress;
  readonly auth: ClientAuth | undefined;
  readonly suppress_timestamp: boolean;
  readonly tls: TlsConfig | undefined;
}

/** What a scrape is answered with. */
interface Shown {
  readonly text: Buffer;
  readonly series: number;
  readonly seriesBytes: number;
  compressed: Promise<Buffer> | undefined;
}

export class ScrapeServer implements RequestHandler {
  readonly #config: ScrapeConfig;
  readonly #context: SinkContext;
  readonly #seriesNow: () => Iterable<Series>;
  readonly #server: HttpServer;
  readonly #allows: (exchange: Exchange) => boolean;
  readonly #sent: Throughput;
  readonly #sentBytes: Counter;
  #scrapes = 0;
  #making: Promise<Shown> | undefined;

  /** @param awsCredentials what requests must be signed with, for the strategy `aws` */
  constructor(
    config: ScrapeConfig,
    context: SinkContext,
    seriesNow: () => Iterable<Series>,
    awsCredentials: AwsCredentials | undefined,
  ) {
    this.#config = config;
    this.#context = context;
    this.#seriesNow = seriesNow;
    this.#allows = authorizer(config.auth, awsCredentials, context.clock);
    this.#sent = Throughput.sent(context);
    this.#sentBytes = context.counter(componentSentBytes, { protocol: 'http' });
    this.#server = new HttpServer({
      address: config.address,
      tls: config.tls?.enabled ? serverTls(config.tls) : undefined,
      keepalive: KEEPALIVE,
      bodyBytesMax: BODY_BYTES_MAX,
      clock: context.clock,
      random: context.random,
      recorder: context,
      memory: context,
      ownPath: (path) => (path === PATH ? PATH : undefined),
      handler: this,
      onError: (kind, error) =>
        context.faults.error('An HTTP connection failed', {
          type: 'connection_failed',
          stage: 'sending',
          code: `http_${kind}`,
          fields: { error: error.message },
        }),
    });
  }

  async listen(): Promise<void> {
    const { address, port } = await this.#server.listen();
    this.#context.log.info('Listening for scrapes', { address: `${address}:${port}`, path: PATH });
  }

  async close(giveUp?: AbortSignal): Promise<void> {
    this.#server.stopAccepting();
    if (!giveUp?.aborted) {
      const late = new Promise<void>((resolve) => {
        this.#context.clock.after(CLOSE_GRACE_MS, resolve);
        giveUp?.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([this.#server.idle(), late]);
    }
    this.#server.close();
  }

  begin(exchange: Exchange): HttpReply | undefined {
    if (!this.#allows(exchange)) return UNAUTHORIZED;
    if (exchange.method !== 'GET' || exchange.path !== PATH) return { status: 404 };
    if (this.#scrapes >= SCRAPES_MAX) return { status: 503, headers: { 'retry-after': '1' } };
    this.#scrapes += 1;
    return undefined;
  }

  body(exchange: Exchange, body: RequestBody): void {
    body.release();
    void this.#answer(exchange).then((reply) => {
      this.#scrapes -= 1;
      exchange.reply(reply);
    });
  }

  gone(): void {
    this.#scrapes -= 1;
  }

  /** Never rejects. */
  async #answer(exchange: Exchange): Promise<HttpReply> {
    try {
      const shown = await (this.#making ??= this.#make());
      const { text, series, seriesBytes } = shown;
      this.#sent.add(series, seriesBytes);
      const headers = { 'content-type': TEXT_CONTENT_TYPE };
      if (text.length < COMPRESSED_BYTES_MIN || !takesGzip(exchange.headers.get('accept-encoding') ?? ''))
        return this.#counted({ status: 200, headers, body: text });
      const body = await (shown.compressed ??= compressAsync({ algorithm: 'gzip', level: 1 }, text));
      return this.#counted({ status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body });
    } catch (cause) {
      this.#context.faults.error('A scrape cannot be answered', {
        type: 'encoder_failed',
        stage: 'sending',
        fields: { error: cause instanceof Error ? cause.message : String(cause) },
      });
      return { status: 500 };
    }
  }

  /** Written in pieces, so that everything else goes on meanwhile. */
  async #make(): Promise<Shown> {
    try {
      // Not at once, whatever there is to write: who asks remembers the promise before it is forgotten below.
      await setImmediate();
      const series = [...this.#seriesNow()];
      let seriesBytes = 0;
      for (const { sizeBytes } of series) seriesBytes += sizeBytes;
      const withTimestamps = !this.#config.suppress_timestamp;
      const pieces: Buffer[] = [];
      for (const piece of writeText(series, (one) => written(one, withTimestamps))) {
        pieces.push(Buffer.from(piece));
        await setImmediate();
      }
      return { text: Buffer.concat(pieces), series: series.length, seriesBytes, compressed: undefined };
    } finally {
      this.#making = undefined;
    }
  }

  #counted<R extends { readonly body: Uint8Array }>(reply: R): R {
    this.#sentBytes.add(reply.body.length);
    return reply;
  }
}

/** Whether gzip is among the encodings of the header, and not by a weight of zero. */
function takesGzip(header: string): boolean {
  return header.split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

const UNAUTHORIZED: HttpReply = { status: 401, headers: { 'www-authenticate': 'Basic, Bearer' } };

function authorizer(
  auth: ClientAuth | undefined,
  awsCredentials: AwsCredentials | undefined,
  clock: Clock,
): (exchange: Exchange) => boolean {
  if (!auth) return () => true;
  if (auth.strategy === 'aws') {
    const scope = { service: auth.service, region: auth.auth.region };
    return (exchange) => awsCredentials !== undefined && isSigned(exchange, awsCredentials, scope, clock);
  }
  const expected = digest(authorization(auth) ?? '');
  // Digests have one length, so that the time a comparison takes tells nothing.
  return ({ headers }) => timingSafeEqual(digest(headers.get('authorization') ?? ''), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
