// The options of sinks that send requests: `batch`, `request` and `retry_strategy`.

import {
  array,
  type ConfigOf,
  either,
  type Fields,
  float,
  type Option,
  object,
  oneOf,
  uint,
  variants,
} from '../schema/schema.ts';

/** Stands for "no limit": Vector's largest whole number, 2^63 - 1, as the nearest JavaScript number. */
export const UNLIMITED = 2 ** 63;

export interface BatchDefaults {
  readonly max_bytes?: number;
  readonly max_events?: number;
  readonly timeout_secs: number;
}

export interface BatchLimits {
  readonly max_bytes: number | undefined;
  readonly max_events: number | undefined;
  readonly timeout_secs: number;
}

/** How many events, or how many bytes of them, go out in one request. */
export function batching(defaults: BatchDefaults): Option<BatchLimits> {
  const limit = (doc: string, unit: string, value: number | undefined): Option<number | undefined> =>
    uint(doc, { min: 1, unit, ...(value === undefined ? { optional: true } : { default: value }) });
  return object('When a batch of events is sent off.', {
    max_bytes: limit('Most bytes of events in a batch, before they are compressed.', 'bytes', defaults.max_bytes),
    max_events: limit('Most events in a batch.', 'events', defaults.max_events),
    timeout_secs: float('Longest time that a batch waits for more events.', {
      default: defaults.timeout_secs,
      unit: 'seconds',
      validate: (value) => (value > 0 ? undefined : 'must be above 0'),
    }),
  });
}

const aboveZero = (value: number): string | undefined => (value > 0 ? undefined : 'must be above 0');
const between0And1 = (value: number): string | undefined =>
  value > 0 && value < 1 ? undefined : 'must be above 0 and below 1';

function adaptiveConcurrency() {
  return object('How the number of concurrent requests follows the response times of the other side.', {
    initial_concurrency: uint('Concurrent requests at start.', { default: 1, min: 1 }),
    max_concurrency_limit: uint('Most concurrent requests.', { default: 200, min: 1 }),
    decrease_ratio: float('What the limit is multiplied by when it is lowered.', {
      default: 0.9,
      validate: between0And1,
    }),
    ewma_alpha: float('Weight of new response times in the moving average.', {
      default: 0.4,
      validate: between0And1,
    }),
    rtt_deviation_scale: float('How many deviations a response may be late before the limit is lowered.', {
      default: 2.5,
      validate: (value) => (value >= 0 ? undefined : 'must be 0 or more'),
    }),
  });
}

export interface RequestDefaults {
  readonly concurrency?: 'adaptive' | 'none';
  readonly rate_limit_num?: number;
}

const requestFields = ({ concurrency = 'adaptive', rate_limit_num = UNLIMITED }: RequestDefaults) => ({
  concurrency: either(
    oneOf(['adaptive', 'none'], 'A number that adapts itself, or one request at a time.'),
    uint('A fixed number of requests.', { min: 1 }),
    'How many requests may be under way at once.',
    { default: concurrency, examples: ['adaptive', 'none', 10] },
  ),
  adaptive_concurrency: adaptiveConcurrency(),
  rate_limit_num: uint('Most requests started within `rate_limit_duration_secs`.', {
    default: rate_limit_num,
    min: 1,
    unit: 'requests',
  }),
  rate_limit_duration_secs: uint('The time that `rate_limit_num` counts for.', { default: 1, min: 1, unit: 'seconds' }),
  retry_attempts: uint('How often a failed request is sent again.', { default: UNLIMITED, unit: 'retries' }),
  retry_initial_backoff_secs: uint('Wait before the first retry; later waits grow as the Fibonacci numbers do.', {
    default: 1,
    min: 1,
    unit: 'seconds',
  }),
  retry_max_duration_secs: uint('Longest wait between two attempts.', { default: 30, min: 1, unit: 'seconds' }),
  retry_jitter_mode: oneOf(['Full', 'None'], 'Whether waits are cut to a random part of themselves.', {
    default: 'Full',
  }),
  timeout_secs: uint('How long one attempt may take.', {
    default: 60,
    unit: 'seconds',
    validate: aboveZero,
  }),
});

export type RequestLimits = ConfigOf<ReturnType<typeof requestFields>>;

/** Limits of requests: how many, how fast, how often again. `more` are further members of `request`. */
export function requestLimits(defaults: RequestDefaults = {}): Option<RequestLimits> {
  return object('Limits of requests to the other side.', requestFields(defaults)) as Option<RequestLimits>;
}

/** The same with members of a sink's own, such as `headers`. */
export function requestLimitsWith<const F extends Fields>(
  more: F,
  defaults: RequestDefaults = {},
): Option<RequestLimits & ConfigOf<F>> {
  const fields = { ...requestFields(defaults), ...more };
  return object('Limits of requests to the other side, and what they carry.', fields) as unknown as Option<
    RequestLimits & ConfigOf<F>
  >;
}

/** Which answers are asked for again. */
export function retryStrategy() {
  return variants(
    'Which answers make the request be sent again.',
    'type',
    {
      default: {},
      none: {},
      all: {},
      custom: {
        status_codes: array(uint('A status code.', { min: 100, max: 999 }), 'The status codes that are retried.'),
      },
    },
    {},
    {
      default: 'default',
      tagDoc:
        '`default` retries 408, 429 and 5xx except 501; `none` no answer at all; `all` every answer that is no success; `custom` the listed ones.',
    },
  );
}

export type RetryStrategy = ConfigOf<ReturnType<typeof retryStrategy>>;
