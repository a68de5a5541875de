// What goes wrong with a file before it is read, as Vector words and counts it.

import type { SourceContext } from '../context.ts';

const FAILURES = {
  globbing: ['Failed to glob path.', 'reader_failed'],
  watching: ['Failed to watch file.', 'command_failed'],
  reading_fingerprint: ['Failed reading file for fingerprinting.', 'reader_failed'],
} as const;

export type FileFailure = keyof typeof FAILURES;

/** Counts and says it. */
export function fileFailed(
  { faults }: Pick<SourceContext, 'faults'>,
  code: FileFailure,
  path: string,
  error: Error,
): void {
  const [message, type] = FAILURES[code];
  faults.error(message, { type, stage: 'receiving', code, fields: { file: path, error: error.message } });
}
