// The options that sinks for Prometheus share.

import { array, float } from '../schema/schema.ts';

export const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
export const DEFAULT_QUANTILES = [0.5, 0.75, 0.9, 0.95, 0.99];

/** Buckets and quantiles of one sink; each costs memory in every series. */
const PARTS_MAX = 1_000;

export function buckets() {
  return array(float('An upper limit.'), 'The buckets that distributions are counted in, by their upper limits.', {
    default: DEFAULT_BUCKETS,
    validate: (limits) => {
      if (limits.length > PARTS_MAX) return `there are more than ${PARTS_MAX} buckets`;
      const ascend = limits.every((limit, i) => Number.isFinite(limit) && (i === 0 || limits[i - 1]! < limit));
      return ascend ? undefined : 'the limits must be finite and ascend';
    },
  });
}

export function quantiles() {
  return array(
    float('A quantile, from 0 to 1.', {
      validate: (quantile) => (quantile >= 0 && quantile <= 1 ? undefined : 'must be from 0 to 1'),
    }),
    'The quantiles that distributions and sketches are summed up in.',
    {
      default: DEFAULT_QUANTILES,
      validate: (list) => (list.length > PARTS_MAX ? `there are more than ${PARTS_MAX} quantiles` : undefined),
    },
  );
}
