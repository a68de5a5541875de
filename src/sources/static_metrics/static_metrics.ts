// Sends metrics with fixed values at intervals.

import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Output } from '../../component/define.ts';
import { metricBatch } from '../../event/batch.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { array, type ConfigOf, either, float, int, map, object, oneOf, string, uint } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';

const optional = { optional: true } as const;
const required = { required: true } as const;

const number = (doc: string) => object(doc, { value: float('The value.') }, optional);

const sketch = object(
  'A DDSketch, as the Datadog Agent keeps it.',
  {
    sketch: object(
      'The sketch.',
      {
        AgentDDSketch: object(
          'The contents of the sketch.',
          {
            avg: float('The average.'),
            bins: object(
              'The bins.',
              {
                k: array(int('A key.'), 'The keys of the bins.'),
                n: array(uint('A count.'), 'The counts of the bins, one for each key.'),
              },
              required,
            ),
            count: uint('How many values were seen.'),
            max: float('The largest value.'),
            min: float('The smallest value.'),
            sum: float('The sum of the values.'),
          },
          required,
        ),
      },
      required,
    ),
  },
  optional,
);

const value = object(
  'The value: one of these.',
  {
    aggregated_histogram: object(
      'Observations counted in buckets.',
      {
        buckets: array(
          object('A bucket.', {
            count: uint('Observations in this bucket alone.'),
            upper_limit: either(
              float('The limit.'),
              oneOf(['inf', '-inf'], 'A limit without bounds.'),
              'The largest value that still belongs to this bucket.',
            ),
          }),
          'The buckets.',
        ),
        count: uint('Observations in all.'),
        sum: float('The sum of the observations.'),
      },
      optional,
    ),
    aggregated_summary: object(
      'Observations with their quantiles.',
      {
        count: uint('Observations in all.'),
        quantiles: array(
          object('A quantile.', {
            quantile: float('Which one, from 0 to 1.', {
              validate: (share) => (share >= 0 && share <= 1 ? undefined : 'must be from 0 to 1'),
            }),
            value: float('Its value.'),
          }),
          'The quantiles.',
        ),
        sum: float('The sum of the observations.'),
      },
      optional,
    ),
    counter: number('A number that grows.'),
    distribution: object(
      'Single observations.',
      {
        samples: array(
          object('Equal observations.', {
            rate: uint('How often it was seen.'),
            value: float('What was seen.'),
          }),
          'The observations.',
        ),
        statistic: oneOf(['histogram', 'summary'], 'What they are meant to become.'),
      },
      optional,
    ),
    gauge: number('A number that goes up and down.'),
    set: object('Distinct texts.', { values: array(string('A text.'), 'The texts.') }, optional),
    sketch,
  },
  {
    required: true,
    checkAll: (given: Readonly<Record<string, unknown>>) =>
      Object.values(given).filter((one) => one !== undefined).length === 1
        ? []
        : [[[], 'give exactly one value, such as `gauge`']],
  },
);

const metric = object('A metric.', {
  kind: oneOf(['absolute', 'incremental'], 'Whether the value stands for itself or is added to the one before.'),
  name: string('The name of the metric.'),
  tags: map(string('The value of the tag.'), 'Tags by name.', { examples: [{ env: 'prod' }] }),
  value,
});

export const source = defineSource({
  type: 'static_metrics',
  status: 'stable',
  summary: 'Produces metrics with fixed values at intervals.',
  options: {
    interval_secs: float('Seconds between two rounds.', {
      default: 1,
      unit: 'seconds',
      validate: (seconds) => (seconds > 0 ? undefined : 'must be above 0'),
    }),
    metrics: array(metric, 'The metrics of each round.', { default: [] }),
    namespace: string('The namespace of all metrics.', { default: 'static' }),
  },
  examples: [
    {
      title: 'A heartbeat',
      config:
        'metrics:\n  - name: heartbeat\n    kind: absolute\n    value:\n      gauge:\n        value: 1\n    tags:\n      service: web',
    },
  ],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  acknowledges: false,
  build(config, context) {
    const make = config.metrics.map((one) => metricMaker(one, config.namespace, context));
    return { run: (output, stop) => emit(context, make, config.interval_secs * 1000, output, stop) };
  },
});

async function emit(
  context: SourceContext,
  make: readonly ((timestamp: Timestamp) => MetricEvent)[],
  intervalMs: number,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const { clock } = context;
  const received = Throughput.received(context);
  context.counter(componentReceivedBytes, { protocol: 'static' }).add(0);
  for (let next = clock.monotonic(); !stop.aborted; next = Math.max(next + intervalMs, clock.monotonic())) {
    await sleep(clock, next - clock.monotonic(), stop);
    if (stop.aborted) return;
    const timestamp = Timestamp.fromMs(clock.now());
    const batch = metricBatch(make.map((one) => one(timestamp)));
    received.add(batch.count, batch.sizeBytes);
    await output.send(batch);
  }
}

type MetricConfig = ConfigOf<typeof metric>;

function metricMaker(
  { name, kind, tags, value: given }: MetricConfig,
  namespace: string,
  { id, type }: SourceContext,
): (timestamp: Timestamp) => MetricEvent {
  const metadata = { value: {}, sourceId: id, sourceType: type };
  const fixed = metricValue(given);
  return (timestamp) => ({
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(tags.size === 0 ? {} : { tags: new Map(tags) }),
    timestamp,
    kind,
    value: fixed,
    metadata,
  });
}

function metricValue(given: MetricConfig['value']): MetricValue {
  if (given.counter) return { type: 'counter', value: given.counter.value };
  if (given.gauge) return { type: 'gauge', value: given.gauge.value };
  if (given.set) return { type: 'set', values: [...new Set(given.set.values)].sort() };
  if (given.distribution) return { type: 'distribution', ...given.distribution };
  if (given.aggregated_summary) return { type: 'aggregated_summary', ...given.aggregated_summary };
  if (given.aggregated_histogram) {
    const { buckets, count, sum } = given.aggregated_histogram;
    return {
      type: 'aggregated_histogram',
      buckets: buckets.map((bucket) => ({ upperLimit: limitOf(bucket.upper_limit), count: bucket.count })),
      count,
      sum,
    };
  }
  const { bins, ...rest } = given.sketch!.sketch.AgentDDSketch;
  return { type: 'sketch', sketch: { keys: [...bins.k], counts: [...bins.n], ...rest } };
}

function limitOf(limit: number | 'inf' | '-inf'): number {
  if (typeof limit === 'number') return limit;
  return limit === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
