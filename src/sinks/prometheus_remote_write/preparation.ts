// Makes of each metric what is written of it, once and in order, before it goes into the kit of requests, which may
// encode an event twice.

import type { ByteSink } from '../../codecs/encoding/byte_sink.ts';
import { encodeSeries } from '../../codecs/prometheus/write_write_request.ts';
import { AbsoluteMetrics, stateBytesOf, written } from '../../component/absolute_metrics.ts';
import { ValueProblem } from '../../component/absolute_value.ts';
import type { SinkContext } from '../../component/context.ts';
import type { BodyEncoder } from '../../component/request_parcels.ts';
import { type Batch, metricBatch } from '../../event/batch.ts';
import type { Event } from '../../event/event.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { assert } from '../../std/assert.ts';
import type { Timer } from '../../std/clock.ts';

/** Series that nothing came for this long go first when there is no room. */
const IDLE_SECS = 300;

/** A metric with the fields of a write request that stand for it. */
interface Prepared extends MetricEvent {
  readonly encoded: Buffer;
}

interface PreparationConfig {
  readonly buckets: readonly number[];
  readonly quantiles: readonly number[];
  readonly default_namespace: string | undefined;
  readonly expire_metrics_secs: number | undefined;
}

export class Preparation {
  readonly #context: SinkContext;
  readonly #metrics: AbsoluteMetrics;
  #sweepTimer: Timer | undefined;

  constructor(config: PreparationConfig, context: SinkContext) {
    const { expire_metrics_secs: expireSecs } = config;
    this.#context = context;
    this.#metrics = new AbsoluteMetrics({
      buckets: config.buckets,
      quantiles: config.quantiles,
      distributions: 'statistic',
      defaultNamespace: config.default_namespace,
      idleMs: (expireSecs ?? IDLE_SECS) * 1000,
      expireMs: expireSecs === undefined ? undefined : expireSecs * 1000,
      stateBytesMax: stateBytesOf(context),
      clock: context.clock,
      recorder: context,
    });
    context.owns('state', { bytes: () => this.#metrics.sizeBytes, shrink: (bytes) => this.#metrics.shrink(bytes) });
    if (expireSecs !== undefined) this.#sweepEvery(expireSecs * 1000);
  }

  /** The batch with its metrics prepared, under the same hold. Those that are lost are counted. */
  prepare(batch: Batch): Batch {
    assert(batch.type === 'metric', 'only metrics come to this sink');
    const nowMs = this.#context.clock.now();
    const prepared: Prepared[] = [];
    let full = 0;
    let wrong = 0;
    for (const event of batch.events) {
      const taken = this.#metrics.take(event);
      const series = taken === 'full' ? this.#metrics.pass(event) : taken;
      if (series === undefined) full += 1;
      else if (series instanceof ValueProblem) wrong += 1;
      else prepared.push({ ...event, encoded: encodeSeries(written(series, true), nowMs) });
    }
    this.#metrics.report();
    this.#lost(full, wrong);
    if (full + wrong > 0) batch.finalizer.update('rejected');
    return metricBatch(prepared, batch.finalizer, batch.sizeBytes);
  }

  close(): void {
    this.#sweepTimer?.cancel();
    this.#metrics.close();
  }

  #lost(full: number, wrong: number): void {
    const { faults } = this.#context;
    faults.error('There is no room for more series', { type: 'invalid_metric', stage: 'processing' }, full);
    faults.discarded(full, 'series_limit', false);
    faults.error('A metric cannot be written', { type: 'invalid_metric', stage: 'processing' }, wrong);
    faults.discarded(wrong, 'invalid_metric', false);
  }

  #sweepEvery(periodMs: number): void {
    this.#sweepTimer = this.#context.clock.after(periodMs, () => {
      this.#metrics.sweep(periodMs);
      this.#sweepEvery(periodMs);
    });
  }
}

/** Puts what was prepared into bodies. */
export function seriesEncoder(): BodyEncoder {
  return {
    append: (event: Event, _type, out: ByteSink) => out.bytes((event as Prepared).encoded),
    copiesFramesOf: () => false,
    appendFrame: () => assert(false, 'metrics have no frames'),
    frameForm: undefined,
  };
}
