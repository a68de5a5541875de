// What the runtime provides to a component.

import type { Arena } from '../engine/arena/arena.ts';
import type { LogNamespace, LogSchema } from '../event/log_schema.ts';
import type { Clock } from '../std/clock.ts';
import type { Random } from '../std/random.ts';
import type { Smoothing } from '../telemetry/averages.ts';
import type { Faults } from '../telemetry/component_metrics.ts';
import type { MemoryAccount } from '../telemetry/ledger.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Counter, Gauge, Histogram, Labels, Reading, SeriesDefinition } from '../telemetry/telemetry.ts';
import type { ProgramSurroundings } from './programs.ts';
import type { TelemetryTags } from './sent_events.ts';

/** Where requests go through on their way out. Each part on its own: component, then global, then environment. */
export interface ProxySettings {
  readonly enabled: boolean;
  readonly http?: string;
  readonly https?: string;
  readonly noProxy: readonly string[];
}

/** What the top level of the configuration and the command line say to all components. */
export interface Globals {
  readonly dataDir: string;
  readonly hostname: string;
  readonly logSchema: LogSchema;
  readonly logNamespace: LogNamespace;
  /** IANA name, or `local`. */
  readonly timezone: string;
  readonly proxy: ProxySettings;
  /** Most events in one batch of a source. */
  readonly chunkSizeEvents: number;
  /** Limit of what a compressed payload may inflate to. */
  readonly maxDecompressedBytes: number;
  /** How means of ours follow what they measure; the defaults unless given. */
  readonly smoothing?: Smoothing | undefined;
  /** Labels that sinks add to what they count as sent; none unless given. */
  readonly telemetryTags?: TelemetryTags | undefined;
}

export interface ComponentContext extends ProgramSurroundings {
  readonly id: string;
  readonly kind: 'source' | 'transform' | 'sink';
  readonly type: string;
  readonly globals: Globals;
  readonly arena: Arena;
  readonly clock: Clock;
  readonly random: Random;
  /** Log lines with the component's id, kind and type on them. */
  readonly log: Logger;
  /** Errors and drops: counted and logged in one step. */
  readonly faults: Faults;
  counter(definition: SeriesDefinition, labels?: Labels): Counter;
  gauge(definition: SeriesDefinition, labels?: Labels): Gauge;
  histogram(definition: SeriesDefinition, labels?: Labels): Histogram;
  /** Most bytes that the state of one component may take, whatever its own limits: a part of the process' memory. */
  readonly stateBytesMax: number;
  /**
   * Enters memory that the component holds for longer than a batch into the process' ledger, until the component has
   * ended or the result is called.
   */
  owns(owner: string, account: MemoryAccount): () => void;
  /** For the topology: the component has ended and holds nothing any more. */
  disown(): void;
}

export interface SourceContext extends ComponentContext {
  /** Whether the source is to answer its peers only after delivery: a sink below it, or the top level, asks for it. */
  readonly acknowledgements: boolean;
  /** The source's own log namespace, its option `log_namespace` or the global one. */
  readonly logNamespace: LogNamespace;
  /** The proxy settings of this source, merged with the global ones and the environment. */
  readonly proxy: ProxySettings;
  /** The source's own folder below `data_dir`, not created yet; `override` is the component's `data_dir` option. */
  stateDir(override?: string): string;
  /** Everything that the process counts of itself, as it is now. */
  readings(): Reading[];
}

/** A program whose lines are counted. */
export interface ProgramCoverage {
  readonly source: string;
  /** How often each line that holds expressions has run so far, lines from 1. */
  lines(): ReadonlyMap<number, number>;
}

export interface TransformContext extends ComponentContext {
  /** Takes the counts of a program, where somebody wants to know which of its lines run. */
  readonly coverage?: ((program: ProgramCoverage) => void) | undefined;
}

export interface SinkContext extends ComponentContext {
  /** The proxy settings of this sink, merged with the global ones and the environment. */
  readonly proxy: ProxySettings;
  /** `healthcheck.uri`, where the sink uses one. */
  readonly healthcheckUri: string | undefined;
}
