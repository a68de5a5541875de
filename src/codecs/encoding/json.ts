// The codecs `json` (the event itself) and `native_json` (the event with its type around it, `{"log": …}`).

import type { EventType, LogEvent } from '../../event/event.ts';
import { stringifyJson } from '../../event/json.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { stringifyMetric, type TagValues } from '../../event/metric_json.ts';
import type { Codec } from './codec.ts';

const PRETTY_INDENT = 2;
const ALL: readonly EventType[] = ['log', 'metric', 'trace'];

export function jsonCodec(options: { readonly pretty: boolean; readonly tagValues: TagValues }): Codec {
  const indent = options.pretty ? PRETTY_INDENT : 0;
  return {
    name: 'json',
    isPlainJson: !options.pretty,
    accepts: ALL,
    encode: (event, type) =>
      type === 'metric'
        ? stringifyMetric(event as MetricEvent, options.tagValues, indent)
        : stringifyJson((event as LogEvent).value, indent),
  };
}

export function nativeJsonCodec(): Codec {
  return {
    name: 'native_json',
    accepts: ALL,
    encode: (event, type) =>
      type === 'metric'
        ? `{"metric":${stringifyMetric(event as MetricEvent, 'full')}}`
        : `{"${type}":${stringifyJson((event as LogEvent).value)}}`,
  };
}
