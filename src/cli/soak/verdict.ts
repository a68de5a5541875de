// Tells from samples of memory whether a process leaks, and which of its owners grow.

import { type Slope, slopeOf } from '../../std/slope.ts';
import type { MemorySample } from '../profile/memory_sample.ts';

/** `settling` grew, and does so no more. */
export type Judgement = 'flat' | 'settling' | 'leaking' | 'undecided' | 'not judged';

export interface Row extends Slope {
  readonly name: string;
  readonly last: number;
  readonly judgement: Judgement;
}

export interface Verdict {
  readonly rows: readonly Row[];
  readonly judgement: 'flat' | 'leaking' | 'undecided';
  /** The rows that leak, the steepest first. */
  readonly leaking: readonly Row[];
  readonly judgedSecs: number;
  /** Bytes a second, below which growth is none. */
  readonly limit: number;
}

/** Growth that a day makes 84 MiB of. */
const LIMIT = 1_024;
/** Resident memory and that of the C library have reserves in them. */
const RSS_LIMIT = 4_096;
/** Caches and compiled code still fill in a short time: growth below this as a whole is not told from theirs. */
const GROWTH_MIN_BYTES = 262_144;
const GROWTH_MIN_BYTES_EARLY = 1_048_576;
const EARLY_SECS = 60;
/** In less time these settle still, and are not judged. */
const SLOW_SECS_MIN = 240;

export const HEAP = 'V8 heap after collection';
export const OUTSIDE = 'buffers outside of the heap';
export const RESIDENT = 'resident (RSS)';
const IN_USE = 'resident without reserves of V8';

/** The heaps of workers are seen from outside, with the garbage in them: nobody collects before each sample there. */
const WORKERS = 'workers';
const SLOW: readonly string[] = [RESIDENT, IN_USE, 'native', WORKERS];

interface Rule {
  readonly limit: number;
  readonly isJudged: boolean;
}

/** Parts of V8's heap come and go with its collections: what is left after one is measured as a whole. */
const isMeasuredItself = (owner: string): boolean => owner === 'V8 heap' || owner.startsWith('heap.');

/** Judges the samples after the first `warmUpSecs`. */
export function judge(samples: readonly MemorySample[], warmUpSecs: number): Verdict {
  const judged = warmSamples(samples, warmUpSecs);
  const judgedSecs = spanOf(judged);
  const least = judgedSecs < EARLY_SECS ? GROWTH_MIN_BYTES_EARLY : GROWTH_MIN_BYTES;
  const limit = Math.max(LIMIT, least / Math.max(judgedSecs, 1));
  const names = new Set(judged.flatMap(({ owners }) => owners.map(({ name }) => name)));
  names.delete(OUTSIDE);
  const owned = (sample: MemorySample, name: string): number =>
    sample.owners.find((owner) => owner.name === name)?.bytes ?? 0;
  const slowly = { limit: Math.max(RSS_LIMIT, 4 * limit), isJudged: judgedSecs >= SLOW_SECS_MIN };
  const ruleOf = (owner: string): Rule =>
    SLOW.includes(owner) ? slowly : { limit, isJudged: !isMeasuredItself(owner) };
  const row = (name: string, of: (sample: MemorySample) => number, rule = ruleOf(name)): Row => {
    const points = judged.map((sample) => ({ t: sample.t, value: of(sample) }));
    const slope = slopeOf(points);
    // What levels off grows in the first half and not in the second.
    const late = slopeOf(points.slice(Math.floor(points.length / 2)), { rounds: 1 }).slope;
    const judgement = rule.isJudged ? judgementOf(slope, late, rule.limit) : 'not judged';
    return { name, ...slope, last: points.at(-1)?.value ?? 0, judgement };
  };
  const rows = [
    row(HEAP, ({ heapUsed }) => heapUsed),
    row(OUTSIDE, ({ external }) => external),
    ...[...names].map((name) => row(name, (sample) => owned(sample, name))),
    row(IN_USE, inUse),
    convictingOnly(row(RESIDENT, ({ rss }) => rss)),
  ];
  const leaking = rows.filter(({ judgement }) => judgement === 'leaking').sort((a, b) => b.slope - a.slope);
  const isUndecided = rows.some(({ judgement }) => judgement === 'undecided');
  const judgement = leaking.length > 0 ? 'leaking' : isUndecided ? 'undecided' : 'flat';
  return { rows, judgement, leaking, judgedSecs, limit };
}

/**
 * Workers are started, all at once, when there is enough to do, which may be late. That is a step of 10 MiB and more, and
 * no slope: the warm-up begins anew. In a short time nothing is judged that they are part of.
 */
function warmSamples(samples: readonly MemorySample[], warmUpSecs: number): readonly MemorySample[] {
  const from = (secs: number): readonly MemorySample[] => samples.filter(({ t }) => t >= secs + warmUpSecs);
  const warm = from(samples[0]?.t ?? 0);
  const started = samples.find(({ owners }) => owners.some(({ name, bytes }) => name === WORKERS && bytes > 0));
  return started && spanOf(warm) >= SLOW_SECS_MIN ? from(started.t) : warm;
}

function spanOf(samples: readonly MemorySample[]): number {
  return samples.length > 1 ? samples.at(-1)!.t - samples[0]!.t : 0;
}

/** What is resident but for pages that V8 holds in reserve, which come and go by the MiB. */
function inUse({ rss, owners }: MemorySample): number {
  return owners.reduce((rest, { name, bytes }) => (name.startsWith('heap.') ? rest - bytes : rest), rss);
}

/** A row with reserves in it can show a leak, but not that there is none. */
function convictingOnly(row: Row): Row {
  return row.judgement === 'undecided' ? { ...row, judgement: 'not judged' } : row;
}

function judgementOf({ low, high }: Slope, late: number, limit: number): Judgement {
  if (low > limit && late > limit) return 'leaking';
  if (low > limit) return 'settling';
  return high < limit ? 'flat' : 'undecided';
}
