// Takes metrics that short-lived jobs push, as to a Prometheus Pushgateway. The path names the job and more labels, which
// stand over those of the metrics. A push is taken whole or not at all.

import { parseText } from '../../codecs/prometheus/parse_text.ts';
import { FormatProblem } from '../../codecs/prometheus/problem.ts';
import { defineSource } from '../../component/define.ts';
import { metricRequestOptions } from '../../component/metric_request_options.ts';
import { metricRequestSource } from '../../component/metric_request_source.ts';
import { formatListenAddress } from '../../net/address.ts';
import type { Exchange } from '../../net/http/exchange.ts';
import { HttpRejection, type HttpReply, rejectionReply, textReply } from '../../net/http/rejection.ts';
import { bool } from '../../schema/schema.ts';
import { labelsOfPath, PUSH_PATH } from './labels_of_path.ts';

export const source = defineSource({
  type: 'prometheus_pushgateway',
  status: 'beta',
  summary: 'Receive metrics via the Prometheus Pushgateway protocol.',
  options: {
    ...metricRequestOptions,
    aggregate_metrics: bool(
      'Whether counters and histograms of different pushes add up. Gauges and summaries cannot: the last one stands.',
      { default: false },
    ),
  },
  examples: [
    { title: 'Take pushes of metrics', config: 'address: 0.0.0.0:9091' },
    { title: 'Add up the counters of all pushes', config: 'address: 0.0.0.0:9091\naggregate_metrics: true' },
  ],
  acknowledges: true,
  outputs: () => [{ port: undefined, types: ['metric'] }],
  resources: ({ address }) => [`tcp:${formatListenAddress(address)}`],
  build(config, context) {
    const metadata = { value: {}, sourceId: context.id, sourceType: context.type };
    return metricRequestSource(context, {
      ...config,
      route: elsewhere,
      // The rest of a path is the peers' to choose.
      ownPath: (path) => (path.startsWith(PUSH_PATH) ? PUSH_PATH : undefined),
      read: (exchange, body) =>
        familiesOf(body).metrics({
          nowMs: context.clock.now(),
          metadata,
          incremental: config.aggregate_metrics,
          overrides: labelsOf(exchange),
        }),
    });
  },
});

function elsewhere(exchange: Exchange): HttpReply | undefined {
  const { method, path } = exchange;
  if (!path.startsWith(PUSH_PATH)) return rejectionReply(new HttpRejection(404, `Path must begin with '${PUSH_PATH}'`));
  if (method !== 'POST' && method !== 'PUT') return textReply(405, 'HTTP method not allowed');
  const labels = labelsOfPath(path);
  return typeof labels === 'string' ? rejectionReply(new HttpRejection(400, labels)) : undefined;
}

function labelsOf({ path }: Exchange): ReadonlyMap<string, string> {
  const labels = labelsOfPath(path);
  if (typeof labels === 'string') throw new HttpRejection(400, labels);
  return labels;
}

function familiesOf(body: Buffer) {
  try {
    return parseText(body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof FormatProblem)) throw error;
    throw new HttpRejection(422, `Failed to parse metrics body: ${error.message}`);
  }
}
