// The global options: all that stands at the top of a configuration beside the components.

import { acknowledgements, proxy } from '../component/common_options.ts';
import { parsePath } from '../event/path.ts';
import { namedZone } from '../event/timezone.ts';
import { parseListenAddress } from '../net/address.ts';
import { tls } from '../net/tls/options.ts';
import {
  anything,
  array,
  bool,
  type ConfigOf,
  float,
  map,
  object,
  oneOf,
  ParseProblem,
  parsed,
  string,
  uint,
  variants,
} from '../schema/schema.ts';
import { secret as directory } from '../secrets/directory/directory.ts';
import { secret as exec } from '../secrets/exec/exec.ts';
import { secret as file } from '../secrets/file/file.ts';
import { nearest } from '../std/suggest.ts';
import { enrichmentTable } from './enrichment_options.ts';
import { expireMetricSet } from './expiry_options.ts';
import { memory, threads } from './memory.ts';
import { unitTest } from './unit_test_options.ts';

export const DEFAULT_DATA_DIR = '/var/lib/vector/';

export const DEFAULT_API_ADDRESS = '127.0.0.1:8686';

/** The backends that `SECRET[backend.key]` reads from. */
export const secretBackends = { directory, exec, file } as const;

/** One backend of secrets. */
export const secretBackend = variants(
  'A backend that `SECRET[backend.key]` reads from.',
  'type',
  { directory: directory.options, exec: exec.options, file: file.options },
  {},
  { tagDoc: 'Where the secrets come from.', notYet: ['aws_secrets_manager'] },
);

/** A path of the log schema; undefined where an empty text switches it off. */
const logKey = (doc: string, name: string) =>
  parsed(string(doc, { default: `.${name}` }), (text) => {
    if (text === '') return undefined;
    const path = parsePath(text);
    return typeof path === 'string' ? new ParseProblem(path) : path;
  });

/** An option that was taken out of Vector: an error that says what became of it. */
const gone = (doc: string, message: string) => anything(doc, { optional: true, hidden: true, validate: () => message });

const REMOVED_API = 'was removed: the API has no GraphQL any more';

function timezoneProblem(name: string): string | undefined {
  if (name === 'local' || namedZone(name) !== undefined) return undefined;
  const guess = nearest(name, ['local', 'UTC', ...Intl.supportedValuesOf('timeZone')]);
  return `there is no time zone \`${name}\`${guess === undefined ? '' : `; did you mean \`${guess}\`?`}`;
}

const ewma = (value: number): string | undefined => (value > 0 && value < 1 ? undefined : 'must be between 0 and 1');

/** The options that say how the process as a whole behaves. */
export const globalOptions = {
  data_dir: string('The folder for what survives a restart: positions, buffers.', {
    default: DEFAULT_DATA_DIR,
    syntax: 'path',
    examples: ['/var/lib/sluice'],
  }),
  memory,
  threads,
  timezone: string('The time zone of timestamps without one: a name of the IANA database, or `local`.', {
    optional: true,
    validate: timezoneProblem,
    examples: ['local', 'Europe/Paris'],
  }),
  log_schema: object('Where the well-known parts of a log stand.', {
    message_key: logKey('The message.', 'message'),
    timestamp_key: logKey('The time of the event.', 'timestamp'),
    host_key: logKey('The host that the event is from.', 'host'),
    source_type_key: logKey('The type of the source that read it.', 'source_type'),
    metadata_key: logKey('What transforms add about the event.', 'metadata'),
  }),
  schema: object('How events are typed.', {
    enabled: bool('Whether the types of fields are followed through the topology.', { default: false }),
    validation: bool('Whether sinks refuse inputs whose fields do not fit.', { default: false }),
    log_namespace: bool('Whether sources use the `vector` log namespace, which keeps metadata apart.', {
      optional: true,
    }),
  }),
  acknowledgements: acknowledgements(),
  proxy: proxy(),
  healthchecks: object('The health checks of all sinks.', {
    enabled: bool('Whether they are done.', { default: true }),
    require_healthy: bool('Whether one that fails keeps the process from starting.', { default: false }),
  }),
  api: object('The HTTP interface.', {
    enabled: bool('Whether it is served.', { default: false }),
    address: string('Where it listens.', { default: DEFAULT_API_ADDRESS, validate: apiAddressProblem }),
    graphql: gone('Whether GraphQL is served.', `\`graphql\` ${REMOVED_API}`),
    playground: gone('Whether the GraphQL playground is served.', `\`playground\` ${REMOVED_API}`),
  }),
  wildcard_matching: oneOf(['strict', 'relaxed'], 'Whether a pattern in `inputs` has to match something.', {
    optional: true,
  }),
  telemetry: object('The labels of our own metrics.', {
    tags: object('Labels that may have many values.', {
      emit_service: bool('Whether the service of events is a label.', { default: false }),
      emit_source: bool('Whether the source of events is a label.', { default: false }),
    }),
  }),
  expire_metrics: object(
    'How long a metric lives that is not updated.',
    {
      secs: uint('Whole seconds.', { optional: true, unit: 'seconds' }),
      nsecs: uint('Nanoseconds beside them.', { optional: true, unit: 'nanoseconds' }),
    },
    { optional: true, hidden: true, deprecated: 'use `expire_metrics_secs`' },
  ),
  expire_metrics_secs: float('How long a metric lives that is not updated.', { optional: true, unit: 'seconds' }),
  expire_metrics_per_metric_set: array(expireMetricSet, 'The same for some metrics; the first that matches counts.', {
    optional: true,
  }),
  buffer_utilization_ewma_half_life_seconds: float('The half-life of the mean utilization of buffers.', {
    optional: true,
    unit: 'seconds',
    validate: (value) => (value > 0 ? undefined : 'must be above 0'),
  }),
  latency_ewma_alpha: float('How much a new value counts in the mean latency of components.', {
    optional: true,
    validate: ewma,
  }),
  metrics_storage_refresh_period: float('Seconds between two reads of metrics by programs.', {
    optional: true,
    unit: 'seconds',
  }),
  provider: object(
    'A server that the configuration is read from.',
    {
      type: oneOf(['http'], 'The kind of server.'),
      url: string('The address of the configuration.', { optional: true, syntax: 'uri' }),
      request: object('The request.', {
        headers: map(string('The value of the header.'), 'Headers of the request.', { optional: true }),
      }),
      poll_interval_secs: uint('Seconds between two requests.', { default: 30, unit: 'seconds' }),
      config_format: oneOf(['toml', 'json', 'yaml'], 'The format of the answer.', { default: 'toml' }),
      interpolate_env: bool('Whether environment variables are put into the answer.', { default: false }),
      proxy: proxy(),
      ...tls().info.fields,
    },
    { optional: true, hidden: true },
  ),
  secret: map(secretBackend, 'The backends that `SECRET[backend.key]` reads from, by name.', { optional: true }),
  enrichment_tables: map(enrichmentTable, 'Tables that programs look things up in, by name.', { optional: true }),
  tests: array(unitTest, 'Unit tests of transforms.', { optional: true, hidden: true }),
} as const;

function apiAddressProblem(text: string): string | undefined {
  const address = parseListenAddress(text);
  if (typeof address === 'string') return address;
  return address.kind === 'ip' ? undefined : 'must be an IP address and a port';
}

export const globalOption = object('The global options.', globalOptions);

export type Globals = ConfigOf<typeof globalOptions>;

/** What is checked and not done yet, for those that are set. */
export function notYetDone(globals: Globals): readonly { readonly key: string; readonly message: string }[] {
  const { schema } = globals;
  const notes: readonly (readonly [boolean, string, string])[] = [
    [schema.enabled, 'schema.enabled', 'the types of fields are not followed through the topology yet'],
    [schema.validation, 'schema.validation', 'the fields of inputs are not checked yet'],
    [
      globals.metrics_storage_refresh_period !== undefined,
      'metrics_storage_refresh_period',
      'programs see metrics as they are at that moment, however old they may be',
    ],
    [globals.provider !== undefined, 'provider', 'no configuration is read from a server yet'],
    [
      [...(globals.enrichment_tables?.values() ?? [])].some(({ type }) => type !== 'file'),
      'enrichment_tables',
      'tables other than of the type `file` are checked, but nothing can read them yet',
    ],
  ];
  return notes.filter(([isSet]) => isSet).map(([, key, message]) => ({ key, message }));
}
