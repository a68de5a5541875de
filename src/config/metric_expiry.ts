// When our own metrics are left out for want of records, from the global options.

import type { ConfigOf } from '../schema/schema.ts';
import { compilePattern, PatternProblem } from '../std/pattern.ts';
import type { Expiry, ExpirySet } from '../telemetry/series_set.ts';
import type { expireMetricSet } from './expiry_options.ts';

/** Vector's, where nothing is said. */
const DEFAULT_SECS = 300;

type MetricSet = ConfigOf<{ set: typeof expireMetricSet }>['set'];
type LabelMatcher = NonNullable<MetricSet['labels']>['matchers'][number];

export interface ExpiryOptions {
  readonly expire_metrics?: { readonly secs?: number | undefined; readonly nsecs?: number | undefined } | undefined;
  readonly expire_metrics_secs?: number | undefined;
  readonly expire_metrics_per_metric_set?: readonly MetricSet[] | undefined;
}

export function metricExpiry(options: ExpiryOptions): Expiry {
  const { expire_metrics: old, expire_metrics_secs: secs, expire_metrics_per_metric_set: sets = [] } = options;
  const oldSecs = old && (old.secs ?? 0) + (old.nsecs ?? 0) / 1e9;
  return { secs: secs ?? oldSecs ?? DEFAULT_SECS, sets: sets.map(expirySet) };
}

function expirySet({ name, labels, expire_secs: secs }: MetricSet): ExpirySet {
  const isName =
    name === undefined ? () => true : name.type === 'exact' ? isText(name.value) : matchesPattern(name.pattern);
  const matchers = labels?.matchers.map(labelMatcher);
  return {
    secs,
    matches(metric, given) {
      if (!isName(metric)) return false;
      if (!matchers) return true;
      return labels?.type === 'any'
        ? matchers.some((isMatch) => isMatch(given))
        : matchers.every((isMatch) => isMatch(given));
    },
  };
}

function labelMatcher(matcher: LabelMatcher): (labels: Readonly<Record<string, string>>) => boolean {
  const isValue = matcher.type === 'exact' ? isText(matcher.value) : matchesPattern(matcher.value_pattern);
  return (labels) => {
    const value = Object.hasOwn(labels, matcher.key) ? labels[matcher.key] : undefined;
    return value !== undefined && isValue(value);
  };
}

const isText = (wanted: string) => (text: string) => text === wanted;

/** Found anywhere in the text, as Rust's `is_match` finds it. */
function matchesPattern(source: string): (text: string) => boolean {
  const pattern = compilePattern(source);
  return pattern instanceof PatternProblem ? () => false : (text) => pattern.test(text);
}
