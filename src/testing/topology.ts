// A topology of components that a test drives by hand: sources that send when told, sinks that hold what they are given
// until told to let go, transforms that are a function. For tests only.

import { after } from 'node:test';
import type { SourceContext } from '../component/context.ts';
import {
  defineSink,
  defineSource,
  defineTransform,
  type Emit,
  type Output,
  type OutputDefinition,
  type Sink,
  type SinkDefinition,
  type Source,
  type SourceDefinition,
  type TransformDefinition,
  type Wait,
} from '../component/define.ts';
import type { BufferStage, Config, GlobalConfig } from '../config/checked.ts';
import { Arena } from '../engine/arena/arena.ts';
import { Intake } from '../engine/arena/intake.ts';
import { type Batch, decode, finish, layoutOf, logBatch, type RawBatch } from '../event/batch.ts';
import type { EventType, LogEvent } from '../event/event.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA } from '../event/log_schema.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import type { ObjectValue } from '../event/value.ts';
import { anything } from '../schema/schema.ts';
import { utf8Text } from '../std/bytes.ts';
import { FakeClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { type LogRecord, memoryLogger } from '../telemetry/log.ts';
import { Registry } from '../telemetry/registry.ts';
import { type Runtime, startTopology, type Topology } from '../topology/topology.ts';

/** What every component of a lab can be told. */
interface Behavior {
  /** Another value makes another fingerprint: the component counts as changed. */
  readonly version?: number;
  readonly resources?: readonly string[];
  /** Called in `build`, once the resources were claimed; what it throws is a failure to build. */
  readonly onBuild?: () => void | Promise<void>;
}

export interface SourceBehavior extends Behavior {
  readonly outputs?: readonly OutputDefinition[];
  readonly acknowledgements?: boolean;
  readonly keepsState?: boolean;
  /** Does not end when it is told to. */
  readonly ignoresStop?: boolean;
}

export interface TransformBehavior extends Behavior {
  readonly inputs: readonly string[];
  readonly outputs?: readonly OutputDefinition[];
  readonly writes?: boolean;
  readonly start?: (emit: Emit) => void;
  /** Passes everything on unless given. */
  readonly process?: (batch: Batch, emit: Emit) => Wait;
  readonly end?: (emit: Emit) => void;
}

export interface SinkBehavior extends Behavior {
  readonly inputs: readonly string[];
  readonly types?: readonly EventType[];
  readonly buffer?: readonly BufferStage[];
  /** Holds batches from the start; see `HandSink`. */
  readonly holds?: boolean;
  readonly frameForm?: Sink['frameForm'];
  /** Does not end when it is aborted. */
  readonly ignoresAbort?: boolean;
  readonly healthcheck?: (stop: AbortSignal) => Promise<void>;
  readonly healthcheckEnabled?: boolean;
  readonly healthcheckTimeoutSecs?: number;
  /** In place of everything else that it does with a batch. */
  readonly write?: (batch: Batch) => Promise<void> | undefined;
  /** What it does at the end with what `write` kept. */
  readonly end?: (abort: AbortSignal) => Promise<void>;
}

export interface Spec {
  readonly sources: Readonly<Record<string, SourceBehavior>>;
  readonly transforms?: Readonly<Record<string, TransformBehavior>>;
  readonly sinks: Readonly<Record<string, SinkBehavior>>;
  readonly globals?: Partial<GlobalConfig>;
}

const running = new Set<Topology>();

const ALL: readonly EventType[] = ['log', 'metric', 'trace'];

/** Sends when told. One is made for each time its component is built. */
export class HandSource implements Source {
  /** What became of each batch sent, in the order in which that was known. */
  readonly statuses: Status[] = [];
  readonly behavior: SourceBehavior;
  runs = 0;
  isRunning = false;
  isClosed = false;
  readonly #lab: Lab;
  readonly #intake: Intake;
  readonly #end = Promise.withResolvers<void>();
  #output: Output | undefined;

  constructor(lab: Lab, behavior: SourceBehavior) {
    this.#lab = lab;
    this.behavior = behavior;
    this.#intake = new Intake(lab.arena);
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    this.runs += 1;
    this.isRunning = true;
    this.#output = output;
    const end = (): void => this.#end.resolve();
    if (!this.behavior.ignoresStop) {
      if (stop.aborted) end();
      stop.addEventListener('abort', end);
    }
    try {
      await this.#end.promise;
    } finally {
      this.isRunning = false;
      this.#intake.close();
      this.#lab.unclaim(this.behavior.resources, this);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Sends one batch of logs with these messages. */
  send(...messages: string[]): Promise<void> | undefined {
    return this.sendBatch(logBatch(messages.map(message), this.finalizer()));
  }

  /** Sends one raw batch whose frames are these messages; throws when the arena is full. */
  sendRaw(...messages: string[]): Promise<void> | undefined {
    const text = messages.map((one) => `${one}\n`).join('');
    const region = this.#intake.reserve(Buffer.byteLength(text));
    if (!region) throw new Error('the arena has no free slot');
    region.slot.bytes.write(text, region.start);
    this.#intake.commit(Buffer.byteLength(text));
    region.slot.retain();
    let offset = region.start;
    const frames = new Int32Array(messages.length * 2);
    for (const [index, one] of messages.entries()) {
      frames.set([offset, Buffer.byteLength(one)], 2 * index);
      offset += Buffer.byteLength(one) + 1;
    }
    return this.sendBatch({
      kind: 'raw',
      type: 'log',
      hold: region.slot,
      frames,
      count: messages.length,
      sizeBytes: offset - region.start - messages.length,
      delimiter: 10,
      ingestedMs: 0,
      streamOffset: -1,
      layout: layoutOf({ decodeFrame, overheadBytes: 14 }),
      finalizer: this.finalizer(),
    });
  }

  sendBatch(batch: Batch, port?: string): Promise<void> | undefined {
    if (!this.#output) throw new Error('the source does not run');
    return this.#output.send(batch, port);
  }

  /** A finalizer that tells `statuses`. */
  finalizer(): Finalizer {
    return new Finalizer((status) => void this.statuses.push(status));
  }

  /** The input is over. */
  end(): void {
    this.#end.resolve();
  }

  fail(error: Error): void {
    this.#end.reject(error);
  }
}

/** Holds what it is given, or finishes it at once when `isOpen`. One is made for each time its component is built. */
export class HandSink implements Sink {
  /** Messages of everything it was given, in order. */
  readonly messages: string[] = [];
  readonly held: Batch[] = [];
  isOpen: boolean;
  hasEnded = false;
  readonly frameForm: Sink['frameForm'];
  healthcheck?: (stop: AbortSignal) => Promise<void>;
  readonly #lab: Lab;
  readonly #behavior: SinkBehavior;
  #ready: (() => void) | undefined;
  #over: (() => void) | undefined;

  constructor(lab: Lab, behavior: SinkBehavior) {
    this.#lab = lab;
    this.#behavior = behavior;
    this.isOpen = !behavior.holds;
    this.frameForm = behavior.frameForm;
    if (behavior.healthcheck) this.healthcheck = behavior.healthcheck;
  }

  write(batch: Batch): Promise<void> | undefined {
    if (this.#behavior.write) return this.#behavior.write(batch);
    const decoded = decode(batch);
    for (const event of decoded.events) this.messages.push(messageOf(event));
    if (this.isOpen) {
      finish(decoded);
      return undefined;
    }
    this.held.push(decoded);
    return new Promise((resolve) => {
      this.#ready = resolve;
    });
  }

  /** Lets go of what it holds, and holds nothing from now on. */
  open(status: Status = 'delivered'): void {
    this.isOpen = true;
    this.letGo(status);
  }

  /** Lets go of what it holds, and takes one more batch. */
  letGo(status: Status = 'delivered'): void {
    for (const batch of this.held.splice(0)) finish(batch, status);
    this.#ready?.();
    this.#over?.();
  }

  async end(abort?: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    this.#over = over.resolve;
    const giveUp = (): void => this.letGo('errored');
    if (abort?.aborted && !this.#behavior.ignoresAbort) giveUp();
    if (!this.#behavior.ignoresAbort) abort?.addEventListener('abort', giveUp);
    if (this.held.length > 0) await over.promise;
    if (abort) await this.#behavior.end?.(abort);
    this.hasEnded = true;
    this.#lab.unclaim(this.#behavior.resources, this);
  }
}

/** Makes topologies and keeps everything that a test wants to look at. */
export class Lab {
  readonly clock = new FakeClock();
  readonly recorder = new Registry({ clock: this.clock });
  readonly records: LogRecord[];
  readonly arena: Arena;
  readonly runtime: Runtime;
  readonly #sources = new Map<string, HandSource[]>();
  readonly #sinks = new Map<string, HandSink[]>();
  readonly #claimed = new Map<string, object>();
  readonly #definitions;

  constructor(options: Partial<Runtime> & { readonly slots?: number } = {}) {
    const { logger, records } = memoryLogger(this.clock);
    this.records = records;
    this.arena = new Arena(options.slots ?? 16);
    this.#definitions = this.#define();
    this.runtime = {
      clock: this.clock,
      random: seededRandom(1),
      log: logger,
      recorder: this.recorder,
      arena: this.arena,
      hostname: 'test-host',
      env: {},
      chunkSizeEvents: 1000,
      maxDecompressedBytes: 1_000_000,
      gracefulShutdownLimitMs: 60_000,
      ...options,
    };
  }

  async start(spec: Spec): Promise<Topology> {
    const topology = await startTopology(this.config(spec), this.runtime);
    running.add(topology);
    const ended = (): void => void running.delete(topology);
    topology.finished.then(ended, ended);
    // A test that fails leaves its topology running, and a running topology keeps the process alive.
    after(async () => {
      if (!running.has(topology)) return;
      void topology.stop(0);
      await this.clock.advance(5_000);
    });
    return topology;
  }

  /** The latest source built under this id. */
  source(id: string): HandSource {
    return this.#sources.get(id)!.at(-1)!;
  }

  /** The latest sink built under this id. */
  sink(id: string): HandSink {
    return this.#sinks.get(id)!.at(-1)!;
  }

  builtSources(id: string): readonly HandSource[] {
    return this.#sources.get(id) ?? [];
  }

  builtSinks(id: string): readonly HandSink[] {
    return this.#sinks.get(id) ?? [];
  }

  /** Messages of the log lines about a component, or of all. */
  lines(component?: string): string[] {
    return this.records
      .filter(({ fields }) => component === undefined || fields['component_id'] === component)
      .map(({ message: text }) => text);
  }

  config({ sources, transforms = {}, sinks, globals }: Spec): Config {
    const definitions = this.#definitions;
    const entries = <B extends Behavior, C>(group: Readonly<Record<string, B>>, make: (id: string, behavior: B) => C) =>
      new Map(Object.entries(group).map(([id, behavior]) => [id, make(id, behavior)]));
    const common = (id: string, behavior: Behavior) => ({
      id,
      config: { behavior: { id, ...behavior } },
      fingerprint: `${id} ${behavior.version ?? 0}`,
    });
    const proxy = undefined;
    return {
      globals: {
        dataDir: '/nonexistent',
        timezone: 'UTC',
        logSchema: DEFAULT_LOG_SCHEMA,
        logNamespace: 'legacy',
        proxy,
        memoryBytes: undefined,
        threads: undefined,
        healthchecks: { enabled: true, requireHealthy: false },
        api: { enabled: false, address: '127.0.0.1:0' },
        fingerprint: JSON.stringify(globals ?? {}),
        ...globals,
      },
      sources: entries(sources, (id, behavior) => ({
        ...common(id, behavior),
        definition: definitions.source,
        common: { graph: undefined, proxy, log_namespace: undefined },
        outputs: outputsOf(behavior),
        logNamespace: 'legacy' as const,
        acknowledgements: behavior.acknowledgements ?? false,
      })),
      transforms: entries(transforms, (id, behavior) => ({
        ...common(id, behavior),
        definition: behavior.writes ? definitions.writingTransform : definitions.transform,
        common: { inputs: [...behavior.inputs], graph: undefined, measure_cpu_usage: false },
        inputs: behavior.inputs,
        inputTypes: ALL,
        logNamespaces: ['legacy'] as const,
        outputs: outputsOf(behavior),
      })),
      sinks: entries(sinks, (id, behavior) => {
        const healthcheck = {
          enabled: behavior.healthcheckEnabled ?? true,
          timeout: behavior.healthcheckTimeoutSecs ?? 10,
          uri: undefined,
        };
        const inputs = [...behavior.inputs];
        const buffer = [...(behavior.buffer ?? [memory({})])];
        return {
          ...common(id, behavior),
          definition: definitions.sink,
          common: { inputs, graph: undefined, proxy, buffer, healthcheck, healthcheck_uri: undefined },
          inputs,
          inputTypes: ALL,
          logNamespaces: ['legacy'] as const,
          buffer,
          healthcheck,
        };
      }),
      files: [],
    };
  }

  /** Fails like a port that another component listens on. */
  claim(resources: readonly string[] | undefined, owner: object): void {
    for (const resource of resources ?? []) {
      if (this.#claimed.has(resource)) throw new Error(`${resource} is in use`);
      this.#claimed.set(resource, owner);
    }
  }

  unclaim(resources: readonly string[] | undefined, owner: object): void {
    for (const resource of resources ?? []) if (this.#claimed.get(resource) === owner) this.#claimed.delete(resource);
  }

  #define() {
    const options = { behavior: anything('What the component does.', { optional: true }) };
    const about = { status: 'stable', summary: 'A component of a test.', examples: [], options } as const;
    const resources = (config: { readonly behavior?: unknown }) => (config.behavior as Behavior).resources ?? [];
    const transform = (writes: boolean) =>
      defineTransform({
        ...about,
        type: writes ? 'writing_hand' : 'hand',
        writes,
        inputs: () => ALL,
        outputs: (config) => outputsOf(config.behavior as TransformBehavior),
        build: async (config) => {
          const { onBuild, process, start, end } = config.behavior as TransformBehavior;
          await onBuild?.();
          return { process: process ?? ((batch, emit) => emit(batch)), ...(start && { start }), ...(end && { end }) };
        },
      });
    const source = defineSource({
      ...about,
      type: 'hand',
      resources,
      acknowledges: true,
      outputs: (config) => outputsOf(config.behavior as SourceBehavior),
      build: (config, context) => this.#buildSource(config.behavior as SourceBehavior & { id: string }, context),
    });
    const sink = defineSink({
      ...about,
      type: 'hand',
      resources,
      inputs: (config) => (config.behavior as SinkBehavior).types ?? ALL,
      build: (config) => this.#buildSink(config.behavior as SinkBehavior & { id: string }),
    });
    // As in a registry: what parses a configuration makes sure that it fits.
    return {
      source: source as SourceDefinition<unknown>,
      transform: transform(false) as TransformDefinition<unknown>,
      writingTransform: transform(true) as TransformDefinition<unknown>,
      sink: sink as SinkDefinition<unknown>,
    };
  }

  async #buildSource(behavior: SourceBehavior & { id: string }, context: SourceContext): Promise<HandSource> {
    const source = new HandSource(this, behavior);
    this.claim(behavior.resources, source);
    if (behavior.keepsState) context.stateDir();
    await this.#built(behavior, source);
    this.#sources.set(behavior.id, [...this.builtSources(behavior.id), source]);
    return source;
  }

  async #buildSink(behavior: SinkBehavior & { id: string }): Promise<HandSink> {
    const sink = new HandSink(this, behavior);
    this.claim(behavior.resources, sink);
    await this.#built(behavior, sink);
    this.#sinks.set(behavior.id, [...this.builtSinks(behavior.id), sink]);
    return sink;
  }

  async #built({ onBuild, resources }: Behavior, owner: object): Promise<void> {
    try {
      await onBuild?.();
    } catch (error) {
      this.unclaim(resources, owner);
      throw error;
    }
  }
}

/** A memory stage of a buffer; blocks unless told otherwise. */
export function memory(stage: Partial<Extract<BufferStage, { type: 'memory' }>>): BufferStage {
  return { type: 'memory', max_events: undefined, max_size: undefined, when_full: 'block', ...stage };
}

/** Lets everything that was promised happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Whether a promise is still pending after everything that was promised happened. */
export async function isPending(promise: Promise<unknown> | undefined): Promise<boolean> {
  if (!promise) return false;
  let pending = true;
  const done = (): void => {
    pending = false;
  };
  promise.then(done, done);
  await settle();
  return pending;
}

export function message(text: string): LogEvent {
  return { value: { message: text }, metadata: EMPTY_METADATA };
}

/** The message of a log, or the name of a metric. */
export function messageOf(event: object): string {
  return 'value' in event && 'message' in (event.value as ObjectValue)
    ? String((event.value as ObjectValue)['message'])
    : String((event as { name?: string }).name);
}

function outputsOf({ outputs }: { readonly outputs?: readonly OutputDefinition[] }): readonly OutputDefinition[] {
  return outputs ?? [{ port: undefined, types: ALL }];
}

function decodeFrame({ hold, frames }: RawBatch, i: number): LogEvent {
  return message(utf8Text(hold.bytes, frames[2 * i]!, frames[2 * i]! + frames[2 * i + 1]!));
}
