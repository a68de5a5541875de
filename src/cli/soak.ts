// `sluice soak CONFIG`: runs a configuration with made-up load, away from the world, and tells whether its memory grows,
// how sure that is, and with `--bisect` because of which component.
//
//   configuration ─► rewritten (fed and received by us) ─► a process of its own ─► samples ─► slopes ─► flat or leaking
//                        ▲                                                                      │
//                        └── parts left out (bisect) ◄──────────────── who? ◄───────────────────┘

import { readFileSync, writeFileSync } from 'node:fs';
import { readConfigValue } from '../config/config.ts';
import { EXIT } from './exit_codes.ts';
import { loadFromFlags, requestOf } from './load.ts';
import type { ConfigFlags } from './options.ts';
import { durationText, sizeText } from './profile/chart.ts';
import type { Surroundings } from './program.ts';
import { type ArmOptions, type ArmResult, runArm } from './soak/arm.ts';
import { armText, bisect } from './soak/bisect.ts';
import { outwardCalls } from './soak/outward.ts';
import { loadText, samplesCsv, soakPage, verdictTable } from './soak/report.ts';
import type { Document } from './soak/rewrite.ts';
import { keepFirst, type Part, partsOf } from './soak/swap.ts';
import { HEAP, judge, OUTSIDE, RESIDENT, type Row, type Verdict } from './soak/verdict.ts';

export interface SoakFlags extends ConfigFlags {
  readonly for: number;
  readonly warmUp?: number;
  readonly rate: number;
  readonly sample?: string;
  readonly bisect: boolean;
  readonly report?: string;
  readonly csv?: string;
  readonly color?: 'auto' | 'always' | 'never';
}

/** A part of the time that is not judged, unless it is given. */
const WARM_UP = 0.2;
const WARM_UP_MAX_SECS = 120;
const SAMPLE_LINES_MAX = 10_000;

export async function soak(paths: readonly string[], flags: SoakFlags, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env, registry } = surroundings;
  const say = (text: string): void => void stdout.write(`${text}\n`);
  const named: SoakFlags = paths.length > 0 ? { ...flags, config: paths } : flags;
  const config = await loadFromFlags(named, surroundings, { showWarnings: false });
  if (!config) return EXIT.config;
  const document = await readConfigValue(requestOf(named, env, registry ? { registry } : {}));
  const outward = outwardCalls(document, config);
  for (const { id, name } of outward)
    stderr.write(
      `error: \`${id}\` calls \`${name}\`, which would reach the world; take the call out to soak the rest\n`,
    );
  if (outward.length > 0) return EXIT.config;
  let sample: readonly string[];
  try {
    sample = sampleLines(flags.sample);
  } catch (error) {
    stderr.write(`error: the sample cannot be read: ${(error as Error).message}\n`);
    return EXIT.config;
  }
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const options: ArmOptions = {
    config,
    secs: flags.for,
    rate: flags.rate,
    sample,
    env: env as NodeJS.ProcessEnv,
    flags: [
      ...(flags.dangerouslyAllowEnvVarInterpolation ? ['--dangerously-allow-env-var-interpolation'] : []),
      ...(flags.disableEnvVarInterpolation ? ['--disable-env-var-interpolation'] : []),
    ],
    stop: stop.signal,
  };
  try {
    return await watch(document, options, flags, say);
  } catch (error) {
    stderr.write(`error: the soak failed: ${(error as Error).message}\n`);
    return EXIT.software;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function sampleLines(path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').slice(0, SAMPLE_LINES_MAX);
}

async function watch(document: Document, options: ArmOptions, flags: SoakFlags, say: Say): Promise<number> {
  say('Nothing is sent to where this configuration leads:');
  const onChanges = (notes: readonly string[]): void => {
    for (const note of notes) say(`  ${note}`);
    say(`\nWatching for ${durationText(flags.for)}, ${flags.rate} events a second for each source that is driven.`);
  };
  const watchesAllocations = flags.report !== undefined;
  const result = await runArm(document, { ...options, onChanges, watchesAllocations });
  if (flags.csv !== undefined) writeFileSync(flags.csv, samplesCsv(result.samples));
  const verdict = withoutSilence(judge(result.samples, warmUpOf(secsOf(result, flags.for), flags)), result);
  say(`\n${verdictTable(verdict)}\n`);
  say(loadText(result));
  say(conclusion(verdict, result));
  let culprit: Part | undefined;
  if (flags.bisect && verdict.judgement === 'leaking' && !options.stop.aborted)
    culprit = await hunt(document, options, verdict, flags, say);
  if (flags.report !== undefined) {
    writeFileSync(flags.report, soakPage(verdict, result, conclusion(verdict, result), culprit));
    say(`The report is in ${flags.report}.`);
  }
  return { flat: EXIT.ok, leaking: EXIT.leaking, undecided: EXIT.undecided }[verdict.judgement];
}

type Say = (text: string) => void;

/** A machine that is slow to give samples got more time, and is slow to warm up too. */
function secsOf({ samples }: ArmResult, wantedSecs: number): number {
  return Math.max(wantedSecs, samples.at(-1)?.t ?? 0);
}

function warmUpOf(secs: number, { warmUp, for: whole }: SoakFlags): number {
  return Math.min(
    warmUp === undefined ? WARM_UP_MAX_SECS : (warmUp * secs) / whole,
    (warmUp === undefined ? WARM_UP : 1) * secs,
  );
}

/** What got no events was not watched at work: that it is flat says nothing. */
function withoutSilence(verdict: Verdict, { silent }: ArmResult): Verdict {
  return silent.length > 0 && verdict.judgement === 'flat' ? { ...verdict, judgement: 'undecided' } : verdict;
}

function conclusion({ judgement, leaking, judgedSecs }: Verdict, { events, silent }: ArmResult): string {
  const over = `over ${durationText(judgedSecs)} after the warm-up, ${events} events in all`;
  if (judgement === 'flat') return `FLAT ${over}: nothing grows.`;
  if (judgement === 'undecided' && silent.length > 0)
    return `UNDECIDED ${over}: nothing came from ${silent.join(', ')}.`;
  if (judgement === 'undecided') return `UNDECIDED ${over}: something may grow. Watch longer.`;
  const who = leaking.map(({ name, slope }) => `${name} by ${sizeText(slope)}/s`).join(', ');
  return `LEAKING ${over}: ${who}.`;
}

/** Each arm is a part of the whole time, and long enough for a leak that the whole has shown. */
function armSecsOf(secs: number): number {
  return Math.max(secs / 4, Math.min(secs, 4));
}

/** An arm leaks when it keeps this part of the growth. */
const KEPT = 0.5;

async function hunt(
  document: Document,
  options: ArmOptions,
  verdict: Verdict,
  flags: SoakFlags,
  say: Say,
): Promise<Part> {
  const { config } = options;
  const parts = partsOf(config);
  const suspect = suspectOf(verdict);
  const secs = armSecsOf(flags.for);
  say(`\nWho is it? ${parts.length} components; each step runs ${durationText(secs)} and looks at ${suspect.name}.`);
  let step = 0;
  const culprit = await bisect(parts, async (kept) => {
    step += 1;
    say(`\n${step}. With ${armText(parts, kept)}:`);
    const result = await runArm(keepFirst(document, config, parts, kept), { ...options, secs });
    const row = judge(result.samples, warmUpOf(secsOf(result, secs), flags)).rows.find(
      ({ name }) => name === suspect.name,
    );
    const slope = row?.slope ?? 0;
    const leaks = slope > KEPT * suspect.slope;
    say(
      `   ${suspect.name} ${leaks ? `still grows, by ${sizeText(slope)}/s` : `is flat (${sizeText(slope)}/s)`}: ${told(parts, kept, leaks)}`,
    );
    return leaks;
  });
  say(`\nThe leak begins with \`${culprit.id}\`, a ${culprit.kind} of type ${culprit.type}.`);
  return culprit;
}

/** What the steps look at: the steepest of what is measured exactly. */
function suspectOf({ leaking }: Verdict): Row {
  const exact = leaking.find(({ name }) => name === HEAP || name === OUTSIDE);
  return exact ?? leaking.find(({ name }) => name !== RESIDENT) ?? leaking[0]!;
}

/** What a step teaches. */
function told(parts: readonly Part[], kept: number, leaks: boolean): string {
  const ids = (some: readonly Part[]): string => some.map(({ id }) => id).join(', ');
  return leaks
    ? `it is among ${ids(parts.slice(0, kept))}.`
    : `it is among ${ids(parts.slice(kept))}, or what they make others do.`;
}
