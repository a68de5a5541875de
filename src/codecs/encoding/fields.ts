// What `encoding` does to a log before it is encoded: leaves fields out (`except_fields`), keeps only some
// (`only_fields`), writes timestamps as numbers (`timestamp_format`). Metrics and traces pass as they are.
// Events are shared, so what changes is copied along the way and the rest is shared.

import { getField, setField } from '../../event/object.ts';
import { getPath, type Path, removePath, type Segment, setPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import {
  cloneValue,
  Float,
  float,
  INTEGER_MAX,
  integer,
  isObject,
  type ObjectValue,
  type Value,
} from '../../event/value.ts';
import { EncodeError } from './codec.ts';

export const TIMESTAMP_FORMATS = ['rfc3339', 'unix', 'unix_float', 'unix_ms', 'unix_ns', 'unix_us'] as const;
export type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];

export interface FieldRules {
  readonly only_fields?: readonly Path[] | undefined;
  readonly except_fields?: readonly Path[] | undefined;
  readonly timestamp_format?: TimestampFormat | undefined;
}

/** A log's value as it is to be encoded; shares with the original what is the same. Throws `EncodeError`. */
export type Shape = (value: Value) => Value;

/** The rules as one function; undefined when they change nothing. */
export function shapeOf(rules: FieldRules): Shape | undefined {
  const steps: Shape[] = [];
  const { only_fields: only, except_fields: except, timestamp_format: format } = rules;
  if (except && except.length > 0) steps.push(without(except.map(({ segments }) => segments)));
  if (only) steps.push(keeping(only.map(({ segments }) => segments)));
  if (format !== undefined && format !== 'rfc3339') {
    const convert = CONVERSIONS[format];
    steps.push((value) => mapTimestamps(value, convert));
  }
  if (steps.length === 0) return undefined;
  return (value) => steps.reduce((current, step) => step(current), value);
}

/** Whether text of the message alone is untouched by the rules, so that raw frames may pass as they are. */
export function keepsAll(rules: FieldRules): boolean {
  return rules.only_fields === undefined && (rules.except_fields ?? []).length === 0;
}

function without(paths: readonly (readonly Segment[])[]): Shape {
  return (value) => paths.reduce<Value>((current, path) => removed(current, path, 0), value);
}

/** `value` without what is at `path` from `depth` on. */
function removed(value: Value, path: readonly Segment[], depth: number): Value {
  const segment = path[depth];
  if (segment === undefined) return value;
  const last = depth === path.length - 1;
  if (typeof segment === 'number') {
    if (!Array.isArray(value)) return value;
    const index = segment < 0 ? value.length + segment : segment;
    if (index < 0 || index >= value.length) return value;
    return last ? value.toSpliced(index, 1) : value.with(index, removed(value[index]!, path, depth + 1));
  }
  const member = isObject(value) ? getField(value, segment) : undefined;
  if (member === undefined) return value;
  const copy: ObjectValue = {};
  for (const key of Object.keys(value as ObjectValue)) {
    if (key !== segment) setField(copy, key, (value as ObjectValue)[key]!);
    else if (!last) setField(copy, key, removed(member, path, depth + 1));
  }
  return copy;
}

function keeping(paths: readonly (readonly Segment[])[]): Shape {
  if (paths.some((path) => path.length === 0)) return (value) => value;
  return arePlainAndApart(paths) ? (value) => picked(value, paths) : (value) => taken(value, paths);
}

/** Whether all paths are of names only and none lies within another: then the order of taking does not matter. */
function arePlainAndApart(paths: readonly (readonly Segment[])[]): boolean {
  return paths.every(
    (path, index) =>
      path.every((segment) => typeof segment === 'string') &&
      !paths.some((other, at) => at !== index && path.every((segment, depth) => other[depth] === segment)),
  );
}

function picked(value: Value, paths: readonly (readonly Segment[])[]): Value {
  const result: ObjectValue = {};
  for (const path of paths) {
    const found = getPath(value, path);
    if (found !== undefined) setPath(result, path, found);
  }
  return result;
}

/** As Vector does it: each field moves over from what the fields before it left behind, indexes closing up. */
function taken(value: Value, paths: readonly (readonly Segment[])[]): Value {
  const rest = cloneValue(value);
  const result: ObjectValue = {};
  for (const path of paths) {
    const found = removePath(rest, path, true);
    if (found !== undefined) setPath(result, path, found);
  }
  return result;
}

const CONVERSIONS: Readonly<Record<Exclude<TimestampFormat, 'rfc3339'>, (timestamp: Timestamp) => Value>> = {
  unix: (timestamp) => timestamp.seconds,
  unix_ms: (timestamp) => timestamp.toMs(),
  unix_us: (timestamp) => integer(BigInt(timestamp.seconds) * 1_000_000n + BigInt(Math.floor(timestamp.nanos / 1000))),
  unix_ns: (timestamp) => {
    const nanos = timestamp.toNanos();
    if (nanos > INTEGER_MAX || nanos < -INTEGER_MAX)
      throw new EncodeError(`the timestamp ${timestamp} is out of range for \`unix_ns\``);
    return integer(nanos);
  },
  unix_float: (timestamp) => float((timestamp.seconds * 1e6 + Math.floor(timestamp.nanos / 1000)) / 1e6),
};

/** `value` with every timestamp in it converted; what holds none is shared. */
function mapTimestamps(value: Value, convert: (timestamp: Timestamp) => Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Float || value instanceof Uint8Array)
    return value;
  if (value instanceof Timestamp) return convert(value);
  if (Array.isArray(value)) {
    let copy: Value[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item = mapTimestamps(value[i]!, convert);
      if (item !== value[i]) (copy ??= [...value])[i] = item;
    }
    return copy ?? value;
  }
  if (!isObject(value)) return value;
  let copy: ObjectValue | undefined;
  for (const key of Object.keys(value)) {
    const member = mapTimestamps(value[key]!, convert);
    if (member === value[key]) continue;
    copy ??= shallowCopy(value);
    setField(copy, key, member);
  }
  return copy ?? value;
}

function shallowCopy(object: ObjectValue): ObjectValue {
  const copy: ObjectValue = {};
  for (const key of Object.keys(object)) setField(copy, key, object[key]!);
  return copy;
}
