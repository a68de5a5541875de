// Paths into events, as configuration and VRL write them: `message`, `.a.b[0]`, `."quoted key"`, `%meta.x`, `.`.
// Reading never throws; writing creates what is missing, as VRL does, within limits.

import { getField, removeField, setField } from './object.ts';
import { isObject, type ObjectValue, type Value } from './value.ts';

/** A field name or an array index (negative counts from the end). */
export type Segment = string | number;

export interface Path {
  /** `event` for `.a`, `metadata` for `%a`. */
  readonly target: 'event' | 'metadata';
  /** Empty for the root. */
  readonly segments: readonly Segment[];
}

/** Paths longer than this are refused. */
const SEGMENTS_MAX = 128;

/** Writing beyond this index is ignored: one short path must not allocate without bound. */
const INDEX_MAX = 65_535;

/**
 * Parses a path. A leading dot is optional.
 * @returns the path, or text that says what is wrong and where.
 */
export function parsePath(text: string): Path | string {
  const metadata = text.startsWith('%');
  const rest = metadata ? text.slice(1) : text;
  if (rest === '.' || (metadata && rest === '')) return { target: metadata ? 'metadata' : 'event', segments: [] };
  if (rest === '') return 'a path must not be empty';
  const segments = parseSegments(rest.startsWith('.') ? rest.slice(1) : rest);
  if (typeof segments === 'string') return `\`${text}\` is not a path: ${segments}`;
  return { target: metadata ? 'metadata' : 'event', segments };
}

/** Behind a quote or bracket the next part needs no dot. */
const STEP = /(?:([A-Za-z0-9_@-]+)(?=[.[]|$)|"((?:[^"\\]|\\.)*)"|\[(-?\d{1,10})\])(?:\.(?![[]|$))?/y;

function parseSegments(text: string): Segment[] | string {
  const segments: Segment[] = [];
  let position = 0;
  while (position < text.length) {
    STEP.lastIndex = position;
    const match = STEP.exec(text);
    if (!match) return explain(text, position);
    const [all, plain, quoted, index] = match;
    if (plain !== undefined) segments.push(plain);
    else if (quoted !== undefined) segments.push(quoted.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char));
    else segments.push(Number(index));
    if (segments.length > SEGMENTS_MAX) return `it has more than ${SEGMENTS_MAX} parts`;
    position += all.length;
  }
  return segments.length > 0 ? segments : 'it is empty';
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function explain(text: string, position: number): string {
  const rest = text.slice(position);
  if (rest.startsWith('"')) return 'a quoted part is not closed';
  if (rest.startsWith('[')) return 'an index must be a whole number in brackets, as in `[0]`';
  const bad = /[^A-Za-z0-9_@-]/.exec(rest)?.[0];
  if (bad === undefined || (bad === '.' && rest.endsWith('.'))) return 'it ends in a dot';
  if (bad === '.') return 'a part between two dots is empty';
  return `a part with \`${bad}\` must be quoted, as in \`"${rest.split('.')[0]!.replaceAll('"', '')}"\``;
}

/** Whether a field name can stand in a path without quotes. */
export function isPlainField(name: string): boolean {
  return /^[A-Za-z0-9_@]+$/.test(name);
}

/** The path as text, without a leading dot: `a."b c"[0]`; `.` for the root. */
export function formatPath(path: Path): string {
  let text = '';
  for (const segment of path.segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += `${text === '' ? '' : '.'}${isPlainField(segment) ? segment : JSON.stringify(segment)}`;
  }
  return path.target === 'metadata' ? `%${text}` : text || '.';
}

/** The value at `segments` below `root`; undefined when there is none. */
export function getPath(root: Value, segments: readonly Segment[]): Value | undefined {
  let value: Value | undefined = root;
  for (const segment of segments) {
    if (typeof segment === 'number') value = Array.isArray(value) ? value.at(segment) : undefined;
    else value = isObject(value) ? getField(value, segment) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

/**
 * Puts `value` at `segments`, creating objects and arrays on the way and replacing what is of another kind. Gaps in
 * arrays are filled with null. The root itself must be an object; with no segments nothing happens.
 */
export function setPath(root: ObjectValue, segments: readonly Segment[], value: Value): void {
  let parent: ObjectValue | Value[] = root;
  for (let i = 0; i < segments.length - 1; i++) {
    const next = segments[i + 1]!;
    const current = read(parent, segments[i]!);
    if (typeof next === 'number' ? Array.isArray(current) : isObject(current))
      parent = current as ObjectValue | Value[];
    else {
      const created: ObjectValue | Value[] = typeof next === 'number' ? [] : {};
      if (!write(parent, segments[i]!, created)) return;
      parent = created;
    }
  }
  if (segments.length > 0) write(parent, segments[segments.length - 1]!, value);
}

function read(parent: ObjectValue | Value[], segment: Segment): Value | undefined {
  if (typeof segment === 'number') return Array.isArray(parent) ? parent.at(segment) : undefined;
  return Array.isArray(parent) ? undefined : getField(parent, segment);
}

function write(parent: ObjectValue | Value[], segment: Segment, value: Value): boolean {
  if (typeof segment === 'string') {
    if (Array.isArray(parent)) return false;
    setField(parent, segment, value);
    return true;
  }
  if (!Array.isArray(parent) || Math.abs(segment) > INDEX_MAX) return false;
  if (segment >= 0) {
    while (parent.length < segment) parent.push(null);
    parent[segment] = value;
    return true;
  }
  while (parent.length < -segment) parent.unshift(null);
  parent[parent.length + segment] = value;
  return true;
}

/**
 * Removes the value at `segments` and returns it. With `compact`, objects and arrays left empty on the way go too.
 */
export function removePath(root: Value, segments: readonly Segment[], compact = false): Value | undefined {
  const last = segments[segments.length - 1];
  if (last === undefined) return undefined;
  const parents: Value[] = [root];
  for (let i = 0; i < segments.length - 1; i++) {
    const next = getPath(parents[i]!, [segments[i]!]);
    if (next === undefined) return undefined;
    parents.push(next);
  }
  const removed = removeFrom(parents[parents.length - 1]!, last);
  if (compact && removed !== undefined) {
    for (let i = parents.length - 1; i > 0 && isEmpty(parents[i]!); i--) removeFrom(parents[i - 1]!, segments[i - 1]!);
  }
  return removed;
}

function removeFrom(parent: Value, segment: Segment): Value | undefined {
  if (typeof segment === 'string') return isObject(parent) ? removeField(parent, segment) : undefined;
  if (!Array.isArray(parent)) return undefined;
  const index = segment < 0 ? parent.length + segment : segment;
  return index < 0 || index >= parent.length ? undefined : parent.splice(index, 1)[0];
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
