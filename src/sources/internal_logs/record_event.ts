// A log line about ourselves as an event: what is said, where, and by which component.
//
//   message, timestamp, metadata.{kind, level, module_path, target}, vector.component_{id, kind, type}, other fields

import type { LogEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { setField } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { float, type ObjectValue, own, type Value } from '../../event/value.ts';
import type { LogRecord } from '../../telemetry/log.ts';

/** The name of whoever says something that no component says. */
const PROGRAM = 'sluice';

const COMPONENT = 'component_';

export function eventOf({ timeMs, level, message, fields }: LogRecord): LogEvent {
  const value: ObjectValue = {};
  const component: ObjectValue = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    const isComponent = name.startsWith(COMPONENT);
    setField(isComponent ? component : value, name, fieldValue(field));
  }
  const target = targetOf(fields);
  value['message'] = own(message);
  value['timestamp'] = Timestamp.fromMs(timeMs);
  value['metadata'] = { kind: 'event', level: level.toUpperCase(), module_path: target, target };
  if (Object.keys(component).length > 0) value['vector'] = component;
  return { value, metadata: EMPTY_METADATA };
}

/** Where a line comes from, as `sluice::sinks::http`. */
function targetOf({ component_kind: kind, component_type: type }: LogRecord['fields']): string {
  return kind === undefined || type === undefined ? PROGRAM : `${PROGRAM}::${kind}s::${type}`;
}

function fieldValue(field: string | number | boolean): Value {
  if (typeof field === 'string') return own(field);
  if (typeof field === 'boolean') return field;
  if (Number.isSafeInteger(field)) return field;
  return Number.isNaN(field) ? null : float(field);
}

/** What a line takes while it waits, with some overhead for each field. */
export function sizeOfRecord({ message, fields }: LogRecord): number {
  let size = 200 + message.length;
  for (const name in fields) {
    const field = fields[name];
    size += 50 + (typeof field === 'string' ? field.length : 8);
  }
  return size;
}
