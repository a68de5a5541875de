// The events that unit tests put in, made from what the configuration says. Messages are Vector's: scripts look at them.

import { EventSecrets } from '../component/event_secrets.ts';
import { programFunctions } from '../component/program_environment.ts';
import type { UnitTestInput } from '../config/config.ts';
import type { TypedEvent } from '../event/event.ts';
import type { LogSchema } from '../event/log_schema.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import { MetricJsonError, metricFromJson } from '../event/metric_json.ts';
import { parsePath, setPath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { float, isObject, type ObjectValue, type Value } from '../event/value.ts';
import { compile, type Environment, Failure, renderDiagnostics, type Target } from '../vrl/vrl.ts';

export interface InputContext {
  readonly logSchema: LogSchema;
  readonly environment: Environment;
}

/** The event of an input; text says what is wrong with it. */
export function inputEvent(input: UnitTestInput, context: InputContext): TypedEvent | string {
  switch (input.type) {
    case 'raw':
      return input.value === undefined ? requires('raw', 'value') : log(messageLog(input.value, context));
    case 'vrl':
      return input.source === undefined ? requires('vrl', 'source') : programEvent(input.source, context);
    case 'log':
      return input.log_fields === undefined ? requires('log', 'log_fields') : fieldsEvent(input.log_fields, context);
    case 'metric':
      return input.metric === undefined ? requires('metric', 'metric') : metricEvent(input.metric);
    default:
      return `unrecognized input type '${input.type}', expected one of: 'raw', 'log' or 'metric'`;
  }
}

function requires(type: string, field: string): string {
  return `input type '${type}' requires the field '${field}'`;
}

function log(value: Value, metadata: ObjectValue = {}): TypedEvent {
  return { type: 'log', event: { value, metadata: { ...EMPTY_METADATA, value: metadata } } };
}

/** A log with a message and the time, as sources make it. */
function messageLog(message: string, { logSchema, environment }: InputContext): ObjectValue {
  const value: ObjectValue = {};
  if (logSchema.message) setPath(value, logSchema.message.segments, message);
  if (logSchema.timestamp) setPath(value, logSchema.timestamp.segments, environment.now() as Timestamp);
  return value;
}

function fieldsEvent(fields: ReadonlyMap<string, unknown>, context: InputContext): TypedEvent | string {
  const value = messageLog('', context);
  const metadata: ObjectValue = {};
  for (const [name, field] of fields) {
    const path = parsePath(name);
    if (typeof path === 'string') return path;
    setPath(path.target === 'metadata' ? metadata : value, path.segments, eventValue(field));
  }
  return log(value, metadata);
}

/** A value of a configuration as an event's. */
function eventValue(written: unknown): Value {
  if (typeof written === 'number') return Number.isInteger(written) ? written : float(written);
  if (Array.isArray(written)) return written.map(eventValue);
  if (written instanceof Date) return Timestamp.fromMs(written.getTime());
  if (typeof written !== 'object' || written === null) return written as Value;
  const value: ObjectValue = {};
  for (const [key, member] of Object.entries(written)) setPath(value, [key], eventValue(member));
  return value;
}

function metricEvent(written: unknown): TypedEvent | string {
  try {
    return { type: 'metric', event: metricFromJson(eventValue(written)) };
  } catch (error) {
    if (error instanceof MetricJsonError) return error.message;
    throw error;
  }
}

function programEvent(source: string, { environment }: InputContext): TypedEvent | string {
  const compiled = compile(source, { functions: programFunctions, environment });
  if ('diagnostics' in compiled) return renderDiagnostics(compiled.diagnostics, source, { color: false });
  const target: Target = { value: {}, metadata: {}, secrets: new EventSecrets() };
  const result = compiled.program.run(target);
  if (result instanceof Failure) return result.message === '' ? 'aborted' : result.message;
  return log(target.value, isObject(target.metadata) ? target.metadata : {});
}
