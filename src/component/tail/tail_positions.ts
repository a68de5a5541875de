// Writes down how far a followed file was delivered.

import type { SourceContext } from '../context.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { FollowedFiles } from './followed_files.ts';
import type { ProgressListener } from './progress.ts';
import type { Tail } from './tail.ts';

/** What those of all files of a source share. */
export interface PositionKeeping {
  readonly context: SourceContext;
  readonly checkpoints: Checkpoints;
  readonly followed: FollowedFiles;
}

export class TailPositions implements ProgressListener {
  readonly #keeping: PositionKeeping;
  /** Set once the file has its progress. */
  tail: Tail | undefined;

  constructor(keeping: PositionKeeping) {
    this.#keeping = keeping;
  }

  advanced(position: number): void {
    const { tail } = this;
    if (!tail?.ownsCheckpoint) return;
    const { context, checkpoints, followed } = this.#keeping;
    const now = context.clock.now();
    checkpoints.set(tail.fingerprint, position, now, tail.key);
    if (tail.state === 'dead' && !followed.byKey.has(tail.key)) checkpoints.gone(tail.key, now);
  }

  failed(position: number): void {
    this.#keeping.context.log.warn('A batch failed. Its file is read again from there at the next start.', {
      file: this.tail?.path ?? '',
      file_position: position,
    });
  }
}
