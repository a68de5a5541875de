// Lets every tag have so many values and no more: of a metric with a value beyond that, the tag or all of it is dropped.
//
// Bounds: tracked keys (a tag of a metric, or of all metrics), by `max_tracked_keys`, and the bytes that their values
// take. A key for which there is no room is not tracked: metrics with it pass and are counted
// (`tag_cardinality_untracked_events_total`). A value for which there is no room is one beyond the limit.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { decode, finish, type MetricBatch, metricBatch } from '../../event/batch.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { LimitMetrics } from './limit_metrics.ts';
import { BYTES_MAX, type Config, options, type Settings } from './options.ts';
import { Tracker, type Verdict } from './tracker.ts';

export const transform = defineTransform({
  type: 'tag_cardinality_limit',
  status: 'beta',
  summary: 'Limit the cardinality of tags on metrics events as a safeguard against cardinality explosion.',
  options,
  examples: [
    { title: 'Drop tags with more than 100 values', config: 'mode: exact\nvalue_limit: 100' },
    {
      title: 'Little memory for many values',
      config: 'mode: probabilistic\nvalue_limit: 5000\ncache_size_per_key: 8192\nlimit_exceeded_action: drop_event',
    },
    {
      title: 'Each metric for itself, and one of them with less',
      config:
        'mode: exact\ntracking_scope: per_metric\nper_tag_limits:\n  region:\n    mode: excluded\nper_metric_limits:\n  http_requests_total:\n    mode: exact\n    value_limit: 10',
    },
  ],
  sample: { mode: 'exact', value_limit: 500 },
  inputs: () => ['metric'],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  build(config, context) {
    const limiter = new Limiter(config, context);
    return {
      process(given, emit) {
        const batch = decode(given) as MetricBatch;
        const passed = limiter.limit(batch.events);
        if (passed.length === 0) finish(batch);
        else emit(passed === batch.events ? batch : metricBatch(passed, batch.finalizer));
      },
    };
  },
});

class Limiter {
  readonly #settingsOf: (metric: MetricEvent) => Chosen | undefined;
  readonly #tracker: Tracker;
  readonly #metrics: LimitMetrics;
  #hasUntracked = false;

  constructor(config: Config, context: TransformContext) {
    this.#settingsOf = settingsChooser(config);
    this.#tracker = new Tracker(config.max_tracked_keys, Math.min(BYTES_MAX, context.stateBytesMax));
    context.owns('state', { bytes: () => this.#tracker.sizeBytes });
    this.#metrics = new LimitMetrics(context);
  }

  /** The events that pass; the same list where nothing was changed. */
  limit(events: readonly MetricEvent[]): readonly MetricEvent[] {
    const passed: MetricEvent[] = [];
    let isChanged = false;
    for (const event of events) {
      const result = this.#limitOne(event);
      if (result) passed.push(result);
      isChanged ||= result !== event;
      if (this.#hasUntracked) this.#metrics.untracked += 1;
      this.#hasUntracked = false;
    }
    this.#metrics.settle(this.#tracker.keys);
    return isChanged ? passed : events;
  }

  #limitOne(event: MetricEvent): MetricEvent | undefined {
    if (!event.tags || event.tags.size === 0) return event;
    const chosen = this.#settingsOf(event);
    if (!chosen) return event;
    return chosen.settings.limit_exceeded_action === 'drop_tag'
      ? this.#dropTags(event, event.tags, chosen)
      : this.#dropEvent(event, event.tags, chosen);
  }

  #dropTags(event: MetricEvent, tags: NonNullable<MetricEvent['tags']>, { settings, bucket }: Chosen): MetricEvent {
    let kept: NonNullable<MetricEvent['tags']> | undefined;
    for (const [tag, value] of tags) {
      if (!this.#isRefused(this.#tracker.accept(settings, bucket, tag, value))) continue;
      kept ??= new Map(tags);
      kept.delete(tag);
      this.#metrics.exceeded(event.name, tag, settings.internal_metrics.include_extended_tags);
    }
    return kept ? { ...event, tags: kept } : event;
  }

  /** All tags are looked at before any value is taken, so that their order makes no difference. */
  #dropEvent(
    event: MetricEvent,
    tags: NonNullable<MetricEvent['tags']>,
    { settings, bucket }: Chosen,
  ): MetricEvent | undefined {
    for (const [tag, value] of tags) {
      if (this.#tracker.wouldAccept(settings, bucket, tag, value)) continue;
      this.#metrics.exceeded(event.name, tag, settings.internal_metrics.include_extended_tags);
      this.#metrics.dropped += 1;
      return undefined;
    }
    for (const [tag, value] of tags) this.#isRefused(this.#tracker.accept(settings, bucket, tag, value));
    return event;
  }

  #isRefused(verdict: Verdict): boolean {
    if (verdict === 'last') this.#metrics.reached += 1;
    else if (verdict === 'untracked') this.#hasUntracked = true;
    return verdict === 'refused';
  }
}

/** Whose settings hold for a metric, and with which metrics it shares the values of its tags. */
interface Chosen {
  readonly settings: Settings;
  readonly bucket: string;
}

/** Metrics that have no bucket of their own share this one. */
const EVERYTHING = '';

function settingsChooser(config: Config): (metric: MetricEvent) => Chosen | undefined {
  const { per_metric_limits: ofMetrics, tracking_scope: scope } = config;
  const shared = { settings: config, bucket: EVERYTHING };
  return (metric) => {
    const own = ofMetrics?.get(metric.name);
    if (own && (own.namespace === undefined || own.namespace === metric.namespace))
      return own.mode === 'excluded' ? undefined : { settings: own, bucket: bucketOf(metric) };
    return scope === 'global' ? shared : { settings: config, bucket: bucketOf(metric) };
  };
}

function bucketOf({ namespace, name }: MetricEvent): string {
  return namespace === undefined ? `-${name}` : `${namespace.length}:${namespace}${name}`;
}
