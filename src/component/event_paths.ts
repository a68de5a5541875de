// Options that name fields of an event, which are read.

import type { LogEvent } from '../event/event.ts';
import { getPath, type Path, parsePath } from '../event/path.ts';
import type { Value } from '../event/value.ts';
import { array, type Option, ParseProblem, parsed, string } from '../schema/schema.ts';

/** A field of the event, or of its metadata (`%name`). */
export function eventPath(doc: string, examples: readonly string[]): Option<Path | undefined> {
  return parsed(string(doc, { optional: true, examples }), pathOf);
}

/** Such fields, of which there may be none. */
export function eventPaths(doc: string, examples: readonly (readonly string[])[]): Option<readonly Path[]> {
  return array(parsed(string('A field.'), pathOf), doc, { default: [], examples });
}

/** Such fields, where the option is given. */
export function givenEventPaths(
  doc: string,
  examples: readonly (readonly string[])[],
): Option<readonly Path[] | undefined> {
  return array(parsed(string('A field.'), pathOf), doc, { optional: true, examples });
}

function pathOf(text: string): Path | ParseProblem {
  const path = parsePath(text);
  return typeof path === 'string' ? new ParseProblem(path) : path;
}

/** What stands in the field; undefined when there is none. */
export function valueAt({ value, metadata }: LogEvent, { target, segments }: Path): Value | undefined {
  return getPath(target === 'metadata' ? metadata.value : value, segments);
}
