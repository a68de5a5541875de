// What a run says: does memory climb? The slope of each quantity after the warm-up, with a 95 % interval.

import { type Slope, slopeOf } from '../../src/std/slope.ts';
import type { Run, Sample } from './samples.ts';

export type Verdict = 'flat' | 'climbs' | 'unsure';

export interface Finding {
  readonly slope: Slope;
  readonly verdict: Verdict;
}

export interface Analysis {
  /** Cells of the registry; flat means the same number in every sample. */
  readonly registry: Finding;
  /** Heap after a collection, and what lies outside of it. */
  readonly kept: Finding;
  readonly rss: Finding;
  readonly verdict: Verdict;
  readonly first: Sample;
  readonly last: Sample;
}

/** Bytes per second: below the first it is flat, above it climbs. */
export const KEPT_LIMIT = 1024;
export const RSS_LIMIT = 4096;

/** Neighbouring samples of the heap share what V8 has not collected, for some of its major cycles. */
const BLOCKS = 10;

export function analyse({ samples, warmUpSecs }: Run): Analysis {
  const judged = samples.filter(({ t }) => t >= warmUpSecs);
  const secs = (judged.at(-1)?.t ?? 0) - (judged[0]?.t ?? 0);
  const slope = (chosen: readonly Sample[], value: (sample: Sample) => number): Slope =>
    slopeOf(
      chosen.map((sample) => ({ t: sample.t, value: value(sample) })),
      { confidence: 0.95, blockSecs: secs / BLOCKS },
    );
  const registry = constancy(
    slope(judged, (sample) => sample.registry),
    judged,
  );
  const collected = judged.filter((sample) => sample.collected);
  const kept = judge(
    slope(collected, ({ heapUsed, external }) => heapUsed + external),
    KEPT_LIMIT,
  );
  const rss = judge(
    slope(judged, (sample) => sample.rss),
    RSS_LIMIT,
  );
  return { registry, kept, rss, verdict: worst([registry, kept, rss]), first: judged[0]!, last: samples.at(-1)! };
}

function judge(slope: Slope, limit: number): Finding {
  const verdict = slope.low > limit ? 'climbs' : slope.high < limit ? 'flat' : 'unsure';
  return { slope, verdict };
}

/** It is exact, so a single byte more is one too many. */
function constancy(slope: Slope, samples: readonly Sample[]): Finding {
  const isConstant = samples.every(({ registry }) => registry === samples[0]!.registry);
  return { slope, verdict: isConstant ? 'flat' : 'climbs' };
}

function worst(findings: readonly Finding[]): Verdict {
  const verdicts = findings.map(({ verdict }) => verdict);
  return verdicts.includes('climbs') ? 'climbs' : verdicts.includes('unsure') ? 'unsure' : 'flat';
}
