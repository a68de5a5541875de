// What the process gives to a topology: its part of the memory, the clock, the log.

import { availableParallelism, hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { Arena } from '../engine/arena/arena.ts';
import { type Budget, divideMemory } from '../engine/budget.ts';
import { systemClock } from '../std/clock.ts';
import { systemRandom } from '../std/random.ts';
import { Ledger } from '../telemetry/ledger.ts';
import type { Logger } from '../telemetry/log.ts';
import { Registry } from '../telemetry/registry.ts';
import type { Runtime } from '../topology/topology.ts';
import { environmentValue } from './options.ts';
import type { Surroundings } from './program.ts';

export interface RuntimeFlags {
  readonly threads?: number;
  readonly chunkSizeEvents: number;
  readonly maxDecompressedSizeBytes: number;
  /** Instead of the registry that a run makes for itself; not a flag of the command. */
  readonly registry?: Registry;
}

/** What a topology of this configuration runs with, its memory divided. */
export function makeRuntime(
  config: Config,
  flags: RuntimeFlags,
  log: Logger,
  env: Surroundings['env'],
  shutdownLimitMs: number | undefined,
): Runtime & { readonly budget: Budget; readonly ledger: Ledger } {
  const { memoryBytes, threads } = config.globals;
  const budget = divideMemory({
    memoryBytes,
    threads: flags.threads ?? threads,
    cores: availableParallelism(),
    sources: config.sources.size,
  });
  const { slots, reservedSlots: reserve, workers } = budget;
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    recorder: flags.registry ?? new Registry({ isSilent: isSilent(env) }),
    arena: new Arena({ slots, reserve, threads: 1 + workers, debug: isDebuggingArena(env) }),
    budget,
    ledger: new Ledger(),
    hostname: environmentValue(env, 'VECTOR_HOSTNAME') ?? hostname(),
    env,
    chunkSizeEvents: flags.chunkSizeEvents,
    maxDecompressedBytes: flags.maxDecompressedSizeBytes,
    gracefulShutdownLimitMs: shutdownLimitMs,
  };
}

/** Whether each hold of a slot is written down with who has it; costs most of the speed. */
export function isDebuggingArena(env: Surroundings['env']): boolean {
  const value = env['SLUICE_DEBUG_ARENA'];
  return value !== undefined && value !== '' && value !== '0';
}

/** Whether nothing is counted: to measure what counting costs, not for anything else. */
function isSilent(env: Surroundings['env']): boolean {
  return env['SLUICE_TELEMETRY'] === 'off';
}

/** Says which slots are held although everything has ended. */
export function tellForgotten(arena: Arena, log: Logger): void {
  for (const { slot, holds, who, history } of arena.held())
    log.unlimited().error(`A slot was never let go.\n${history ?? ''}`, { slot, holds, claimed_by: who });
}
