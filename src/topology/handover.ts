// A new component that needs what an old one holds (a port, standard input) cannot be built beside it: the old one stops
// first, and is started again when the new one cannot be built.
//
//   old source: its consumers are held open ─► stops ─► new source built ─► connected │ old one built again
//   old sink:   a gate takes its place     ─► drains ─► new sink built   ─► gate opens │ old one built again

import type { SinkConfig } from '../config/config.ts';
import { dispose, surroundingsOf, type Wanted } from './build.ts';
import { resourcesOf } from './claims.ts';
import type { Difference } from './diff.ts';
import type { Consumer } from './fanout.ts';
import { Gate } from './gate.ts';
import { replaceConsumer, wire } from './graph.ts';
import type { Live } from './live.ts';
import type { TopologyProblem } from './runtime.ts';
import { SinkNode } from './sink_node.ts';
import { SourceNode } from './source_node.ts';
import { within } from './waits.ts';

/** How long a sink that holds what its successor needs may drain when stopping has no limit. */
const DRAIN_MS = 60_000;

export class Handover {
  /** Ids of new components that must wait for old ones. */
  readonly heirs: ReadonlySet<string>;
  readonly #live: Live;
  readonly #sources: readonly SourceNode[];
  readonly #sinks: readonly SinkNode[];
  /** Taken out by an earlier reload and not at their end yet. */
  readonly #leftovers: readonly (SourceNode | SinkNode)[];
  readonly #heldOpen: Consumer[] = [];
  readonly #gates = new Map<string, Gate>();

  constructor(live: Live, { changed, removed }: Difference, wanted: Wanted) {
    this.#live = live;
    const leaving = new Set([...changed, ...removed]);
    const needed = new Set([...wanted.sources, ...wanted.sinks].flatMap(resourcesOf));
    const holds = (node: SourceNode | SinkNode): boolean =>
      !(node instanceof SourceNode ? node.hasRun : node.hasEnded) &&
      resourcesOf(node.config).some((resource) => needed.has(resource));
    const isLeaving = (node: SourceNode | SinkNode): boolean => leaving.has(node.config.id) && holds(node);
    this.#sources = [...live.graph.sources.values()].filter(isLeaving);
    this.#sinks = [...live.graph.sinks.values()].filter(isLeaving);
    this.#leftovers = [...live.retired].filter(
      (node): node is SourceNode | SinkNode => (node instanceof SourceNode || node instanceof SinkNode) && holds(node),
    );
    const owners = [...this.#sources, ...this.#sinks, ...this.#leftovers];
    const held = new Set(owners.flatMap(({ config }) => resourcesOf(config)));
    this.heirs = new Set(
      [...wanted.sources, ...wanted.sinks]
        .filter((config) => resourcesOf(config).some((resource) => held.has(resource)))
        .map(({ id }) => id),
    );
  }

  /** Stops the old ones. Returns early when the topology stops. */
  async release(): Promise<void> {
    for (const source of this.#sources) {
      for (const fanout of source.outputs.fanouts()) {
        for (const consumer of fanout.consumers) {
          consumer.inputAdded();
          this.#heldOpen.push(consumer);
        }
      }
    }
    for (const sink of this.#sinks) {
      const gate = new Gate(sink);
      this.#gates.set(sink.id, gate);
      this.#live.retire(sink);
      replaceConsumer(this.#live.producers(), sink.entrance, gate);
    }
    await Promise.all(
      [...this.#sources, ...this.#sinks, ...this.#leftovers].map((node) =>
        node instanceof SourceNode ? this.#live.letGo(node) : this.#drained(node),
      ),
    );
  }

  /** Connects successors; called when the new graph is wired. */
  complete(): void {
    for (const id of [...this.#gates.keys()]) this.#openGate(id, this.#live.graph.sinks.get(id));
    this.#letClose();
  }

  /** Builds the old ones again and puts them where they were. Returns why that failed. */
  async restore(): Promise<readonly TopologyProblem[]> {
    const live = this.#live;
    const surroundings = surroundingsOf(live.config, live.runtime);
    const { built, problems } = await live.build(
      {
        sources: this.#sources.map(({ config }) => config),
        transforms: [],
        sinks: this.#sinks.map(({ config }): SinkConfig => config),
      },
      surroundings,
    );
    if (problems.length > 0) {
      await dispose(built, surroundings);
      this.giveUp();
      return problems;
    }
    const sources = built.sources.map((one) => new SourceNode(one));
    for (const node of built.sinks.map((one) => new SinkNode(one))) live.graph.sinks.set(node.id, node);
    for (const node of sources) live.graph.sources.set(node.config.id, node);
    wire(live.config, live.graph)();
    this.complete();
    for (const node of sources) live.start(node);
    return [];
  }

  /** Nothing takes the place of the old ones: what waits goes to an old sink that still drains, or is lost. */
  giveUp(): void {
    for (const id of [...this.#gates.keys()]) {
      const old = this.#sinks.find((sink) => sink.id === id && !sink.isOver);
      this.#openGate(id, old, old === undefined);
    }
    this.#letClose();
  }

  #openGate(id: string, successor: SinkNode | undefined, lost = false): void {
    const gate = this.#gates.get(id)!;
    this.#gates.delete(id);
    replaceConsumer(this.#live.producers(), gate, successor?.entrance);
    // A sink that the new configuration does not have is nobody's loss.
    gate.open(successor, lost ? 'errored' : 'delivered');
  }

  #letClose(): void {
    for (const consumer of this.#heldOpen.splice(0)) consumer.inputEnded();
  }

  async #drained(sink: SinkNode): Promise<void> {
    const { clock, gracefulShutdownLimitMs } = this.#live.runtime;
    if (await within(clock, gracefulShutdownLimitMs ?? DRAIN_MS, sink.ended, this.#live.stopping)) return;
    if (this.#live.stopping.aborted) return;
    sink.force();
    await within(clock, undefined, sink.ended, this.#live.stopping);
  }
}
