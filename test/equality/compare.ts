// Runs cases in every way and tells where one differs from the specification.

import { Arena } from '../../src/engine/arena/arena.ts';
import type { JsonKernel } from '../../src/engine/kernels/json_kernel.ts';
import { type Case, SOURCE_ID } from './plan.ts';
import { randomCase, SLOTS } from './random_case.ts';
import { type Outcome, PLAIN, RAW, run, SEGMENTS, TWO_THREADS, type Way } from './run.ts';

/** Every way that takes little time to begin. */
export const WAYS: readonly Way[] = [RAW, SEGMENTS];

/** A thread takes longer to start than a case takes, so it is one case in so many that has one. */
const THREADS_EVERY = 128;
const RAW_EVERY = 4;

/**
 * Whether threads must make no difference: the time that another one tells is not that of the test, and of two segments that
 * lead to one place, each keeps its order, while nobody says which comes first.
 */
export function isFitForThreads({ components }: Case): boolean {
  if (JSON.stringify(components).includes('now()')) return false;
  const segments = new Map<string, ReadonlySet<string>>();
  for (const { id, inputs } of components) {
    const own = inputs.map((input) => (input === SOURCE_ID ? [id] : [...segments.get(input.split('.')[0]!)!]));
    segments.set(id, new Set(own.flat()));
  }
  return [...segments.values()].every(({ size }) => size === 1);
}

function waysOf(seed: number, given: Case): readonly Way[] {
  const hasThreads = seed % THREADS_EVERY === 0 && isFitForThreads(given);
  return [SEGMENTS, ...(seed % RAW_EVERY === 0 ? [RAW] : []), ...(hasThreads ? [TWO_THREADS] : [])];
}

export interface Difference {
  readonly way: string;
  /** What differs: a sink, a counter, statuses. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export interface Covered {
  cases: number;
  batches: number;
  events: number;
  /** Events at sinks that segments had encoded. */
  encodedEvents: number;
  /** Batches that workers ran. */
  workerBatches: number;
  /** Objects that the kernel wrote, of those that it was given. */
  spliced: number;
  indexed: number;
}

/** Arenas to run in, by the number of threads, whose kernels count what they do on the main thread. */
export class Bench {
  readonly covered: Covered = {
    cases: 0,
    batches: 0,
    events: 0,
    encodedEvents: 0,
    workerBatches: 0,
    spliced: 0,
    indexed: 0,
  };
  readonly #arenas = new Map<number, Arena>();

  arena(threads: number): Arena {
    const known = this.#arenas.get(threads);
    if (known) return known;
    const arena = new Arena({ slots: SLOTS, threads });
    this.#watch(arena.kernels.json);
    this.#arenas.set(threads, arena);
    return arena;
  }

  #watch(json: JsonKernel): void {
    const { covered } = this;
    const emit = json.emit.bind(json);
    const index = json.index.bind(json);
    json.emit = (out, capacity) => {
      const length = emit(out, capacity);
      if (length >= 0) covered.spliced += 1;
      return length;
    };
    json.index = (plan, start, end) => {
      covered.indexed += 1;
      return index(plan, start, end);
    };
  }

  /** The first difference of each way, none when all are equal. */
  async compare(given: Case, ways: readonly Way[] = WAYS): Promise<readonly Difference[]> {
    const { covered } = this;
    covered.cases += 1;
    covered.batches += given.batches.length;
    for (const { frames } of given.batches) covered.events += frames.length;
    const expected = await run(given, PLAIN, this.arena(1));
    const differences: Difference[] = [];
    for (const way of ways) {
      const found = await run(given, way, this.arena(way.threads)).catch((error: unknown) => error as Error);
      const difference = found instanceof Error ? failureOf(found) : differenceOf(expected, found);
      if (!(found instanceof Error)) {
        covered.encodedEvents += found.encodedEvents;
        covered.workerBatches += found.workerBatches;
      }
      if (!difference) continue;
      differences.push({ way: way.name, ...difference });
      // Nobody knows what it has left behind.
      this.#arenas.delete(way.threads);
    }
    return differences;
  }
}

function failureOf(error: Error): Omit<Difference, 'way'> {
  return { what: 'it failed', expected: '', found: String(error.stack) };
}

function differenceOf(expected: Outcome, found: Outcome): Omit<Difference, 'way'> | undefined {
  for (const id of new Set([...Object.keys(expected.sinks), ...Object.keys(found.sinks)])) {
    const [theirs, ours] = [expected.sinks[id] ?? EMPTY, found.sinks[id] ?? EMPTY];
    if (!theirs.equals(ours)) return { what: `the output of ${id}`, ...around(theirs, ours) };
  }
  return (
    unlike('what is counted', expected.counts, found.counts) ??
    unlike('statuses', expected.statuses, found.statuses) ??
    unlike('slots that are not free again', 0, found.slotsLeft) ??
    unlike('what is logged', expected.lines, found.lines) ??
    // Of each group of events one reason is told, and ways have groups of other sizes.
    unlike('reasons that are not told', [], withoutThose(expected.reasons, found.reasons))
  );
}

function withoutThose(texts: readonly string[], others: readonly string[]): readonly string[] {
  return texts.filter((text) => !others.includes(text));
}

const EMPTY = Buffer.alloc(0);

function unlike(what: string, expected: unknown, found: unknown): Omit<Difference, 'way'> | undefined {
  const [theirs, ours] = [JSON.stringify(expected, undefined, 1), JSON.stringify(found, undefined, 1)];
  return theirs === ours ? undefined : { what, expected: theirs, found: ours };
}

/** The line in which two texts first differ, with a little before it. */
function around(theirs: Buffer, ours: Buffer): { readonly expected: string; readonly found: string } {
  let at = 0;
  while (at < theirs.length && theirs[at] === ours[at]) at += 1;
  const from = Math.max(0, at - 200);
  const shown = (bytes: Buffer) =>
    `…${JSON.stringify(bytes.subarray(from, at + 400).toString('latin1'))} (${bytes.length} bytes)`;
  return { expected: shown(theirs), found: shown(ours) };
}

/** A case with what is different, for a person. */
export function describe(seed: number | string, given: Case, differences: readonly Difference[]): string {
  const { source, components, batches, freeSlots } = given;
  const frames = batches.map(({ frames: texts, ...rest }) => ({
    ...rest,
    frames: texts.length > 60 ? `${texts.length} frames` : texts.map((one) => one.subarray(0, 300).toString('latin1')),
  }));
  const programs = components.map(({ id, type, inputs, options }) => {
    const { source: program, ...rest } = options as { readonly source?: string };
    const head = `  ${id}: ${type} of ${inputs.join(', ')} ${JSON.stringify(rest)}`;
    return program === undefined ? head : `${head}\n${program.replaceAll(/^/gm, '    | ')}`;
  });
  return [
    `seed ${seed}`,
    `  source ${JSON.stringify(source)}, ${freeSlots} free slots`,
    ...programs,
    ...frames.map((one) => `  batch ${JSON.stringify(one)}`),
    ...differences.flatMap(({ way, what, expected, found }) => [
      `  ${way}: ${what}`,
      `    expected ${expected}`,
      `    found    ${found}`,
    ]),
  ].join('\n');
}

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  readonly limitMs?: number;
  readonly findingsMax: number;
  readonly ways?: readonly Way[];
  readonly onFinding: (text: string) => void;
  readonly onProgress?: (covered: Covered) => void;
}

/** Compares cases of consecutive seeds until there are enough of them or of differences. */
export async function compareAtRandom(options: FuzzOptions): Promise<Covered & { readonly findings: number }> {
  const bench = new Bench();
  const untilMs = performance.now() + (options.limitMs ?? Number.POSITIVE_INFINITY);
  let findings = 0;
  for (let i = 0; i < options.cases && performance.now() < untilMs; i++) {
    const seed = options.seed + i;
    const given = randomCase(seed);
    const differences = await bench.compare(given, options.ways ?? waysOf(seed, given));
    options.onProgress?.(bench.covered);
    if (differences.length === 0) continue;
    findings += 1;
    options.onFinding(describe(seed, given, differences));
    if (findings >= options.findingsMax) break;
  }
  return { ...bench.covered, findings };
}
