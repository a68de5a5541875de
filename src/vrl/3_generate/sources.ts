// Where the arrays and objects of a value may still be reached from, and what follows for storing it.

import type { Segment } from '../../event/path.ts';
import type { Checked } from '../2_check/checked.ts';
import type { Kind } from '../2_check/kind.ts';
import type { Parameter } from '../function.ts';
import type { Root } from './scan.ts';

/** A place in the event, metadata or a variable. */
export interface Source {
  readonly root: Root | 'unknown';
  readonly segments: readonly Segment[];
}

export const UNKNOWN: readonly Source[] = [{ root: 'unknown', segments: [] }];

/** Functions whose result holds each item of their arguments at most once: storing it where they came from moves it. */
export const MOVING: ReadonlySet<string> = new Set([
  'append',
  'array',
  'compact',
  'filter',
  'flatten',
  'map_keys',
  'map_values',
  'merge',
  'object',
  'push',
  'remove',
  'set',
]);

/** Whether a value of the kind can hold others. */
export function mayContain(kind: Kind): boolean {
  return kind.contains('array') || kind.contains('object');
}

/** Whether arrays or objects can reach the implementation by this parameter. */
export function takesContainers({ kinds }: Parameter): boolean {
  return kinds.includes('any') || kinds.includes('array') || kinds.includes('object');
}

export function isMoving(node: Checked): boolean {
  if (node.op === 'binary') return node.operator === '|';
  return node.op === 'call' && MOVING.has(node.definition.name);
}

/** Whether all sources lie in the place that is overwritten, each a different part of it. */
export function comesFromItself(sources: readonly Source[], root: Root, segments: readonly Segment[]): boolean {
  return (
    sources.length === 1 &&
    sources[0]!.root === root &&
    sources[0]!.segments.length === segments.length &&
    segments.every((segment, index) => segment === sources[0]!.segments[index])
  );
}
