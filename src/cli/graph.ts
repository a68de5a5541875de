// `sluice graph`: the topology of a configuration as a drawing in Graphviz's or Mermaid's language.

import type { Config } from '../config/config.ts';
import { formatProblem, planTopology } from '../topology/topology.ts';
import { EXIT } from './exit_codes.ts';
import { loadFromFlags } from './load.ts';
import type { ConfigFlags } from './options.ts';
import type { Surroundings } from './program.ts';
import { makeLogger } from './run.ts';
import { makeRuntime } from './runtime.ts';

export async function graph(
  flags: ConfigFlags & { readonly format: 'dot' | 'mermaid'; readonly plan?: boolean },
  surroundings: Surroundings,
): Promise<number> {
  const config = await loadFromFlags(flags, surroundings, { showWarnings: false });
  if (!config) return EXIT.config;
  if (flags.plan) return plan(config, surroundings);
  surroundings.stdout.write(flags.format === 'dot' ? drawDot(config) : drawMermaid(config));
  return EXIT.ok;
}

/** How the configuration would run: what is decoded where, and why not less. */
async function plan(config: Config, { env, stdout, stderr }: Surroundings): Promise<number> {
  const log = makeLogger({ verbose: 0, quiet: 3, logFormat: 'text', color: 'never' }, { env, stderr });
  const limits = { chunkSizeEvents: 1000, maxDecompressedSizeBytes: 1 << 20 };
  const { lines, problems } = await planTopology(config, makeRuntime(config, limits, log, env, 0));
  for (const problem of problems) stderr.write(`${formatProblem(problem)}\n`);
  stdout.write(lines.map((line) => `${line}\n`).join(''));
  return problems.length === 0 ? EXIT.ok : EXIT.config;
}

type Attributes = ReadonlyMap<string, string> | undefined;

interface Node {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly nodeAttributes: Attributes;
  readonly edgeAttributes: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
}

function nodesOf(config: Config): { sources: Node[]; transforms: Node[]; sinks: Node[] } {
  const node = (
    id: string,
    inputs: readonly string[],
    drawing: { node_attributes?: Attributes; edge_attributes?: Node['edgeAttributes'] } | undefined,
  ): Node => ({
    id,
    inputs,
    nodeAttributes: drawing?.node_attributes,
    edgeAttributes: drawing?.edge_attributes,
  });
  return {
    sources: [...config.sources.values()].map(({ id, common }) => node(id, [], common.graph)),
    transforms: [...config.transforms.values()].map(({ id, inputs, common }) => node(id, inputs, common.graph)),
    sinks: [...config.sinks.values()].map(({ id, inputs, common }) => node(id, inputs, common.graph)),
  };
}

/** An output id as the component it belongs to and its port. */
function split(output: string): [component: string, port: string | undefined] {
  const dot = output.indexOf('.');
  return dot === -1 ? [output, undefined] : [output.slice(0, dot), output.slice(dot + 1)];
}

function drawDot(config: Config): string {
  const { sources, transforms, sinks } = nodesOf(config);
  const lines = ['digraph {'];
  const attributes = (known: Readonly<Record<string, string>>, more: Attributes): string => {
    const all = Object.entries({ ...known, ...Object.fromEntries(more ?? []) });
    return all.length === 0 ? '' : ` [${all.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')}]`;
  };
  const draw = (nodes: readonly Node[], shape: string): void => {
    for (const { id, inputs, nodeAttributes, edgeAttributes } of nodes) {
      lines.push(`  ${JSON.stringify(id)}${attributes({ shape }, nodeAttributes)}`);
      for (const input of inputs) {
        const [component, port] = split(input);
        lines.push(
          `  ${JSON.stringify(component)} -> ${JSON.stringify(id)}${attributes(port === undefined ? {} : { label: port }, edgeAttributes?.get(input))}`,
        );
      }
    }
  };
  draw(sources, 'trapezium');
  draw(transforms, 'diamond');
  draw(sinks, 'invtrapezium');
  lines.push('}', '');
  return lines.join('\n');
}

function drawMermaid(config: Config): string {
  const { sources, transforms, sinks } = nodesOf(config);
  const lines = ['flowchart TD;', '', '  %% Enrichment tables', '', '  %% Sources'];
  const edges = (nodes: readonly Node[], left: string, right: string): void => {
    for (const { id, inputs } of nodes) {
      lines.push(`  ${id}${left}${id}${right}`);
      for (const input of inputs) {
        const [component, port] = split(input);
        lines.push(`  ${component} -->${port === undefined ? '' : `|${port}|`} ${id}`);
      }
    }
  };
  edges(sources, '[/', '/]');
  lines.push('', '  %% Transforms');
  edges(transforms, '{', '}');
  lines.push('', '  %% Sinks');
  edges(sinks, '[\\', '\\]');
  return `${lines.join('\n')}\n`;
}
