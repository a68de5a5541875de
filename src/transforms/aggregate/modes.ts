// What each mode takes into an interval, and what becomes of it.

import type { MetricEvent } from '../../event/metric.ts';

export interface Mode {
  /** The kind of metrics that it is about; others pass as they are. */
  readonly kind: MetricEvent['kind'] | 'any';
  /** What of several metrics of a series and kind remains; `auto` is `sum` of increments and `latest` of the rest. */
  readonly join: 'auto' | 'sum' | 'latest' | 'count' | 'max' | 'min' | 'mean' | 'stdev';
  /** Whether what an interval ends with is told as the difference from the one before. */
  readonly isDifference: boolean;
}

const mode = (kind: Mode['kind'], join: Mode['join'], isDifference = false): Mode => ({ kind, join, isDifference });

export const MODES = {
  Auto: mode('any', 'auto'),
  Count: mode('any', 'count'),
  Diff: mode('absolute', 'latest', true),
  Latest: mode('absolute', 'latest'),
  Max: mode('absolute', 'max'),
  Mean: mode('absolute', 'mean'),
  Min: mode('absolute', 'min'),
  Stdev: mode('absolute', 'stdev'),
  Sum: mode('incremental', 'sum'),
} as const satisfies Readonly<Record<string, Mode>>;
