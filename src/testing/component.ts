// Runs one component alone: a source into a collector, events into a sink. For tests only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Globals, SinkContext, SourceContext, TransformContext } from '../component/context.ts';
import type { Emit, SinkDefinition, Source, SourceDefinition, TransformDefinition } from '../component/define.ts';
import { programEnvironment, programLog } from '../component/program_environment.ts';
import { Arena } from '../engine/arena/arena.ts';
import { type Batch, type DecodedBatch, decode, decodedBatch, finish } from '../event/batch.ts';
import type { Event, EventType, LogEvent } from '../event/event.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA } from '../event/log_schema.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import type { Value } from '../event/value.ts';
import { check } from '../schema/schema.ts';
import { type Clock, systemClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { Faults } from '../telemetry/component_metrics.ts';
import { Ledger } from '../telemetry/ledger.ts';
import { type Logger, type LogRecord, memoryLogger } from '../telemetry/log.ts';
import { Registry } from '../telemetry/registry.ts';

export interface TestContext {
  readonly context: SourceContext & SinkContext & TransformContext;
  /** Everything counted: `recorder.read('component_errors_total', { error_type: 'parser_failed' })`. */
  readonly recorder: Registry;
  /** Log lines of every level, without rate limit. */
  readonly records: LogRecord[];
  readonly arena: Arena;
  /** What the component says it holds. */
  readonly ledger: Ledger;
}

export interface ContextOptions {
  readonly id?: string;
  readonly clock?: Clock;
  readonly dataDir?: string;
  readonly globals?: Partial<Globals>;
  readonly slots?: number;
  readonly acknowledgements?: boolean;
  readonly logNamespace?: 'legacy' | 'vector';
  readonly recorder?: Registry;
  /** In place of one that keeps its lines in `records`. */
  readonly log?: Logger;
}

/** A context such as the topology gives, with memory for what is counted and logged. */
export function testContext(
  kind: 'source' | 'transform' | 'sink',
  type: string,
  options: ContextOptions = {},
): TestContext {
  const clock = options.clock ?? systemClock;
  const recorder = options.recorder ?? new Registry();
  const { logger: ownLogger, records } = memoryLogger(clock);
  const logger = options.log ?? ownLogger;
  const arena = new Arena(options.slots ?? 16);
  const id = options.id ?? 'test';
  const ledger = new Ledger();
  const memory = ledger.scope({ component_id: id });
  const globals: Globals = {
    dataDir: options.dataDir ?? '/nonexistent',
    hostname: 'test-host',
    logSchema: DEFAULT_LOG_SCHEMA,
    logNamespace: options.logNamespace ?? 'legacy',
    timezone: 'UTC',
    proxy: { enabled: true, noProxy: [] },
    chunkSizeEvents: 1000,
    maxDecompressedBytes: 104_857_600,
    ...options.globals,
  };
  const context: SourceContext & SinkContext & TransformContext = {
    id,
    kind,
    type,
    globals,
    arena,
    clock,
    random: seededRandom(1),
    log: logger,
    faults: new Faults(recorder, logger),
    logNamespaces: [options.logNamespace ?? 'legacy'],
    environment: (timezone = globals.timezone) =>
      programEnvironment({ timezone, now: () => clock.now(), random: seededRandom(1), log: programLog(logger) }),
    counter: (definition, labels) => recorder.counter(definition, labels),
    gauge: (definition, labels) => recorder.gauge(definition, labels),
    histogram: (definition, labels) => recorder.histogram(definition, labels),
    stateBytesMax: Number.POSITIVE_INFINITY,
    owns: (owner, account) => memory.owns(owner, account),
    disown: () => memory.end(),
    acknowledgements: options.acknowledgements ?? false,
    logNamespace: options.logNamespace ?? 'legacy',
    stateDir: (override) => join(override ?? globals.dataDir, id),
    readings: () => recorder.all(),
    proxy: globals.proxy,
    healthcheckUri: undefined,
  };
  return { context, recorder, records, arena, ledger };
}

/** Parses a component's options as a configuration would; throws with every problem when there is an error. */
export function parseConfig<C>(definition: { readonly options: Parameters<typeof check<C>>[0] }, raw: unknown): C {
  const { value, problems } = check(definition.options, raw);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return value as C;
}

export interface RunningSource extends TestContext {
  readonly source: Source;
  /** Events received so far, of finished and held batches alike. */
  readonly events: Event[];
  /** Values of the logs received so far. */
  readonly values: Value[];
  /** Batches not finished yet, when `hold` is set: finish them yourself. */
  readonly held: DecodedBatch[];
  /** Resolves when at least `count` events have come; rejects when the source ended with fewer. */
  received(count: number): Promise<void>;
  /** Ends when the source ended by itself. */
  readonly ended: Promise<void>;
  /** Tells the source to stop, waits for it, and closes it. */
  stop(): Promise<void>;
  /** Tells it to stop without `close`, as after a crash. */
  kill(): Promise<void>;
}

export interface SourceOptions extends ContextOptions {
  /** The status every batch is finished with, `delivered` unless given; a function is asked for each batch. */
  readonly status?: Status | ((batch: DecodedBatch) => Status);
  /** Keep batches instead of finishing them. */
  readonly hold?: boolean;
  /** Called on every batch before anything else; a returned promise is backpressure. */
  readonly onBatch?: (batch: Batch) => Promise<void> | undefined;
}

/** Builds a source from its raw configuration and runs it into a collector. */
export async function startSource<C>(
  definition: SourceDefinition<C>,
  raw: unknown,
  options: SourceOptions = {},
): Promise<RunningSource> {
  const test = testContext('source', definition.type, options);
  const source = await definition.build(parseConfig(definition, raw), test.context);
  const stop = new AbortController();
  const events: Event[] = [];
  const values: Value[] = [];
  const held: DecodedBatch[] = [];
  let waiters: { count: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  const take = (batch: Batch): void => {
    const decoded = decode(batch);
    events.push(...decoded.events);
    if (decoded.type !== 'metric') for (const event of decoded.events) values.push(event.value);
    if (options.hold) held.push(decoded);
    else finish(decoded, typeof options.status === 'function' ? options.status(decoded) : options.status);
    const done = waiters.filter(({ count }) => events.length >= count);
    waiters = waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  };
  const ended = source.run(
    {
      send(batch) {
        const wait = options.onBatch?.(batch);
        if (wait) return wait.then(() => take(batch));
        take(batch);
        return undefined;
      },
    },
    stop.signal,
  );
  let isOver = false;
  const over = (): void => {
    isOver = true;
    for (const { count, reject } of waiters.splice(0)) reject(tooFew(count, events.length));
  };
  ended.then(over, over);
  return {
    ...test,
    source,
    events,
    values,
    held,
    ended,
    received(count) {
      if (events.length >= count) return Promise.resolve();
      if (isOver) return Promise.reject(tooFew(count, events.length));
      const promise = new Promise<void>((resolve, reject) => waiters.push({ count, resolve, reject }));
      // Not everyone who asks waits for the answer.
      promise.catch(() => {});
      return promise;
    },
    async stop() {
      stop.abort();
      await ended;
      await source.close?.();
    },
    async kill() {
      stop.abort();
      await ended;
    },
  };
}

function tooFew(wanted: number, received: number): Error {
  return new Error(`the source ended with ${received} events, ${wanted} were waited for`);
}

export interface SinkRun extends TestContext {
  /** Final status of each batch given, in order. */
  readonly statuses: Status[];
}

/** Builds a sink, gives it each list of events as one batch, ends it, and tells what became of each. */
export async function runSink<C>(
  definition: SinkDefinition<C>,
  raw: unknown,
  batches: readonly (readonly Event[] | Batch)[],
  options: ContextOptions & { readonly type?: EventType } = {},
): Promise<SinkRun> {
  const test = testContext('sink', definition.type, options);
  const sink = await definition.build(parseConfig(definition, raw), test.context);
  const statuses: Status[] = [];
  for (const [index, given] of batches.entries()) {
    if ('kind' in given) {
      await sink.write(given);
      continue;
    }
    const finalizer = new Finalizer((status) => {
      statuses[index] = status;
    });
    await sink.write(decodedBatch(options.type ?? 'log', given, finalizer));
  }
  await sink.end();
  return { ...test, statuses };
}

export interface TransformRun extends TestContext {
  /** What came out, by port; the default one is the empty text. */
  readonly outputs: Readonly<Record<string, Event[]>>;
  /** What became of each batch given, once everything that came of it was let go. */
  readonly statuses: Status[];
}

/** Builds a transform, gives it each list of events as one batch, ends it, and tells what came out where. */
export async function runTransform<C>(
  definition: TransformDefinition<C>,
  raw: unknown,
  batches: readonly (readonly Event[])[],
  options: ContextOptions & { readonly eventType?: EventType } = {},
): Promise<TransformRun> {
  const test = testContext('transform', definition.type, options);
  const transform = await definition.build(parseConfig(definition, raw), test.context);
  const outputs: Record<string, Event[]> = {};
  const statuses: Status[] = [];
  const emit: Emit = (batch, port = '') => {
    const decoded = decode(batch);
    outputs[port] = [...(outputs[port] ?? []), ...decoded.events];
    finish(decoded);
  };
  transform.start?.(emit);
  for (const [index, events] of batches.entries()) {
    const finalizer = new Finalizer((status) => {
      statuses[index] = status;
    });
    transform.process(decodedBatch(options.eventType ?? 'log', events, finalizer), emit);
  }
  transform.end?.(emit);
  return { ...test, outputs, statuses };
}

/** A log event of the legacy namespace: text becomes `{ message: text }`. */
export function log(value: string | Value): LogEvent {
  return { value: typeof value === 'string' ? { message: value } : value, metadata: EMPTY_METADATA };
}

/** A fresh folder, removed by `using` or `await using`. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
