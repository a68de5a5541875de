// Makes the context of each component: the runtime as this component sees it, with its id on all it counts and logs.

import { join } from 'node:path';
import type {
  ComponentContext,
  Globals,
  ProgramCoverage,
  SinkContext,
  SourceContext,
  TransformContext,
} from '../component/context.ts';
import { metricsOf } from '../component/metric_view.ts';
import { programEnvironment, programLog } from '../component/program_environment.ts';
import type { Config, GlobalConfig, SinkConfig, SourceConfig, TransformConfig } from '../config/config.ts';
import type { LogNamespace } from '../event/log_schema.ts';
import { Faults } from '../telemetry/component_metrics.ts';
import { Ledger } from '../telemetry/ledger.ts';
import { enrichmentOf } from './enrichment.ts';
import { mergeProxies } from './proxy.ts';
import type { Runtime } from './runtime.ts';

type ComponentKind = ComponentContext['kind'];

export function globalsOf(config: GlobalConfig, runtime: Runtime): Globals {
  return {
    dataDir: config.dataDir,
    hostname: runtime.hostname,
    logSchema: config.logSchema,
    logNamespace: config.logNamespace,
    timezone: config.timezone,
    proxy: mergeProxies([config.proxy], runtime.env),
    chunkSizeEvents: runtime.chunkSizeEvents,
    maxDecompressedBytes: runtime.maxDecompressedBytes,
    smoothing: config.smoothing,
    telemetryTags: config.telemetryTags,
  };
}

/** The runtime with the enrichment tables of a configuration. */
export function withTables(config: Config, { timezone }: Globals, runtime: Runtime): Runtime {
  const enrichment = enrichmentOf(
    config,
    () => programEnvironment({ timezone, now: () => runtime.clock.now(), random: runtime.random, log: () => {} }),
    runtime.ledger,
  );
  return enrichment ? { ...runtime, enrichment } : runtime;
}

export function componentContext(
  kind: ComponentKind,
  { id, definition }: { readonly id: string; readonly definition: { readonly type: string } },
  globals: Globals,
  runtime: Runtime,
  logNamespaces: readonly LogNamespace[],
): ComponentContext {
  const labels = { component_id: id, component_kind: kind, component_type: definition.type };
  const recorder = runtime.recorder.labelled(labels);
  const log = runtime.log.child(labels);
  const memory = (runtime.ledger ?? new Ledger()).scope({ component_id: id });
  return {
    id,
    kind,
    type: definition.type,
    globals,
    arena: runtime.arena,
    clock: runtime.clock,
    random: runtime.random,
    log,
    faults: new Faults(recorder, log),
    logNamespaces,
    environment: (timezone = globals.timezone) =>
      programEnvironment({
        timezone,
        now: () => runtime.clock.now(),
        random: runtime.random,
        log: programLog(log),
        enrichment: runtime.enrichment,
        metrics: metricsOf(runtime.recorder),
      }),
    counter: (series, more) => recorder.counter(series, more),
    gauge: (series, more) => recorder.gauge(series, more),
    histogram: (series, more) => recorder.histogram(series, more),
    stateBytesMax: runtime.budget?.stateBytes ?? Number.POSITIVE_INFINITY,
    owns: (owner, account) => memory.owns(owner, account),
    disown: () => memory.end(),
  };
}

/** Whether a source keeps positions in its state folder is known by its asking for the folder. */
export interface BuiltSourceContext {
  readonly context: SourceContext;
  readonly keepsState: () => boolean;
}

export function sourceContext(
  config: SourceConfig,
  globals: Globals,
  global: GlobalConfig,
  runtime: Runtime,
): BuiltSourceContext {
  let asked = false;
  const context: SourceContext = {
    ...componentContext('source', config, globals, runtime, [config.logNamespace]),
    acknowledgements: config.acknowledgements,
    logNamespace: config.logNamespace,
    proxy: mergeProxies([config.common.proxy, global.proxy], runtime.env),
    stateDir(override) {
      asked = true;
      return join(override ?? globals.dataDir, config.id);
    },
    readings: () => runtime.recorder.all(),
  };
  return { context, keepsState: () => asked };
}

export function transformContext(config: TransformConfig, globals: Globals, runtime: Runtime): TransformContext {
  const { coverage } = runtime;
  return {
    ...componentContext('transform', config, globals, runtime, config.logNamespaces),
    ...(coverage ? { coverage: (program: ProgramCoverage) => coverage(config.id, program) } : {}),
  };
}

export function sinkContext(config: SinkConfig, globals: Globals, global: GlobalConfig, runtime: Runtime): SinkContext {
  return {
    ...componentContext('sink', config, globals, runtime, config.logNamespaces),
    proxy: mergeProxies([config.common.proxy, global.proxy], runtime.env),
    healthcheckUri: config.healthcheck.uri ?? config.common.healthcheck_uri,
  };
}
