// The `native_json` codec: a frame is one event with its type around it (`{"log": {…}}`), or a list of such.

import type { TypedEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { MetricJsonError, metricFromJson } from '../../event/metric_json.ts';
import { setField } from '../../event/object.ts';
import { Float, INTEGER_MAX, isObject, type Value } from '../../event/value.ts';
import { DecodeError, type Decoder, limitEvents, logEvent, textOf } from './decoder.ts';
import { parse } from './json.ts';

export function nativeJsonDecoder({ lossy }: { readonly lossy: boolean }): Decoder {
  return {
    decode(frame) {
      if (frame.length === 0) return [];
      const text = textOf(frame, lossy);
      // Counts of metrics may be beyond the integers that logs can hold.
      const json = parse(text, { unsigned: 'bigint' });
      const isWide = WIDE.test(text);
      const values = Array.isArray(json) ? json : [json];
      limitEvents(values.length);
      return values.map((value) => readEvent(value, isWide));
    },
  };
}

/** As many digits in a row as the smallest number beyond the integers. */
const WIDE = new RegExp('[0-9]'.repeat(19));

const WANTED = 'an event must be an object with `log`, `metric` or `trace` as its one member';

function readEvent(json: Value, isWide: boolean): TypedEvent {
  if (!isObject(json)) throw new DecodeError(WANTED);
  const [type, ...others] = Object.keys(json);
  if (type === undefined || others.length > 0) throw new DecodeError(WANTED);
  const value = json[type]!;
  if (type === 'metric') return { type, event: readMetric(value) };
  if (type !== 'log' && type !== 'trace') throw new DecodeError(WANTED);
  if (!isObject(value)) throw new DecodeError(`a ${type} must be an object`);
  const event = { value: isWide ? withoutUnsigned(value) : value, metadata: EMPTY_METADATA };
  return type === 'log' ? logEvent(event.value) : { type, event };
}

function readMetric(value: Value) {
  try {
    return metricFromJson(value);
  } catch (error) {
    if (error instanceof MetricJsonError) throw new DecodeError(error.message);
    throw error;
  }
}

/** The same value with whole numbers beyond the integers turned into floats. */
function withoutUnsigned(value: Value): Value {
  if (typeof value === 'bigint') return value > INTEGER_MAX ? new Float(Number(value)) : value;
  if (Array.isArray(value)) return value.map(withoutUnsigned);
  if (!isObject(value)) return value;
  for (const key of Object.keys(value)) setField(value, key, withoutUnsigned(value[key]!));
  return value;
}
