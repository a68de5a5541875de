// What a configuration is once it was checked: everything a topology is built from. Only types.

import type {
  bufferStage,
  healthcheck,
  proxy,
  sinkOptions,
  sourceOptions,
  transformOptions,
} from '../component/common_options.ts';
import type { OutputDefinition, SinkDefinition, SourceDefinition, TransformDefinition } from '../component/define.ts';
import type { TelemetryTags } from '../component/sent_events.ts';
import type { EventType } from '../event/event.ts';
import type { LogNamespace, LogSchema } from '../event/log_schema.ts';
import type { ConfigOf } from '../schema/schema.ts';
import type { Smoothing } from '../telemetry/averages.ts';
import type { Expiry } from '../telemetry/series_set.ts';
import type { enrichmentTable } from './enrichment_options.ts';
import type { unitTest } from './unit_test_options.ts';

interface Component<D> {
  readonly id: string;
  readonly definition: D;
  /** The component's own options, parsed by `definition.options`. */
  readonly config: unknown;
  /** Equal for two configurations of the same component that need no rebuild: a digest of all that was written. */
  readonly fingerprint: string;
}

export interface SourceConfig extends Component<SourceDefinition<unknown>> {
  readonly common: ConfigOf<typeof sourceOptions>;
  readonly outputs: readonly OutputDefinition[];
  readonly logNamespace: LogNamespace;
  /** Whether it is to wait for delivery: its own (deprecated) option, a sink below it, or the top level says so. */
  readonly acknowledgements: boolean;
}

export interface TransformConfig extends Component<TransformDefinition<unknown>> {
  readonly common: ConfigOf<typeof transformOptions>;
  /** Output ids, globs expanded: `component` or `component.port`. */
  readonly inputs: readonly string[];
  /** Types that reach it. */
  readonly inputTypes: readonly EventType[];
  /** Namespaces of the logs that reach it. */
  readonly logNamespaces: readonly LogNamespace[];
  readonly outputs: readonly OutputDefinition[];
}

export type BufferStage = NonNullable<ConfigOf<ReturnType<typeof bufferStage>>>;

export interface SinkConfig extends Component<SinkDefinition<unknown>> {
  readonly common: ConfigOf<typeof sinkOptions>;
  readonly inputs: readonly string[];
  readonly inputTypes: readonly EventType[];
  readonly logNamespaces: readonly LogNamespace[];
  /** At least one stage; all but the last overflow. */
  readonly buffer: readonly BufferStage[];
  readonly healthcheck: ConfigOf<ReturnType<typeof healthcheck>>;
}

export interface GlobalConfig {
  readonly dataDir: string;
  readonly timezone: string;
  readonly logSchema: LogSchema;
  readonly logNamespace: LogNamespace;
  readonly proxy: ConfigOf<ReturnType<typeof proxy>>;
  readonly healthchecks: { readonly enabled: boolean; readonly requireHealthy: boolean };
  /** Bytes for the whole process; undefined for the default. */
  readonly memoryBytes: number | undefined;
  /** Undefined for as many as there are cores. */
  readonly threads: number | undefined;
  readonly api: { readonly enabled: boolean; readonly address: string };
  /** How the means among our metrics follow what they measure. */
  readonly smoothing?: Smoothing;
  readonly telemetryTags?: TelemetryTags;
  /** When our own metrics are left out for want of records; a reload may change it. */
  readonly metricExpiry?: Expiry;
  /** A digest of the global options: a reload that changes them is refused. */
  readonly fingerprint: string;
}

export type UnitTest = ConfigOf<typeof unitTest>;
export type UnitTestInput = NonNullable<UnitTest['input']>;

export interface Config {
  readonly globals: GlobalConfig;
  readonly sources: ReadonlyMap<string, SourceConfig>;
  readonly transforms: ReadonlyMap<string, TransformConfig>;
  readonly sinks: ReadonlyMap<string, SinkConfig>;
  /** The files it came from, for `--watch-config`; of a configuration directory, its folders as well. */
  readonly files: readonly string[];
  /** Unit tests, for `sluice test`. */
  readonly tests?: readonly UnitTest[];
  /** Enrichment tables by name. */
  readonly enrichmentTables?: ReadonlyMap<string, ConfigOf<typeof enrichmentTable>>;
}
