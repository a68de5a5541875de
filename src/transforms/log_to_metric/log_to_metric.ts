// Makes metrics of logs: of fields, as the configuration says, or of logs that are metrics in the form of JSON.
// A log gives all of its metrics or none.

import { template } from '../../codecs/template/options.ts';
import { fieldsOf, hasFields } from '../../codecs/template/template.ts';
import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import type { Needs } from '../../engine/segment/step.ts';
import { decode, finish, metricBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { array, bool, map, oneOf, variants } from '../../schema/schema.ts';
import { metricOfLog } from './all_metrics.ts';
import { Failure, Failures } from './failures.ts';
import { isOnlyCounted, type MetricConfig, metricMaker } from './metric_maker.ts';
import { readTags, tagValue } from './tags.ts';

const metric = variants(
  'A metric that is made of every log.',
  'type',
  {
    counter: {
      increment_by_value: bool('Whether the counter grows by the value of the field, or by 1.', { default: false }),
      kind: oneOf(['absolute', 'incremental'], 'Whether the value stands for itself or is added to the one before.', {
        default: 'incremental',
      }),
    },
    gauge: {},
    histogram: {},
    set: {},
    summary: {},
  },
  {
    field: template('The field that the metric is made of. A log without it, or with null in it, is dropped.', {
      examples: ['duration', 'http.bytes'],
    }),
    name: template('The name of the metric; that of the field unless given.', {
      optional: true,
      examples: ['duration_total'],
    }),
    namespace: template('The namespace of the metric.', { optional: true, examples: ['service'] }),
    tags: readTags(
      map(
        tagValue(),
        'The tags of the metric. Names are templates too; one that ends in `*` takes the members of the JSON object that its value is. A tag whose template has no value for a log is left out.',
        { optional: true, examples: [{ host: '{{ hostname }}', region: 'us-east-1', 'labels_*': '{{ labels }}' }] },
      ),
    ),
  },
  { tagDoc: 'What the metric is.', unknown: 'warn' },
);

export const transform = defineTransform({
  type: 'log_to_metric',
  status: 'stable',
  summary: 'Convert log events to metric events.',
  options: {
    all_metrics: bool(
      'Whether logs are metrics already, in the form that the `json` codec and `metric_to_log` give them; `metrics` is not looked at then.',
      { optional: true },
    ),
    metrics: array(metric, 'The metrics that are made of every log.', { optional: true }),
  },
  examples: [
    {
      title: 'Count requests by status',
      config:
        'metrics:\n  - type: counter\n    field: status\n    name: requests_total\n    namespace: web\n    tags:\n      status: "{{ status }}"',
    },
    {
      title: 'A distribution of durations',
      config: 'metrics:\n  - type: histogram\n    field: duration\n    name: duration_seconds',
    },
    { title: 'Logs that are metrics', config: 'all_metrics: true' },
  ],
  sample: { metrics: [{ type: 'counter', field: 'status', name: 'requests_total' }] },
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  build(config, context) {
    const make = config.all_metrics ? allMetrics(context) : fromFields(config.metrics ?? [], context);
    const failures = new Failures(context.faults);
    return {
      step: () => 'it makes metrics of logs',
      taker() {
        if (config.all_metrics) return 'all of an event is a metric';
        const needs = needsOf(config.metrics ?? [], context.globals.logSchema);
        if (typeof needs === 'string') return needs;
        let metrics: MetricEvent[] = [];
        return {
          needs,
          take(event) {
            const failure = make(event, metrics);
            if (failure) failures.add(failure);
          },
          made() {
            failures.settle();
            const made = metrics;
            metrics = [];
            return made;
          },
        };
      },
      process(given, emit) {
        const batch = decode(given);
        const metrics: MetricEvent[] = [];
        for (const event of batch.events as readonly LogEvent[]) {
          const failure = make(event, metrics);
          if (failure) failures.add(failure);
        }
        failures.settle();
        if (metrics.length > 0) emit(metricBatch(metrics, batch.finalizer));
        else finish(batch);
      },
    };
  },
});

/** The fields of logs that their metrics are made of; text says why they are not known. */
function needsOf(configs: readonly MetricConfig[], { timestamp }: LogSchema): Needs | string {
  const reads = timestamp ? [timestamp] : [];
  const tests: Path[] = [];
  for (const config of configs) {
    const { field, name, namespace, tags = [] } = config;
    const path = hasFields(field) ? undefined : parsePath(field.text);
    if (path === undefined) return 'an event says which of its fields the metric is made of';
    if (typeof path !== 'string') (isOnlyCounted(config) ? tests : reads).push(path);
    const templates = [field, name, namespace, ...tags.flatMap(({ key, values }) => [key, ...values])];
    for (const template of templates) if (template) reads.push(...fieldsOf(template));
  }
  return { reads, writes: [], tests };
}

/** Adds the metrics of a log, or says why there are none. */
type Make = (event: LogEvent, metrics: MetricEvent[]) => Failure | undefined;

function allMetrics(context: TransformContext): Make {
  return (event, metrics) => {
    const made = metricOfLog(event, context);
    if (made instanceof Failure) return made;
    metrics.push(made);
    return undefined;
  };
}

function fromFields(configs: readonly MetricConfig[], context: TransformContext): Make {
  const makers = configs.map((config) => metricMaker(config, context));
  return (event, metrics) => {
    const before = metrics.length;
    for (const maker of makers) {
      const made = maker(event);
      if (made instanceof Failure) {
        metrics.length = before;
        return made;
      }
      metrics.push(made);
    }
    return undefined;
  };
}
