// Builds components from their configuration, all of them, and collects every failure. Nothing runs yet.

import { bufferProblem } from '../buffers/buffers.ts';
import type { Globals } from '../component/context.ts';
import type { Config, GlobalConfig, SinkConfig, SourceConfig, TransformConfig } from '../config/config.ts';
import { finish } from '../event/batch.ts';
import { globalsOf, sinkContext, sourceContext, transformContext, withTables } from './contexts.ts';
import { FORCE_GRACE_MS } from './node.ts';
import { type Runtime, reasonOf, type TopologyProblem } from './runtime.ts';
import type { BuiltSink } from './sink_node.ts';
import type { BuiltSource } from './source_node.ts';
import type { BuiltTransform } from './transform_node.ts';
import { attempt, within } from './waits.ts';

/** Components to build. */
export interface Wanted {
  readonly sources: readonly SourceConfig[];
  readonly transforms: readonly TransformConfig[];
  readonly sinks: readonly SinkConfig[];
}

export interface Built {
  readonly sources: readonly BuiltSource[];
  readonly transforms: readonly BuiltTransform[];
  readonly sinks: readonly BuiltSink[];
}

export interface Surroundings {
  readonly runtime: Runtime;
  readonly globals: Globals;
  readonly global: GlobalConfig;
}

export function surroundingsOf(config: Config, runtime: Runtime): Surroundings {
  const { globals: global } = config;
  const globals = globalsOf(global, runtime);
  return { runtime: withTables(config, globals, runtime), global, globals };
}

export const NOTHING_BUILT: Built = { sources: [], transforms: [], sinks: [] };

export function everything(config: Config): Wanted {
  return {
    sources: [...config.sources.values()],
    transforms: [...config.transforms.values()],
    sinks: [...config.sinks.values()],
  };
}

/** Builds what it can, with a problem for each component that it cannot. Then `dispose` of the rest. */
export async function build(
  wanted: Wanted,
  surroundings: Surroundings,
): Promise<{ readonly built: Built; readonly problems: readonly TopologyProblem[] }> {
  const problems: TopologyProblem[] = [];
  const all = async <C extends { readonly id: string }, B>(configs: readonly C[], make: (config: C) => Promise<B>) => {
    const made = await Promise.all(
      configs.map((config) =>
        make(config).catch((error: unknown) => {
          problems.push({ component: config.id, message: reasonOf(error) });
          return undefined;
        }),
      ),
    );
    return made.filter((one) => one !== undefined);
  };
  const [sources, transforms, sinks] = await Promise.all([
    all(wanted.sources, (config) => buildSource(config, surroundings)),
    all(wanted.transforms, (config) => buildTransform(config, surroundings)),
    all(wanted.sinks, (config) => buildSink(config, surroundings)),
  ]);
  return { built: { sources, transforms, sinks } as Built, problems };
}

async function buildSource(config: SourceConfig, { globals, global, runtime }: Surroundings): Promise<BuiltSource> {
  const { context, keepsState } = sourceContext(config, globals, global, runtime);
  return { config, source: await config.definition.build(config.config, context), context, keepsState };
}

async function buildTransform(config: TransformConfig, { globals, runtime }: Surroundings): Promise<BuiltTransform> {
  const context = transformContext(config, globals, runtime);
  return { config, transform: await config.definition.build(config.config, context), context };
}

async function buildSink(config: SinkConfig, { globals, global, runtime }: Surroundings): Promise<BuiltSink> {
  const problem = bufferProblem(config.buffer);
  if (problem) throw new Error(problem);
  const context = sinkContext(config, globals, global, runtime);
  return { config, sink: await config.definition.build(config.config, context), context };
}

/** Lets go of components that will never run. */
export async function dispose({ sources, transforms, sinks }: Built, { runtime }: Surroundings): Promise<void> {
  const aborted = AbortSignal.abort();
  const quietly = (what: () => unknown): Promise<boolean> =>
    within(
      runtime.clock,
      FORCE_GRACE_MS,
      attempt(what, () => {}),
    );
  const output = {
    send(batch: Parameters<typeof finish>[0]) {
      finish(batch, 'errored');
      return undefined;
    },
  };
  await Promise.all([
    ...sources.map(async ({ source }) => {
      await quietly(() => source.run(output, aborted));
      await quietly(() => source.close?.());
    }),
    ...transforms.map(({ transform }) => quietly(() => transform.end?.((batch) => finish(batch, 'errored')))),
    ...sinks.map(({ sink }) => quietly(() => sink.end(aborted))),
  ]);
  for (const { context } of [...sources, ...transforms, ...sinks]) context.disown();
}
