// Which fields of an event a segment has to look at: the paths that its steps read and write, brought to the form that
// kernels can follow (names of members, no place inside another one).

import type { Path, Segment } from '../../event/path.ts';
import type { Needs } from './step.ts';

/** A place in the event, by the names of members on the way to it. */
export interface Field {
  readonly names: readonly string[];
  /** Whether its value is looked at; otherwise it is enough to know whether it is there. */
  readonly isRead: boolean;
  /** Whether it is looked at for no more than whether it is there, and null; counts as read. */
  readonly isOnlyTested: boolean;
  readonly isWritten: boolean;
}

/** What is to be known of an event, or why that is all of it. */
export type Fields = KnownFields | { readonly whole: string };

export interface KnownFields {
  readonly fields: readonly Field[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Brings together what several steps need. */
export function fieldsOf(needs: readonly Needs[]): Fields {
  const found = new Map<string, Writable<Field>>();
  for (const { reads, writes, tests = [] } of needs) {
    for (const [paths, isWrite, isTest] of [
      [reads, false, false],
      [tests, false, true],
      [writes, true, false],
    ] as const) {
      for (const { target, segments } of paths) {
        if (target === 'metadata') {
          if (isWrite) return { whole: 'it writes metadata' };
          continue;
        }
        const names = namesOf(segments);
        if (names.length === 0) return { whole: isWrite ? 'it writes the whole event' : 'it reads the whole event' };
        // Who writes inside of an array reads the array.
        const isRead = !isWrite || names.length < segments.length;
        const key = JSON.stringify(names);
        const field = found.get(key) ?? { names, isRead: false, isOnlyTested: true, isWritten: false };
        field.isRead ||= isRead;
        if (isRead && !isTest) field.isOnlyTested = false;
        field.isWritten ||= isWrite;
        found.set(key, field);
      }
    }
  }
  return { fields: withoutInner([...found.values()]) };
}

/** The part of a path that leads through objects. */
function namesOf(segments: readonly Segment[]): readonly string[] {
  const index = segments.findIndex((segment) => typeof segment !== 'string');
  return (index < 0 ? segments : segments.slice(0, index)) as readonly string[];
}

/** A field that lies in another one is a part of that. */
function withoutInner(fields: readonly Field[]): readonly Field[] {
  const outer = fields.filter(
    (field) => !fields.some((other) => other !== field && isWithin(field.names, other.names)),
  );
  return outer.map((field) => {
    const inner = fields.filter((other) => other !== field && isWithin(other.names, field.names));
    if (inner.length === 0) return field;
    const isWritten = field.isWritten || inner.some((one) => one.isWritten);
    return { names: field.names, isRead: true, isOnlyTested: false, isWritten };
  });
}

/** Whether `names` leads to a place inside of `outer`. */
function isWithin(names: readonly string[], outer: readonly string[]): boolean {
  return names.length > outer.length && outer.every((name, index) => names[index] === name);
}

export function pathOf(name: string): Path {
  return { target: 'event', segments: [name] };
}
