// Quantiles of a DDSketch as the Datadog Agent keeps it: bins of values whose limits grow by a constant factor.

import type { Sketch } from '../../event/metric.ts';

const RELATIVE_ERROR = 1 / 128;
const GAMMA = 1 + 2 * RELATIVE_ERROR;
const SMALLEST = 1e-9;

/** Key of the first bin above zero. */
const BIAS = 1 - Math.floor(Math.log(SMALLEST) / Math.log(GAMMA));

/** Keys are 16-bit numbers; the last one holds everything beyond. */
const KEY_MAX = 32_767;

/** The value below which `quantile` (0 to 1) of the samples lie, as an estimate; undefined when there are none. */
export function sketchQuantile(sketch: Sketch, quantile: number): number | undefined {
  if (sketch.count === 0) return undefined;
  if (quantile <= 0) return sketch.min;
  if (quantile >= 1) return sketch.max;
  const rank = roundHalfEven(quantile * (sketch.count - 1));
  let seen = 0;
  for (let i = 0; i < sketch.keys.length; i++) {
    const count = sketch.counts[i] ?? 0;
    seen += count;
    if (seen <= rank) continue;
    const limit = lowerLimit(sketch.keys[i]!);
    const low = i === 0 ? sketch.min : limit;
    const weight = (seen - rank) / count;
    const estimate = low * weight + limit * GAMMA * (1 - weight);
    return Math.min(Math.max(estimate, sketch.min), sketch.max);
  }
  return sketch.max;
}

/** The least value that is told apart from zero. */
const NORMAL_MIN = GAMMA ** (1 - BIAS);

/** Key of the bin that a value falls into. */
export function sketchKey(value: number): number {
  if (value < 0) return -sketchKey(-value);
  if (value < NORMAL_MIN) return 0;
  const key = roundHalfEven(Math.log(value) / Math.log(GAMMA)) + BIAS;
  return Math.min(Math.max(key, 1), KEY_MAX);
}

function lowerLimit(key: number): number {
  if (key < 0) return -lowerLimit(-key);
  if (key === 0) return 0;
  return key >= KEY_MAX ? Number.POSITIVE_INFINITY : GAMMA ** (key - BIAS);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
