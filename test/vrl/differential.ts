// Compares our implementation of the language with the original on random programs, and makes each kind of difference
// a case that is small enough to read and to keep.

import { catalogOf } from './catalog.ts';
import { Coverage } from './coverage.ts';
import { type Case, type Generated, Generator } from './generate.ts';
import { FUNCTIONS } from './ours.ts';
import { type Difference, difference, type Reply } from './reply.ts';
import { shrunk } from './shrink.ts';
import { Oracle, Ours, oracleFunctions, type Side } from './sides.ts';

export interface DifferentialOptions {
  readonly seed: number;
  /** Cases to run, unless the time is up before. */
  readonly cases: number;
  readonly limitMs?: number;
  /** Differences of one signature that are kept, and signatures in all. */
  readonly signaturesMax?: number;
  /** Compare rendered diagnostics to the letter, too. */
  readonly text?: boolean;
  /** Make cases small; costs some hundred runs each. */
  readonly shrink?: boolean;
  readonly onProgress?: (cases: number, signatures: number, coverage: Coverage) => void;
}

/** A kind of difference: what differs, and the smallest case found. */
export interface Finding {
  readonly signature: string;
  times: number;
  readonly case: Case;
  readonly difference: Difference;
  readonly expect: unknown;
}

export interface DifferentialResult {
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  readonly differences: number;
  readonly ms: number;
}

const BATCH = 400;

export async function compareAtRandom(options: DifferentialOptions): Promise<DifferentialResult> {
  await using sides = new Sides();
  const known = oracleFunctions();
  const functions = FUNCTIONS.filter(({ name }) => known.has(name));
  const entries = catalogOf(functions);
  const generator = new Generator(entries, options.seed);
  const coverage = new Coverage([...known]);
  const found = new Map<string, Finding>();
  const start = performance.now();
  let differences = 0;
  const isOver = (): boolean => options.limitMs !== undefined && performance.now() - start > options.limitMs;
  let next = Array.from({ length: Math.min(BATCH, options.cases) }, () => generator.next());
  while (next.length > 0) {
    const batch = next;
    const asked = sides.answer(batch.map(({ request }) => request));
    const left = options.cases - coverage.cases - batch.length;
    next = isOver() ? [] : Array.from({ length: Math.min(BATCH, Math.max(0, left)) }, () => generator.next());
    const [ours, theirs] = await asked;
    for (const [i, generated] of batch.entries()) {
      coverage.add(generated, ours[i]!, theirs[i]!);
      const differs = differenceOf(generated, ours[i]!, theirs[i]!, options);
      if (differs === undefined) continue;
      differences++;
      const signature = signatureOf(generated.request, differs);
      const seen = found.get(signature);
      if (seen !== undefined) seen.times++;
      else if (found.size < (options.signaturesMax ?? 200))
        found.set(signature, await finding(sides, generated, differs, theirs[i]!, options));
    }
    options.onProgress?.(coverage.cases, found.size, coverage);
  }
  const findings = [...found.values()].sort((a, b) => b.times - a.times);
  return { coverage, findings, differences, ms: performance.now() - start };
}

class Sides implements AsyncDisposable {
  private readonly sides: readonly [Side, Side] = [new Ours(), new Oracle()];

  async answer(cases: readonly Case[]): Promise<readonly [readonly Reply[], readonly Reply[]]> {
    return Promise.all([this.sides[0].answer(cases), this.sides[1].answer(cases)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const side of this.sides) await side[Symbol.asyncDispose]();
  }
}

function differenceOf(
  { varies }: Generated,
  ours: Reply,
  theirs: Reply,
  options: DifferentialOptions,
): Difference | undefined {
  return difference(ours, theirs, { varies, text: options.text ?? false });
}

/** Differences with one signature probably have one cause. */
function signatureOf({ source }: Case, { aspect, ours, theirs }: Difference): string {
  const functions = [...new Set([...source.matchAll(/([a-z_][a-z0-9_]*)!?\(/g)].map(([, name]) => name))].sort();
  const shape = (value: unknown): string =>
    (JSON.stringify(value) ?? '')
      .replace(/\\n.*/, '')
      .replace(/\\?"(?:[^"\\]|\\\\.)*\\?"(?!:)/g, '"…"')
      .replace(/\d+(?:\.\d+)?/g, '0')
      .slice(0, 120);
  const isCompile = aspect === 'codes' || aspect === 'warnings' || aspect === 'phase' || aspect === 'spans';
  const detail = isCompile
    ? `${codesOf(ours)} / ${codesOf(theirs)}`
    : aspect === 'value' || aspect === 'event'
      ? ''
      : `${shape(ours)} / ${shape(theirs)}`;
  return `${aspect} ${functions.slice(0, 3).join(' ')} ${detail}`.trim();
}

function codesOf(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.every((one) => typeof one === 'number') ? value : 'spans');
  const phase = value as { readonly compile_error?: readonly number[] } | undefined;
  return phase?.compile_error ? JSON.stringify(phase.compile_error) : Object.keys(phase ?? {}).join();
}

async function finding(
  sides: Sides,
  generated: Generated,
  differs: Difference,
  theirs: Reply,
  options: DifferentialOptions,
): Promise<Finding> {
  const signature = signatureOf(generated.request, differs);
  let best = { case: generated.request, difference: differs, expect: expectation(theirs) };
  if (options.shrink ?? true) {
    await shrunk(generated.request, async (cases) => {
      const [ours, originals] = await sides.answer(cases);
      return cases.map((one, i) => {
        const now = differenceOf(generated, ours[i]!, originals[i]!, options);
        const shows = now !== undefined && isSameSort(now, differs);
        const size = (of: Case): number => of.source.length * 2 + JSON.stringify(of.event).length;
        if (shows && size(one) < size(best.case))
          best = { case: one, difference: now, expect: expectation(originals[i]!) };
        return shows;
      });
    });
  }
  return { signature, times: 1, ...best };
}

function isSameSort(a: Difference, b: Difference): boolean {
  if (a.aspect !== b.aspect) return false;
  if (a.aspect === 'phase' || a.aspect === 'codes' || a.aspect === 'warnings')
    return codesOf(a.ours) === codesOf(b.ours) && codesOf(a.theirs) === codesOf(b.theirs);
  return true;
}

/** As a test case says what is expected. */
function expectation(theirs: Reply): unknown {
  const { id: _, event: __, metadata: ___, warnings: ____, ...outcome } = theirs;
  if (outcome.compile_error !== undefined) return { compile_error: { codes: outcome.compile_error.codes } };
  return outcome.abort === undefined ? outcome : { abort: { event: theirs.event } };
}
