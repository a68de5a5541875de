// Exact quantiles of samples.

import type { Sample } from '../../event/metric.ts';
import type { Exposed } from './exposition.ts';

/** The summary of samples: each quantile is one of them. Without samples there are none, and nothing was seen. */
export function quantilesOf(samples: readonly Sample[], quantiles: readonly number[]): Exposed {
  const sorted = samples.filter(({ value, rate }) => rate > 0 && !Number.isNaN(value));
  sorted.sort((a, b) => a.value - b.value);
  if (sorted.length === 0) return { type: 'summary', quantiles: [], count: 0, sum: 0 };
  let count = 0;
  let sum = 0;
  // How many there are up to each, itself included.
  const upTo = sorted.map(({ value, rate }) => {
    sum += value * rate;
    return (count += rate);
  });
  const valueAt = (quantile: number): number => {
    const rank = Math.round(quantile * count);
    return sorted[upTo.findIndex((seen) => seen >= rank)]!.value;
  };
  return {
    type: 'summary',
    quantiles: quantiles.map((quantile) => ({ quantile, value: valueAt(quantile) })),
    count,
    sum,
    extremes: { min: sorted[0]!.value, max: sorted.at(-1)!.value, avg: sum / count },
  };
}
