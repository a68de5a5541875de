// Cuts a graph into segments and runs them: a component that a source feeds, with all stateless ones behind it, up to
// the consumers that take frames as they are or want events.
//
//   source ─► entrance ─► segment: remap ─► filter ─┬─► sink that writes JSON   frames, encoded
//                                                   └─► reduce, a metric sink   events
//
// Metrics of each component are counted here from what the segment says it gave to each, once per batch.

import { encodeFailed } from '../component/stream_sink.ts';
import type { Arena } from '../engine/arena/arena.ts';
import { OutputSlots } from '../engine/segment/frame_writer.ts';
import { discardedFrames, type LeafForm } from '../engine/segment/leaf.ts';
import {
  type Branch,
  type LeafResult,
  Segment,
  type SegmentResult,
  type SegmentTools,
} from '../engine/segment/segment.ts';
import { type Batch, estimatedBytes, finish, logBatch, type RawBatch } from '../event/batch.ts';
import { Throughput } from '../telemetry/component_metrics.ts';
import type { Entrance } from './entrance.ts';
import { type Graph, producersOf } from './graph.ts';
import { DEFAULT_OUTPUT } from './outputs.ts';
import { reasonOf } from './runtime.ts';
import { SinkNode } from './sink_node.ts';
import type { TransformNode } from './transform_node.ts';

/** Most components and consumers in one segment: where ways meet again, what is behind counts once for each. */
const BRANCHES_MAX = 256;

/** The segments of a topology. */
export class Segments {
  readonly #tools: SegmentTools;
  readonly #entrances: Entrance[] = [];

  constructor(arena: Arena) {
    this.#tools = { kernels: arena.kernels, memory: arena.bytes, slots: new OutputSlots(arena) };
  }

  /** Gives each entrance of a graph its segment. */
  cut(graph: Graph): void {
    this.clear();
    for (const node of [...graph.transforms.values(), ...graph.sinks.values()]) {
      if (!isFedBySource(graph, node)) continue;
      node.entrance.segment = segmentOf(graph, node, this.#tools);
      this.#entrances.push(node.entrance);
    }
  }

  /** From now on every batch goes from component to component. */
  clear(): void {
    for (const entrance of this.#entrances.splice(0)) {
      entrance.segment?.close();
      entrance.segment = undefined;
    }
    this.#tools.slots.close();
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

/** Undefined where a segment would do no more than hand on the batch. */
function segmentOf(graph: Graph, node: GraphNode, tools: SegmentTools): SegmentOfGraph | undefined {
  const cut = new Cut(graph);
  const root = cut.branchOf(node);
  if (!root || isIdle(root)) return undefined;
  return new SegmentOfGraph(new Segment(root, tools), cut.steps, cut.leaves);
}

/** Events that are wanted as events, and messages as messages: nothing that the consumer does not do itself. */
function isIdle(root: Branch): boolean {
  return root.kind === 'leaf' && (typeof root.form === 'string' || root.form.form === 'text');
}

/** Follows the graph from one component on. */
class Cut {
  readonly steps: TransformNode[] = [];
  readonly leaves: GraphNode[] = [];
  readonly #graph: Graph;
  #branches = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  branchOf(node: GraphNode): Branch {
    this.#branches += 1;
    if (node instanceof SinkNode) return this.#leaf(node, node.sink.frameForm ?? 'events');
    const step = this.#branches > BRANCHES_MAX ? 'too much is behind it' : node.step();
    if (typeof step === 'string') return this.#leaf(node, 'events');
    const index = this.steps.push(node) - 1;
    const ports = node.config.outputs.map(({ port }) =>
      this.#consumersOf(outputId(node.id, port)).map((consumer) => this.branchOf(consumer)),
    );
    return { kind: 'step', step, index, ports };
  }

  #leaf(node: GraphNode, form: LeafForm): Branch {
    const index = this.leaves.push(node) - 1;
    return { kind: 'leaf', form, index };
  }

  #consumersOf(output: string): readonly GraphNode[] {
    return [...this.#graph.transforms.values(), ...this.#graph.sinks.values()].filter(
      (node) => node.types.includes('log') && node.config.inputs.includes(output),
    );
  }
}

interface CountedStep {
  readonly node: TransformNode;
  readonly received: Throughput;
  readonly sent: readonly Throughput[];
}

/** A segment in its place in the graph. */
export class SegmentOfGraph {
  readonly #segment: Segment;
  readonly #steps: readonly CountedStep[];
  readonly #leaves: readonly GraphNode[];

  constructor(segment: Segment, steps: readonly TransformNode[], leaves: readonly GraphNode[]) {
    this.#segment = segment;
    this.#leaves = leaves;
    this.#steps = steps.map((node) => ({
      node,
      received: Throughput.received(node.context),
      sent: node.config.outputs.map(({ port }) => Throughput.sent(node.context, port ?? DEFAULT_OUTPUT)),
    }));
  }

  /** Takes the hold of `batch`. A promise is backpressure. */
  accept(batch: RawBatch): Promise<void> | undefined {
    let result: SegmentResult;
    try {
      result = this.#segment.run(batch);
    } catch (error) {
      this.#segment.reset();
      this.#failed(batch, error);
      return undefined;
    }
    return this.#deliver(batch, result);
  }

  close(): void {
    this.#segment.close();
  }

  #deliver(batch: RawBatch, { leaves, received, sent }: SegmentResult): Promise<void> | undefined {
    const eventBytes = estimatedBytes(batch) / batch.count;
    this.#steps.forEach((step, index) => {
      if (received[index] === 0) return;
      step.received.add(received[index]!, Math.round(received[index]! * eventBytes));
      step.sent.forEach((port, at) => {
        const events = sent[index]![at]!;
        if (events > 0) port.add(events, Math.round(events * eventBytes));
      });
    });
    const waits: Promise<void>[] = [];
    leaves.forEach((leaf, index) => {
      const node = this.#leaves[index]!;
      for (const error of leaf.errors) {
        encodeFailed(node.context, error);
        batch.finalizer.update('rejected');
      }
      for (const out of batchesOf(batch, leaf, eventBytes)) {
        batch.finalizer.retain();
        const wait = node.accept(out);
        if (wait) waits.push(wait);
      }
    });
    finish(batch);
    if (waits.length < 2) return waits[0];
    return Promise.all(waits).then(() => {});
  }

  #failed(batch: RawBatch, error: unknown): void {
    const { context } = this.#steps[0]?.node ?? this.#leaves[0]!;
    context.faults.error('A segment failed on a batch', {
      type: 'conversion_failed',
      stage: 'processing',
      fields: { error: reasonOf(error) },
    });
    context.faults.discarded(batch.count, 'The segment failed.', false);
    finish(batch, 'rejected');
  }
}

/** What came out of a leaf as batches under the finalizer of the batch that went in, which is retained for each. */
function* batchesOf(
  { finalizer, ingestedMs }: RawBatch,
  { written, events, discarded }: LeafResult,
  eventBytes: number,
): Generator<Batch> {
  if (events.length > 0) yield logBatch(events, finalizer, Math.round(events.length * eventBytes));
  const framed = discarded > 0 ? [discardedFrames(discarded, Math.round(discarded * eventBytes))] : written;
  for (const frames of framed) yield { kind: 'raw', type: 'log', ...frames, ingestedMs, streamOffset: -1, finalizer };
}
