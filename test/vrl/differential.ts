// Compares our implementation of the language with the original on random programs, and makes each kind of difference
// a case that is small enough to read and to keep.

import { catalogOf, OUTSIDE } from './catalog.ts';
import { Coverage } from './coverage.ts';
import { explanationOf, ORIGINAL_BROKE } from './explained.ts';
import { type Case, type Generated, Generator } from './generate.ts';
import { startNetwork } from './network.ts';
import { FUNCTIONS } from './ours.ts';
import { type Difference, difference, isSameTagged, type Reply } from './reply.ts';
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
  /** Start servers on this machine, and call the functions that reach outside. */
  readonly network?: boolean;
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
  await using network = options.network ? await startNetwork() : undefined;
  if (options.network && network === undefined) console.error('the ports of the servers are taken: nothing is asked');
  const entries = catalogOf(functions, network !== undefined);
  const coverage = new Coverage([...known]);
  const generator = new Generator(entries, options.seed, (name) => coverage.failsOften(name));
  const found = new Map<string, Finding>();
  /** By the signature of a case as it came and as it was made small. */
  const findingOf = new Map<string, Finding>();
  const absent = [...known].filter((name) => !functions.some((one) => one.name === name));
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
      if (theirs[i]!.crash !== undefined) coverage.addExplained(ORIGINAL_BROKE);
      const compared = comparison(generated, ours[i]!, theirs[i]!, options);
      if (compared.explanation !== undefined) coverage.addExplained(compared.explanation);
      const differs = compared.difference;
      if (differs === undefined) continue;
      if (usesAny(generated.request.source, absent)) {
        coverage.incomparable++;
        continue;
      }
      differences++;
      const signature = signatureOf(generated.request, differs);
      const seen = findingOf.get(signature);
      if (seen !== undefined) {
        seen.times++;
        continue;
      }
      if (found.size >= (options.signaturesMax ?? 200)) continue;
      const made = await finding(sides, generated, differs, theirs[i]!, options);
      const merged = found.get(made.signature) ?? made;
      if (merged !== made) merged.times++;
      found.set(made.signature, merged);
      findingOf.set(signature, merged);
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

/** Whether a program calls functions that we do not have. */
function usesAny(source: string, names: readonly string[]): boolean {
  return names.some((name) => new RegExp(`\\b${name}!?\\(`).test(source));
}

/** Where they differ, or why they may. */
function comparison(
  { varies, request }: Generated,
  ours: Reply,
  theirs: Reply,
  options: DifferentialOptions,
): { readonly difference?: Difference; readonly explanation?: string } {
  const found = difference(ours, theirs, { varies, text: options.text ?? false });
  if (found === undefined) return {};
  const explanation = explanationOf(request, ours, theirs, found);
  return explanation === undefined ? { difference: found } : { explanation };
}

/** Differences with one signature probably have one cause. */
function signatureOf({ source }: Case, differs: Difference): string {
  const { aspect } = differs;
  const [ours, theirs] = differingPart(differs.ours, differs.theirs);
  const isCompile = aspect === 'codes' || aspect === 'warnings' || aspect === 'phase' || aspect.includes('spans');
  const detail = isCompile
    ? `${codesOf(differs.ours)} / ${codesOf(differs.theirs)}`
    : `${shapeOf(ours)} / ${shapeOf(theirs)}`;
  const named = /^function call error for "(\w+)" at \([^"]*?: (?:function call error for "(\w+)")?/.exec(
    String(theirs),
  );
  const functions = named ? (named[2] ?? named[1]!) : /^(?:can't|expected)/.test(detail) ? '' : calledIn(source);
  return `${aspect === 'event' ? 'value' : aspect} ${functions} ${detail}`;
}

/** Functions that the generator puts around everything. */
const AROUND: ReadonlySet<string> = new Set(['is_null', 'for_each', 'map_values', 'bool', 'string', 'int', 'contains']);

function calledIn(source: string): string {
  const all = [...new Set([...source.matchAll(/([a-z_][a-z0-9_]*)!?\(/g)].map(([, name]) => name!))].sort();
  const telling = all.filter((name) => !AROUND.has(name));
  return (telling.length > 0 ? telling : all).slice(0, 2).join(' ');
}

/** The innermost values that differ, as far as both sides have the same keys. */
function differingPart(ours: unknown, theirs: unknown): readonly [unknown, unknown] {
  if (typeof ours !== 'object' || typeof theirs !== 'object' || ours === null || theirs === null) return [ours, theirs];
  for (const key of Object.keys(theirs)) {
    const [mine, other] = [(ours as Record<string, unknown>)[key], (theirs as Record<string, unknown>)[key]];
    if (mine === undefined) return [Array.isArray(ours) ? 'shorter' : 'no member', other];
    if (!isSameTagged(mine, other)) return differingPart(mine, other);
  }
  return [ours, theirs];
}

/** Text without what varies: names, numbers, quotations. */
function shapeOf(value: unknown): string {
  if (typeof value !== 'string')
    return value !== null && typeof value === 'object' ? Object.keys(value).slice(0, 1).join() : typeof value;
  return value
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\{.*\}|\[.*\]/gs, 'kind')
    .replace(/\d+(?:\.\d+)?/g, '0')
    .replace(/\b(?:string|integer|float|boolean|timestamp|regex|null|array|object)\b/g, 'kind')
    .slice(0, 60);
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
  let best = { case: generated.request, difference: differs, expect: expectation(theirs) };
  // Smaller programs might ask servers elsewhere.
  const canShrink = !usesAny(generated.request.source, [...OUTSIDE]);
  if (canShrink && (options.shrink ?? true)) {
    await shrunk(generated.request, async (cases) => {
      const [ours, originals] = await sides.answer(cases);
      return cases.map((one, i) => {
        const { difference: now } = comparison({ ...generated, request: one }, ours[i]!, originals[i]!, options);
        const shows = now !== undefined && isSameSort(now, differs);
        const size = (of: Case): number => of.source.length * 2 + JSON.stringify(of.event).length;
        if (shows && size(one) < size(best.case))
          best = { case: one, difference: now, expect: expectation(originals[i]!) };
        return shows;
      });
    });
  }
  return { signature: signatureOf(best.case, best.difference), times: 1, ...best };
}

function isSameSort(a: Difference, b: Difference): boolean {
  if (a.aspect !== b.aspect) return false;
  if (a.aspect === 'phase' || a.aspect === 'codes' || a.aspect === 'warnings')
    return codesOf(a.ours) === codesOf(b.ours) && codesOf(a.theirs) === codesOf(b.theirs);
  const [ours, theirs] = differingPart(a.ours, a.theirs);
  const [wasOurs, wasTheirs] = differingPart(b.ours, b.theirs);
  return shapeOf(ours) === shapeOf(wasOurs) && shapeOf(theirs) === shapeOf(wasTheirs);
}

/** As a test case says what is expected. */
function expectation(theirs: Reply): unknown {
  const { id: _, event: __, metadata: ___, warnings: ____, ...outcome } = theirs;
  if (outcome.compile_error !== undefined) return { compile_error: { codes: outcome.compile_error.codes } };
  return outcome.abort === undefined ? outcome : { abort: { event: theirs.event } };
}
