// How fast something grows, and how sure that is: the slope of a series of samples with an interval around it.
//
// The line is the one of least squares. Samples of memory are not independent (what a collector leaves is there in the
// next sample too), so the usual error of such a slope is far too small. The interval comes from a block bootstrap: what
// the line leaves over is cut into blocks of neighbours, blocks drawn at random are put together again, and what slope
// they alone make is how far chance gets. Few blocks know little, so the interval is widened as Student's distribution
// widens it; measured coverage is in the test.

import { type Random, seededRandom } from './random.ts';

export interface Sample {
  /** Seconds. */
  readonly t: number;
  readonly value: number;
}

export interface SlopeOptions {
  /** How often the interval is to hold the true slope. */
  readonly confidence?: number;
  /** Longer than what happens in one sample is felt in others, such as a cycle of the collector; a tenth of all. */
  readonly blockSecs?: number;
  readonly rounds?: number;
  /** The same samples give the same interval unless this says otherwise. */
  readonly random?: Random;
}

/** Per second. The interval is infinite where there are too few samples to tell. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer than this many cannot say how far they vary. */
const SAMPLES_MIN = 8;
/** With fewer blocks than these Student's distribution has no use. */
const BLOCKS_MIN = 4;
const BLOCKS = 10;
const ROUNDS = 1000;

/** The slope of samples in the order of their time. */
export function slopeOf(samples: readonly Sample[], options: SlopeOptions = {}): Slope {
  const { confidence = 0.95, rounds = ROUNDS, random = seededRandom(1) } = options;
  const fit = fitLine(samples);
  const count = samples.length;
  if (count < SAMPLES_MIN || fit.spread === 0) return { slope: fit.slope, low: -Infinity, high: Infinity };
  const secs = samples.at(-1)!.t - samples[0]!.t;
  const blockSecs = options.blockSecs ?? secs / BLOCKS;
  const wanted = Math.round((blockSecs / secs) * (count - 1));
  const size = Math.max(1, Math.min(wanted, Math.floor(count / BLOCKS_MIN)));
  const deviations = bootstrap(fit, size, rounds, random);
  const tail = (1 - confidence) / 2;
  const widening = widened(count / size, 1 - tail);
  return {
    slope: fit.slope,
    low: fit.slope - widening * quantile(deviations, 1 - tail),
    high: fit.slope - widening * quantile(deviations, tail),
  };
}

interface Fit {
  readonly slope: number;
  /** Sum of the squares of `times`. */
  readonly spread: number;
  /** Around their mean. */
  readonly times: Float64Array;
  readonly residuals: Float64Array;
}

function fitLine(samples: readonly Sample[]): Fit {
  const count = samples.length;
  const meanTime = samples.reduce((sum, { t }) => sum + t, 0) / (count || 1);
  const meanValue = samples.reduce((sum, { value }) => sum + value, 0) / (count || 1);
  const times = Float64Array.from(samples, ({ t }) => t - meanTime);
  let spread = 0;
  let common = 0;
  for (let i = 0; i < count; i++) {
    spread += times[i]! ** 2;
    common += times[i]! * (samples[i]!.value - meanValue);
  }
  const slope = spread === 0 ? 0 : common / spread;
  const residuals = Float64Array.from(samples, ({ value }, i) => value - meanValue - slope * times[i]!);
  return { slope, spread, times, residuals };
}

/** The slopes that residuals make on their own in another order, smallest first. Blocks wrap around the end. */
function bootstrap({ times, residuals, spread }: Fit, size: number, rounds: number, random: Random): Float64Array {
  const count = residuals.length;
  const slopes = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < count; ) {
      const end = Math.min(count, i + size);
      for (let from = Math.floor(random() * count); i < end; i++, from++) sum += times[i]! * residuals[from % count]!;
    }
    slopes[round] = sum / spread;
  }
  return slopes.sort();
}

function quantile(sorted: Float64Array, part: number): number {
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
}

/** What a quantile of a bootstrap over so many blocks has to be multiplied with; two of them went into the line. */
function widened(blocks: number, part: number): number {
  const freedom = Math.max(1, blocks - 2);
  const z = normalQuantile(part);
  // Student's quantile by its expansion in 1 / freedom.
  const t =
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return (t / z) * Math.sqrt(blocks / freedom);
}

/** By a rational approximation of the upper half, good to 0.00045 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(part: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.max(1e-12, 1 - part)));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
}
