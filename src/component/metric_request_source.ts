// The kit of sources that take metrics by HTTP requests: a request is read whole and becomes metrics, or is refused.
// With acknowledgements it is answered when they are delivered, without them when they were taken. Bodies become events
// one after the other, so that one at a time is in memory as events.

import { metricBatch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import type { MetricEvent } from '../event/metric.ts';
import type { ListenAddress } from '../net/address.ts';
import type { Exchange } from '../net/http/exchange.ts';
import type { Keepalive } from '../net/http/keepalive.ts';
import { HttpRejection, type HttpReply, rejectionReply } from '../net/http/rejection.ts';
import type { RequestBody } from '../net/http/request_body.ts';
import { HttpServer, type RequestHandler, type ServerErrorKind } from '../net/http/server.ts';
import { authenticator, type ServerAuth } from '../net/http/server_auth.ts';
import type { TlsConfig } from '../net/tls/options.ts';
import { serverTls } from '../net/tls/tls.ts';
import type { ErrorType, Throughput } from '../telemetry/component_metrics.ts';
import type { SourceContext } from './context.ts';
import type { Output, Source } from './define.ts';
import { BodyInflater } from './http_body.ts';
import { type ReceivedAt, ReceivedByPath } from './received_by_path.ts';
import { requestCheck } from './source_programs.ts';

export interface MetricRequestOptions {
  readonly address: ListenAddress;
  readonly auth: ServerAuth | undefined;
  readonly keepalive: Keepalive;
  readonly tls: TlsConfig | undefined;
  /** The encoding of bodies that name none. */
  readonly defaultEncoding?: string;
  /** The answer to a request that is not for this source; nothing for one that is. */
  readonly route: (request: Exchange) => HttpReply | undefined;
  /** The name of a path that this source is there for, one of few. */
  readonly ownPath: (path: string) => string | undefined;
  /** The metrics of a body. Throws `HttpRejection`, also while they are read. */
  readonly read: (exchange: Exchange, body: Buffer) => Iterable<MetricEvent>;
}

/** How long requests that are still coming in may take once the source is told to stop. */
const STOP_GRACE_MS = 5_000;

/** How long responses may take to be sent when the source closes. */
const CLOSE_GRACE_MS = 2_000;

const TAKEN: HttpReply = { status: 200 };

/** A source that listens already. */
export async function metricRequestSource(context: SourceContext, options: MetricRequestOptions): Promise<Source> {
  const source = new MetricRequests(context, options);
  await source.listen();
  return source;
}

class MetricRequests implements Source, RequestHandler {
  readonly #context: SourceContext;
  readonly #options: MetricRequestOptions;
  readonly #server: HttpServer;
  readonly #inflater: BodyInflater;
  readonly #authenticate: ReturnType<typeof authenticator>;
  readonly #received: ReceivedByPath;
  /** There is one once the source runs; requests that come earlier wait. */
  readonly #running = Promise.withResolvers<Output>();
  #turn: Promise<void> = Promise.resolve();
  /** Requests whose bodies are coming in, or are being sent on. */
  #receiving = 0;
  #onReceived: (() => void)[] = [];

  constructor(context: SourceContext, options: MetricRequestOptions) {
    const { maxDecompressedBytes } = context.globals;
    this.#context = context;
    this.#options = options;
    this.#inflater = new BodyInflater(maxDecompressedBytes);
    this.#authenticate = authenticator(options.auth, (program) => requestCheck(program, context));
    this.#received = new ReceivedByPath(context, options.tls?.enabled ? 'https' : 'http');
    this.#server = new HttpServer({
      address: options.address,
      tls: options.tls?.enabled ? serverTls(options.tls) : undefined,
      keepalive: options.keepalive,
      bodyBytesMax: maxDecompressedBytes,
      clock: context.clock,
      random: context.random,
      recorder: context,
      memory: context,
      ownPath: options.ownPath,
      handler: this,
      onError: (kind, error) => this.#onError(kind, error),
    });
  }

  async listen(): Promise<void> {
    const { address, port } = await this.#server.listen();
    this.#context.log.info('Listening for HTTP requests', { address: `${address}:${port}` });
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    this.#running.resolve(output);
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    this.#server.stopAccepting();
    const timer = this.#context.clock.after(STOP_GRACE_MS, () => this.#server.cutOff(stopping()));
    if (this.#receiving > 0) await new Promise<void>((resolve) => this.#onReceived.push(resolve));
    timer.cancel();
  }

  async close(): Promise<void> {
    const late = new Promise<void>((resolve) => void this.#context.clock.after(CLOSE_GRACE_MS, resolve));
    await Promise.race([this.#server.idle(), late]);
    this.#server.close();
  }

  begin(exchange: Exchange): HttpReply | undefined {
    const elsewhere = this.#options.route(exchange);
    if (elsewhere) {
      if (elsewhere.status >= 400)
        this.#context.faults.error('A request went to no place of this source', {
          type: 'connection_failed',
          stage: 'receiving',
          fields: { method: exchange.method, path: exchange.path.slice(0, 200), status: elsewhere.status },
        });
      return elsewhere;
    }
    const refused = this.#server.isStopping ? stopping() : this.#authenticate(exchange);
    if (refused) {
      this.#refused(refused);
      return rejectionReply(refused);
    }
    this.#receiving += 1;
    return undefined;
  }

  body(exchange: Exchange, body: RequestBody): void {
    body.own();
    void this.#receive(exchange, body);
  }

  gone(_exchange: Exchange, rejection: HttpRejection | undefined): void {
    if (rejection) this.#refused(rejection);
    this.#ended();
  }

  /** Never rejects. */
  async #receive(exchange: Exchange, body: RequestBody): Promise<void> {
    const { acknowledgements } = this.#context;
    const finalizer = acknowledgements ? new Finalizer((status) => exchange.reply(answerTo(status))) : undefined;
    try {
      const output = await this.#running.promise;
      const received = this.#receivedAt(exchange.path);
      received.bytes.add(body.bytes);
      const encoding = exchange.headers.get('content-encoding') ?? this.#options.defaultEncoding;
      await this.#inflater.inflate(body.pieces, encoding, async (pieces) => {
        const mine = this.#turn.then(() => this.#send(exchange, pieces, received.events, output, finalizer));
        this.#turn = mine.catch(() => {});
        await mine;
      });
      if (finalizer) finalizer.release();
      else exchange.reply(TAKEN);
    } catch (error) {
      this.#failed(exchange, error);
    }
    body.release();
    this.#ended();
  }

  async #send(
    exchange: Exchange,
    pieces: readonly Buffer[],
    received: Throughput,
    output: Output,
    finalizer: Finalizer | undefined,
  ): Promise<void> {
    const { chunkSizeEvents } = this.#context.globals;
    const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    let events: MetricEvent[] = [];
    const flush = async (): Promise<void> => {
      if (events.length === 0) return;
      const batch = metricBatch(events, finalizer?.retain() ?? new Finalizer());
      events = [];
      received.add(batch.count, batch.sizeBytes);
      await output.send(batch);
    };
    for (const event of this.#options.read(exchange, body)) {
      events.push(event);
      if (events.length >= chunkSizeEvents) await flush();
    }
    await flush();
  }

  #failed(exchange: Exchange, error: unknown): void {
    if (error instanceof HttpRejection) {
      this.#refused(error);
      exchange.reply(rejectionReply(error));
      return;
    }
    this.#onError('handler', error instanceof Error ? error : new Error(String(error)));
    exchange.reply(rejectionReply(new HttpRejection(500, 'Internal error')));
  }

  #ended(): void {
    this.#receiving -= 1;
    if (this.#receiving === 0) for (const resolve of this.#onReceived.splice(0)) resolve();
  }

  #receivedAt(path: string): ReceivedAt {
    return this.#received.at(this.#options.ownPath(path) ?? path);
  }

  #refused({ status, message }: HttpRejection): void {
    this.#context.faults.error('A request was refused', {
      type: 'request_failed',
      stage: 'receiving',
      stageLabel: 'error_stage',
      code: `http_response_${status}`,
      fields: { error: message },
    });
  }

  #onError(kind: ServerErrorKind, error: Error): void {
    this.#context.faults.error('An HTTP connection failed', {
      type: ERROR_TYPES[kind],
      stage: 'receiving',
      code: `http_${kind}`,
      fields: { error: error.message },
    });
  }
}

function answerTo(status: Status): HttpReply {
  if (status === 'delivered') return TAKEN;
  return rejectionReply(
    status === 'errored'
      ? new HttpRejection(500, 'Error delivering contents to sink')
      : new HttpRejection(400, 'Contents failed to deliver to sink'),
  );
}

const ERROR_TYPES: Readonly<Record<ServerErrorKind, ErrorType>> = {
  connection: 'connection_failed',
  handler: 'request_failed',
  limit: 'connection_failed',
  malformed: 'parser_failed',
  timeout: 'timed_out',
  tls: 'connection_failed',
};

function stopping(): HttpRejection {
  return new HttpRejection(503, 'The server is shutting down', { 'retry-after': '5' });
}
