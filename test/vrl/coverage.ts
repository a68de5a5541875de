// What a run of the fuzzer has reached: calls of each function, operators on each pair of kinds, codes, kinds of
// programs. The table says how much of the language the agreement stands for.

import type { Kind } from '../../src/event/value.ts';
import { GAVE_UP, type Generated, OPERATORS } from './generate.ts';
import { type Phase, phaseOf, type Reply } from './reply.ts';
import { KINDS } from './values.ts';

interface Calls {
  called: number;
  succeeded: number;
}

const CALLS_TO_JUDGE = 20;

export class Coverage {
  readonly functions = new Map<string, Calls>();
  readonly operators = new Map<string, number>();
  readonly codes = { ours: new Map<number, number>(), theirs: new Map<number, number>() };
  readonly phases = new Map<Phase, number>();
  /** Differences that have an explanation, by it. */
  readonly explained = new Map<string, number>();
  cases = 0;
  /** Cases that differ, and call functions that we do not have. */
  incomparable = 0;
  withControlFlow = 0;
  hostile = 0;
  withBrokenBytes = 0;

  constructor(functions: Iterable<string>) {
    for (const name of functions) this.functions.set(name, { called: 0, succeeded: 0 });
    for (const operator of OPERATORS) {
      for (const left of KINDS) for (const right of KINDS) this.operators.set(pairName(operator, left, right), 0);
    }
  }

  add(generated: Generated, ours: Reply, theirs: Reply): void {
    this.cases++;
    const phase = phaseOf(theirs);
    count(this.phases, phase);
    if (generated.hasControlFlow) this.withControlFlow++;
    if (generated.isHostile) this.hostile++;
    if (generated.hasBrokenBytes) this.withBrokenBytes++;
    for (const code of [...(ours.compile_error?.codes ?? []), ...(ours.warnings?.codes ?? [])])
      count(this.codes.ours, code);
    for (const code of [...(theirs.compile_error?.codes ?? []), ...(theirs.warnings?.codes ?? [])])
      count(this.codes.theirs, code);
    // The complaint of a function stands inside of E610's.
    for (const inner of theirs.compile_error?.text.matchAll(/function compilation error: error\[E(\d+)\]/g) ?? [])
      count(this.codes.theirs, Number(inner[1]));
    for (const inner of ours.compile_error?.text.matchAll(/function compilation error: error\[E(\d+)\]/g) ?? [])
      count(this.codes.ours, Number(inner[1]));
    for (const { operator, left, right } of generated.operators) count(this.operators, pairName(operator, left, right));
    this.addCalls(generated, theirs, phase);
  }

  addExplained(reason: string): void {
    count(this.explained, reason);
  }

  /** A call that does not compile is none. Where errors are caught, the field that holds them tells. */
  private addCalls({ calls }: Generated, theirs: Reply, phase: Phase): void {
    if (phase === 'compile_error') return;
    for (const { name, errorField, resultField } of calls) {
      const entry = this.functions.get(name);
      if (entry === undefined) continue;
      entry.called++;
      const event = theirs.event as Record<string, unknown> | null | undefined;
      const hasFailed =
        (errorField !== undefined && (event?.[errorField] ?? null) !== null) ||
        (resultField !== undefined && event?.[resultField] === GAVE_UP);
      if ((phase === 'ok' || phase === 'abort') && !hasFailed) entry.succeeded++;
    }
  }

  /** Whether less than 60 % of the calls of a function have succeeded. */
  failsOften(name: string): boolean {
    const { called, succeeded } = this.functions.get(name) ?? { called: 0, succeeded: 0 };
    return called >= CALLS_TO_JUDGE && succeeded < called * 0.6;
  }

  /** The whole table, for people. */
  text(): string {
    const percent = (part: number): string => `${((100 * part) / Math.max(1, this.cases)).toFixed(1)} %`;
    const pairs = [...this.operators.values()];
    const lines = [
      `cases                       ${this.cases}`,
      ...(this.incomparable > 0 ? [`with functions we lack      ${percent(this.incomparable)}`] : []),
      `phases                      ${[...this.phases].map(([phase, times]) => `${phase} ${percent(times)}`).join(', ')}`,
      `control flow or closures    ${percent(this.withControlFlow)}`,
      `hostile strings             ${percent(this.hostile)}`,
      `strings that are not UTF-8  ${percent(this.withBrokenBytes)}`,
      `operators × pairs of kinds  ${pairs.filter((times) => times > 0).length} of ${pairs.length}, the rarest ${Math.min(...pairs)} times`,
      `codes of the original       ${codesText(this.codes.theirs)}`,
      `codes of ours               ${codesText(this.codes.ours)}`,
      ...[...this.explained].map(([reason, times]) => `explained: ${times}, ${reason}`),
      '',
      'function                                            calls  succeeded',
    ];
    for (const [name, { called, succeeded }] of [...this.functions].sort(([, a], [, b]) => a.succeeded - b.succeeded)) {
      const share = called === 0 ? '' : `  ${Math.round((100 * succeeded) / called)} %`;
      lines.push(`${name.padEnd(48)}${String(called).padStart(9)}${String(succeeded).padStart(11)}${share}`);
    }
    return lines.join('\n');
  }
}

/** The table as a page for the repository. */
export function coveragePage(coverage: Coverage, run: { readonly seed: string; readonly differences: number }): string {
  const { cases, phases, functions, operators, explained } = coverage;
  const percent = (part: number, of = cases): string => `${((100 * part) / Math.max(1, of)).toFixed(1)} %`;
  const pairs = [...operators.values()];
  const byOperator = OPERATORS.map((operator) => {
    const counts = [...operators].filter(([pair]) => pair.split(' ')[1] === operator).map(([, times]) => times);
    return `\`${operator.replaceAll('|', '\\|')}\` ${Math.min(...counts)}`;
  });
  const calls = [...functions].sort(([a], [b]) => (a < b ? -1 : 1));
  const fewest = Math.min(...calls.map(([, { called }]) => called));
  const half = calls.filter(([, { called, succeeded }]) => succeeded * 2 >= called).length;
  return `# What the fuzzer has covered

Written by \`npm run fuzz -- vrl --cases ${cases} --seed ${run.seed} --report test/vrl/COVERAGE.md\`, which runs programs made at
random here and in the original (the crate \`vrl\` 0.35.0) and compares values, events, metadata, messages, codes of
diagnostics and their places. What differed became a test in \`test/vrl/cases/\`.

| what | figure |
| --- | --- |
| programs | ${cases} |
| differences without an explanation | ${run.differences} |
| how they ended in the original | ${[...phases].map(([phase, times]) => `${phase} ${percent(times)}`).join(', ')} |
| with control flow or closures | ${percent(coverage.withControlFlow)} |
| with hostile strings | ${percent(coverage.hostile)} |
| with strings that are not UTF-8 | ${percent(coverage.withBrokenBytes)} |
| functions called | ${calls.filter(([, { called }]) => called > 0).length} of ${calls.length}, the rarest ${fewest} times |
| functions of whose calls at least half succeeded | ${half} of ${calls.length} |
| pairs of kinds under an operator | ${pairs.filter((times) => times > 0).length} of ${pairs.length}, the rarest ${Math.min(...pairs)} times |

## Differences that have an explanation

| times | why |
| --- | --- |
${[...explained]
  .sort(([, a], [, b]) => b - a)
  .map(([reason, times]) => `| ${times} | ${reason} |`)
  .join('\n')}

They are recognized in \`explained.ts\`, each as narrowly as can be.

## Operators

How often the rarest of the ${KINDS.length ** 2} pairs of kinds came under each: ${byOperator.join(', ')}.

## Codes of diagnostics

Those of the original, with how often it raised them: ${codesText(coverage.codes.theirs)}. E0 stands for complaints of
functions without a code of their own. E114, E200, E201, E202, E420, E602 and E801 are names that no program can raise
there; E301 to E314 and E316 belong to errors at run time, whose messages are compared.

## Functions

Calls that compiled, and how many of them succeeded:

${calls.map(([name, { called, succeeded }]) => `\`${name}\` ${called} (${percent(succeeded, called).replace(/\.\d/, '')})`).join(', ')}
`;
}

function pairName(operator: string, left: Kind, right: Kind): string {
  return `${left} ${operator} ${right}`;
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function codesText(codes: ReadonlyMap<number, number>): string {
  return [...codes]
    .sort(([a], [b]) => a - b)
    .map(([code, times]) => `E${code} ${times}`)
    .join(', ');
}
