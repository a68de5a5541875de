// Changes a running topology to a new configuration.
//
//   difference ─► build what is new beside the running graph ─► old ones let go of ports that are needed ─► build the
//   rest ─► swap: wire, retire, start                (any failure before the swap leaves the old graph running)
//
// What was taken out drains in the background, so that a sink whose other side is dead holds up no reload.

import type { Config, GlobalConfig } from '../config/config.ts';
import { type Built, dispose, everything, surroundingsOf, type Wanted } from './build.ts';
import { claimProblems } from './claims.ts';
import { type Difference, difference } from './diff.ts';
import { emptyGraph, type Graph, inputProblems, nodesOf, producersOf, wire } from './graph.ts';
import { Handover } from './handover.ts';
import { checkHealth } from './healthchecks.ts';
import type { Live } from './live.ts';
import { reasonOf, type TopologyProblem } from './runtime.ts';
import { SinkNode } from './sink_node.ts';
import { SourceNode } from './source_node.ts';
import { TransformNode } from './transform_node.ts';

export type ReloadResult =
  | ({ readonly ok: true } & Difference)
  | {
      readonly ok: false;
      readonly problems: readonly TopologyProblem[];
      /** The old graph could not be put back together either: the topology stops. */
      readonly fatal: boolean;
    };

/** Why a reload is refused that meets a stop. */
export const STOPPING: TopologyProblem = { component: undefined, message: 'the topology is stopping' };

export async function reloadTopology(live: Live, next: Config): Promise<ReloadResult> {
  const refused = [
    ...globalProblems(live.config.globals, next.globals),
    ...inputProblems(next),
    ...claimProblems(next),
  ];
  if (refused.length > 0) return { ok: false, problems: refused, fatal: false };
  const { transforms, sinks } = live.graph;
  const diff = difference(live.config, next, (id) => (transforms.get(id) ?? sinks.get(id))?.isOver ?? false);
  const fresh = new Set([...diff.added, ...diff.changed]);
  const wanted = select(next, (id) => fresh.has(id));
  const handover = new Handover(live, diff, wanted);
  // While components come and go, batches take the way from one to the next, on which they may have to wait.
  live.segments.clear();
  await live.segments.drained(live.stopping);
  const built = await buildAll(live, next, wanted, handover);
  if ('problems' in built) return { ok: false, ...built };
  const failed = swap(live, next, diff, built, handover);
  if (failed.length === 0) return { ok: true, ...diff };
  await dispose({ ...built, transforms: [], sinks: [] }, surroundingsOf(next, live.runtime));
  const problems = handover.heirs.size > 0 ? await handover.restore() : [];
  return { ok: false, problems: [...failed, ...problems], fatal: problems.length > 0 };
}

/** Builds everything new, or nothing: then the old graph runs as before, unless that is `fatal`. */
async function buildAll(
  live: Live,
  next: Config,
  wanted: Wanted,
  handover: Handover,
): Promise<Built | { readonly problems: readonly TopologyProblem[]; readonly fatal: boolean }> {
  const surroundings = surroundingsOf(next, live.runtime);
  const stage = async (part: Wanted): Promise<{ built: Built; problems: readonly TopologyProblem[] }> => {
    const { built, problems } = await live.build(part, surroundings);
    if (problems.length > 0 || !next.globals.healthchecks.requireHealthy) return { built, problems };
    return { built, problems: await checkHealth(built.sinks, next.globals.healthchecks.enabled, live.stopping) };
  };
  const first = await stage(selectFrom(wanted, (id) => !handover.heirs.has(id)));
  if (first.problems.length > 0) {
    await dispose(first.built, surroundings);
    return { problems: first.problems, fatal: false };
  }
  if (live.stopping.aborted) {
    await dispose(first.built, surroundings);
    return { problems: [STOPPING], fatal: false };
  }
  if (handover.heirs.size === 0) return first.built;
  await handover.release();
  const second = await stage(selectFrom(wanted, (id) => handover.heirs.has(id)));
  const both = join(first.built, second.built);
  if (second.problems.length === 0 && !live.stopping.aborted) return both;
  await dispose(both, surroundings);
  if (live.stopping.aborted) {
    handover.giveUp();
    return { problems: [STOPPING], fatal: false };
  }
  const problems = await handover.restore();
  return { problems: [...second.problems, ...problems], fatal: problems.length > 0 && !live.stopping.aborted };
}

/** Puts the new graph in the place of the old one, in one go. Returns why a transform could not start, undoing it. */
function swap(
  live: Live,
  next: Config,
  diff: Difference,
  built: Built,
  handover: Handover,
): readonly TopologyProblem[] {
  const old = live.graph;
  const fresh = graphOf(built);
  const graph = merged(old, fresh, diff.unchanged);
  wire(next, graph, producersOf(fresh));
  const problems = startTransforms(fresh);
  if (problems.length > 0) {
    for (const node of fresh.sources.values()) node.outputs.end();
    for (const node of [...fresh.transforms.values(), ...fresh.sinks.values()]) node.force();
    return problems;
  }
  const disconnect = wire(next, graph);
  for (const node of graph.transforms.values()) node.config = next.transforms.get(node.id)!;
  for (const node of graph.sinks.values()) node.config = next.sinks.get(node.id)!;
  live.graph = graph;
  live.config = next;
  const leaving = new Set([...diff.changed, ...diff.removed]);
  for (const node of nodesOf(old)) if (leaving.has(node.context.id)) live.retire(node);
  disconnect();
  handover.complete();
  for (const node of [...fresh.transforms.values(), ...fresh.sinks.values()]) node.settle();
  for (const [id, node] of fresh.sources) {
    const predecessor = old.sources.get(id);
    live.start(node, predecessor && live.letGo(predecessor));
  }
  return [];
}

export function graphOf(built: Built): Graph {
  const graph = emptyGraph();
  for (const one of built.sources) graph.sources.set(one.config.id, new SourceNode(one));
  for (const one of built.transforms) graph.transforms.set(one.config.id, new TransformNode(one));
  for (const one of built.sinks) graph.sinks.set(one.config.id, new SinkNode(one));
  return graph;
}

/** Lets transforms set their timers, once their outputs are connected; returns a problem for each that throws. */
export function startTransforms({ transforms }: Graph): readonly TopologyProblem[] {
  return [...transforms.values()].flatMap((node) => {
    try {
      node.start();
      return [];
    } catch (error) {
      return [{ component: node.id, message: reasonOf(error) }];
    }
  });
}

function merged(old: Graph, fresh: Graph, unchanged: readonly string[]): Graph {
  const graph = emptyGraph();
  for (const id of unchanged) {
    const [source, transform, sink] = [old.sources.get(id), old.transforms.get(id), old.sinks.get(id)];
    if (source) graph.sources.set(id, source);
    if (transform) graph.transforms.set(id, transform);
    if (sink) graph.sinks.set(id, sink);
  }
  for (const [id, node] of fresh.sources) graph.sources.set(id, node);
  for (const [id, node] of fresh.transforms) graph.transforms.set(id, node);
  for (const [id, node] of fresh.sinks) graph.sinks.set(id, node);
  return graph;
}

function select(config: Config, take: (id: string) => boolean): Wanted {
  return selectFrom(everything(config), take);
}

function selectFrom({ sources, transforms, sinks }: Wanted, take: (id: string) => boolean): Wanted {
  return {
    sources: sources.filter(({ id }) => take(id)),
    transforms: transforms.filter(({ id }) => take(id)),
    sinks: sinks.filter(({ id }) => take(id)),
  };
}

function join(a: Built, b: Built): Built {
  return {
    sources: [...a.sources, ...b.sources],
    transforms: [...a.transforms, ...b.transforms],
    sinks: [...a.sinks, ...b.sinks],
  };
}

const OPTION_OF: Readonly<Record<Exclude<keyof GlobalConfig, 'fingerprint' | 'metricExpiry'>, string>> = {
  dataDir: 'data_dir',
  timezone: 'timezone',
  logSchema: 'log_schema',
  logNamespace: 'schema.log_namespace',
  proxy: 'proxy',
  memoryBytes: 'memory',
  threads: 'threads',
  healthchecks: 'healthchecks',
  api: 'api',
  smoothing: 'buffer_utilization_ewma_half_life_seconds, latency_ewma_alpha',
  telemetryTags: 'telemetry.tags',
};

/** Global options are read once, when the process starts. */
function globalProblems(before: GlobalConfig, after: GlobalConfig): readonly TopologyProblem[] {
  if (before.fingerprint === after.fingerprint) return [];
  const names = Object.entries(OPTION_OF)
    .filter(
      ([key]) => JSON.stringify(before[key as keyof GlobalConfig]) !== JSON.stringify(after[key as keyof GlobalConfig]),
    )
    .map(([, option]) => `\`${option}\``);
  const what = names.length > 0 ? names.join(', ') : 'a global option';
  return [{ component: undefined, message: `${what} changed: global options take effect only after a restart` }];
}
