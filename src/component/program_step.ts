// Programs as steps of a segment: a program that begins by putting something else in the place of the event is cut
// there, so that what comes after can run on a part of the new event.

import type { TextReplacement } from '../engine/segment/step.ts';
import type { Path } from '../event/path.ts';
import { openingOf, type Program } from '../vrl/vrl.ts';
import { compileProgram, type ProgramSurroundings } from './programs.ts';

type More = Parameters<typeof compileProgram>[2];

/** A program, and what is known of how it begins. */
export interface CutProgram {
  readonly program: Program;
  /** Set when the first statement replaces the event: what it reads for that. */
  readonly replacing: { readonly reads: readonly Path[]; readonly text: TextOpening | undefined } | undefined;
}

/** The event becomes what the text at `path` says; `rest`, where there is more, runs on that. */
export interface TextOpening extends Pick<TextReplacement, 'format' | 'path' | 'pattern' | 'keepsOthers'> {
  readonly rest: Program | undefined;
}

/** Cuts a program that is known to compile; text says why it cannot be cut. */
export function cutProgram(source: string, surroundings: ProgramSurroundings, more: More): CutProgram | string {
  const opening = openingOf(source);
  const program = opening && compiled(opening.whole, surroundings, more);
  if (!program) return 'its program cannot be compiled';
  if (opening.first === undefined) return { program, replacing: undefined };
  const first = compiled(opening.first, surroundings, more);
  const { text, rest: source2 } = opening;
  if (!first || (readsAll(first) && !text?.merges)) return { program, replacing: undefined };
  const { reads, eventKindAfter } = first;
  if (!text) return { program, replacing: { reads, text: undefined } };
  const rest =
    source2 === undefined ? undefined : compiled(source2, surroundings, { ...more, eventKind: eventKindAfter });
  if (source2 !== undefined && !rest) return { program, replacing: { reads, text: undefined } };
  const { format, path, pattern, merges } = text;
  return { program, replacing: { reads, text: { format, path, pattern, keepsOthers: merges, rest } } };
}

function readsAll({ reads }: Program): boolean {
  return reads.some(({ target, segments }) => target === 'event' && segments.length === 0);
}

function compiled(source: string, surroundings: ProgramSurroundings, more: More): Program | undefined {
  const result = compileProgram(source, surroundings, more);
  return 'program' in result ? result.program : undefined;
}
