// `sluice`: runs a configuration until its sources end or it is told to stop.
//
//   load ─► start ─► running ─┬─ SIGHUP, changed file ─► load ─► reload (the old graph goes on when that fails)
//                             ├─ SIGINT, SIGTERM ─► orderly stop; once more, or SIGQUIT ─► at once
//                             └─ all sources ended ─► drained ─► exit

import { type Api, startApi } from '../api/api.ts';
import { type Config, memoryProblem, renderProblems } from '../config/config.ts';
import { systemClock } from '../std/clock.ts';
import { type Level, Logger } from '../telemetry/log.ts';
import { LogTap } from '../telemetry/log_tap.ts';
import type { ProcessAccount } from '../telemetry/process_ledger.ts';
import { lifeCycle, sampleProcess } from '../telemetry/process_metrics.ts';
import { type Runtime, startTopology, type Topology, TopologyError } from '../topology/topology.ts';
import { EXIT } from './exit_codes.ts';
import { boundNewSpace, collectGarbage, limitHeapGrowth, markInSteps } from './heap.ts';
import { watchHeap } from './heap_watch.ts';
import { load, loadFromFlags } from './load.ts';
import { logLevel, stderrWriter, wantsColour } from './log_writer.ts';
import { enterRuntime, tellMemory } from './memory_owners.ts';
import { watchMemory } from './memory_watch.ts';
import { type ConfigFlags, environmentValue } from './options.ts';
import type { Surroundings } from './program.ts';
import { isDebuggingArena, makeRuntime, type RuntimeFlags, tellForgotten } from './runtime.ts';
import { version } from './version.ts';
import { watchConfig } from './watch_config.ts';

export interface LogFlags {
  readonly verbose: number;
  readonly quiet: number;
  readonly logFormat: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
  readonly internalLogRateLimit?: number;
}

export interface RunFlags extends ConfigFlags, LogFlags, Pick<RuntimeFlags, 'registry'> {
  readonly requireHealthy?: boolean;
  readonly threads?: number;
  readonly chunkSizeEvents: number;
  readonly watchConfig: boolean;
  readonly watchConfigMethod: 'recommended' | 'poll';
  readonly watchConfigPollIntervalSeconds: number;
  readonly gracefulShutdownLimitSecs: number;
  /** False when `--no-graceful-shutdown-limit` is given. */
  readonly gracefulShutdownLimit?: boolean;
  readonly allowEmptyConfig: boolean;
  readonly maxDecompressedSizeBytes: number;
  readonly profileMemory?: string;
  readonly memorySamples?: number;
}

export function makeLogger(
  flags: LogFlags,
  { env, stderr }: Pick<Surroundings, 'env' | 'stderr'>,
  base: Level = 'info',
): Logger {
  return new Logger({
    level: logLevel(flags.verbose, flags.quiet, environmentValue(env, 'VECTOR_LOG') ?? env['LOG'], base),
    clock: systemClock,
    rateLimitSecs: flags.internalLogRateLimit ?? 10,
    write: stderrWriter(flags.logFormat, wantsColour(flags.color, stderr, env)),
    tap: new LogTap(),
  });
}

export async function run(flags: RunFlags, surroundings: Surroundings): Promise<number> {
  const log = makeLogger(flags, surroundings);
  const starting = watchStart(log);
  try {
    return await Promise.race([starting.interrupted, startAndSupervise(flags, surroundings, log, starting)]);
  } finally {
    starting.over();
  }
}

/** Signals that come before the pipeline runs. */
interface Starting {
  /** Resolves with the exit code when the process is told to end; nothing has been taken in yet, so it ends at once. */
  readonly interrupted: Promise<number>;
  /** From now on signals are somebody else's. */
  over(): void;
}

/** A signal to reload, which would end the process by default, waits until there is something to reload. */
function watchStart(log: Logger): Starting {
  const { promise: interrupted, resolve } = Promise.withResolvers<number>();
  let isOver = false;
  let reload = false;
  const end = (signal: NodeJS.Signals): void => {
    log.info('Sluice quits before it has started.', { signal });
    resolve(EXIT.ok);
  };
  const hangUp = (): void => {
    reload = true;
  };
  for (const signal of ENDING) process.on(signal, end);
  process.on('SIGHUP', hangUp);
  return {
    interrupted,
    over() {
      if (isOver) return;
      isOver = true;
      for (const signal of ENDING) process.off(signal, end);
      process.off('SIGHUP', hangUp);
      if (reload && process.listenerCount('SIGHUP') > 0) process.kill(process.pid, 'SIGHUP');
    },
  };
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

async function startAndSupervise(
  flags: RunFlags,
  surroundings: Surroundings,
  log: Logger,
  starting: Starting,
): Promise<number> {
  const loaded = await loadFromFlags(flags, surroundings, { showWarnings: log.enabled('warn') });
  if (!loaded) return EXIT.config;
  const limitMs = flags.gracefulShutdownLimit === false ? undefined : flags.gracefulShutdownLimitSecs * 1000;
  const config = flags.requireHealthy === undefined ? loaded : withRequireHealthy(loaded, flags.requireHealthy);
  const tooLittle = memoryProblem(config.globals.memoryBytes, config.sources.size, flags.threads);
  if (tooLittle) {
    log.error(`${tooLittle.message}; ${tooLittle.hint}.`);
    return EXIT.config;
  }
  const runtime = makeRuntime(config, flags, log, surroundings.env, limitMs);
  log.info('Sluice is starting.', { version: version(), pid: process.pid, node: process.versions.node });
  const account = enterRuntime(runtime);
  let topology: Topology | undefined;
  const api = config.globals.api.enabled ? await openApi(config, log, () => topology?.state === 'running') : undefined;
  if (api === 'failed') return EXIT.config;
  if (api) runtime.recorder.counter(lifeCycle.apiStarted).add(1);
  try {
    topology = await startTopology(config, runtime);
  } catch (error) {
    await api?.close();
    if (!(error instanceof TopologyError)) throw error;
    for (const { component, message } of error.problems) log.error(message, { component_id: component });
    return EXIT.config;
  }
  log.tap?.started();
  runtime.recorder.counter(lifeCycle.started).add(1);
  boundNewSpace();
  account.built();
  log.info('Sluice has started.', {
    sources: config.sources.size,
    transforms: config.transforms.size,
    sinks: config.sinks.size,
  });
  const unsample = sampleProcess({ ...runtime, arenaBytes: () => runtime.arena.sizeBytes });
  const unwatch = keepMemory(runtime, account);
  const observers = await observeMemory(flags, runtime, topology, log);
  const supervised = supervise(topology, { flags, surroundings, runtime, limitMs, files: config.files, account });
  starting.over();
  const code = await supervised;
  unwatch();
  unsample();
  for (const observer of observers) observer.end();
  if (isDebuggingArena(surroundings.env)) tellForgotten(runtime.arena, log);
  await api?.close();
  return code;
}

/** Keeps to the budget, and tells of it, until the result is called. */
function keepMemory(runtime: ReturnType<typeof makeRuntime>, account: ProcessAccount): () => void {
  const usage = (): NodeJS.MemoryUsage => process.memoryUsage();
  const unwatch = [
    watchMemory({ ...runtime, usage }),
    watchHeap({ ...runtime, usage, limitGrowth: limitHeapGrowth, markInSteps, collect: collectGarbage }),
    tellMemory(runtime, account),
  ];
  return () => {
    for (const end of unwatch) end();
  };
}

/** Whoever wants to know of this process's memory. What looks at it is loaded when it is wanted only. */
async function observeMemory(
  { profileMemory: file, memorySamples: everyMs }: RunFlags,
  runtime: Runtime,
  topology: Topology,
  log: Logger,
): Promise<readonly { end(): void }[]> {
  if (file === undefined && everyMs === undefined) return [];
  const { processMemory } = await import('./profile/process_memory.ts');
  const source = processMemory(runtime);
  const observers: { end(): void }[] = [];
  if (file !== undefined) {
    const { profileMemory } = await import('./profile.ts');
    observers.push(profileMemory(file, source, runtime.clock, log));
  }
  if (everyMs !== undefined) {
    const { reportMemory } = await import('./soak/report_memory.ts');
    observers.push(reportMemory(everyMs, source, topology, runtime.clock));
  }
  return observers;
}

function withRequireHealthy(config: Config, requireHealthy: boolean): Config {
  return {
    ...config,
    globals: { ...config.globals, healthchecks: { ...config.globals.healthchecks, requireHealthy } },
  };
}

async function openApi(config: Config, log: Logger, isHealthy: () => boolean): Promise<Api | 'failed'> {
  const { address } = config.globals.api;
  try {
    const api = await startApi({ address, isHealthy, log });
    log.info('The API answers.', { address: api.address });
    return api;
  } catch (error) {
    log.error('The API cannot listen.', { address, error: (error as Error).message });
    return 'failed';
  }
}

/** A terminal and a parent such as npx may each send the same Ctrl-C: within this time two signals are one. */
const REPEATED_MS = 150;

interface Supervision {
  readonly flags: RunFlags;
  readonly surroundings: Surroundings;
  readonly runtime: Runtime;
  readonly limitMs: number | undefined;
  readonly files: readonly string[];
  readonly account: ProcessAccount;
}

/** Waits for the end, whoever brings it, and reloads when told to. Resolves with the exit code. */
function supervise(
  topology: Topology,
  { flags, surroundings, runtime, limitMs, files, account }: Supervision,
): Promise<number> {
  const { log, recorder } = runtime;
  return new Promise((resolve) => {
    let stopping = false;
    let over = false;
    let stoppingSinceMs = 0;
    let reloading = Promise.resolve();
    const watcher = flags.watchConfig ? watchConfig(files, flags, log, () => reload('a changed file')) : undefined;
    const handlers: [NodeJS.Signals, () => void][] = [
      ['SIGINT', () => stop('SIGINT')],
      ['SIGTERM', () => stop('SIGTERM')],
      ['SIGQUIT', () => quit('SIGQUIT')],
      ['SIGHUP', () => reload('SIGHUP')],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);

    const finish = (code: number): void => {
      // Signals are listened to until the very end: one more must not kill a process that is about to exit in order.
      over = true;
      watcher?.close();
      resolve(code);
    };
    const quit = (signal: string): void => {
      if (over) return;
      log.info('Sluice quits at once.', { signal });
      recorder.counter(lifeCycle.quit).add(1);
      finish(EXIT.ok);
    };
    const stop = (signal: string): void => {
      if (over) return;
      const now = performance.now();
      if (stopping) {
        if (now - stoppingSinceMs > REPEATED_MS) quit(signal);
        return;
      }
      stopping = true;
      stoppingSinceMs = now;
      log.info('Sluice is stopping; the same signal again quits at once.', {
        signal,
        ...(limitMs === undefined ? {} : { limit_secs: limitMs / 1000 }),
      });
      watcher?.close();
      void topology.stop(limitMs).then(
        () => {
          log.info('Sluice has stopped.');
          recorder.counter(lifeCycle.stopped).add(1);
          finish(EXIT.ok);
        },
        (error: unknown) => {
          log.error('Stopping failed.', { error: String(error) });
          finish(EXIT.software);
        },
      );
    };
    const reload = (reason: string): void => {
      if (stopping || over) return;
      reloading = reloading
        .then(() => reloadOnce(topology, flags, surroundings, log, reason))
        .then((newFiles) => {
          if (!newFiles) return;
          recorder.counter(lifeCycle.reloaded).add(1);
          account.built();
          watcher?.watch(newFiles);
        });
    };
    topology.finished.then(
      () => {
        if (!stopping) finish(EXIT.ok);
      },
      (error: unknown) => {
        log.error('The pipeline ended with an error.', {
          error: error instanceof Error ? error.message : String(error),
        });
        if (!stopping) finish(EXIT.software);
      },
    );
  });
}

/** Loads the configuration again and hands it to the running topology; the files to watch from now on. */
async function reloadOnce(
  topology: Topology,
  flags: RunFlags,
  { env, registry }: Surroundings,
  log: Logger,
  reason: string,
): Promise<readonly string[] | undefined> {
  log.info('Reloading the configuration.', { reason });
  const { config, problems } = await load(flags, env, registry ? { registry } : {});
  if (!config) {
    process.stderr.write(renderProblems(problems, { colour: wantsColour(flags.color, process.stderr, env) }));
    log.error('The configuration has errors; the running one goes on.');
    return undefined;
  }
  const result = await topology.reload(
    flags.requireHealthy === undefined ? config : withRequireHealthy(config, flags.requireHealthy),
  );
  if (!result.ok) {
    for (const { component, message } of result.problems) log.error(message, { component_id: component });
    log.error('The configuration was not reloaded; the running one goes on.');
    return undefined;
  }
  const { added, changed, removed, unchanged } = result;
  log.info('The configuration was reloaded.', {
    added: added.join(',') || undefined,
    changed: changed.join(',') || undefined,
    removed: removed.join(',') || undefined,
    unchanged: unchanged.length,
  });
  return config.files;
}
