// What happened to each slot since it was last claimed: who did it, and from which place in the code. For debugging; it
// takes a stack at every step, and keeps the last few.

/** Steps kept per slot; a slot that is cut into many batches has thousands. */
const STEPS_MAX = 64;
/** Callers kept of each step, counted from the first that is not the arena itself. */
const CALLERS = 4;

/** Bytes of a free slot, so that whoever still reads there sees that it should not. */
export const FREED_BYTE = 0xdb;

/** A slot that somebody holds. */
export interface SlotHeld {
  readonly slot: number;
  /** Holds of this thread. */
  readonly holds: number;
  readonly who: string;
  /** Every step since it was claimed, in debug mode. */
  readonly history: string | undefined;
}

interface Step {
  readonly what: string;
  readonly who: string | undefined;
  readonly callers: readonly string[];
}

export class SlotHistory {
  readonly #steps: Step[][];

  constructor(slots: number) {
    this.#steps = Array.from({ length: slots }, () => []);
  }

  claimed(index: number, who: string | undefined): void {
    this.#steps[index] = [stepOf('claimed', who)];
  }

  add(index: number, what: string, who: string | undefined): void {
    const steps = this.#steps[index]!;
    // The claim stays: it says whose slot it is.
    if (steps.length === STEPS_MAX) steps.splice(1, 1);
    steps.push(stepOf(what, who));
  }

  describe(index: number): string {
    return this.#steps[index]!.map(({ what, who, callers }) => {
      return `  ${what}${who === undefined ? '' : ` by \`${who}\``} at ${callers.join(' ← ')}`;
    }).join('\n');
  }
}

function stepOf(what: string, who: string | undefined): Step {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 16;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = before;
  const callers = frames.filter((line) => !OF_THE_ARENA.test(line)).slice(0, CALLERS);
  return {
    what,
    who,
    callers: callers.map((line) =>
      line
        .trim()
        .replace(/^at /, '')
        .replace(/file:\/\/\S*\//, ''),
    ),
  };
}

/** The arena's own functions, and those through which everybody holds and ends a batch. */
const OF_THE_ARENA = /\/(engine\/arena\/(arena|intake|slot_history)|event\/batch)\.[jt]s/;
