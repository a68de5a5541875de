// Delivers batches of events to an HTTP server, one request per batch.

import { ALGORITHMS, compress } from '../../codecs/compression/compression.ts';
import { compression } from '../../codecs/compression/options.ts';
import type { ByteSink } from '../../codecs/encoding/byte_sink.ts';
import { batchEncoder } from '../../codecs/encoding/encoding.ts';
import { encoding } from '../../codecs/encoding/options.ts';
import { framing } from '../../codecs/framing_encode/options.ts';
import { template, unconfinedTemplates } from '../../codecs/template/options.ts';
import { staticText, type Template } from '../../codecs/template/template.ts';
import { acknowledgements } from '../../component/common_options.ts';
import type { SinkContext } from '../../component/context.ts';
import { defineSink } from '../../component/define.ts';
import { httpErrorVerdict, httpVerdict } from '../../component/http_verdict.ts';
import { batching, requestLimitsWith, retryStrategy } from '../../component/request_options.ts';
import { type OutgoingRequest, requestSink, type Verdict } from '../../component/request_sink.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { HttpClient, HttpError } from '../../net/http/client.ts';
import {
  authorizationHeader,
  type ClientAuth,
  clientAuth,
  requestSigner,
  splitCredentials,
} from '../../net/http/client_auth.ts';
import { type TlsConfig, tls } from '../../net/tls/options.ts';
import { type ClientTls, clientTls } from '../../net/tls/tls.ts';
import { type ConfigOf, map, object, oneOf, string } from '../../schema/schema.ts';
import { systemClock } from '../../std/clock.ts';
import { version } from '../../std/version.ts';
import { headerProblem, type Place, placing } from './place.ts';

const METHODS = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'] as const;

const fields = {
  acknowledgements: acknowledgements(),
  auth: clientAuth(),
  batch: batching({ max_bytes: 10_000_000, timeout_secs: 1 }),
  compression: compression(['none', 'gzip', 'snappy', 'zlib', 'zstd']),
  dangerously_allow_unconfined_template_resolution: unconfinedTemplates(),
  encoding: encoding(),
  framing: framing(),
  headers: map(template('The value of the header.'), 'Headers of each request.', {
    optional: true,
    hidden: true,
    deprecated: 'use `request.headers`',
  }),
  method: oneOf(METHODS, 'The method of each request.', { default: 'post' }),
  payload_prefix: string('What stands before a JSON array of events; with `payload_suffix` it must be JSON.', {
    default: '',
    examples: ['{"data":'],
  }),
  payload_suffix: string('What stands behind a JSON array of events.', { default: '', examples: ['}'] }),
  request: requestLimitsWith({
    headers: map(template('The value of the header.'), 'Headers of each request; values may be templates.', {
      optional: true,
      examples: [{ Accept: 'text/plain', 'X-Event-Level': '{{ level }}' }],
    }),
  }),
  retry_strategy: retryStrategy(),
  tls: tls(),
  uri: template('The full URI that requests are made to.', {
    examples: ['https://10.22.212.22:9000/endpoint', 'https://logs.example.com/ingest/{{ app }}'],
  }),
};

export type HttpSinkConfig = ConfigOf<typeof fields>;

export const sink = defineSink({
  type: 'http',
  status: 'stable',
  summary: 'Deliver observability events to an HTTP server.',
  options: object('Deliver observability events to an HTTP server.', fields, { checkAll: problems }),
  examples: [
    {
      title: 'Send events as a JSON array',
      config: 'uri: https://logs.example.com/ingest\nencoding:\n  codec: json',
    },
    {
      title: 'Send compressed JSON lines, and tell the server who sends them',
      config:
        'uri: https://logs.example.com/ingest\ncompression: gzip\nencoding:\n  codec: json\nframing:\n  method: newline_delimited\nauth:\n  strategy: bearer\n  token: secret',
    },
  ],
  inputs: (config) => encoderOf(config, { logSchema: DEFAULT_LOG_SCHEMA, clock: systemClock }).accepts,
  build(config, context) {
    const encoder = encoderOf(config, encodingContext(context));
    const body = bodyOf(config);
    const client = new HttpClient({
      recorder: context,
      memory: context,
      clock: context.clock,
      userAgent: `Sluice/${version()}`,
      connectionsMax: connectionsMax(config),
      timeoutMs: config.request.timeout_secs * 1000,
      proxies: context.proxy,
      tls: tlsFor(config, context),
      sign: requestSigner(config.auth, context.clock),
    });
    const headers = fixedHeaders(config, encoder.requestContentType);
    const { healthcheckUri } = context;
    return requestSink<Place>(context, {
      batch: config.batch,
      request: config.request,
      measure: encoder.codec === 'json' || encoder.codec === 'native_json' ? 'encoded' : 'memory',
      route: placing(config, context),
      frameForm: encoder.frameForm,
      // CSV remembers the line before, so each body has a writer of its own.
      encoder: encoder.codec === 'csv' ? () => encoderOf(config, encodingContext(context)) : () => encoder,
      beginBody: body.begin,
      finishBody: (collected) => compress(config.compression, body.end(collected)),
      send: (request, stop) => send(client, config, headers, request, context.clock.now(), stop),
      protocol: config.uri.text.startsWith('https') ? 'https' : 'http',
      ...(healthcheckUri === undefined
        ? {}
        : { healthcheck: (stop: AbortSignal) => healthcheck(client, healthcheckUri, config.auth, stop) }),
      close: () => client.close(),
    });
  },
});

async function send(
  client: HttpClient,
  config: HttpSinkConfig,
  fixed: Readonly<Record<string, string>>,
  { target, body }: OutgoingRequest<Place>,
  nowMs: number,
  stop: AbortSignal,
): Promise<Verdict> {
  try {
    const headers = { ...fixed, ...target.headers };
    const response = await client.request(
      { method: config.method.toUpperCase(), url: target.url, headers, body },
      stop,
    );
    return httpVerdict(response, config.retry_strategy, nowMs);
  } catch (error) {
    if (error instanceof HttpError) return httpErrorVerdict(error);
    throw error;
  }
}

async function healthcheck(
  client: HttpClient,
  uri: string,
  auth: ClientAuth | undefined,
  stop: AbortSignal,
): Promise<void> {
  const { url, authorization: own } = splitCredentials(new URL(uri));
  const headers = own === undefined ? authorizationHeader(auth) : { authorization: own };
  const { status } = await client.request({ method: 'HEAD', url, headers }, stop);
  if (status < 200 || status > 299) throw new Error(`${url.href} answered with status ${status}`);
}

function encoderOf(config: HttpSinkConfig, context: Parameters<typeof batchEncoder>[3]) {
  return batchEncoder(config.encoding, config.framing, 'message', context);
}

function encodingContext(context: SinkContext) {
  return { logSchema: context.globals.logSchema, clock: context.clock };
}

interface Body {
  /** Writes what stands before the events. */
  readonly begin: (body: ByteSink) => void;
  /** Makes the body of what was collected. */
  readonly end: (collected: Buffer) => Buffer;
}

/**
 * The delimiter follows each event while they are collected. A JSON array has none behind the last event, nor have
 * lines of JSON; all else ends as it was collected.
 */
function bodyOf(config: HttpSinkConfig): Body {
  if (isJsonArray(config)) {
    const prefix = `${config.payload_prefix}[`;
    const suffix = Buffer.from(config.payload_suffix);
    return {
      begin: (body) => body.text(prefix),
      end: (collected) => {
        collected[collected.length - 1] = 0x5d;
        return suffix.length === 0 ? collected : Buffer.concat([collected, suffix]);
      },
    };
  }
  const jsonLines = config.encoding.codec === 'json' && config.framing?.method === 'newline_delimited';
  return { begin: () => {}, end: (collected) => (jsonLines ? collected.subarray(0, -1) : collected) };
}

function isJsonArray({ encoding: { codec }, framing }: Pick<HttpSinkConfig, 'encoding' | 'framing'>): boolean {
  if (codec !== 'json') return false;
  return !framing || (framing.method === 'character_delimited' && framing.character_delimited.delimiter === 0x2c);
}

function fixedHeaders(config: HttpSinkConfig, contentType: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (contentType !== undefined) headers['content-type'] = contentType;
  const contentEncoding = ALGORITHMS[config.compression.algorithm].contentEncoding;
  if (contentEncoding !== undefined) headers['content-encoding'] = contentEncoding;
  return { ...headers, ...authorizationHeader(config.auth) };
}

function connectionsMax({ request }: HttpSinkConfig): number {
  if (request.concurrency === 'none') return 1;
  if (request.concurrency === 'adaptive') return request.adaptive_concurrency.max_concurrency_limit;
  return request.concurrency;
}

const NO_SETTINGS = {} as TlsConfig;

/** Settings are read at once where they are given or needed: reading the system's authorities takes its time. */
function tlsFor(config: HttpSinkConfig, context: SinkContext): ClientTls {
  const load = (): ClientTls => clientTls(config.tls ?? NO_SETTINGS, context.log);
  if (config.tls || !config.uri.text.startsWith('http:')) return load();
  let loaded: ClientTls | undefined;
  return { options: (host) => (loaded ??= load()).options(host) };
}

/** What can be seen to be wrong only when options are taken together. */
function problems(config: HttpSinkConfig): readonly (readonly [readonly string[], string])[] {
  const found: (readonly [readonly string[], string])[] = [];
  const uri = staticText(config.uri);
  if (uri !== undefined && !/^https?:$/.test(URL.parse(uri)?.protocol ?? ''))
    found.push([['uri'], `\`${uri}\` is not an HTTP URI, such as \`https://logs.example.com/ingest\``]);
  if (uri !== undefined && config.auth && (URL.parse(uri)?.username ?? '') !== '')
    found.push([['auth'], 'the URI holds credentials too; give them in one place']);
  for (const [path, headers] of headerGroups(config)) {
    for (const [name] of headers) {
      const problem = headerProblem(name, config.auth !== undefined);
      if (problem !== undefined) found.push([[...path, name], problem]);
    }
  }
  if (isJsonArray(config) && !isJson(`${config.payload_prefix}{}${config.payload_suffix}`))
    found.push([['payload_prefix'], '`payload_prefix`, an array and `payload_suffix` in a row must make valid JSON']);
  return found;
}

function headerGroups(config: HttpSinkConfig): (readonly [readonly string[], ReadonlyMap<string, Template>])[] {
  return [
    [['request', 'headers'], (config.request.headers ?? new Map()) as ReadonlyMap<string, Template>],
    [['headers'], (config.headers ?? new Map()) as ReadonlyMap<string, Template>],
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
