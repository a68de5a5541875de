// Where the well-known parts of a log stand: the global option `log_schema`, parsed.

import type { Path } from './path.ts';

/** Each key is a path in the event; undefined where an empty key switched it off. */
export interface LogSchema {
  readonly host: Path | undefined;
  readonly message: Path | undefined;
  readonly metadata: Path | undefined;
  readonly sourceType: Path | undefined;
  readonly timestamp: Path | undefined;
}

const field = (name: string): Path => ({ target: 'event', segments: [name] });

export const DEFAULT_LOG_SCHEMA: LogSchema = {
  host: field('host'),
  message: field('message'),
  metadata: field('metadata'),
  sourceType: field('source_type'),
  timestamp: field('timestamp'),
};

/** `legacy`: decoded data and source metadata share the event. `vector`: source metadata goes to `%`. */
export type LogNamespace = 'legacy' | 'vector';
