// The codecs `json` (the event itself) and `native_json` (the event with its type around it, `{"log": …}`).

import type { EventType, LogEvent } from '../../event/event.ts';
import { stringifyJson } from '../../event/json.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { metricToJson } from '../../event/metric_json.ts';
import type { Codec } from './codec.ts';
import type { MetricTagValues } from './metric_text.ts';

const PRETTY_INDENT = 2;
const ALL: readonly EventType[] = ['log', 'metric', 'trace'];

export function jsonCodec(options: { readonly pretty: boolean; readonly tagValues: MetricTagValues }): Codec {
  const indent = options.pretty ? PRETTY_INDENT : 0;
  return {
    name: 'json',
    accepts: ALL,
    encode: (event, type) =>
      stringifyJson(
        type === 'metric' ? metricToJson(event as MetricEvent, options.tagValues) : (event as LogEvent).value,
        indent,
      ),
  };
}

export function nativeJsonCodec(): Codec {
  return {
    name: 'native_json',
    accepts: ALL,
    encode: (event, type) => {
      const payload = type === 'metric' ? metricToJson(event as MetricEvent, 'full') : (event as LogEvent).value;
      return `{"${type}":${stringifyJson(payload)}}`;
    },
  };
}
