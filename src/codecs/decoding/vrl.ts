// The `vrl` codec: a frame becomes a log with its text as the message, and a program makes of it what it likes.

import type { LogEvent, TypedEvent } from '../../event/event.ts';
import { setPath } from '../../event/path.ts';
import { bytesValue, isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { type Compiled, Failure, type Program, renderDiagnostics, type Target } from '../../vrl/vrl.ts';
import { type DecodeContext, DecodeError, type Decoder, limitEvents, put, standardKeys } from './decoder.ts';

export interface VrlOptions {
  readonly source: string;
  readonly timezone?: string | undefined;
}

export function vrlDecoder({ source, timezone }: VrlOptions, context: DecodeContext): Decoder {
  const program = programOf(source, context.compile?.(source, timezone));
  const { message } = standardKeys(context);
  const isVector = context.logNamespace === 'vector';
  const asEvent = (value: Value, metadata: ObjectValue): LogEvent => {
    if (isVector || isObject(value)) return { value, metadata: { value: metadata } };
    const log: ObjectValue = {};
    put(log, context.logSchema.message, value);
    return { value: log, metadata: { value: metadata } };
  };
  return {
    decode(frame): TypedEvent[] {
      const target = targetOf(isVector ? bytesValue(frame) : withMessage(message?.segments, bytesValue(frame)));
      const result = program.run(target);
      if (result instanceof Failure) throw new DecodeError(result.message === '' ? 'aborted' : result.message);
      const values = Array.isArray(target.value) ? target.value : [target.value];
      limitEvents(values.length);
      const metadata = isObject(target.metadata) ? target.metadata : {};
      return values.map((value) => ({ type: 'log', event: asEvent(value, metadata) }));
    },
  };
}

function programOf(source: string, compiled: Compiled | undefined): Program {
  if (!compiled) throw new Error('programs cannot be compiled here');
  if ('program' in compiled) return compiled.program;
  throw new Error(`a program does not compile:\n${renderDiagnostics(compiled.diagnostics, source, { color: false })}`);
}

function withMessage(segments: readonly (string | number)[] | undefined, text: Value): ObjectValue {
  const log: ObjectValue = {};
  if (segments) setPath(log, segments, text);
  return log;
}

/** What is decoded has no secrets yet, and codecs have no place for those that a program sets. */
function targetOf(value: Value): Target {
  return { value, metadata: {}, secrets: { get: () => undefined, set() {}, remove() {} } };
}
