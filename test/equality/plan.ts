// One case of the comparison as plain data: a pipeline, and the batches that go into it. The same data makes the same
// pipeline however it is run, and can be printed and kept.

import type { OutputDefinition } from '../../src/component/define.ts';
import type { Config, SinkConfig, SourceConfig, TransformConfig } from '../../src/config/checked.ts';
import { DEFAULT_LOG_SCHEMA, type LogNamespace, type LogSchema } from '../../src/event/log_schema.ts';
import { parsePath } from '../../src/event/path.ts';
import { parseConfig } from '../../src/testing/component.ts';
import { memory } from '../../src/testing/topology.ts';
import type { Definitions } from './parts.ts';

/** A transform or sink as a user writes it. */
export interface ComponentPlan {
  readonly id: string;
  readonly kind: 'transform' | 'sink';
  readonly type: string;
  readonly inputs: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a source knows of its events besides their message, by the name of its field. */
export type CommonPlan = Readonly<Record<string, 'text' | 'object' | 'bytes' | 'offset'>>;

export interface SourcePlan {
  /** Whether frames are messages, JSON objects that are the events, or messages of syslog with nothing unusual in them. */
  readonly decoding: 'bytes' | 'json' | 'syslog';
  readonly namespace: LogNamespace;
  readonly messageKey: string;
  readonly common: CommonPlan;
}

export interface BatchPlan {
  readonly frames: readonly Buffer[];
  /** Where the bytes lie; frames that no slot holds go to the heap all the same. */
  readonly place: 'slot' | 'heap';
  /** The byte behind each frame, where they follow each other directly; -1 where other bytes lie between them. */
  readonly delimiter: number;
}

export interface Case {
  readonly source: SourcePlan;
  readonly components: readonly ComponentPlan[];
  readonly batches: readonly BatchPlan[];
  /** Slots that are free while the batches are sent; all but a few are held by somebody else. */
  readonly freeSlots: number;
}

export const SOURCE_ID = 'in';

/** The outputs of a component by the names that others take as inputs. */
export function outputIds(id: string, outputs: readonly OutputDefinition[]): readonly string[] {
  return outputs.map(({ port }) => (port === undefined ? id : `${id}.${port}`));
}

export function logSchemaOf({ messageKey }: SourcePlan): LogSchema {
  const message = parsePath(`.${messageKey}`);
  if (typeof message === 'string') throw new Error(message);
  return { ...DEFAULT_LOG_SCHEMA, message };
}

/** The configuration of a case, of the components in `definitions`. */
export function configOf({ source, components }: Case, definitions: Definitions): Config {
  const surroundings = { inputTypes: ['log'] as const, logNamespaces: [source.namespace] };
  const transforms = components.filter(({ kind }) => kind === 'transform');
  const sinks = components.filter(({ kind }) => kind === 'sink');
  return {
    globals: {
      dataDir: '/nonexistent',
      timezone: 'UTC',
      logSchema: logSchemaOf(source),
      logNamespace: source.namespace,
      proxy: undefined,
      healthchecks: { enabled: false, requireHealthy: false },
      api: { enabled: false, address: '127.0.0.1:0' },
      fingerprint: '',
      memoryBytes: undefined,
      threads: undefined,
    },
    sources: new Map([[SOURCE_ID, sourceConfig(source, definitions)]]),
    transforms: new Map(
      transforms.map((one) => [one.id, { ...transformConfig(one, definitions), ...surroundings }] as const),
    ),
    sinks: new Map(sinks.map((one) => [one.id, { ...sinkConfig(one, definitions), ...surroundings }] as const)),
    files: [],
  };
}

function sourceConfig({ namespace }: SourcePlan, { source }: Definitions): SourceConfig {
  return {
    id: SOURCE_ID,
    definition: source,
    config: {},
    fingerprint: SOURCE_ID,
    common: { graph: undefined, proxy: undefined, log_namespace: undefined },
    outputs: [{ port: undefined, types: ['log'] }],
    logNamespace: namespace,
    acknowledgements: true,
  };
}

function transformConfig(
  { id, type, inputs, options }: ComponentPlan,
  { transforms }: Definitions,
): Omit<TransformConfig, 'inputTypes' | 'logNamespaces'> {
  const definition = transforms.get(type)!;
  const config = parseConfig(definition, options);
  return {
    id,
    definition,
    config,
    fingerprint: id,
    common: { inputs: [...inputs], graph: undefined, measure_cpu_usage: false },
    inputs,
    outputs: definition.outputs(config, ['log']),
  };
}

function sinkConfig(
  { id, type, inputs, options }: ComponentPlan,
  { sinks }: Definitions,
): Omit<SinkConfig, 'inputTypes' | 'logNamespaces'> {
  const definition = sinks.get(type)!;
  const healthcheck = { enabled: false, timeout: 10, uri: undefined };
  const buffer = [memory({})];
  const common = { graph: undefined, proxy: undefined, buffer, healthcheck, healthcheck_uri: undefined };
  const config = parseConfig(definition, options);
  return {
    id,
    definition,
    config,
    fingerprint: id,
    common: { inputs: [...inputs], ...common },
    inputs,
    buffer,
    healthcheck,
  };
}
