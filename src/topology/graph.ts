// The running components and how they are wired.

import type { Config } from '../config/checked.ts';
import type { Consumer, Fanout } from './fanout.ts';
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

export function producersOf({ sources, transforms }: Graph): (SourceNode | TransformNode)[] {
  return [...sources.values(), ...transforms.values()];
}

export function nodesOf({ sources, transforms, sinks }: Graph): Node[] {
  return [...sources.values(), ...transforms.values(), ...sinks.values()];
}

/** Every output of the graph by its id, `component` or `component.port`. */
export function outputsOf(graph: Graph): Map<string, Fanout> {
  const outputs = new Map<string, Fanout>();
  for (const { config, outputs: own } of producersOf(graph))
    for (const [id, fanout] of own.byId(config.id)) outputs.set(id, fanout);
  return outputs;
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
 * Connects every output to its consumers. Returns a function that tells those that lost an input: call it when all that
 * stays is connected.
 */
export function wire(config: Config, graph: Graph): () => void {
  const wanted = new Map<string, Consumer[]>();
  const want = (consumer: Consumer, inputs: readonly string[]): void => {
    for (const input of new Set(inputs)) {
      const consumers = wanted.get(input);
      if (consumers) consumers.push(consumer);
      else wanted.set(input, [consumer]);
    }
  };
  for (const { id, inputs } of config.transforms.values()) want(graph.transforms.get(id)!, inputs);
  for (const { id, inputs } of config.sinks.values()) want(graph.sinks.get(id)!, inputs);
  const lost: Consumer[] = [];
  for (const [id, fanout] of outputsOf(graph)) lost.push(...fanout.connect(wanted.get(id) ?? []));
  return () => {
    for (const consumer of lost) consumer.inputEnded();
  };
}
