// Options that name the field which something known about an event is put into.

import { type Path, parsePath } from '../event/path.ts';
import { ParseProblem, parsed, string } from '../schema/schema.ts';

/** A field, or `off` where the user wrote an empty name. */
export type FieldKey = Path | 'off';

/** Such an option. Absent it is undefined. */
export function fieldKey(doc: string, examples: readonly string[] = ['host']) {
  return parsed(string(doc, { optional: true, syntax: 'path', examples }), readKey);
}

/** Such an option with a default. */
export function fieldKeyOr(name: string, doc: string) {
  return parsed(string(doc, { default: name, syntax: 'path' }), readKey);
}

function readKey(text: string): FieldKey | ParseProblem {
  if (text === '') return 'off';
  const path = parsePath(text);
  if (typeof path === 'string') return new ParseProblem(path);
  return path.target === 'event'
    ? path
    : new ParseProblem(`\`${text}\` must be a field of the event, not of its metadata`);
}

/** The field to use: the configured one, `fallback` where nothing was configured, none where it was switched off. */
export function keyOrElse(key: FieldKey | undefined, fallback: Path | undefined): Path | undefined {
  return key === 'off' ? undefined : (key ?? fallback);
}
