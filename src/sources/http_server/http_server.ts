// Listens for HTTP requests and makes events of their bodies. With acknowledgements, a request is answered when its
// events are delivered; without them, when they were taken.

import { optionalDecoding } from '../../codecs/decoding/options.ts';
import { framing } from '../../codecs/framing/options.ts';
import { sourceAcknowledgements } from '../../component/common_options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output, type Source } from '../../component/define.ts';
import { BodyInflater } from '../../component/http_body.ts';
import { ReceivedByPath } from '../../component/received_by_path.ts';
import { requestCheck } from '../../component/source_programs.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { formatListenAddress, listenAddress } from '../../net/address.ts';
import type { Exchange } from '../../net/http/exchange.ts';
import { keepalive } from '../../net/http/keepalive.ts';
import { HttpRejection, type HttpReply, rejectionReply } from '../../net/http/rejection.ts';
import type { RequestBody } from '../../net/http/request_body.ts';
import { HttpServer, type RequestHandler, type ServerErrorKind } from '../../net/http/server.ts';
import { authenticator, serverAuth } from '../../net/http/server_auth.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { serverTls } from '../../net/tls/tls.ts';
import { array, bool, type ConfigOf, oneOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import type { ErrorType } from '../../telemetry/component_metrics.ts';
import { type Body, BodyReader } from './body_reader.ts';
import { fieldsOf } from './fields.ts';
import { router } from './router.ts';

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;

/** The key of a field, or nothing when it is switched off. */
const fieldKey = (text: string): Path | undefined | ParseProblem => {
  if (text === '') return undefined;
  const path = parsePath(text);
  return typeof path === 'string' ? new ParseProblem(path) : path;
};

const options = {
  acknowledgements: sourceAcknowledgements(),
  address: listenAddress('The address to listen on, as an IP address and a port.'),
  auth: serverAuth(),
  decoding: optionalDecoding(),
  framing: framing(),
  headers: array(string('The name of a header, or a pattern with `*`.'), 'Headers that are added to each event.', {
    default: [],
    examples: [['User-Agent', 'X-My-Custom-Header'], ['X-*'], ['*']],
  }),
  host_key: parsed(
    string('The field that gets the address of the peer; none when empty.', { default: '', examples: ['hostname'] }),
    fieldKey,
  ),
  keepalive: keepalive(),
  method: oneOf(METHODS, 'The method that requests must have.', { default: 'POST' }),
  path: string('The path that requests must have.', { default: '/', examples: ['/event/path', '/logs'] }),
  path_key: parsed(
    string('The field that gets the path of the request; none when empty.', { default: 'path' }),
    fieldKey,
  ),
  query_parameters: array(
    string('The name of a parameter, or a pattern with `*`.'),
    'Parameters of the query that are added to each event.',
    { default: [], examples: [['application', 'source'], ['*']] },
  ),
  response_code: uint('The status of the answer to a request that was taken.', {
    default: 200,
    min: 200,
    max: 999,
    examples: [202],
  }),
  strict_path: bool('Whether the path must be the one of the option, and not begin with it only.', { default: true }),
  tls: tlsEnableable(),
} as const;

type HttpServerConfig = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'http_server',
  status: 'stable',
  summary: 'Receive observability events from an HTTP client.',
  options,
  examples: [
    { title: 'Take lines of text', config: 'address: 0.0.0.0:8080' },
    {
      title: 'Take JSON at one path, from those who know the password',
      config:
        'address: 0.0.0.0:8080\npath: /logs\ndecoding:\n  codec: json\nauth:\n  strategy: basic\n  username: agent\n  password: secret',
    },
  ],
  acknowledges: true,
  outputs: () => [{ port: undefined, types: ['log', 'metric', 'trace'] }],
  resources: ({ address }) => [`tcp:${formatListenAddress(address)}`],
  async build(config, context) {
    const source = new HttpServerSource(config, context);
    await source.listen();
    return source;
  },
});

/** How long requests that are still coming in may take once the source is told to stop. */
const STOP_GRACE_MS = 5_000;

/** How long responses may take to be sent when the source closes. */
const CLOSE_GRACE_MS = 2_000;

class HttpServerSource implements Source, RequestHandler {
  readonly #paths: ReceivedByPath;
  readonly #context: SourceContext;
  readonly #server: HttpServer;
  readonly #reader: BodyReader;
  readonly #inflater: BodyInflater;
  readonly #route: ReturnType<typeof router>;
  readonly #authenticate: ReturnType<typeof authenticator>;
  readonly #fieldsOf: ReturnType<typeof fieldsOf>;
  readonly #taken: HttpReply;
  /** There is one once the source runs; requests that come earlier wait. */
  readonly #running = Promise.withResolvers<Output>();
  #output: Output | undefined;
  /** Requests whose bodies are coming in, or are being sent on. */
  #receiving = 0;
  #onReceived: (() => void)[] = [];

  constructor(config: HttpServerConfig, context: SourceContext) {
    const { maxDecompressedBytes } = context.globals;
    this.#paths = new ReceivedByPath(context, config.tls?.enabled ? 'https' : 'http');
    this.#context = context;
    this.#route = router(config);
    this.#authenticate = authenticator(config.auth, (source) => requestCheck(source, context));
    this.#fieldsOf = fieldsOf(config);
    this.#taken = { status: config.response_code };
    this.#reader = new BodyReader(context, config.framing, config.decoding ?? { codec: 'bytes' });
    this.#inflater = new BodyInflater(maxDecompressedBytes);
    this.#server = new HttpServer({
      address: config.address,
      tls: config.tls?.enabled ? serverTls(config.tls) : undefined,
      keepalive: config.keepalive,
      bodyBytesMax: maxDecompressedBytes,
      clock: context.clock,
      random: context.random,
      recorder: context,
      memory: context,
      ownPath: (path) => (path === config.path ? path : undefined),
      handler: this,
      onError: (kind, error) => this.#onError(kind, error),
    });
  }

  async listen(): Promise<void> {
    const { address, port } = await this.#server.listen();
    this.#context.log.info('Listening for HTTP requests', { address: `${address}:${port}` });
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    this.#output = output;
    this.#running.resolve(output);
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    this.#server.stopAccepting();
    const timer = clock.after(STOP_GRACE_MS, () => this.#server.cutOff(stopping()));
    if (this.#receiving > 0) await new Promise<void>((resolve) => this.#onReceived.push(resolve));
    timer.cancel();
    this.#reader.close();
  }

  async close(): Promise<void> {
    const { clock } = this.#context;
    const late = new Promise<void>((resolve) => void clock.after(CLOSE_GRACE_MS, resolve));
    await Promise.race([this.#server.idle(), late]);
    this.#server.close();
  }

  begin(exchange: Exchange): HttpReply | undefined {
    const reply = this.#route(exchange);
    if (reply) {
      if (reply.status >= 400)
        this.#context.faults.error('A request went to no place of this source', {
          type: 'connection_failed',
          stage: 'receiving',
          fields: { method: exchange.method, path: exchange.path.slice(0, 200), status: reply.status },
        });
      return reply;
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
    const encoding = exchange.headers.get('content-encoding');
    const output = this.#output;
    if (output && encoding === undefined) {
      const finalizer = this.#finalizerOf(exchange);
      const given = this.#given(exchange, body, output, finalizer);
      if (this.#reader.offer(given, () => this.#sent(exchange, body, finalizer))) return;
      body.own();
      void this.#settle(exchange, body, finalizer, this.#reader.send({ ...given, pieces: body.pieces }));
      return;
    }
    body.own();
    void this.#receive(exchange, body, encoding);
  }

  gone(_exchange: Exchange, rejection: HttpRejection | undefined): void {
    if (rejection) this.#refused(rejection);
    this.#received();
  }

  /** A body that must be inflated, or came before the source runs. */
  async #receive(exchange: Exchange, body: RequestBody, encoding: string | undefined): Promise<void> {
    const output = await this.#running.promise;
    const finalizer = this.#finalizerOf(exchange);
    const given = this.#given(exchange, body, output, finalizer);
    const sending = this.#inflater.inflate(body.pieces, encoding, (pieces) =>
      this.#reader.send({ ...given, pieces, bytes: pieces.reduce((sum, { length }) => sum + length, 0) }),
    );
    await this.#settle(exchange, body, finalizer, sending);
  }

  /** With acknowledgements, the reply waits for the delivery of the events. */
  #finalizerOf(exchange: Exchange): Finalizer | undefined {
    if (!this.#context.acknowledgements) return undefined;
    return new Finalizer((status) => exchange.reply(this.#answer(status)));
  }

  #given(exchange: Exchange, { pieces, bytes }: RequestBody, output: Output, finalizer: Finalizer | undefined): Body {
    return {
      pieces,
      bytes,
      fields: this.#fieldsOf(exchange),
      received: this.#paths.at(exchange.path),
      output,
      finalizer,
    };
  }

  /** Waits until a body was sent on, or refused. Never rejects. */
  async #settle(
    exchange: Exchange,
    body: RequestBody,
    finalizer: Finalizer | undefined,
    sending: Promise<void>,
  ): Promise<void> {
    try {
      await sending;
      this.#sent(exchange, body, finalizer);
    } catch (error) {
      body.release();
      if (error instanceof HttpRejection) this.#refused(error);
      else this.#onError('handler', error instanceof Error ? error : new Error(String(error)));
      exchange.reply(rejectionReply(error instanceof HttpRejection ? error : new HttpRejection(500, 'Internal error')));
      this.#received();
    }
  }

  #sent(exchange: Exchange, body: RequestBody, finalizer: Finalizer | undefined): void {
    body.release();
    if (finalizer) finalizer.release();
    else exchange.reply(this.#taken);
    this.#received();
  }

  #received(): void {
    this.#receiving -= 1;
    if (this.#receiving === 0) for (const resolve of this.#onReceived.splice(0)) resolve();
  }

  #answer(status: Status): HttpReply {
    if (status === 'delivered') return this.#taken;
    return rejectionReply(
      status === 'errored'
        ? new HttpRejection(500, 'Error delivering contents to sink')
        : new HttpRejection(400, 'Contents failed to deliver to sink'),
    );
  }

  #refused({ status, message }: HttpRejection): void {
    const { faults } = this.#context;
    if (status === 422)
      faults.error('A request body cannot be inflated', {
        type: 'parser_failed',
        stage: 'receiving',
        code: 'failed_decompressing_payload',
        fields: { error: message },
      });
    faults.error('A request was refused', {
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
