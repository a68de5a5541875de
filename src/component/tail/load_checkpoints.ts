// Reads the stored positions of a source at its start, says what came of it, and enters what they take of memory.

import type { SourceContext } from '../context.ts';
import type { Checkpoints } from './checkpoints.ts';

/** Entries changed before `ignoreBeforeMs` are left out. Never rejects. */
export async function loadCheckpoints(
  checkpoints: Checkpoints,
  ignoreBeforeMs: number | undefined,
  context: SourceContext,
): Promise<void> {
  context.owns('checkpoints', { bytes: () => checkpoints.heapBytes });
  context.owns('checkpoints', { place: 'native', bytes: () => checkpoints.bufferBytes });
  const { recovered, loaded, skipped, errors } = await checkpoints.load(ignoreBeforeMs);
  for (const error of errors)
    context.faults.error('Failed reading checkpoints.', {
      type: 'reader_failed',
      stage: 'initializing',
      code: 'reading_checkpoints',
      fields: { error: error.message },
    });
  if (recovered) context.log.warn('Recovered checkpoint data from interrupted process.');
  if (skipped > 0) context.log.warn('Checkpoints that could not be understood were left out', { count: skipped });
  if (loaded > 0) context.log.info('Loaded checkpoint data.', { count: loaded });
}
