// Programs as steps of a segment: a program that begins by putting something else in the place of the event is cut
// there, so that what comes after can run on a part of the new event.

import type { Path, Segment } from '../event/path.ts';
import { openingOf, type Program } from '../vrl/vrl.ts';
import { compileProgram, type ProgramSurroundings } from './programs.ts';

type More = Parameters<typeof compileProgram>[2];

/** A program, and what is known of how it begins. */
export interface CutProgram {
  readonly program: Program;
  /** Set when the first statement replaces the event: what it reads for that. */
  readonly replacing: { readonly reads: readonly Path[]; readonly json: JsonOpening | undefined } | undefined;
}

/** The event becomes the JSON object in the text at `path`; `rest`, where there is more, runs on that. */
export interface JsonOpening {
  readonly path: readonly Segment[];
  /** Whether members of the event that the object does not have stay. */
  readonly keepsOthers: boolean;
  readonly rest: Program | undefined;
}

/** Cuts a program that is known to compile; text says why it cannot be cut. */
export function cutProgram(source: string, surroundings: ProgramSurroundings, more: More): CutProgram | string {
  const opening = openingOf(source);
  const program = opening && compiled(opening.whole, surroundings, more);
  if (!program) return 'its program cannot be compiled';
  if (opening.first === undefined) return { program, replacing: undefined };
  const first = compiled(opening.first, surroundings, more);
  if (!first || (readsAll(first) && !opening.merges)) return { program, replacing: undefined };
  const { reads, eventKindAfter } = first;
  if (!opening.jsonPath) return { program, replacing: { reads, json: undefined } };
  const { rest: source2, jsonPath: path } = opening;
  const rest =
    source2 === undefined ? undefined : compiled(source2, surroundings, { ...more, eventKind: eventKindAfter });
  const json = source2 !== undefined && !rest ? undefined : { path, rest, keepsOthers: opening.merges };
  return { program, replacing: { reads, json } };
}

function readsAll({ reads }: Program): boolean {
  return reads.some(({ target, segments }) => target === 'event' && segments.length === 0);
}

function compiled(source: string, surroundings: ProgramSurroundings, more: More): Program | undefined {
  const result = compileProgram(source, surroundings, more);
  return 'program' in result ? result.program : undefined;
}
