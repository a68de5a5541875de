// What is measured between components, once per batch. Batches go from component to component without a queue, so what
// waits is at most one batch for each sender.

import type { ComponentContext, Globals, SourceContext } from '../component/context.ts';
import type { Batch } from '../event/batch.ts';
import type { Event } from '../event/event.ts';
import type { LogSchema } from '../event/log_schema.ts';
import { getPath } from '../event/path.ts';
import { Timestamp } from '../event/timestamp.ts';
import { DEFAULT_SMOOTHING, TimedMean } from '../telemetry/averages.ts';
import { defineGauge, defineHistogram, type Gauge, type Histogram } from '../telemetry/telemetry.ts';

const OUTPUT = [{ name: 'output', limit: 1_000 }] as const;

const sourceBufferMaxSizeEvents = defineGauge({
  name: 'source_buffer_max_size_events',
  doc: 'Most events of one batch that a source sends.',
  labels: OUTPUT,
});
const sourceBufferMaxEventSize = defineGauge({
  name: 'source_buffer_max_event_size',
  doc: 'The older name of `source_buffer_max_size_events`.',
  labels: OUTPUT,
});
const sourceBufferLevel = defineGauge({
  name: 'source_buffer_utilization_level',
  doc: 'Events that the source sent and that wait to be taken.',
  labels: OUTPUT,
});
const sourceBufferUtilization = defineHistogram({
  name: 'source_buffer_utilization',
  doc: 'Events that were there to be taken, with each batch that the source sent.',
  labels: OUTPUT,
});
const sourceBufferMean = defineGauge({
  name: 'source_buffer_utilization_mean',
  doc: 'The mean of `source_buffer_utilization` over time; `buffer_utilization_ewma_half_life_seconds` is its half-life.',
  labels: OUTPUT,
});
const sourceLag = defineHistogram({
  name: 'source_lag_time_seconds',
  doc: 'How old the first event of a batch is when the source sends it: by its own timestamp, or by when it arrived.',
});
const sourceSendLatency = defineHistogram({
  name: 'source_send_latency_seconds',
  doc: 'Time until what a source sent was taken.',
});
const sourceSendBatchLatency = defineHistogram({
  name: 'source_send_batch_latency_seconds',
  doc: 'The same for a whole batch; sources send nothing but batches.',
});
const transformBufferMaxSizeEvents = defineGauge({
  name: 'transform_buffer_max_size_events',
  doc: 'Most events of one batch that a transform is given by a source.',
});
const transformBufferMaxEventSize = defineGauge({
  name: 'transform_buffer_max_event_size',
  doc: 'The older name of `transform_buffer_max_size_events`.',
});
const transformBufferLevel = defineGauge({
  name: 'transform_buffer_utilization_level',
  doc: 'Events that wait for the transform.',
});
const transformBufferUtilization = defineHistogram({
  name: 'transform_buffer_utilization',
  doc: 'Events that were there for the transform to take, with each batch that came.',
});
const transformBufferMean = defineGauge({
  name: 'transform_buffer_utilization_mean',
  doc: 'The mean of `transform_buffer_utilization` over time; `buffer_utilization_ewma_half_life_seconds` is its half-life.',
});

/** What waits on one edge: how much, how much as a rule. */
class Level {
  readonly #gauge: Gauge;
  readonly #levels: Histogram;
  readonly #meanGauge: Gauge;
  readonly #mean: TimedMean;
  #waiting = 0;

  constructor(gauge: Gauge, levels: Histogram, mean: Gauge, { smoothing = DEFAULT_SMOOTHING }: Globals) {
    this.#gauge = gauge;
    this.#levels = levels;
    this.#meanGauge = mean;
    this.#mean = new TimedMean(smoothing.bufferHalfLifeSecs);
  }

  /** A batch came. It was taken at once, unless `waits` and `taken` follow. */
  came(events: number, nowMs: number): void {
    const level = this.#waiting + events;
    this.#levels.record(level);
    this.#meanGauge.set(this.#mean.add(level, nowMs));
  }

  waits(events: number): void {
    this.#waiting += events;
    this.#gauge.add(events);
  }

  taken(events: number): void {
    this.#waiting -= events;
    this.#gauge.add(-events);
  }
}

/** A clock that is set counts after this time. */
const COMPARED_EVERY_MS = 1_000;

/** What a source sends. */
export class SourceEdge {
  readonly #context: SourceContext;
  readonly #lag: Histogram;
  readonly #latency: Histogram;
  readonly #batchLatency: Histogram;
  readonly #levels: ReadonlyMap<string | undefined, Level>;
  /** That of the port without a name, which most sources have alone. */
  readonly #level: Level | undefined;
  #comparedMs = Number.NaN;
  #apartMs = 0;

  /** `outputs` are the ports with the label of each. */
  constructor(context: SourceContext, outputs: Iterable<readonly [port: string | undefined, label: string]>) {
    this.#context = context;
    this.#lag = context.histogram(sourceLag);
    this.#latency = context.histogram(sourceSendLatency);
    this.#batchLatency = context.histogram(sourceSendBatchLatency);
    this.#levels = new Map([...outputs].map(([port, output]) => [port, sourceLevel(context, output)]));
    this.#level = this.#levels.get(undefined);
  }

  /** A batch is about to be sent. */
  sending(batch: Batch, port: string | undefined, nowMs: number): void {
    const { globals, logNamespace, type } = this.#context;
    const atMs = timeOf(batch, logNamespace === 'vector' ? type : undefined, globals.logSchema);
    if (atMs !== undefined) {
      const lagMs = this.#wallMs(nowMs) - atMs;
      // What has just arrived is not from the future, however the two clocks are rounded.
      this.#lag.record((batch.kind === 'raw' ? Math.max(0, lagMs) : lagMs) / 1000);
    }
    this.#levelOf(port)?.came(batch.count, nowMs);
  }

  #levelOf(port: string | undefined): Level | undefined {
    return port === undefined ? this.#level : this.#levels.get(port);
  }

  /** The time of day, from the monotonic one: how far they are apart is looked up once a second. */
  #wallMs(nowMs: number): number {
    if (!(nowMs - this.#comparedMs < COMPARED_EVERY_MS)) {
      this.#comparedMs = nowMs;
      this.#apartMs = this.#context.clock.now() - nowMs;
    }
    return nowMs + this.#apartMs;
  }

  waits(events: number, port: string | undefined): void {
    this.#levelOf(port)?.waits(events);
  }

  taken(events: number, port: string | undefined): void {
    this.#levelOf(port)?.taken(events);
  }

  /** What was sent has been taken. */
  sent(tookMs: number): void {
    this.#latency.record(tookMs / 1000);
    this.#batchLatency.record(tookMs / 1000);
  }
}

function sourceLevel(context: SourceContext, output: string): Level {
  context.gauge(sourceBufferMaxSizeEvents, { output }).set(context.globals.chunkSizeEvents);
  context.gauge(sourceBufferMaxEventSize, { output }).set(context.globals.chunkSizeEvents);
  return new Level(
    context.gauge(sourceBufferLevel, { output }),
    context.histogram(sourceBufferUtilization, { output }),
    context.gauge(sourceBufferMean, { output }),
    context.globals,
  );
}

/** The line in front of a transform. */
export function transformLevel(context: ComponentContext): Level {
  context.gauge(transformBufferMaxSizeEvents).set(context.globals.chunkSizeEvents);
  context.gauge(transformBufferMaxEventSize).set(context.globals.chunkSizeEvents);
  return new Level(
    context.gauge(transformBufferLevel),
    context.histogram(transformBufferUtilization),
    context.gauge(transformBufferMean),
    context.globals,
  );
}

export type { Level };

/**
 * When the first event of a batch was made, milliseconds since the epoch. Undefined where it does not say. In the log
 * namespace of Vector a time stands in the metadata, under the type of the source or as the time of arrival.
 */
function timeOf(batch: Batch, sourceType: string | undefined, schema: LogSchema): number | undefined {
  if (batch.kind === 'raw') return batch.ingestedMs;
  const event: Event | undefined = batch.events[0];
  if (!event) return undefined;
  if ('name' in event) return event.timestamp?.toMs();
  const path = schema.timestamp?.segments;
  const { metadata } = event;
  const time =
    sourceType === undefined
      ? path && getPath(event.value, path)
      : (getPath(metadata.value, [sourceType, 'timestamp']) ?? getPath(metadata.value, ['vector', 'ingest_timestamp']));
  return time instanceof Timestamp ? time.toMs() : undefined;
}
