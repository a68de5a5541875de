// Writes metrics to a Prometheus, or what speaks its remote write protocol. Increments are added up to what they stand
// at, and each metric is written out when it comes, so that a batch is bytes while it gathers.

import { ALGORITHMS, type Compression, compress } from '../../codecs/compression/compression.ts';
import { compression } from '../../codecs/compression/options.ts';
import { mergeSeries } from '../../codecs/prometheus/write_write_request.ts';
import { template, unconfinedTemplates } from '../../codecs/template/options.ts';
import { acknowledgements } from '../../component/common_options.ts';
import type { SinkContext } from '../../component/context.ts';
import { defineSink, type Sink } from '../../component/define.ts';
import { httpErrorVerdict, httpVerdict } from '../../component/http_verdict.ts';
import { buckets, quantiles } from '../../component/prometheus_options.ts';
import { type RequestLimits, requestLimitsWith, retryStrategy } from '../../component/request_options.ts';
import { type OutgoingRequest, requestSink, type Verdict } from '../../component/request_sink.ts';
import { awsRegion } from '../../net/aws/options.ts';
import { HttpClient, HttpError } from '../../net/http/client.ts';
import { splitCredentials } from '../../net/http/client_auth.ts';
import { tls } from '../../net/tls/options.ts';
import { tlsWhenNeeded } from '../../net/tls/when_needed.ts';
import { bool, type ConfigOf, float, map, object, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { version } from '../../std/version.ts';
import { authorizationHeader, remoteWriteAuth, requestSigner } from './auth.ts';
import { Preparation, seriesEncoder } from './preparation.ts';
import { tenantRoute } from './tenant.ts';

const aboveZero = (value: number): string | undefined => (value > 0 ? undefined : 'must be above 0');

const options = {
  acknowledgements: acknowledgements(),
  auth: remoteWriteAuth(),
  aws: awsRegion(),
  batch: object('When a batch of metrics is sent off.', {
    aggregate: bool('Whether only the last value of a series in a batch is sent.', { default: true }),
    max_bytes: uint('Most bytes of metrics in a batch, before they are compressed.', {
      optional: true,
      min: 1,
      unit: 'bytes',
    }),
    max_events: uint('Most metrics in a batch.', { default: 1_000, min: 1, unit: 'events' }),
    timeout_secs: float('Longest time that a batch waits for more metrics.', {
      default: 1,
      unit: 'seconds',
      validate: aboveZero,
    }),
  }),
  buckets: buckets(),
  compression: compression(['gzip', 'none', 'snappy', 'zlib', 'zstd'], {
    default: 'snappy',
    doc: 'How requests are compressed. The protocol has `snappy`; others are for receivers that know them.',
  }),
  dangerously_allow_unconfined_template_resolution: unconfinedTemplates(),
  default_namespace: string('The namespace of metrics that have none: it stands before their names, with a `_`.', {
    optional: true,
    examples: ['service'],
  }),
  endpoint: parsed(
    string('The URL that requests are made to.', {
      syntax: 'uri',
      examples: ['https://localhost:8087/api/v1/write'],
    }),
    (text): URL | ParseProblem => {
      const url = URL.parse(text);
      return url && /^https?:$/.test(url.protocol) ? url : new ParseProblem(`\`${text}\` is not an HTTP URL`);
    },
  ),
  expire_metrics_secs: float(
    'After how long without an update the sum of a series is forgotten: its next increment begins anew. All series together have 16 MiB, or less where `memory` is little and up to 64 MiB where it is much; once it is full, those go that had no update for this long (or 300 seconds), then increments of new series are dropped and counted.',
    { optional: true, unit: 'seconds', validate: aboveZero },
  ),
  quantiles: quantiles(),
  request: requestLimitsWith({
    headers: map(string('The value of the header.'), 'Headers of each request.', {
      default: {},
      examples: [{ 'X-My-Custom-Header': 'a value' }],
    }),
  }),
  retry_strategy: retryStrategy(),
  tenant_id: template('The tenant that metrics belong to: the header `X-Scope-OrgID` of requests.', {
    optional: true,
    examples: ['my-domain', '{{ tags.tenant }}'],
  }),
  tls: tls(),
} as const;

export type RemoteWriteConfig = ConfigOf<typeof options>;

export const sink = defineSink({
  type: 'prometheus_remote_write',
  status: 'beta',
  summary: 'Deliver metric data to a Prometheus remote write endpoint.',
  options,
  examples: [
    { title: 'Write to a Prometheus', config: 'endpoint: http://prometheus.example.com:9090/api/v1/write' },
    {
      title: 'Write for several tenants',
      config:
        'endpoint: https://mimir.example.com/api/v1/push\ntenant_id: "{{ tags.team }}"\nauth:\n  strategy: bearer\n  token: secret',
    },
  ],
  inputs: () => ['metric'],
  build: (config, context) => remoteWrite(config, context),
});

function remoteWrite(config: RemoteWriteConfig, context: SinkContext): Sink {
  const { url, authorization: own } = splitCredentials(config.endpoint);
  const { auth } = config;
  const proof = auth || own === undefined ? authorizationHeader(auth) : { authorization: own };
  const headers = {
    ...Object.fromEntries([...config.request.headers].map(([name, text]) => [name.toLowerCase(), text])),
    ...fixedHeaders(config.compression),
    ...proof,
  };
  const client = new HttpClient({
    recorder: context,
    memory: context,
    clock: context.clock,
    userAgent: `Sluice/${version()}`,
    connectionsMax: connectionsMax(config.request),
    timeoutMs: config.request.timeout_secs * 1000,
    proxies: context.proxy,
    tls: tlsWhenNeeded(config.tls, url.protocol === 'https:', context.log),
    sign: requestSigner(config, context.clock),
  });
  const preparation = new Preparation(config, context);
  const encoder = seriesEncoder();
  const requests = requestSink<string | undefined>(context, {
    batch: config.batch,
    request: config.request,
    measure: 'encoded',
    route: tenantRoute(config, context),
    encoder: () => encoder,
    finishBody: (collected) => compress(config.compression, mergeSeries(collected, config.batch.aggregate)),
    send: (request, stop) => send(client, config, url, headers, request, context.clock.now(), stop),
    protocol: url.protocol.slice(0, -1),
    healthcheck: (stop) => healthcheck(client, context.healthcheckUri ?? url.href, headers, stop),
    close: () => client.close(),
  });
  return {
    write: (batch) => requests.write(preparation.prepare(batch)),
    end(giveUp) {
      preparation.close();
      return requests.end(giveUp);
    },
    healthcheck: (stop) => requests.healthcheck!(stop),
  };
}

async function send(
  client: HttpClient,
  config: RemoteWriteConfig,
  url: URL,
  fixed: Readonly<Record<string, string>>,
  { target: tenant, body }: OutgoingRequest<string | undefined>,
  nowMs: number,
  stop: AbortSignal,
): Promise<Verdict> {
  try {
    const headers = tenant === undefined ? fixed : { ...fixed, 'x-scope-orgid': tenant };
    const response = await client.request({ method: 'POST', url, headers, body }, stop);
    return httpVerdict(response, config.retry_strategy, nowMs);
  } catch (error) {
    if (error instanceof HttpError) return httpErrorVerdict(error);
    throw error;
  }
}

async function healthcheck(
  client: HttpClient,
  uri: string,
  headers: Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<void> {
  const { url, authorization: own } = splitCredentials(new URL(uri));
  const all = own === undefined ? headers : { ...headers, authorization: own };
  const { status } = await client.request({ method: 'GET', url, headers: all }, stop);
  if (status !== 200) throw new Error(`${url.href} answered with status ${status}`);
}

function fixedHeaders({ algorithm }: Compression): Record<string, string> {
  const { contentEncoding } = ALGORITHMS[algorithm];
  return {
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
    ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
  };
}

function connectionsMax({ concurrency, adaptive_concurrency: adaptive }: RequestLimits): number {
  if (concurrency === 'none') return 1;
  return concurrency === 'adaptive' ? adaptive.max_concurrency_limit : concurrency;
}
