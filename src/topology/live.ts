// The state of a running topology, as start, reload and stop share it.

import type { Config } from '../config/config.ts';
import { type Built, build, dispose, NOTHING_BUILT, type Surroundings, type Wanted } from './build.ts';
import type { Graph } from './graph.ts';
import { nodesOf, type Producer, producersOf } from './graph.ts';
import type { Node } from './node.ts';
import type { Runtime, TopologyProblem } from './runtime.ts';
import { Segments } from './segments.ts';
import { SourceNode } from './source_node.ts';
import { TransformNode } from './transform_node.ts';
import { within } from './waits.ts';

/** How long a new source waits for the one it replaces to stop reading and to write its positions. */
const HANDOVER_MS = 10_000;

export class Live {
  readonly runtime: Runtime;
  config: Config;
  graph: Graph;
  readonly segments: Segments;
  /** Components that a reload took out and that still drain. */
  readonly retired = new Set<Node>();
  readonly #stopping = new AbortController();
  readonly #onFailure: (problem: TopologyProblem) => void;

  constructor(runtime: Runtime, config: Config, graph: Graph, onFailure: (problem: TopologyProblem) => void) {
    this.runtime = runtime;
    this.segments = new Segments(runtime);
    this.config = config;
    this.graph = graph;
    this.#onFailure = onFailure;
  }

  /** Aborts when the topology is to stop: nothing new is begun then. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  beginStop(): void {
    this.#stopping.abort();
  }

  /** Components of the graph and those that still drain. */
  nodes(): Node[] {
    return [...new Set([...nodesOf(this.graph), ...this.retired])];
  }

  producers(): Producer[] {
    const draining = [...this.retired].filter(
      (node): node is Producer => node instanceof SourceNode || node instanceof TransformNode,
    );
    return [...new Set([...producersOf(this.graph), ...draining])];
  }

  /** Builds unless the topology stops meanwhile. */
  async build(
    wanted: Wanted,
    surroundings: Surroundings,
  ): Promise<{ readonly built: Built; readonly problems: readonly TopologyProblem[] }> {
    const building = build(wanted, surroundings);
    if (await within(this.runtime.clock, undefined, building, this.stopping)) return building;
    void building.then(({ built }) => dispose(built, surroundings));
    return { built: NOTHING_BUILT, problems: [{ component: undefined, message: 'stopped while it was built' }] };
  }

  /** Starts a source, after `before`. That its `run` rejects is the end of the topology. */
  start(source: SourceNode, before?: Promise<void>): void {
    const component = source.context.id;
    void source.start((message) => this.#onFailure({ component, message }), before);
  }

  /** Takes a component out: it drains in the background, for as long as a stop may take. */
  retire(node: Node): void {
    if (this.retired.has(node)) return;
    this.retired.add(node);
    node.retire();
    const limitMs = this.runtime.gracefulShutdownLimitMs;
    const timer =
      limitMs === undefined
        ? undefined
        : this.runtime.clock.after(limitMs, () => {
            node.context.log.error('The component that a reload replaced did not end in time and is cut off');
            cutOff(node);
          });
    void node.ended.then(() => {
      timer?.cancel();
      this.retired.delete(node);
    });
  }

  /** Retires a source and waits until its successor may start: it reads no more, and its positions are written. */
  async letGo(source: SourceNode): Promise<void> {
    this.retire(source);
    const { clock } = this.runtime;
    const untilMs = clock.monotonic() + HANDOVER_MS;
    if (!(await within(clock, HANDOVER_MS, source.ran, this.stopping)) && !this.stopping.aborted) {
      source.force();
      await within(clock, undefined, source.ran, this.stopping);
    }
    if (!source.keepsState()) return;
    if (!(await within(clock, untilMs - clock.monotonic(), source.ended, this.stopping)) && !this.stopping.aborted) {
      cutOff(source);
      await within(clock, undefined, source.ended, this.stopping);
    }
  }
}

function cutOff(node: Node): void {
  node.force();
  if (node instanceof SourceNode) node.abandon();
}
