// Collects the logs of the containers of a Docker engine, through its API, from the time that the source starts.

import { type MergeBudget, multiline } from '../../codecs/multiline/multiline.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource } from '../../component/define.ts';
import { fieldKey, fieldKeyOr, keyOrElse } from '../../component/source_keys.ts';
import {
  DEFAULT_DOCKER_HOST,
  DockerClient,
  defaultDockerCertificates,
  parseDockerHost,
} from '../../net/docker/client.ts';
import { clientTls } from '../../net/tls/tls.ts';
import { array, bool, type ConfigOf, object, string, uint } from '../../schema/schema.ts';
import { componentReceivedBytes } from '../../telemetry/component_metrics.ts';
import type { LogOptions } from './container_log.ts';
import { ContainerWatcher } from './watcher.ts';

const names = (doc: string, examples: readonly string[]) =>
  array(string('A name, or the begin of one.'), doc, { optional: true, examples: [examples] });

const certificateFile = (doc: string) => string(doc, { syntax: 'path' });

const options = {
  auto_partial_merge: bool('Whether messages that the engine cut into pieces are put together again.', {
    default: true,
  }),
  docker_host: string(
    'Where the engine is: `unix://`, `http://`, `tcp://` or `https://`. `DOCKER_HOST` of the environment where it is not set, or else the usual socket.',
    {
      optional: true,
      syntax: 'uri',
      validate: (text) => {
        const address = parseDockerHost(text);
        return typeof address === 'string' ? address : undefined;
      },
      examples: ['http://localhost:2375', 'https://localhost:2376', 'unix:///var/run/docker.sock'],
    },
  ),
  exclude_containers: names('Containers to leave out, by the begin of their id or name.', ['exclude_', 'exclude_me_0']),
  host_key: fieldKey(
    'The field that gets the name of this host, `log_schema.host_key` by default. An empty name keeps it out.',
  ),
  include_containers: names('Containers to read, by the begin of their id or name; all of them when not set.', [
    'include_',
    'include_me_0',
  ]),
  include_images: names('Images whose containers are read; all of them when not set.', ['httpd', 'redis']),
  include_labels: names('Labels that containers must have to be read, as `name` or `name=value`.', [
    'org.opencontainers.image.vendor=Vector',
    'com.mycorp.internal.animal=fish',
  ]),
  multiline: multiline(),
  partial_event_marker_field: fieldKeyOr(
    '_partial',
    'The field that is `true` in the pieces of a message, where they are not put together. An empty name keeps it out.',
  ),
  retry_backoff_secs: uint('How long to wait before the engine is asked again after a failure.', {
    default: 2,
    unit: 'seconds',
  }),
  tls: object(
    'The client certificate, for engines behind `https://`. Those of `DOCKER_CERT_PATH` where it is not set.',
    {
      ca_file: certificateFile('The authority that the engine’s certificate is from.'),
      crt_file: certificateFile('The own certificate.'),
      key_file: certificateFile('The key of the own certificate.'),
    },
    { optional: true },
  ),
} as const;

type Config = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'docker_logs',
  status: 'stable',
  summary: 'Collect container logs from a Docker Daemon.',
  options,
  examples: [
    { title: 'Everything on this machine', config: 'docker_host: unix:///var/run/docker.sock' },
    { title: 'Some containers', config: 'include_containers: [web_]\nexclude_containers: [web_debug]' },
    {
      title: 'Stack traces as one event',
      config:
        "multiline:\n  start_pattern: '^[^\\s]'\n  mode: continue_through\n  condition_pattern: '^\\s'\n  timeout_ms: 1000",
    },
  ],
  sample: {},
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: false,
  build(config, context) {
    const shared = logOptions(config, context, clientOf(config));
    const { hostname } = context.globals;
    return {
      run: (output, stop) => new ContainerWatcher(shared, config, hostname, output, stop).run(),
    };
  },
});

function clientOf({ docker_host, tls }: Config): DockerClient {
  const host = docker_host ?? process.env['DOCKER_HOST'] ?? DEFAULT_DOCKER_HOST;
  const address = parseDockerHost(host);
  if (typeof address === 'string') throw new Error(address);
  const isSecure = address.kind === 'https';
  return new DockerClient(
    address,
    isSecure ? clientTls({ ...UNSAID, ...(tls ?? defaultDockerCertificates(process.env)) }) : undefined,
  );
}

/** The rest of the TLS options, which this source does not have. */
const UNSAID = {
  key_pass: undefined,
  verify_certificate: undefined,
  verify_hostname: undefined,
  alpn_protocols: undefined,
  server_name: undefined,
} as const;

function logOptions(config: Config, context: SourceContext, client: DockerClient): LogOptions {
  return {
    context,
    client,
    messages: {
      context,
      mergesPieces: config.auto_partial_merge,
      multiline: config.multiline,
      budget: mergeBudget(context),
      held: { bytes: 0 },
    },
    hostKey: keyOrElse(config.host_key, context.globals.logSchema.host),
    partialField: keyOrElse(config.partial_event_marker_field, undefined),
    backoffMs: config.retry_backoff_secs * 1000,
    receivedBytes: context.counter(componentReceivedBytes, { protocol: 'http' }),
  };
}

function mergeBudget({ faults }: SourceContext): MergeBudget {
  return {
    heldBytes: 0,
    onLimit: (limit) =>
      faults.error('A message of several lines was sent on before its end: it, or all of them, grew too large.', {
        type: 'condition_failed',
        stage: 'processing',
        code: 'multiline_limit',
        fields: { limit },
      }),
  };
}
