// What the process gives to a topology, and what a topology says about itself.

import type { ProgramCoverage } from '../component/context.ts';
import type { Arena } from '../engine/arena/arena.ts';
import type { Budget } from '../engine/budget.ts';
import type { Clock } from '../std/clock.ts';
import type { Random } from '../std/random.ts';
import type { Ledger } from '../telemetry/ledger.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Registry } from '../telemetry/registry.ts';
import type { EnrichmentTables } from '../vrl/vrl.ts';

export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly recorder: Registry;
  readonly arena: Arena;
  /** Who holds memory; where it is not given, nobody wants to know. */
  readonly ledger?: Ledger;
  /** What the process may take, and how many threads; without it everything runs on the main thread. */
  readonly budget?: Budget;
  /** A batch is for a worker only when it is thought to take longer than this. */
  readonly offloadMinMs?: number;
  readonly hostname: string;
  /** Environment variables, for proxy settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Most events in one batch of a source. */
  readonly chunkSizeEvents: number;
  readonly maxDecompressedBytes: number;
  /**
   * How long components have when they are to end by themselves: after the last source ended, after a crash, and those
   * that a reload replaced. Undefined: as long as it takes.
   */
  readonly gracefulShutdownLimitMs: number | undefined;
  /** The tables that programs look things up in. */
  readonly enrichment?: EnrichmentTables;
  /** Takes the counts of programs by transform, in unit tests. */
  readonly coverage?: (id: string, program: ProgramCoverage) => void;
}

/** Something wrong with one component, or with the topology as a whole. */
export interface TopologyProblem {
  readonly component: string | undefined;
  readonly message: string;
}

/** The topology cannot start, or has come to a bad end. */
export class TopologyError extends Error {
  readonly problems: readonly TopologyProblem[];

  constructor(problems: readonly TopologyProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'TopologyError';
    this.problems = problems;
  }
}

export function formatProblem({ component, message }: TopologyProblem): string {
  return component === undefined ? message : `${component}: ${message}`;
}

/** What is known of an error: its message, or whatever was thrown as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
