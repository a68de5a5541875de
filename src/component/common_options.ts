// Options that every component of a kind has, and `acknowledgements`, which most sinks and some sources share.

import { array, bool, float, isPlainObject, map, object, oneOf, string, uint, variants } from '../schema/schema.ts';

/** `true` for `{ enabled: true }`. */
const asEnabled = (value: unknown): unknown => (typeof value === 'boolean' ? { enabled: value } : value);

/** `acknowledgements` of a sink and of the top level. */
export function acknowledgements() {
  return object(
    'Controls how acknowledgements are handled: when enabled, sources above wait for delivery before they answer.',
    {
      enabled: bool('Whether end-to-end acknowledgements are on. Falls back to the global option.', { optional: true }),
    },
    { expand: asEnabled },
  );
}

/** `acknowledgements` of a source: Vector's old place for it, still honoured. */
export function sourceAcknowledgements() {
  return object(
    'Whether this source waits for delivery before it answers. Set it on sinks or globally instead.',
    { enabled: bool('Whether end-to-end acknowledgements are on for this source.', { optional: true }) },
    { expand: asEnabled, deprecated: 'set `acknowledgements` on the sink or at the top level' },
  );
}

const commaSeparated = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `proxy` of a component and of the top level. */
export function proxy() {
  return object(
    'Proxy settings for requests; each part falls back to the global option, then to the environment.',
    {
      enabled: bool('Whether proxies are used at all.', { default: true }),
      http: string('The proxy for plain HTTP requests.', {
        optional: true,
        syntax: 'uri',
        examples: ['http://proxy.example.com:3128'],
      }),
      https: string('The proxy for HTTPS requests.', {
        optional: true,
        syntax: 'uri',
        examples: ['http://proxy.example.com:3128'],
      }),
      no_proxy: array(string('A host, domain, address, CIDR block or `*`.'), 'Hosts that are reached directly.', {
        default: [],
        examples: [['localhost', '.example.org', '10.0.0.0/8']],
        // As the environment variable of that name is written.
        expand: (value) => (typeof value === 'string' ? commaSeparated(value) : value),
      }),
    },
    { optional: true },
  );
}

/** `graph` of a component. */
export function graph() {
  return object(
    'Attributes for the picture that `sluice graph` draws.',
    {
      node_attributes: map(string('A Graphviz attribute value.'), 'Attributes of the component’s node.', {
        optional: true,
      }),
      edge_attributes: map(
        map(string('A Graphviz attribute value.'), 'Attributes of the edge from this input.'),
        'Attributes of the edges into the component, by input.',
        { optional: true },
      ),
    },
    { optional: true },
  );
}

/** `inputs` of transforms and sinks. */
export function inputs() {
  return array(
    string('A component id, an output as `component.port`, or a pattern with `*`.'),
    'The upstream component ids, with wildcards.',
    {
      examples: [['my-source', 'app_*', 'my-route.errors']],
    },
  );
}

const whenFull = () =>
  oneOf(
    ['block', 'drop_newest', 'overflow'],
    'What happens to an event when the buffer is full: wait, drop it, or go to the next stage.',
    { default: 'block' },
  );

/** One stage of a sink's buffer. */
export function bufferStage() {
  return variants(
    'The buffer in front of the sink.',
    'type',
    {
      memory: {
        max_events: uint('Most events the buffer holds.', { optional: true, min: 1, unit: 'events' }),
        max_size: uint('Most bytes of events the buffer holds, in place of `max_events`.', {
          optional: true,
          min: 1,
          unit: 'bytes',
        }),
        when_full: whenFull(),
      },
      disk: {
        max_size: uint('Most bytes on disk, at least 268435488.', { min: 268_435_488, unit: 'bytes' }),
        when_full: whenFull(),
      },
    },
    {},
    {
      default: 'memory',
      tagDoc: 'Where the buffer keeps events.',
      checkAll: (stage: { type: string; max_events?: number; max_size?: number }) =>
        stage.type === 'memory' && stage.max_events !== undefined && stage.max_size !== undefined
          ? [[['max_size'], 'give either `max_events` or `max_size`, not both']]
          : [],
    },
  );
}

/** The buffer of a sink: stages in a row, or one stage without the list around it. */
export function buffer() {
  return array(
    bufferStage(),
    'The buffer in front of the sink. A list is a row of stages: each overflows to the next.',
    {
      default: [{ type: 'memory' } as never],
      expand: (value) => (isPlainObject(value) ? [value] : value),
    },
  );
}

/** `healthcheck` of a sink. */
export function healthcheck() {
  return object(
    'The check that the sink’s other side is there, done once at start.',
    {
      enabled: bool('Whether the check is done.', { default: true }),
      timeout: float('How long the check may take.', {
        default: 10,
        unit: 'seconds',
        validate: (value) => (value > 0 ? undefined : 'must be above 0'),
      }),
      uri: string('A URI to ask in place of the usual one.', { optional: true, syntax: 'uri' }),
    },
    { expand: asEnabled },
  );
}

/** The options that every source has beside its own. */
export const sourceOptions = {
  graph: graph(),
  proxy: proxy(),
  log_namespace: bool('Whether this source uses the `vector` log namespace. Falls back to the global option.', {
    optional: true,
    hidden: true,
  }),
} as const;

export const transformOptions = {
  inputs: inputs(),
  graph: graph(),
  measure_cpu_usage: bool('Whether the CPU time of this transform is measured.', { default: false }),
} as const;

export const sinkOptions = {
  inputs: inputs(),
  graph: graph(),
  proxy: proxy(),
  buffer: buffer(),
  healthcheck: healthcheck(),
  healthcheck_uri: string('A URI to ask for the health check.', {
    optional: true,
    hidden: true,
    deprecated: 'use `healthcheck.uri`',
  }),
} as const;
