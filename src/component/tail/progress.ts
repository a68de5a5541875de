// How far a file was delivered: the batches cut from it, in order, and the position up to which all of them are done.
//
//   position 0 ────► acknowledged ───[ in flight ]──[ done ]──[ in flight ]───► read
//                         └ moves only when the first range is done
//
// A refused batch is done: it was counted where it was refused, and sending it for ever helps nobody. A batch that
// failed holds the position before it until the next start, when everything behind it is read again.

import { Finalizer, type Status } from '../../event/finalizer.ts';

/** Batches of all files of one source that may be under way; reading waits beyond it. About 100 bytes each. */
export const IN_FLIGHT_MAX = 100_000;

/** What the files of one source share. */
export interface InFlight {
  count: number;
}

/** Who is told. One object rather than a function for each thing: there are thousands of files. */
export interface ProgressListener {
  /** Of every new position. */
  advanced(position: number): void;
  /** Once, of the position that is held from then on. */
  failed(position: number): void;
}

/** Those under way form a chain, oldest first: it takes nothing while there are none, which is mostly. */
interface Range {
  readonly end: number;
  isDone: boolean;
  isCut: boolean;
  next: Range | undefined;
}

export class Progress {
  readonly #inFlight: InFlight;
  readonly #listener: ProgressListener;
  #first: Range | undefined;
  #last: Range | undefined;
  #acknowledged: number;
  #isHeld = false;

  constructor(start: number, inFlight: InFlight, listener: ProgressListener) {
    this.#acknowledged = start;
    this.#inFlight = inFlight;
    this.#listener = listener;
  }

  /** Everything before this was delivered or refused. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether everything sent was acknowledged, so that the file is needed no more for what was read. */
  get isSettled(): boolean {
    return !this.#isHeld && this.#first === undefined;
  }

  /** The finalizer of a batch that ends at `end`. Ends only ever grow. Releases `holds` with the status of the batch. */
  begin(end: number, holds: readonly Finalizer[] = NO_HOLDS): Finalizer {
    if (this.#isHeld) return new Finalizer((status) => releaseAll(holds, status));
    const range = this.#add(end, false);
    return new Finalizer((status) => {
      releaseAll(holds, status);
      if (status === 'errored') this.#hold(range);
      else {
        range.isDone = true;
        this.#advance();
      }
    });
  }

  /** Content up to `end` made no batch (it was dropped and counted): it is done when everything before it is. */
  pass(end: number): void {
    const last = this.#last?.end ?? this.#acknowledged;
    if (end <= last || this.#isHeld) return;
    this.#add(end, true);
    this.#advance();
  }

  /** The range failed: the position can come up to it and no further, so what is behind it need not be kept. */
  #hold(range: Range): void {
    if (range.isCut) return;
    let before: Range | undefined;
    for (let one = this.#first; one !== range; one = one!.next) before = one;
    for (let cut: Range | undefined = range; cut; cut = cut.next) {
      cut.isCut = true;
      this.#inFlight.count -= 1;
    }
    if (before) before.next = undefined;
    else this.#first = undefined;
    this.#last = before;
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#listener.failed(before?.end ?? this.#acknowledged);
  }

  #add(end: number, isDone: boolean): Range {
    const range: Range = { end, isDone, isCut: false, next: undefined };
    if (this.#last) this.#last.next = range;
    else this.#first = range;
    this.#last = range;
    this.#inFlight.count += 1;
    return range;
  }

  #advance(): void {
    const before = this.#acknowledged;
    while (this.#first?.isDone) {
      this.#acknowledged = this.#first.end;
      this.#first = this.#first.next;
      this.#inFlight.count -= 1;
    }
    if (!this.#first) this.#last = undefined;
    if (this.#acknowledged > before) this.#listener.advanced(this.#acknowledged);
  }
}

const NO_HOLDS: readonly Finalizer[] = [];

function releaseAll(holds: readonly Finalizer[], status: Status): void {
  for (const hold of holds) hold.release(status);
}
