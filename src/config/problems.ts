// Problems with the place where each is written, ready to be shown: nothing confidential left in them, sorted, and
// without those that only follow from another.

import type { ConfigPath, Problem } from '../schema/schema.ts';
import {
  type DocumentNode,
  type FileProblem,
  findPlace,
  lineAt,
  type MapNode,
  memberOf,
  type Place,
  positionOf,
} from './document.ts';
import { offsetsOf } from './inside.ts';

export interface LocatedProblem extends Problem {
  /** Where it is written; undefined for what concerns no file, such as a pattern that matches none. */
  readonly place: Place | undefined;
  /** The place in the file of an offset in the value, where the value is written there as it is. */
  readonly at?: (offset: number) => number;
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
    if (problem.path.length === 0) return { ...problem, path, place: undefined };
    return problem.span ? within(problem, path, place, root) : { ...problem, path, place };
  });
}

/** A problem with a part of a text. */
function within(problem: Problem, path: ConfigPath, place: Place, root: MapNode): LocatedProblem {
  const value = textAt(root, path);
  const at = value === undefined || isNearHidden(place) ? undefined : offsetsOf(place, value);
  if (!at) return { ...problem, path, place };
  const { start, end } = problem.span!;
  return { ...problem, path, at, place: { file: place.file, start: at(start), end: Math.max(at(start), at(end)) } };
}

/** The text that a path leads to. */
function textAt(root: MapNode, path: ConfigPath): string | undefined {
  const node = path.reduce<DocumentNode | undefined>(
    (current, part) =>
      typeof part === 'number' ? (current?.kind === 'list' ? current.items[part] : undefined) : memberOf(current, part),
    root,
  );
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** Whether something confidential shares a line with it. */
function isNearHidden({ file, start, end }: Place): boolean {
  const from = lineAt(file.text, start).start;
  const to = lineAt(file.text, end).end;
  return file.hidden.some(([hiddenStart, hiddenEnd]) => hiddenEnd > from && hiddenStart < to);
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
