// The `json` codec: a frame is one value, or a list of them, an event each.

import { JsonError, type ParseOptions, parseJson } from '../../event/json.ts';
import { getPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { isObject, type Value } from '../../event/value.ts';
import { jsonError } from '../../vrl/vrl.ts';
import { type DecodeContext, DecodeError, type Decoder, limitEvents, logEvent, put, textOf } from './decoder.ts';

export function jsonDecoder({ lossy }: { readonly lossy: boolean }, context: DecodeContext): Decoder {
  const { clock, logNamespace, logSchema } = context;
  return {
    decode(frame) {
      // Empty lines are common between lines of JSON, and no fault.
      if (frame.length === 0) return [];
      const json = parse(textOf(frame, lossy));
      const values = Array.isArray(json) ? json : [json];
      limitEvents(values.length);
      if (logNamespace === 'vector') return values.map(logEvent);
      const now = Timestamp.fromMs(clock.now());
      return values.map((value) => {
        if (!isObject(value)) throw new DecodeError(`a log must be a JSON object, not ${describe(value)}`);
        if (logSchema.timestamp && getPath(value, logSchema.timestamp.segments) === undefined)
          put(value, logSchema.timestamp, now);
        return logEvent(value);
      });
    },
  };
}

/** JSON of a frame. Throws `DecodeError`. */
export function parse(text: string, options?: ParseOptions): Value {
  try {
    return parseJson(text, options);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new DecodeError(serdeText(text) ?? `invalid JSON: ${error.message}`);
  }
}

/** What is wrong with a text as Vector words it: its peers see this in answers. Undefined where it finds nothing. */
function serdeText(text: string): string | undefined {
  const [, what, line, column] = /^(.*) at line (\d+) column (\d+)$/.exec(jsonError(Buffer.from(text)) ?? '') ?? [];
  return what && `Error parsing JSON: Error(${JSON.stringify(what)}, line: ${line}, column: ${column})`;
}

function describe(value: Value): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
