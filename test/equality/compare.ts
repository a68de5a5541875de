// Runs cases in every way and tells where one differs from the specification.

import { Arena } from '../../src/engine/arena/arena.ts';
import type { Case } from './plan.ts';
import { randomCase, SLOTS } from './random_case.ts';
import { type Outcome, PLAIN, RAW, run, SEGMENTS, type Way } from './run.ts';

export const WAYS: readonly Way[] = [RAW, SEGMENTS];

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
  /** Objects that the kernel wrote, of those that it was given. */
  spliced: number;
  indexed: number;
}

/** An arena whose kernel counts what it does. */
export class Bench {
  arena: Arena;
  readonly covered: Covered = { cases: 0, batches: 0, events: 0, encodedEvents: 0, spliced: 0, indexed: 0 };

  constructor() {
    this.arena = this.#newArena();
  }

  #newArena(): Arena {
    const arena = new Arena({ slots: SLOTS });
    const { json } = arena.kernels;
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
    return arena;
  }

  /** The first difference of each way, none when all are equal. */
  async compare(given: Case, ways: readonly Way[] = WAYS): Promise<readonly Difference[]> {
    const { covered } = this;
    covered.cases += 1;
    covered.batches += given.batches.length;
    for (const { frames } of given.batches) covered.events += frames.length;
    const expected = await run(given, PLAIN, this.arena);
    const differences: Difference[] = [];
    for (const way of ways) {
      const found = await run(given, way, this.arena).catch((error: unknown) => error as Error);
      if (found instanceof Error) {
        differences.push({ way: way.name, what: 'it failed', expected: '', found: String(found.stack) });
        this.arena = this.#newArena();
        continue;
      }
      covered.encodedEvents += found.encodedEvents;
      const difference = differenceOf(expected, found);
      if (difference) differences.push({ way: way.name, ...difference });
      if (found.slotsLeft !== 0) this.arena = this.#newArena();
    }
    return differences;
  }
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
    unlike('what is logged', expected.lines, found.lines)
  );
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
export function describe(seed: number, given: Case, differences: readonly Difference[]): string {
  const { source, components, batches, freeSlots } = given;
  const frames = batches.map(({ frames: texts, ...rest }) => ({
    ...rest,
    frames: texts.length > 40 ? `${texts.length} frames` : texts.map((one) => one.subarray(0, 600).toString('latin1')),
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
    const differences = await bench.compare(given, options.ways ?? (seed % 4 === 0 ? WAYS : [SEGMENTS]));
    options.onProgress?.(bench.covered);
    if (differences.length === 0) continue;
    findings += 1;
    options.onFinding(describe(seed, given, differences));
    if (findings >= options.findingsMax) break;
  }
  return { ...bench.covered, findings };
}
