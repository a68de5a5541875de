// Files that hold one log, one after the other: a message may begin in a rotated file and go on in the next one.
//
//   0.log.20261127-101500   … ⏎ first part of a message ⏎ end
//   0.log                   rest of the message ⏎ …
//
// The next file is not read before the one before it was read to its end, so that messages stay in order. What waits then
// moves to the next file, and with it a hold on the position in the file it came from, which passes it when the message
// was delivered: after a restart both are read again from where the message begins.

import type { Tail } from './tail.ts';

export interface Succession {
  readonly before: Tail;
  readonly after: Tail;
  /** Whether the end of the file before was found since the next one is there. */
  hasEnded: boolean;
}

/** `after` holds what comes behind the end of `before`. */
export function succeed(before: Tail, after: Tail): void {
  if (before.next || after.previous) return;
  const succession = { before, after, hasEnded: false };
  before.next = succession;
  after.previous = succession;
}

/** The next file waits no more. */
export function part(succession: Succession): void {
  succession.before.next = undefined;
  succession.after.previous = undefined;
}

/**
 * A turn came to the end of `before`. Returns the next file when its time has come. Who rotates may write a last line
 * while the next file is there already, so where something was read the end is looked for once more, and no more than that.
 */
export function endFound(before: Tail, hasRead: boolean, nowMs: number): Tail | undefined {
  const succession = before.next!;
  const isSure = !hasRead || succession.hasEnded;
  succession.hasEnded = true;
  if (!isSure) return undefined;
  const { after } = succession;
  part(succession);
  // It is hardly written to again, and there are as many of them as there are logs.
  before.outlet = undefined;
  before.isPassed = true;
  if (before.assembler && after.assembler && before.assembler.openOffset !== Number.POSITIVE_INFINITY) {
    const hold = before.progress.begin(before.position);
    after.assembler.takeOver(before.assembler, after.position, nowMs, { hold, file: before });
    hold.release();
  }
  return after;
}
