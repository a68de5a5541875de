// Which events of a stream are kept. Counters are one for the whole component, for each group and each rate.

import type { TransformContext } from '../../component/context.ts';
import { KeyedState } from '../../component/keyed_state.ts';
import { textKey } from '../../component/state_key.ts';
import { displayFloat } from '../../event/text.ts';
import { seahash } from '../../std/seahash.ts';

export type SampleRate =
  /** One of so many events, whole. */
  | { readonly kind: 'rate'; readonly rate: number }
  /** This part of them, above 0 and at most 1. */
  | { readonly kind: 'ratio'; readonly ratio: number };

/** The rate as events carry it. */
export function rateText(rate: SampleRate): string {
  return rate.kind === 'rate' ? String(rate.rate) : displayFloat(rate.ratio);
}

/** Whether a value of the key is one of those that are kept: always the same ones, here and elsewhere. */
export function keepsValue(rate: SampleRate, value: string): boolean {
  const hash = seahash(Buffer.from(value, 'utf8'));
  return rate.kind === 'rate' ? hash % BigInt(rate.rate) === 0n : hash <= thresholdOf(rate.ratio);
}

const HASH_MAX = 2n ** 64n - 1n;

/** The part of all hashes that `ratio` is. */
function thresholdOf(ratio: number): bigint {
  const threshold = BigInt(Math.floor(ratio * 2 ** 64));
  return threshold > HASH_MAX ? HASH_MAX : threshold;
}

export class SampleCounters {
  readonly #counters: KeyedState<number>;

  constructor(context: TransformContext) {
    this.#counters = new KeyedState(context);
  }

  /** Counts an event of a group, and whether it is kept. The first one is. */
  keepsNext(rate: SampleRate, group: string | undefined): boolean {
    const key = `${rateText(rate)} ${group === undefined ? '' : textKey(group)}`;
    if (rate.kind === 'rate') {
      const count = this.#counters.use(key) ?? 0;
      this.#counters.set(key, (count + 1) % rate.rate);
      return count === 0;
    }
    const sum = (this.#counters.use(key) ?? 1 - rate.ratio) + rate.ratio;
    this.#counters.set(key, sum >= 1 ? sum - 1 : sum);
    return sum >= 1;
  }

  save(): unknown {
    return [...this.#counters];
  }

  restore(saved: unknown): void {
    this.#counters.restore(saved as [string, number][]);
  }

  settle(): void {
    this.#counters.settle();
  }
}
