// Cuts a graph into segments and runs them: a component that a source feeds, with all stateless ones behind it, up to
// the consumers that take frames as they are or want events.
//
//   source ─► entrance ─► segment: remap ─► filter ─┬─► sink that writes JSON   frames, encoded
//                                                   └─► reduce, a metric sink   events
//
// Where the arena knows of other threads, workers run the segments as well, all but those that need what only the main
// thread has.

import { describe, isIdle, type PlanNode, planSegment, type SegmentPlan } from '../engine/plan/plan.ts';
import { OutputSlots } from '../engine/segment/frame_writer.ts';
import type { LeafForm } from '../engine/segment/leaf.ts';
import { type Branch, Segment, type SegmentTools } from '../engine/segment/segment.ts';
import type { Step } from '../engine/segment/step.ts';
import { JobLine } from '../engine/workers/job_line.ts';
import { WorkerPool } from '../engine/workers/pool.ts';
import type { Entrance } from './entrance.ts';
import { type Graph, producersOf } from './graph.ts';
import type { Runtime } from './runtime.ts';
import { OFFLOAD_MIN_MS } from './segment_lanes.ts';
import { type Helpers, SegmentOfGraph } from './segment_of_graph.ts';
import { recipeOf, type SegmentRecipe } from './segment_recipe.ts';
import { SinkNode } from './sink_node.ts';
import type { TransformNode } from './transform_node.ts';
import { within } from './waits.ts';

/** How long a reload waits for what is under way, so that new components get nothing before it. */
const DRAIN_MS = 1_000;

/** The module that workers run: as it is written, and as it is built. */
const WORKER = new URL(`./worker/segment_worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** The segments of a topology. */
export class Segments {
  readonly #runtime: Runtime;
  readonly #tools: SegmentTools;
  readonly #entrances: Entrance[] = [];
  /** All that may still have something to deliver. */
  readonly #open = new Set<SegmentOfGraph>();
  readonly #jobs = new JobLine();
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
  async drained(stop: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return;
    const drained = new Promise<void>((resolve) => this.#drained.push(resolve));
    await within(this.#runtime.clock, DRAIN_MS, drained, stop);
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
    const plan = planSegment(new NodeOfPlan(graph, node));
    if (isIdle(plan.root)) return undefined;
    const steps = plan.steps.map((step) => step.node as TransformNode);
    const leaves = plan.leaves.map((leaf) => leaf.node);
    const helpers = this.#helpersFor(plan, node);
    const segment = new SegmentOfGraph({ segment: new Segment(plan.root, this.#tools), steps, leaves }, helpers);
    this.#open.add(segment);
    segment.onEnd = () => this.#ended(segment);
    return segment;
  }

  #startPool(): WorkerPool {
    const { arena, budget, clock, log, recorder: registry, ledger } = this.#runtime;
    const pool = new WorkerPool({ arena, entry: WORKER, limits: budget?.workerLimits, clock, log, registry });
    ledger?.register({ owner: 'workers', place: 'pages', bytes: () => pool.heapBytes });
    return pool;
  }

  #helpersFor(plan: SegmentPlan<NodeOfPlan>, node: GraphNode): Helpers | undefined {
    if (this.#runtime.arena.threads === 1) return undefined;
    const recipe = recipeFor(plan, node);
    if (typeof recipe === 'string') return undefined;
    this.#pool ??= this.#startPool();
    const { offloadMinMs = OFFLOAD_MIN_MS } = this.#runtime;
    if (offloadMinMs === 0) this.#pool.start();
    return {
      pool: this.#pool,
      jobs: this.#jobs,
      shared: this.#pool.share(node.id, recipe, formsOf(plan.root)),
      offloadMinMs,
    };
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
    return (this.node instanceof SinkNode ? this.node.sink.frameForm : this.node.form) ?? 'events';
  }

  step(): Step | string | undefined {
    return this.node instanceof SinkNode ? undefined : this.node.step();
  }

  outputs(): readonly (readonly NodeOfPlan[])[] {
    if (this.node instanceof SinkNode) return [];
    const { transforms, sinks } = this.#graph;
    // In the order in which a fanout gives to them: those that write come last.
    const all = [...transforms.values(), ...sinks.values()]
      .filter(({ types }) => types.includes('log'))
      .sort((one, other) => Number(one.writes) - Number(other.writes));
    return this.node.config.outputs.map(({ port }) =>
      all
        .filter(({ config }) => config.inputs.includes(outputId(this.id, port)))
        .map((node) => new NodeOfPlan(this.#graph, node)),
    );
  }
}

/** What workers build a segment from, or why it is for the main thread alone. */
function recipeFor({ root, steps }: SegmentPlan<NodeOfPlan>, { context }: GraphNode): SegmentRecipe | string {
  const nodes = steps.map(({ node }) => node as TransformNode);
  return recipeOf(root, nodes, context.globals, context.log);
}

/** The forms of leaves by their index. */
function formsOf(root: Branch): readonly LeafForm[] {
  const forms: LeafForm[] = [];
  const visit = (branch: Branch): void => {
    if (branch.kind === 'leaf') forms[branch.index] = branch.form;
    else for (const one of branch.ports.flat()) visit(one);
  };
  visit(root);
  return forms;
}

/** The plan of a graph: for each component that a source feeds, how what comes in is looked at. */
export function planOf(graph: Graph): readonly string[] {
  return [...graph.transforms.values(), ...graph.sinks.values()]
    .filter((node) => node.types.includes('log') && isFedBySource(graph, node))
    .flatMap((node) => {
      const plan = planSegment(new NodeOfPlan(graph, node));
      const inputs = node.config.inputs.join(', ');
      if (isIdle(plan.root)) return [`${inputs} → ${node.id}`, `  ${idleText(plan.root, plan.barriers.get(node.id))}`];
      const lines = [...describe(plan), threadsText(recipeFor(plan, node))];
      return [`${inputs} → ${node.id}`, ...lines.map((line) => `  ${line}`)];
    });
}

function threadsText(recipe: SegmentRecipe | string): string {
  return typeof recipe === 'string' ? `on the main thread alone: ${recipe}` : 'on all threads';
}

function idleText(root: Branch, barrier: string | undefined): string {
  if (root.kind === 'leaf' && root.form !== 'events') return 'tier 0, nobody looks inside: bytes go from slot to sink';
  return `no segment, batches go from component to component: ${barrier ?? 'the sink looks at events'}`;
}
