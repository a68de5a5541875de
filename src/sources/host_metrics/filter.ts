// Which devices, filesystems, processes or groups are reported: patterns to include and to exclude.

import { array, type ConfigOf, object, ParseProblem, parsed, string } from '../../schema/schema.ts';
import { type Glob, parseGlob } from '../../std/glob.ts';

/** Lists of patterns for `what`. */
export function filter(what: string, examples: { readonly includes: string; readonly excludes: string }) {
  const pattern = string('A pattern of `*`, `?` and `[…]`.');
  return object(`Which ${what} are reported.`, {
    excludes: parsed(
      array(pattern, `Patterns of ${what} that are left out, included or not.`, {
        optional: true,
        examples: [[examples.excludes]],
      }),
      globsOf,
    ),
    includes: parsed(
      array(pattern, `Patterns of ${what} that are reported.`, { default: ['*'], examples: [[examples.includes]] }),
      globsOf,
    ),
  });
}

function globsOf(patterns: readonly string[]): Glob[] | ParseProblem {
  const globs: Glob[] = [];
  for (const text of patterns) {
    const glob = parseGlob(text);
    if (typeof glob === 'string') return new ParseProblem(glob);
    globs.push(glob);
  }
  return globs;
}

export type Filter = ConfigOf<ReturnType<typeof filter>>;

/** Whether `name` is reported. What has no name is reported unless only some names are. */
export function isReported(name: string | undefined, { includes, excludes = [] }: Filter): boolean {
  return includes.some((glob) => glob.matches(name ?? '')) && !isExcluded(name, { excludes });
}

export function isExcluded(name: string | undefined, { excludes = [] }: Pick<Filter, 'excludes'>): boolean {
  return name !== undefined && excludes.some((glob) => glob.matches(name));
}
