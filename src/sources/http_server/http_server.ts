// Listens for HTTP requests and makes events of their bodies. With acknowledgements, a request is answered when its
// events are delivered; without them, when they were taken.

import { optionalDecoding } from '../../codecs/decoding/options.ts';
import { framing } from '../../codecs/framing/options.ts';
import { sourceAcknowledgements } from '../../component/common_options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output, type Source } from '../../component/define.ts';
import { BodyInflater } from '../../component/http_body.ts';
import { requestCheck } from '../../component/source_programs.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { formatListenAddress, listenAddress } from '../../net/address.ts';
import { keepalive } from '../../net/http/keepalive.ts';
import { HttpRejection, type HttpReply } from '../../net/http/rejection.ts';
import { HttpServer, type HttpServerRequest, type ServerErrorKind } from '../../net/http/server.ts';
import { authenticator, serverAuth } from '../../net/http/server_auth.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { serverTls } from '../../net/tls/tls.ts';
import { array, bool, type ConfigOf, oneOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import type { ErrorType } from '../../telemetry/component_metrics.ts';
import { BodyReader } from './body_reader.ts';
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

class HttpServerSource implements Source {
  readonly #config: HttpServerConfig;
  readonly #context: SourceContext;
  readonly #server: HttpServer;
  readonly #reader: BodyReader;
  readonly #inflater: BodyInflater;
  readonly #route: ReturnType<typeof router>;
  readonly #authenticate: ReturnType<typeof authenticator>;
  readonly #fieldsOf: ReturnType<typeof fieldsOf>;
  /** There is one once the source runs; requests that come earlier wait. */
  readonly #output = Promise.withResolvers<Output>();
  /** Aborted when requests that are still coming in are given up. */
  readonly #cutOff = new AbortController();
  #receiving = 0;
  #onReceived: (() => void)[] = [];

  constructor(config: HttpServerConfig, context: SourceContext) {
    const { maxDecompressedBytes } = context.globals;
    this.#config = config;
    this.#context = context;
    this.#route = router(config);
    this.#authenticate = authenticator(config.auth, (source) => requestCheck(source, context));
    this.#fieldsOf = fieldsOf(config);
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
      pathLabel: (path) => this.#pathLabel(path),
      handle: (request) => this.#handle(request),
      onError: (kind, error) => this.#onError(kind, error),
    });
  }

  async listen(): Promise<void> {
    const { address, port } = await this.#server.listen();
    this.#context.log.info('Listening for HTTP requests', { address: `${address}:${port}` });
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    this.#output.resolve(output);
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    this.#server.stopAccepting();
    const timer = clock.after(STOP_GRACE_MS, () => this.#cutOff.abort());
    if (this.#receiving > 0) await new Promise<void>((resolve) => this.#onReceived.push(resolve));
    timer.cancel();
  }

  async close(): Promise<void> {
    const { clock } = this.#context;
    const late = new Promise<void>((resolve) => void clock.after(CLOSE_GRACE_MS, resolve));
    await Promise.race([this.#server.idle(), late]);
    this.#server.close();
  }

  async #handle(request: HttpServerRequest): Promise<HttpReply> {
    const reply = this.#route(request);
    if (reply) {
      if (reply.status >= 400)
        this.#context.faults.error('A request went to no place of this source', {
          type: 'connection_failed',
          stage: 'receiving',
          fields: { method: request.method, path: request.path.slice(0, 200), status: reply.status },
        });
      return reply;
    }
    const delivered = Promise.withResolvers<Status>();
    await this.#receive(request, new Finalizer(delivered.resolve));
    return this.#context.acknowledgements ? this.#answer(await delivered.promise) : this.#answer('delivered');
  }

  /** Takes in a request: resolves when its events were sent on. */
  async #receive(request: HttpServerRequest, finalizer: Finalizer): Promise<void> {
    if (this.#server.isStopping) throw stopping();
    this.#receiving += 1;
    try {
      const refused = this.#authenticate(request);
      if (refused) throw refused;
      const body = await this.#body(request);
      try {
        const path = this.#pathLabel(request.path);
        const output = await this.#output.promise;
        await this.#inflater.inflate(body.pieces, request.headers.get('content-encoding'), (pieces) =>
          this.#reader.send(pieces, this.#fieldsOf(request), path, output, finalizer),
        );
      } finally {
        body.release();
      }
    } catch (error) {
      if (error instanceof HttpRejection) this.#refused(error);
      throw error;
    } finally {
      this.#receiving -= 1;
      if (this.#receiving === 0) for (const resolve of this.#onReceived.splice(0)) resolve();
    }
    finalizer.release();
  }

  /** The body as it was sent; given up when the time to stop is over. */
  async #body(request: HttpServerRequest) {
    const { signal } = this.#cutOff;
    const reading = request.body(this.#context.globals.maxDecompressedBytes);
    const cutOff = Promise.withResolvers<never>();
    const onCutOff = (): void => cutOff.reject(stopping());
    if (signal.aborted) onCutOff();
    signal.addEventListener('abort', onCutOff, { once: true });
    cutOff.promise.catch(() => reading.then((body) => body.release()).catch(() => {}));
    try {
      return await Promise.race([reading, cutOff.promise]);
    } finally {
      signal.removeEventListener('abort', onCutOff);
    }
  }

  #answer(status: Status): HttpReply {
    if (status === 'delivered') return { status: this.#config.response_code };
    throw status === 'errored'
      ? new HttpRejection(500, 'Error delivering contents to sink')
      : new HttpRejection(400, 'Contents failed to deliver to sink');
  }

  /** Only the path of the configuration is a label: those that peers make up would fill the memory. */
  #pathLabel(path: string): string {
    return path === this.#config.path ? path : 'other';
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
