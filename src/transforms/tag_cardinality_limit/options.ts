// The options of `tag_cardinality_limit`: the same settings for all metrics and for single ones.

import { bool, type ConfigOf, map, object, oneOf, string, uint, variants } from '../../schema/schema.ts';

/** Keys that are tracked unless `max_tracked_keys` says otherwise. */
export const TRACKED_KEYS_MAX = 50_000;

/** Bytes that the values of all keys take at most, as estimated. */
export const BYTES_MAX = 64 * 1024 * 1024;

const FILTER_BYTES_MAX = 16 * 1024 * 1024;

const FILTER_SIZE = { min: 1, max: FILTER_BYTES_MAX, unit: 'bytes' } as const;

const perTag = () =>
  map(
    variants(
      'The limit of a tag.',
      'mode',
      {
        excluded: {},
        limit_override: {
          value_limit: uint('How many values the tag may have.'),
          cache_size_per_key: uint('The size of the filter of the tag, where the mode is `probabilistic`.', {
            optional: true,
            ...FILTER_SIZE,
          }),
        },
      },
      {},
      { tagDoc: 'Whether the tag has a limit of its own, or none and is not tracked.', unknown: 'warn' },
    ),
    'Limits of single tags, by name.',
    { optional: true, examples: [{ region: { mode: 'excluded' }, user: { mode: 'limit_override', value_limit: 10 } }] },
  );

const trackedModes = () => ({
  exact: {},
  exact_fingerprint: {},
  probabilistic: {
    cache_size_per_key: uint(
      'The size of the filter of each key. The larger it is, the less often a new value is taken for a known one.',
      { default: 5120, ...FILTER_SIZE },
    ),
  },
});

const common = () => ({
  value_limit: uint('How many values a tag may have.', { default: 500 }),
  limit_exceeded_action: oneOf(
    ['drop_tag', 'drop_event'],
    'What is dropped when a tag has a value beyond the limit: the tag or the whole metric.',
    { default: 'drop_tag' },
  ),
  internal_metrics: object('What is counted.', {
    include_extended_tags: bool(
      'Whether `tag_value_limit_exceeded_total` has the labels `metric_name` and `tag_key`; 100 of the one and 50 of the other, the rest as `other`.',
      { default: false },
    ),
  }),
  per_tag_limits: perTag(),
});

const MODE =
  'How values are remembered: as they are (`exact`), by a hash of 53 bits (`exact_fingerprint`), or in a Bloom filter of constant size, by which a new value may be taken for a known one (`probabilistic`).';

const perMetric = variants(
  'The settings for a metric, in place of all of the general ones.',
  'mode',
  { ...trackedModes(), excluded: {} },
  {
    ...common(),
    namespace: string('The namespace of the metric; any unless given.', { optional: true }),
  },
  { tagDoc: `${MODE} A metric that is \`excluded\` has no limits.`, unknown: 'warn' },
);

export const options = variants(
  'Limit the cardinality of tags on metrics events as a safeguard against cardinality explosion.',
  'mode',
  trackedModes(),
  {
    ...common(),
    tracking_scope: oneOf(
      ['global', 'per_metric'],
      'Whether the values of a tag are those of all metrics together, or each metric has its own. Metrics in `per_metric_limits` always have.',
      { default: 'global' },
    ),
    max_tracked_keys: uint(
      `How many keys are tracked, a key being a tag of a metric or of all metrics together; ${TRACKED_KEYS_MAX} unless given. Further tags pass without a limit and are counted in \`tag_cardinality_untracked_events_total\`. In all, the values of keys take at most ${BYTES_MAX} bytes, as estimated: without room left, a new value is one beyond the limit.`,
      { optional: true },
    ),
    per_metric_limits: map(perMetric, 'Settings for single metrics, by name.', {
      optional: true,
      examples: [{ http_requests_total: { mode: 'exact', value_limit: 100 } }],
    }),
  },
  { tagDoc: MODE, required: true, unknown: 'warn' },
);

export type Config = ConfigOf<typeof options>;
export type Settings = Config | Exclude<ConfigOf<typeof perMetric>, { readonly mode: 'excluded' }>;
