// Passes on so many events in a time, of each key.
//
// Each key has a bucket that a passing event fills by one and that empties evenly, `threshold` in each window; what does
// not fit is dropped (the generic cell rate algorithm). `fullUntil`: when the bucket will be empty if nothing comes.

import { template } from '../../codecs/template/options.ts';
import { buildCondition, type Condition, condition, conditionProblems } from '../../component/condition.ts';
import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { type KeyText, keyText } from '../../component/key_text.ts';
import { KeyedState } from '../../component/keyed_state.ts';
import { keptState } from '../../component/state/state_option.ts';
import { textKey } from '../../component/state_key.ts';
import { keptFilter, type StatefulFilter } from '../../component/stateful_filter.ts';
import type { LogEvent } from '../../event/event.ts';
import { bool, float, object, uint } from '../../schema/schema.ts';
import { type Counter, defineCounter } from '../../telemetry/telemetry.ts';

const discardedOfKey = defineCounter({
  name: 'events_discarded_total',
  doc: 'Events dropped by their key, where `emit_events_discarded_per_key` is on. From the 1001st key on, keys are `other`.',
  labels: [{ name: 'key', limit: 1_000 }],
});

/** What the key is called of events that have none. */
const NO_KEY = 'None';

export const transform = defineTransform({
  type: 'throttle',
  status: 'stable',
  summary: 'Rate limit logs passing through a topology.',
  options: {
    threshold: uint('Most events of a key that pass in a window; the others are dropped.', { min: 1 }),
    window_secs: float('The window.', {
      unit: 'seconds',
      examples: [60, 86_400],
      validate: (secs) => (secs > 0 && secs < Number.POSITIVE_INFINITY ? undefined : `must be above 0, got ${secs}`),
    }),
    key_field: template(
      'What events are limited by, each value on its own; without it all together. Up to 50000 keys are remembered: beyond it, the one seen longest ago begins anew, counted by `sluice_state_evictions_total`.',
      { optional: true, examples: ['{{ message }}', '{{ hostname }}'] },
    ),
    exclude: condition('Events that meet this pass and do not count.', { optional: true }),
    internal_metrics: object('What is counted besides what every component counts.', {
      emit_events_discarded_per_key: bool(
        'Whether dropped events are counted by their key as well, in `events_discarded_total`. From the 1001st key on, keys are `other`.',
        { default: false },
      ),
    }),
    state: keptState(),
  },
  examples: [
    {
      title: 'A hundred lines a second of each service',
      config: `threshold: 100\nwindow_secs: 1\nkey_field: "{{ service }}"`,
    },
    { title: 'All errors, and few of the rest', config: `threshold: 10\nwindow_secs: 60\nexclude: .level == "error"` },
  ],
  sample: { threshold: 100, window_secs: 1 },
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  verify: ({ exclude }, setting) => (exclude ? conditionProblems(exclude, setting, ['exclude']) : []),
  build(config, context) {
    const limits: Limits = {
      threshold: config.threshold,
      windowMs: config.window_secs * 1000,
      countsKeys: config.internal_metrics.emit_events_discarded_per_key,
    };
    const exclude = config.exclude && buildCondition(config.exclude, context);
    const key = config.key_field && keyText(config.key_field, 'key_field', context);
    return keptFilter(filterOf(limits, key, exclude, context), config.state, context);
  },
});

interface Limits {
  readonly threshold: number;
  readonly windowMs: number;
  readonly countsKeys: boolean;
}

interface Bucket {
  fullUntilMs: number;
  discarded: Counter | undefined;
}

/** A rounding error is no reason to drop an event. */
const TOLERANCE_MS = 1e-3;

function filterOf(
  { threshold, windowMs, countsKeys }: Limits,
  key: KeyText | undefined,
  exclude: Condition | undefined,
  context: TransformContext,
): StatefulFilter {
  const buckets = new KeyedState<Bucket>(context);
  const eventMs = windowMs / threshold;
  const roomMs = windowMs - eventMs + TOLERANCE_MS;
  const isEmpty = ({ fullUntilMs }: Bucket): boolean => fullUntilMs <= context.clock.monotonic();
  const bucketOf = (id: string): Bucket => {
    const known = buckets.use(id);
    if (known) return known;
    buckets.forget(isEmpty);
    const bucket = { fullUntilMs: Number.NEGATIVE_INFINITY, discarded: undefined };
    buckets.set(id, bucket);
    return bucket;
  };
  return {
    needs: [...(exclude ? [exclude.needs] : []), ...(key ? [key.needs] : [])],
    reason: 'Rate limit exceeded.',
    passes(event: LogEvent) {
      if (exclude?.check('log', event)) return true;
      const text = key?.of(event, 'log');
      const bucket = bucketOf(text === undefined ? '' : textKey(text));
      const nowMs = context.clock.monotonic();
      const fullUntilMs = Math.max(bucket.fullUntilMs, nowMs);
      if (fullUntilMs - nowMs <= roomMs) {
        bucket.fullUntilMs = fullUntilMs + eventMs;
        return true;
      }
      if (countsKeys) {
        bucket.discarded ??= context.counter(discardedOfKey, { key: text ?? NO_KEY });
        bucket.discarded.add(1);
      }
      return false;
    },
    keeps: {
      save: (nowMs) => [...buckets].map(([id, { fullUntilMs }]) => [id, fullUntilMs - nowMs]),
      restore(saved, nowMs, awayMs) {
        const entries = (saved as [string, number][]).filter(([, fullForMs]) => fullForMs > awayMs);
        buckets.restore(
          entries.map(([id, fullForMs]) => [id, { fullUntilMs: nowMs + fullForMs - awayMs, discarded: undefined }]),
        );
      },
    },
    settle() {
      buckets.forget(isEmpty);
      buckets.settle();
    },
  };
}
