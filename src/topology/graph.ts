// The running components and how they are wired.

import type { Config } from '../config/config.ts';
import type { Consumer } from './fanout.ts';
import type { Node } from './node.ts';
import type { TopologyProblem } from './runtime.ts';
import type { SinkNode } from './sink_node.ts';
import type { SourceNode } from './source_node.ts';
import type { TransformNode } from './transform_node.ts';

export interface Graph {
  readonly sources: Map<string, SourceNode>;
  readonly transforms: Map<string, TransformNode>;
  readonly sinks: Map<string, SinkNode>;
}

export function emptyGraph(): Graph {
  return { sources: new Map(), transforms: new Map(), sinks: new Map() };
}

export type Producer = SourceNode | TransformNode;

export function producersOf({ sources, transforms }: Graph): Producer[] {
  return [...sources.values(), ...transforms.values()];
}

export function nodesOf({ sources, transforms, sinks }: Graph): Node[] {
  return [...sources.values(), ...transforms.values(), ...sinks.values()];
}

/** Inputs that no output answers to. */
export function inputProblems(config: Config): readonly TopologyProblem[] {
  const known = new Set<string>();
  for (const { id, outputs } of [...config.sources.values(), ...config.transforms.values()])
    for (const { port } of outputs) known.add(port === undefined ? id : `${id}.${port}`);
  return [...config.transforms.values(), ...config.sinks.values()].flatMap(({ id, inputs }) =>
    inputs
      .filter((input) => !known.has(input))
      .map((input) => ({ component: id, message: `the input \`${input}\` does not exist` })),
  );
}

/**
 * Connects the outputs of `producers` to their consumers. Returns a function that tells those that lost an input: call
 * it when all that stays is connected.
 */
export function wire(config: Config, graph: Graph, producers: readonly Producer[] = producersOf(graph)): () => void {
  const wanted = new Map<string, Consumer[]>();
  const want = (consumer: Consumer, inputs: readonly string[]): void => {
    for (const input of new Set(inputs)) {
      const consumers = wanted.get(input);
      if (consumers) consumers.push(consumer);
      else wanted.set(input, [consumer]);
    }
  };
  for (const { id, inputs } of config.transforms.values()) want(graph.transforms.get(id)!.entrance, inputs);
  for (const { id, inputs } of config.sinks.values()) want(graph.sinks.get(id)!.entrance, inputs);
  const lost: Consumer[] = [];
  for (const { config: own, outputs } of producers)
    for (const [id, fanout] of outputs.byId(own.id)) lost.push(...fanout.connect(wanted.get(id) ?? []));
  return () => {
    for (const consumer of lost) consumer.inputEnded();
  };
}

/** Puts `replacement` (nothing when undefined) where `consumer` is connected; `consumer` is told. */
export function replaceConsumer(
  producers: readonly Producer[],
  consumer: Consumer,
  replacement: Consumer | undefined,
): void {
  for (const { outputs } of producers) {
    for (const fanout of outputs.fanouts()) {
      if (!fanout.consumers.includes(consumer)) continue;
      const others = fanout.consumers.filter((one) => one !== consumer && one !== replacement);
      for (const lost of fanout.connect(replacement ? [...others, replacement] : others)) lost.inputEnded();
    }
  }
}
