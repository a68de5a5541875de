// What is known at a point of a program: the kinds of variables, of the event and of its metadata. A `TypeState` is a
// holder that the checker moves along; what it holds is immutable, so a snapshot costs nothing.

import type { Segment } from '../../event/path.ts';
import type { Value } from '../../event/value.ts';
import { equalsExact } from '../4_run/compare.ts';
import type { Kind } from './kind.ts';
import { type TypeDef, unionOf } from './type_def.ts';

/** What is known of a variable: its type, and its value where that is constant. */
export interface Details {
  readonly type: TypeDef;
  readonly value: Value | undefined;
}

export type Locals = ReadonlyMap<string, Details>;

export interface Snapshot {
  readonly locals: Locals;
  readonly event: Details;
  readonly metadata: Kind;
}

export class TypeState {
  locals: Locals;
  event: Details;
  metadata: Kind;

  constructor({ locals, event, metadata }: Snapshot) {
    this.locals = locals;
    this.event = event;
    this.metadata = metadata;
  }

  snapshot(): Snapshot {
    return { locals: this.locals, event: this.event, metadata: this.metadata };
  }

  restore({ locals, event, metadata }: Snapshot): void {
    this.locals = locals;
    this.event = event;
    this.metadata = metadata;
  }

  setVariable(name: string, details: Details): void {
    this.locals = new Map(this.locals).set(name, details);
  }

  removeVariable(name: string): void {
    const locals = new Map(this.locals);
    locals.delete(name);
    this.locals = locals;
  }

  /** What is known of the root `.` or `%`. */
  targetKind(target: 'event' | 'metadata'): Kind {
    return target === 'event' ? this.event.type.kind : this.metadata;
  }
}

/** What is known when one of two ways was taken. */
export function mergeStates(a: Snapshot, b: Snapshot): Snapshot {
  return {
    locals: mergeLocals(a.locals, b.locals),
    event: a.event === b.event ? a.event : mergeDetails(a.event, b.event),
    metadata: a.metadata === b.metadata ? a.metadata : a.metadata.union(b.metadata),
  };
}

function mergeLocals(a: Locals, b: Locals): Locals {
  if (a === b) return a;
  const merged = new Map(a);
  for (const [name, details] of b) {
    const known = a.get(name);
    if (known !== details) merged.set(name, known === undefined ? details : mergeDetails(known, details));
  }
  return merged;
}

function mergeDetails(a: Details, b: Details): Details {
  const same = a.value !== undefined && b.value !== undefined && equalsExact(a.value, b.value);
  return { type: unionOf(a.type, b.type), value: same ? a.value : undefined };
}

/** The variables of `parent` as a block inside it left them; the block's own are gone. */
export function leaveScope(parent: Locals, child: Locals): Locals {
  if (parent === child) return parent;
  let left: Map<string, Details> | undefined;
  for (const [name, details] of parent) {
    const changed = child.get(name);
    if (changed !== undefined && changed !== details) left = (left ?? new Map(parent)).set(name, changed);
  }
  return left ?? parent;
}

/** A name for a target by which its reading is found again. */
export function targetKey(root: string, name: string | undefined, segments: readonly Segment[]): string {
  return JSON.stringify([root, name ?? null, ...segments]);
}
