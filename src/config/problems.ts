// Problems with the place where each is written, ready to be shown: nothing confidential left in them, sorted, and
// without those that only follow from another.

import type { ConfigPath, Problem } from '../schema/schema.ts';
import { type FileProblem, findPlace, type MapNode, type Place, positionOf } from './document.ts';

export interface LocatedProblem extends Problem {
  /** Where it is written; undefined for what concerns no file, such as a pattern that matches none. */
  readonly place: Place | undefined;
}

export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The file, line and column (from 1) of a problem. */
export function locationOf({ place }: LocatedProblem): Location | undefined {
  return place && { file: place.file.path, ...positionOf(place) };
}

export function locatedInFile({ severity, message, hint, place }: FileProblem): LocatedProblem {
  return { severity, path: [], message, place, ...(hint === undefined ? {} : { hint }) };
}

/** The problems of a checked document, each at its place. */
export function locate(problems: readonly Problem[], root: MapNode): LocatedProblem[] {
  return problems.map((problem) => {
    const { place, path } = findPlace(root, problem.path, problem.atKey);
    // What is wrong with a configuration as a whole has no line of its own.
    return { ...problem, path, place: problem.path.length === 0 ? undefined : place };
  });
}

/** Leaves out complaints about values that could not be made in the first place; why not is said already. */
export function withoutFollowers(problems: readonly Problem[], broken: readonly ConfigPath[]): Problem[] {
  const isBelow = (path: ConfigPath, above: ConfigPath): boolean => above.every((part, index) => path[index] === part);
  return problems.filter(({ atKey, path }) => atKey || !broken.some((leaf) => isBelow(path, leaf)));
}

/** Confidential texts shorter than this are too common to be looked for in messages about other places. */
const CONFIDENTIAL_CHARS_MIN = 4;

/** The problems with every confidential text taken out. */
export function redacted(problems: readonly LocatedProblem[], confidential: ReadonlySet<string>): LocatedProblem[] {
  const texts = [...confidential]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .filter((text) => text.length >= CONFIDENTIAL_CHARS_MIN)
    .sort((a, b) => b.length - a.length);
  return problems.map((problem) => {
    const own = isHidden(problem.place) ? [writtenAt(problem.place!), ...texts] : texts;
    const clean = (text: string): string =>
      own.reduce((result, secret) => (result.includes(secret) ? result.replaceAll(secret, '[hidden]') : result), text);
    const message = clean(problem.message);
    return problem.hint === undefined ? { ...problem, message } : { ...problem, message, hint: clean(problem.hint) };
  });
}

function isHidden(place: Place | undefined): boolean {
  return place?.file.hidden.some(([start, end]) => start === place.start && end === place.end) === true;
}

/** The value of a leaf without its quotes. */
function writtenAt({ file, start, end }: Place): string {
  return file.text.slice(start, end).replace(/^(["'])(.*)\1$/s, '$2');
}

/** In the order of files and lines, each once; first what concerns no file. */
export function sorted(problems: readonly LocatedProblem[]): LocatedProblem[] {
  const pathOf = ({ place }: LocatedProblem): string => place?.file.path ?? '';
  const seen = new Set<string>();
  return problems
    .toSorted((a, b) => {
      const [first, second] = [pathOf(a), pathOf(b)];
      if (first !== second) return first < second ? -1 : 1;
      return (a.place?.start ?? 0) - (b.place?.start ?? 0);
    })
    .filter((problem) => {
      const key = JSON.stringify([pathOf(problem), problem.place?.start, problem.path, problem.message]);
      return !seen.has(key) && seen.add(key);
    });
}
