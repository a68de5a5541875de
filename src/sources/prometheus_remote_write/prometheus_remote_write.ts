// Takes metrics that a Prometheus, or an agent that speaks its remote write protocol, sends. A request is taken whole or
// not at all.

import { FormatProblem } from '../../codecs/prometheus/problem.ts';
import { type ReadRequest, readWriteRequest } from '../../codecs/prometheus/read_write_request.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource } from '../../component/define.ts';
import { metricRequestOptions } from '../../component/metric_request_options.ts';
import { metricRequestSource } from '../../component/metric_request_source.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { formatListenAddress } from '../../net/address.ts';
import type { Exchange } from '../../net/http/exchange.ts';
import { HttpRejection, type HttpReply, rejectionReply, textReply } from '../../net/http/rejection.ts';
import { bool, type ConfigOf, oneOf, string } from '../../schema/schema.ts';

const options = {
  ...metricRequestOptions,
  metadata_conflict_strategy: oneOf(
    ['ignore', 'reject'],
    'What happens to a request that gives one metric two types: `ignore` keeps the first, `reject` refuses the request.',
    { default: 'reject' },
  ),
  path: string('The path that requests must have.', { default: '/', examples: ['/api/v1/write'] }),
  skip_nan_values: bool('Whether metrics whose value is not a number are left out, as those are that ended.', {
    default: false,
  }),
} as const;

type RemoteWriteConfig = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'prometheus_remote_write',
  status: 'beta',
  summary: 'Receive metrics via the Prometheus remote write protocol.',
  options,
  examples: [
    { title: 'Take what a Prometheus writes', config: 'address: 0.0.0.0:9090\npath: /api/v1/write' },
    {
      title: 'Take it from those who know the password, and leave out what is not a number',
      config:
        'address: 0.0.0.0:9090\nskip_nan_values: true\nauth:\n  strategy: basic\n  username: prometheus\n  password: secret',
    },
  ],
  acknowledges: true,
  outputs: () => [{ port: undefined, types: ['metric'] }],
  resources: ({ address }) => [`tcp:${formatListenAddress(address)}`],
  build(config, context) {
    const wanted = segmentsOf(config.path);
    return metricRequestSource(context, {
      ...config,
      defaultEncoding: 'snappy',
      route: (request) => elsewhere(request, wanted),
      ownPath: (path) => (segmentsOf(path) === wanted ? config.path : undefined),
      read: (_exchange, body) => metricsOf(body, config, context),
    });
  },
});

function elsewhere({ method, path }: Exchange, wanted: string): HttpReply | undefined {
  if (segmentsOf(path) !== wanted) return rejectionReply(new HttpRejection(404, 'Not found'));
  return method === 'POST' ? undefined : textReply(405, 'HTTP method not allowed');
}

/** A path without what makes no difference. */
function segmentsOf(path: string): string {
  return path.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
}

function metricsOf(body: Buffer, config: RemoteWriteConfig, context: SourceContext): Iterable<MetricEvent> {
  const { families, nativeHistograms } = requestOf(body, config.metadata_conflict_strategy);
  if (nativeHistograms > 0) {
    context.faults.error('Native histograms cannot be taken', { type: 'invalid_metric', stage: 'processing' });
    context.faults.discarded(nativeHistograms, 'native_histogram', false);
  }
  return families.metrics({
    nowMs: context.clock.now(),
    metadata: { value: {}, sourceId: context.id, sourceType: context.type },
    skipNan: config.skip_nan_values,
    guessCounters: true,
  });
}

function requestOf(body: Buffer, conflicts: 'ignore' | 'reject'): ReadRequest {
  try {
    return readWriteRequest(body, conflicts);
  } catch (error) {
    if (!(error instanceof FormatProblem)) throw error;
    throw new HttpRejection(400, `Could not decode write request: ${error.message}`);
  }
}
