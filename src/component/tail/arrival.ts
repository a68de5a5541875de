// A file that was not followed before: where its content begins for us, and whether it goes on where another one was
// left.

import {
  type Content,
  FinishedContent,
  GzipContent,
  gzipEndsAt,
  type Inflaters,
  PlainContent,
  readAt,
} from './content.ts';
import type { Fingerprint } from './fingerprint.ts';
import { isUnchanged, type OpenFile } from './identify.ts';
import type { LocalDisk } from './local_disk.ts';
import { PROBE_BYTES, type Probe, readOffset, seenBytes, type Tail } from './tail.ts';

export interface Arrival extends OpenFile {
  readonly fingerprint: Fingerprint;
}

export interface Beginning {
  readonly content: Content;
  readonly position: number;
  /** Whether the position is a stored one. */
  readonly isResumed: boolean;
}

export interface BeginningOptions {
  readonly readFrom: 'beginning' | 'end';
  readonly ignoreBeforeMs: number | undefined;
}

/** Where to begin to read a file. `stored` is its position in the checkpoints. */
export async function beginningOf(
  file: Arrival,
  stored: number | undefined,
  { readFrom, ignoreBeforeMs }: BeginningOptions,
  inflaters: Inflaters,
  disk?: LocalDisk,
): Promise<Beginning> {
  const { fd, facts, isCompressed } = file;
  const isTooOld = ignoreBeforeMs !== undefined && facts.modifiedMs < ignoreBeforeMs;
  const skips = isTooOld || (stored === undefined && readFrom === 'end');
  if (isCompressed) {
    if (skips) return { content: new FinishedContent(fd), position: stored ?? 0, isResumed: false };
    const position = stored ?? 0;
    return { content: await contentAt(file, position, inflaters), position, isResumed: stored !== undefined };
  }
  const content = new PlainContent(fd, disk);
  if (skips) return { content, position: facts.sizeBytes, isResumed: false };
  // A file shorter than its stored position was truncated while nobody looked.
  if (stored === undefined || stored > facts.sizeBytes) return { content, position: 0, isResumed: false };
  return { content, position: stored, isResumed: true };
}

/** The content of a file to be read from `position` on; a compressed one is not inflated when it ends there. */
export async function contentAt(
  { fd, facts, isCompressed }: OpenFile,
  position: number,
  inflaters: Inflaters,
  disk?: LocalDisk,
): Promise<Content> {
  if (!isCompressed) return new PlainContent(fd, disk);
  return position > 0 && (await gzipEndsAt(fd, facts.sizeBytes, position))
    ? new FinishedContent(fd, inflaters)
    : new GzipContent(fd, inflaters);
}

/**
 * Remembers what is before the first byte that will be read. Throws when the file changed since it was identified: it
 * may be another one by now.
 */
export async function rememberBefore(file: OpenFile, position: number, probe: Probe): Promise<void> {
  if (position === 0 || file.isCompressed) return;
  const bytes = Buffer.alloc(Math.min(position, PROBE_BYTES));
  const count = await readAt(file.fd, bytes, 0, bytes.length, position - bytes.length);
  if (count < bytes.length || !(await isUnchanged(file))) throw new Error('it changed while it was opened');
  probe.remember(bytes, 0, count);
}

/**
 * Whether a file of the same fingerprint holds what was read of `tail`, so that reading can go on in it: a copy, or the
 * compressed form of a rotated file.
 */
export async function holdsSame(tail: Tail, { fd, facts, isCompressed }: OpenFile): Promise<boolean> {
  if (isCompressed) return !tail.content.isCompressed || facts.sizeBytes >= tail.facts.sizeBytes;
  if (tail.content.isCompressed || facts.sizeBytes < seenBytes(tail)) return false;
  const bytes = Buffer.alloc(tail.probe.length);
  const count = await readAt(fd, bytes, 0, bytes.length, readOffset(tail) - bytes.length);
  return tail.probe.matches(bytes, 0, count);
}

/** Whether a file that holds what was read of `tail` holds more. */
export function holdsMore(tail: Tail, { facts, isCompressed }: OpenFile): boolean {
  return isCompressed || facts.sizeBytes > seenBytes(tail);
}
