// The codecs `text` and `raw_message`: the message of a log, and nothing else of it.

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { MetricEvent } from '../../event/metric.ts';
import type { TagValues } from '../../event/metric_json.ts';
import { getField } from '../../event/object.ts';
import { getPath } from '../../event/path.ts';
import { textOf } from '../../event/text.ts';
import { isObject, type Value } from '../../event/value.ts';
import type { Codec } from './codec.ts';
import { metricText } from './metric_text.ts';

/** `text`: the message of a log, the text form of a metric. A log without a message is an empty text. */
export function textCodec(logSchema: LogSchema, tagValues: TagValues): Codec {
  return {
    name: 'text',
    accepts: ['log', 'metric'],
    encode: (event, type) =>
      type === 'metric' ? metricText(event as MetricEvent, tagValues) : messageText(event, logSchema),
  };
}

/** `raw_message`: the message of a log. */
export function rawMessageCodec(logSchema: LogSchema): Codec {
  return {
    name: 'raw_message',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => messageText(event, logSchema),
  };
}

function messageText(event: Event, logSchema: LogSchema): string | Uint8Array {
  const message = messageOf(event as LogEvent, logSchema);
  if (message === undefined) return '';
  return message instanceof Uint8Array ? message : textOf(message);
}

/**
 * The message of a log: in the legacy namespace what is under the message key, in the vector namespace the event itself
 * when it is no object.
 */
export function messageOf({ value, metadata }: LogEvent, logSchema: LogSchema): Value | undefined {
  if (!isObject(value) && getField(metadata.value, 'vector') !== undefined) return value;
  const path = logSchema.message;
  return path && getPath(path.target === 'metadata' ? metadata.value : value, path.segments);
}
