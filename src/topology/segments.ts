// Cuts a graph into segments and runs them: a component that a source feeds, with all stateless ones behind it, up to
// the consumers that take frames as they are or want events.
//
//   source ─► entrance ─► segment: remap ─► filter ─┬─► sink that writes JSON   frames, encoded
//                                                   └─► reduce, a metric sink   events
//
// Metrics of each component are counted here from what the segment says it gave to each, once per batch.

import { encodeFailed } from '../component/stream_sink.ts';
import type { Arena } from '../engine/arena/arena.ts';
import { describe, isIdle, type PlanNode, planSegment } from '../engine/plan/plan.ts';
import { OutputSlots } from '../engine/segment/frame_writer.ts';
import { discardedFrames, type LeafForm } from '../engine/segment/leaf.ts';
import {
  type Branch,
  type LeafResult,
  Segment,
  type SegmentResult,
  type SegmentTools,
} from '../engine/segment/segment.ts';
import type { Step } from '../engine/segment/step.ts';
import { type Batch, estimatedBytes, finish, logBatch, type RawBatch } from '../event/batch.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import type { Entrance } from './entrance.ts';
import { type Graph, producersOf } from './graph.ts';
import { DEFAULT_OUTPUT } from './outputs.ts';
import { reasonOf } from './runtime.ts';
import { SinkNode } from './sink_node.ts';
import type { TransformNode } from './transform_node.ts';

/** How long a reload waits for what is under way, so that new components get nothing before it. */
const DRAIN_MS = 1_000;

/** The module that workers run: as it is written, and as it is built. */
const WORKER = new URL(`./worker/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** The segments of a topology. */
export class Segments {
  readonly #runtime: Runtime;
  readonly #tools: SegmentTools;
  readonly #entrances: Entrance[] = [];
  /** All that may still have something to deliver. */
  readonly #open = new Set<SegmentOfGraph>();
  #pool: WorkerPool | undefined;
  #drained: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const { arena } = runtime;
    this.#tools = { kernels: arena.kernels, memory: arena.bytes, slots: new OutputSlots(arena) };
  }

  /** Gives each entrance of a graph its segment. */
  cut(graph: Graph): void {
    this.clear();
    for (const node of [...graph.transforms.values(), ...graph.sinks.values()]) {
      if (!isFedBySource(graph, node)) continue;
      node.entrance.use(this.#segmentOf(graph, node));
      this.#entrances.push(node.entrance);
    }
  }

  /** From now on every batch goes from component to component, once what came before is delivered. */
  clear(): void {
    for (const entrance of this.#entrances.splice(0)) entrance.use(undefined);
    this.#tools.slots.close();
  }

  /** After `clear`: resolves when nothing is under way any more, or after a while where a consumer takes nothing. */
  async drained(clock: Clock, stop: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return;
    await within(clock, DRAIN_MS, new Promise<void>((resolve) => this.#drained.push(resolve)), stop);
  }

  /** The topology has stopped: ends the workers. */
  async close(): Promise<void> {
    this.clear();
    for (const segment of this.#open) segment.abandon();
    await this.#pool?.close();
    this.#tools.slots.close();
  }

  /** Undefined where a segment would do no more than hand on the batch. */
  #segmentOf(graph: Graph, node: GraphNode): SegmentOfGraph | undefined {
    const { steps, leaves, root } = cutFrom(graph, node);
    if (isIdle(root)) return undefined;
    const helpers = this.#helpersFor(root, node, steps, leaves);
    const segment = new SegmentOfGraph({ segment: new Segment(root, this.#tools), steps, leaves }, helpers);
    if (helpers) {
      this.#open.add(segment);
      segment.onEnd = () => this.#ended(segment);
    }
    return segment;
  }

  #helpersFor(
    root: Branch,
    { context }: GraphNode,
    steps: readonly TransformNode[],
    leaves: readonly Leaf[],
  ): Helpers | undefined {
    const { arena, clock, log, workers } = this.#runtime;
    if (arena.threads === 1) return undefined;
    const recipe = recipeOf(root, steps, context.globals, log);
    if (typeof recipe === 'string') return undefined;
    this.#pool ??= new WorkerPool({ arena, entry: WORKER, limits: workers?.limits, clock, log });
    const forms = leaves.map(({ form }) => form);
    const offloadMinMs = workers?.offloadMinMs ?? OFFLOAD_MIN_MS;
    return { pool: this.#pool, shared: this.#pool.share(recipe, forms), offloadMinMs };
  }

  #ended(segment: SegmentOfGraph): void {
    this.#open.delete(segment);
    // What it wrote last has left it: the slot that was kept for more is kept for nothing.
    if (this.#open.size > 0) return;
    if (this.#entrances.length === 0) this.#tools.slots.close();
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

type GraphNode = TransformNode | SinkNode;

function isFedBySource(graph: Graph, node: GraphNode): boolean {
  const { inputs } = node.config;
  return producersOf(graph).some(
    ({ config }) =>
      graph.sources.has(config.id) && config.outputs.some(({ port }) => inputs.includes(outputId(config.id, port))),
  );
}

function outputId(id: string, port: string | undefined): string {
  return port === undefined ? id : `${id}.${port}`;
}

/** A component as the planner sees it. */
class NodeOfPlan implements PlanNode {
  readonly node: GraphNode;
  readonly #graph: Graph;

  constructor(graph: Graph, node: GraphNode) {
    this.#graph = graph;
    this.node = node;
  }

  get id(): string {
    return this.node.id;
  }

  get form(): LeafForm {
    return (this.node instanceof SinkNode && this.node.sink.frameForm) || 'events';
  }

  step(): Step | string | undefined {
    return this.node instanceof SinkNode ? undefined : this.node.step();
  }

  outputs(): readonly (readonly NodeOfPlan[])[] {
    if (this.node instanceof SinkNode) return [];
    const { transforms, sinks } = this.#graph;
    const all = [...transforms.values(), ...sinks.values()].filter(({ types }) => types.includes('log'));
    return this.node.config.outputs.map(({ port }) =>
      all
        .filter(({ config }) => config.inputs.includes(outputId(this.id, port)))
        .map((node) => new NodeOfPlan(this.#graph, node)),
    );
  }
}

/** Undefined where a segment would do no more than hand on the batch. */
function segmentOf(graph: Graph, node: GraphNode, tools: SegmentTools): SegmentOfGraph | undefined {
  const { root, steps, leaves } = planSegment(new NodeOfPlan(graph, node));
  if (isIdle(root)) return undefined;
  return new SegmentOfGraph(
    new Segment(root, tools),
    steps.map((step) => step.node as TransformNode),
    leaves.map((leaf) => leaf.node),
  );
}

/** The plan of a graph: for each component that a source feeds, how what comes in is looked at. */
export function planOf(graph: Graph): readonly string[] {
  return [...graph.transforms.values(), ...graph.sinks.values()]
    .filter((node) => node.types.includes('log') && isFedBySource(graph, node))
    .flatMap((node) => {
      const plan = planSegment(new NodeOfPlan(graph, node));
      const inputs = node.config.inputs.join(', ');
      if (isIdle(plan.root)) return [`${inputs} → ${node.id}`, `  ${idleText(plan.root, plan.barriers.get(node.id))}`];
      return [`${inputs} → ${node.id}`, ...describe(plan).map((line) => `  ${line}`)];
    });
}

function idleText(root: Branch, barrier: string | undefined): string {
  if (root.kind === 'leaf' && root.form !== 'events') return 'tier 0, nobody looks inside: bytes go from slot to sink';
  return `no segment, batches go from component to component: ${barrier ?? 'the sink looks at events'}`;
}
