// Makes a log of every metric: an object with the members that a metric has as JSON.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { decode, logBatch, type MetricBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { LogNamespace } from '../../event/log_schema.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { metricToJson, type TagValues } from '../../event/metric_json.ts';
import { removeField, setFieldIfAbsent } from '../../event/object.ts';
import { type Path, removePath, type Segment, setPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { namedZone } from '../../event/timezone.ts';
import { cloneValue, Float, INTEGER_MAX, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { bool, oneOf, string } from '../../schema/schema.ts';

export const transform = defineTransform({
  type: 'metric_to_log',
  status: 'stable',
  summary: 'Convert metric events to log events.',
  options: {
    host_tag: string(
      'The tag that holds the host the metric came from, which becomes the host of the log. Without it that is the tag named as `log_schema.host_key` says.',
      { optional: true, examples: ['host', 'hostname'] },
    ),
    timezone: string(
      'The time zone of times that name none; the global one unless given. The times of metrics always name theirs.',
      {
        optional: true,
        examples: ['local', 'America/New_York'],
        validate: (name) =>
          name === 'local' || namedZone(name) !== undefined ? undefined : `there is no time zone \`${name}\``,
      },
    ),
    log_namespace: bool('Whether the logs use the `vector` log namespace. Falls back to the global option.', {
      optional: true,
      hidden: true,
    }),
    metric_tag_values: oneOf(
      ['single', 'full', 'auto'],
      'How tags become fields: `single` as the last text of each, `full` and `auto` as a list where a tag has several values, and null where it is bare.',
      { default: 'single' },
    ),
  },
  examples: [
    { title: 'The tag `host` as the host of the log', config: 'host_tag: host' },
    { title: 'All values of all tags', config: 'metric_tag_values: full' },
  ],
  inputs: () => ['metric'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  build(config, context) {
    const namespace: LogNamespace =
      config.log_namespace === undefined ? context.globals.logNamespace : config.log_namespace ? 'vector' : 'legacy';
    const makeLog = logMaker(hostPlace(config.host_tag, context), config.metric_tag_values, namespace, context);
    return {
      process(given, emit) {
        const batch = decode(given) as MetricBatch;
        emit(logBatch(batch.events.map(makeLog), batch.finalizer));
      },
    };
  },
});

/** Where the host stands among the members of a metric. */
function hostPlace(tag: string | undefined, { globals }: TransformContext): readonly Segment[] | undefined {
  if (tag !== undefined) return ['tags', tag];
  const { host } = globals.logSchema;
  return host && ['tags', ...host.segments];
}

function logMaker(
  host: readonly Segment[] | undefined,
  tagValues: TagValues,
  namespace: LogNamespace,
  { globals, clock }: TransformContext,
): (metric: MetricEvent) => LogEvent {
  const { logSchema } = globals;
  return (metric) => {
    const value = eventValue(metricToJson(metric, tagValues)) as ObjectValue;
    const event: LogEvent = { value, metadata: metric.metadata };
    if (namespace === 'vector') {
      if (metric.timestamp) value['timestamp'] = metric.timestamp.toString();
      event.metadata = marked(metric);
    } else {
      removeField(value, 'timestamp');
      write(event, logSchema.timestamp, metric.timestamp ?? Timestamp.fromMs(clock.now()));
    }
    const found = host && removePath(value, host, true);
    if (found === undefined) return event;
    if (namespace === 'vector') value['host'] = found;
    else write(event, logSchema.host, found);
    return event;
  };
}

/** Metadata with `%vector`, by which logs of the `vector` namespace are told from others. */
function marked({ metadata }: MetricEvent): MetricEvent['metadata'] {
  const value: ObjectValue = { ...metadata.value };
  setFieldIfAbsent(value, 'vector', {});
  return { ...metadata, value };
}

/** Metadata may be shared, so a copy of it is written. */
function write(event: LogEvent, path: Path | undefined, value: Value): void {
  if (!path) return;
  if (path.target === 'event') {
    setPath(event.value as ObjectValue, path.segments, value);
    return;
  }
  const metadata = cloneValue(event.metadata.value) as ObjectValue;
  setPath(metadata, path.segments, value);
  event.metadata = { ...event.metadata, value: metadata };
}

/** What JSON or the value model lack: infinite numbers become null, counts past i64 floats. Shares nothing. */
function eventValue(value: Value): Value {
  if (value instanceof Float) return Number.isFinite(value.value) ? value : null;
  if (typeof value === 'bigint') return value > INTEGER_MAX ? new Float(Number(value)) : value;
  if (Array.isArray(value)) return value.map(eventValue);
  if (!isObject(value)) return value;
  for (const key of Object.keys(value)) value[key] = eventValue(value[key]!);
  return value;
}
