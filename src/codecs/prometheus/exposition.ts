// What a metric is to Prometheus: a family of one type, and numbers under the family's name with a suffix and perhaps a
// label of their own. Buckets are cumulative there, and end with the one of everything.

import type { Quantile, Sketch } from '../../event/metric.ts';
import { sketchQuantile } from '../encoding/sketch.ts';
import { formatNumber } from './numbers.ts';

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** Observations in buckets: each counts for itself, limits ascend and are finite. */
export interface Histogram {
  readonly type: 'histogram';
  readonly limits: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** The value of a series, absolute. */
export type Exposed =
  | { readonly type: 'counter' | 'gauge'; readonly value: number }
  | Histogram
  | {
      readonly type: 'summary';
      readonly quantiles: readonly Quantile[];
      readonly count: number;
      readonly sum: number;
      /** What is told besides of a distribution. */
      readonly extremes?: { readonly min: number; readonly max: number; readonly avg: number } | undefined;
    };

export type Suffix = '' | '_bucket' | '_sum' | '_count' | '_min' | '_max' | '_avg';

/** Takes one number; `label` and `text` are the label that it has besides those of its series. */
export type TakeSample = (suffix: Suffix, value: number, label?: 'le' | 'quantile', text?: string) => void;

/** The numbers of a value, in the order in which Prometheus' clients write them. */
export function samplesOf(value: Exposed, take: TakeSample): void {
  switch (value.type) {
    case 'counter':
    case 'gauge':
      take('', value.value);
      return;
    case 'histogram': {
      let seen = 0;
      for (const [i, limit] of value.limits.entries()) {
        seen += value.counts[i] ?? 0;
        take('_bucket', seen, 'le', formatNumber(limit));
      }
      take('_bucket', value.count, 'le', '+Inf');
      take('_sum', value.sum);
      take('_count', value.count);
      return;
    }
    case 'summary': {
      for (const { quantile, value: one } of value.quantiles) take('', one, 'quantile', formatNumber(quantile));
      take('_sum', value.sum);
      take('_count', value.count);
      if (!value.extremes) return;
      take('_min', value.extremes.min);
      take('_max', value.extremes.max);
      take('_avg', value.extremes.avg);
    }
  }
}

/** The labels of a series without the one that its numbers have for themselves: no number has two labels of one name. */
export function labelsBeside(
  labels: readonly (readonly [name: string, value: string])[],
  type: FamilyType,
): readonly (readonly [name: string, value: string])[] {
  const reserved = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  if (reserved === undefined || !labels.some(([name]) => name === reserved)) return labels;
  return labels.filter(([name]) => name !== reserved);
}

/** A sketch as a summary with these quantiles. */
export function summaryOfSketch(sketch: Sketch, quantiles: readonly number[], withExtremes = false): Exposed {
  const { count, sum, min, max, avg } = sketch;
  return {
    type: 'summary',
    quantiles: quantiles.map((quantile) => ({ quantile, value: sketchQuantile(sketch, quantile) ?? 0 })),
    count,
    sum,
    extremes: withExtremes && count > 0 ? { min, max, avg } : undefined,
  };
}
