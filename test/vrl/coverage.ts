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
