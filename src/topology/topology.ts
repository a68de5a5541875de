// The door of the topology: a checked configuration becomes a running graph, which can be reloaded and stopped.

import type { Config } from '../config/config.ts';
import { build, dispose, everything, surroundingsOf } from './build.ts';
import { claimProblems } from './claims.ts';
import { emptyGraph, inputProblems, nodesOf, wire } from './graph.ts';
import { checkHealth } from './healthchecks.ts';
import { Live } from './live.ts';
import { graphOf, type ReloadResult, reloadTopology, STOPPING, startTransforms } from './reload.ts';
import { type Runtime, reasonOf, TopologyError, type TopologyProblem } from './runtime.ts';
import { planOf } from './segments.ts';
import { type StopResult, stopGraph } from './stop.ts';
import { type ComponentSummary, summarize } from './summary.ts';
import { Deadline } from './waits.ts';

export type { ReloadResult } from './reload.ts';
export { formatProblem, type Runtime, TopologyError, type TopologyProblem } from './runtime.ts';
export type { StopResult } from './stop.ts';
export type { ComponentSummary } from './summary.ts';
export { type BuiltUnitTest, type BuiltUnitTests, buildUnitTests } from './unit_test.ts';

export type TopologyState = 'running' | 'stopping' | 'stopped';

export interface Topology {
  readonly state: TopologyState;
  /**
   * Resolves when everything has ended: after `stop`, or when all sources came to the end of their input and all of it
   * was delivered (within `gracefulShutdownLimitMs`). Rejects with a `TopologyError`, also when everything has ended,
   * when a source failed or a reload could neither be done nor undone.
   */
  readonly finished: Promise<StopResult>;
  /** Changes to another configuration. Never rejects; one reload at a time, later ones wait. */
  reload(config: Config): Promise<ReloadResult>;
  /** Stops in order, and cuts off what has not ended after `limitMs`. May be called again with a shorter limit. */
  stop(limitMs: number | undefined): Promise<StopResult>;
  /** What each component has done so far. */
  summary(): readonly ComponentSummary[];
}

/** Builds and starts. Rejects with a `TopologyError` that holds every problem; nothing runs then. */
export async function startTopology(config: Config, runtime: Runtime): Promise<Topology> {
  const topology = new RunningTopology(config, runtime);
  await topology.start();
  return topology;
}

/**
 * Builds everything, asks the other sides of sinks whether they are there (unless `healthchecks` is false), and lets go
 * of it all again. Returns what is wrong.
 */
export async function checkTopology(
  config: Config,
  runtime: Runtime,
  { healthchecks }: { readonly healthchecks: boolean },
): Promise<readonly TopologyProblem[]> {
  const refused = [...inputProblems(config), ...claimProblems(config)];
  if (refused.length > 0) return refused;
  const surroundings = surroundingsOf(config, runtime);
  const { built, problems } = await build(everything(config), surroundings);
  const unhealthy = healthchecks ? await checkHealth(built.sinks, config.globals.healthchecks.enabled) : [];
  await dispose(built, surroundings);
  return [...problems, ...unhealthy];
}

/**
 * Builds everything to tell how it would run: for each component that a source feeds the segment that begins there.
 * Returns the lines, or what is wrong.
 */
export async function planTopology(
  config: Config,
  runtime: Runtime,
): Promise<{ readonly lines: readonly string[]; readonly problems: readonly TopologyProblem[] }> {
  const refused = inputProblems(config);
  if (refused.length > 0) return { lines: [], problems: refused };
  const surroundings = surroundingsOf(config, runtime);
  const { built, problems } = await build(everything(config), surroundings);
  const lines = problems.length > 0 ? [] : planOf(graphOf(built));
  await dispose(built, surroundings);
  return { lines, problems };
}

class RunningTopology implements Topology {
  state: TopologyState = 'running';
  readonly #live: Live;
  readonly #finished = Promise.withResolvers<StopResult>();
  readonly #deadline: Deadline;
  readonly #failures: TopologyProblem[] = [];
  #stopped: Promise<StopResult> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  #reloads = 0;
  /** Waits are timers that do not keep a process alive, and the last delivery may be one. */
  #alive: NodeJS.Timeout | undefined;

  constructor(config: Config, runtime: Runtime) {
    this.#live = new Live(runtime, config, emptyGraph(), (problem) => this.#fail(problem));
    this.#deadline = new Deadline(runtime.clock);
    this.#finished.promise.catch(() => {});
  }

  async start(): Promise<void> {
    const { config } = this.#live;
    const refused = [...inputProblems(config), ...claimProblems(config)];
    if (refused.length > 0) throw new TopologyError(refused);
    const surroundings = surroundingsOf(config, this.#live.runtime);
    const { built, problems } = await this.#live.build(everything(config), surroundings);
    const { enabled, requireHealthy } = config.globals.healthchecks;
    const failed = problems.length === 0 && requireHealthy ? await checkHealth(built.sinks, enabled) : problems;
    if (failed.length > 0) {
      await dispose(built, surroundings);
      throw new TopologyError(failed);
    }
    const graph = graphOf(built);
    wire(config, graph);
    const unstarted = startTransforms(graph);
    if (unstarted.length > 0) {
      for (const node of nodesOf(graph)) node.force();
      await dispose({ ...built, transforms: [], sinks: [] }, surroundings);
      throw new TopologyError(unstarted);
    }
    this.#live.graph = graph;
    this.#live.runtime.recorder.expire(config.globals.metricExpiry ?? {});
    this.#live.segments.cut(graph);
    this.#alive = setInterval(() => {}, 2 ** 30);
    if (!requireHealthy) void checkHealth(built.sinks, enabled, this.#live.stopping);
    for (const source of graph.sources.values()) this.#live.start(source);
    this.#watchSources();
  }

  get finished(): Promise<StopResult> {
    return this.#finished.promise;
  }

  reload(config: Config): Promise<ReloadResult> {
    this.#reloads += 1;
    const result = this.#reloading.then(() => this.#reload(config));
    this.#reloading = result;
    return result;
  }

  async #reload(config: Config): Promise<ReloadResult> {
    const live = this.#live;
    const before = new Set(live.graph.sinks.values());
    const result: ReloadResult = live.stopping.aborted
      ? { ok: false, problems: [STOPPING], fatal: false }
      : await reloadTopology(live, config).catch(brokenReload);
    live.segments.cut(live.graph);
    if (result.ok) live.runtime.recorder.expire(config.globals.metricExpiry ?? {});
    this.#reloads -= 1;
    const { enabled, requireHealthy } = config.globals.healthchecks;
    const started = [...live.graph.sinks.values()].filter((sink) => !before.has(sink));
    if (result.ok && !requireHealthy) void checkHealth(started, enabled, live.stopping);
    if (!result.ok && result.fatal) for (const problem of result.problems) this.#fail(problem);
    this.#watchSources();
    return result;
  }

  stop(limitMs: number | undefined): Promise<StopResult> {
    this.#deadline.set(limitMs);
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<StopResult> {
    this.state = 'stopping';
    this.#live.beginStop();
    await this.#reloading;
    const result = await stopGraph(this.#live, this.#deadline);
    await this.#live.segments.close();
    this.#deadline.cancel();
    clearInterval(this.#alive);
    this.state = 'stopped';
    if (this.#failures.length > 0) this.#finished.reject(new TopologyError(this.#failures));
    else this.#finished.resolve(result);
    return result;
  }

  summary(): readonly ComponentSummary[] {
    const { graph, runtime } = this.#live;
    return summarize(
      nodesOf(graph).map(({ context }) => context),
      runtime.recorder,
    );
  }

  /** A failure that the topology cannot live with: what runs is drained, and `finished` rejects. */
  #fail(problem: TopologyProblem): void {
    this.#failures.push(problem);
    void this.stop(this.#live.runtime.gracefulShutdownLimitMs);
  }

  /** When all sources have come to their end the rest drains, within the usual limit. A reload may bring new ones. */
  #watchSources(): void {
    const sources = [...this.#live.graph.sources.values()];
    if (sources.length === 0) return;
    void Promise.all(sources.map(({ ran }) => ran)).then(() => {
      const now = [...this.#live.graph.sources.values()];
      const isOver = this.#reloads === 0 && now.length > 0 && now.every(({ hasRun }) => hasRun);
      if (isOver && this.state === 'running') void this.stop(this.#live.runtime.gracefulShutdownLimitMs);
    });
  }
}

/** A broken promise of our own in the middle of a reload: nobody knows what state the graph is in. */
function brokenReload(error: unknown): ReloadResult {
  return {
    ok: false,
    problems: [{ component: undefined, message: `the reload broke: ${reasonOf(error)}` }],
    fatal: true,
  };
}
