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

interface Range {
  readonly end: number;
  isDone: boolean;
}

export class Progress {
  readonly #inFlight: InFlight;
  readonly #onAdvance: (position: number) => void;
  readonly #onFailure: (position: number) => void;
  /** Those under way are `#ranges[#first, #end)`; the array is used again, as batches come and go all the time. */
  readonly #ranges: Range[] = [];
  #first = 0;
  #end = 0;
  #acknowledged: number;
  #isHeld = false;

  /** `onAdvance` hears of every new position, `onFailure` once, of the position that is held from then on. */
  constructor(
    start: number,
    inFlight: InFlight,
    onAdvance: (position: number) => void,
    onFailure: (position: number) => void,
  ) {
    this.#acknowledged = start;
    this.#inFlight = inFlight;
    this.#onAdvance = onAdvance;
    this.#onFailure = onFailure;
  }

  /** Everything before this was delivered or refused. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether everything sent was acknowledged, so that the file is needed no more for what was read. */
  get isSettled(): boolean {
    return !this.#isHeld && this.#end === this.#first;
  }

  /** The finalizer of a batch that ends at `end`. Ends only ever grow. Releases `holds` with the status of the batch. */
  begin(end: number, holds: readonly Finalizer[] = NO_HOLDS): Finalizer {
    if (this.#isHeld) return new Finalizer((status) => releaseAll(holds, status));
    const range = { end, isDone: false };
    this.#add(range);
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
    const last = this.#end === this.#first ? this.#acknowledged : this.#ranges[this.#end - 1]!.end;
    if (end <= last || this.#isHeld) return;
    this.#add({ end, isDone: true });
    this.#advance();
  }

  /** The range failed: the position can come up to it and no further, so what is behind it need not be kept. */
  #hold(range: Range): void {
    const index = this.#ranges.indexOf(range, this.#first);
    if (index === -1 || index >= this.#end) return;
    this.#cut(index);
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#onFailure(index > this.#first ? this.#ranges[index - 1]!.end : this.#acknowledged);
  }

  #add(range: Range): void {
    this.#ranges[this.#end++] = range;
    this.#inFlight.count += 1;
  }

  #cut(index: number): void {
    this.#inFlight.count -= this.#end - index;
    this.#end = index;
    this.#ranges.length = index;
  }

  #advance(): void {
    const before = this.#acknowledged;
    while (this.#first < this.#end && this.#ranges[this.#first]!.isDone) {
      this.#acknowledged = this.#ranges[this.#first]!.end;
      this.#first += 1;
      this.#inFlight.count -= 1;
    }
    if (this.#first === this.#end || (this.#first > COMPACT_AT && this.#first * 2 > this.#end)) {
      this.#ranges.copyWithin(0, this.#first, this.#end);
      this.#end -= this.#first;
      this.#first = 0;
      if (this.#ranges.length > 2 * this.#end + COMPACT_AT) this.#ranges.length = this.#end + COMPACT_AT;
    }
    if (this.#acknowledged > before) this.#onAdvance(this.#acknowledged);
  }
}

const NO_HOLDS: readonly Finalizer[] = [];

function releaseAll(holds: readonly Finalizer[], status: Status): void {
  for (const hold of holds) hold.release(status);
}

/** Ranges done and still in the list before it is shortened: the cost of one batch stays constant. */
const COMPACT_AT = 32;
