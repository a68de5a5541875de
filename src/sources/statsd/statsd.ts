// Collects metrics that programs send in the StatsD protocol: over TCP, UDP or a unix socket, a line each.
//
// Nothing is kept between lines. A line that is no metric is an error counted, and the next one is read; a line longer
// than LINE_BYTES_MAX is dropped and counted.

import { textOf } from '../../codecs/decoding/decoder.ts';
import { buildFrameDecoder, type FramingConfig } from '../../codecs/framing/framing.ts';
import { connectionSource } from '../../component/connection_source.ts';
import type { SourceContext } from '../../component/context.ts';
import { udpDatagramSource } from '../../component/datagram_source.ts';
import { defineSource, type Resource, type Source } from '../../component/define.ts';
import type { StreamCodec } from '../../component/stream_reader.ts';
import { formatListenAddress, listenAddress } from '../../net/address.ts';
import { loadLibc } from '../../net/libc.ts';
import { keepalive, permitOrigin } from '../../net/tcp/options.ts';
import { tlsSource } from '../../net/tls/options.ts';
import { serverTls } from '../../net/tls/tls.ts';
import { bool, type ConfigOf, oneOf, string, uint, variants } from '../../schema/schema.ts';
import { parseStatsd } from './parse.ts';

const address = () =>
  listenAddress('The address to listen on, or `systemd` or `systemd#N` for a socket that systemd opened.');

const receiveBufferBytes = () =>
  uint('Size of the kernel’s buffer of each socket.', { optional: true, unit: 'bytes', examples: [65_536] });

const options = variants(
  'Collect metrics emitted by the StatsD aggregator.',
  'mode',
  {
    tcp: {
      address: address(),
      connection_limit: uint('Most connections open at a time. Others wait.', {
        optional: true,
        min: 1,
        unit: 'connections',
      }),
      keepalive: keepalive(),
      permit_origin: permitOrigin(),
      receive_buffer_bytes: receiveBufferBytes(),
      shutdown_timeout_secs: uint('How long peers have, once told, to close their connections at a stop.', {
        default: 30,
        unit: 'seconds',
      }),
      tls: tlsSource(),
      tls_handshake_timeout_secs: uint('How long a TLS handshake may take.', {
        optional: true,
        min: 1,
        unit: 'seconds',
      }),
    },
    udp: { address: address(), receive_buffer_bytes: receiveBufferBytes() },
    unix: {
      path: string('The path of the unix socket, which is made at start.', {
        syntax: 'path',
        examples: ['/path/to/socket'],
      }),
    },
  },
  {
    convert_to: oneOf(['seconds', 'milliseconds'], 'The unit that times (`ms`) are converted to.', {
      default: 'seconds',
    }),
    sanitize: bool(
      'Whether names are cleaned: `/` becomes `-`, white space `_`, and all but letters, digits, `.`, `-` and `_` goes.',
      { default: true },
    ),
  },
  { tagDoc: 'The type of socket.', unknown: 'warn' },
);

type Config = ConfigOf<typeof options>;
type Case<M extends Config['mode']> = Extract<Config, { readonly mode: M }>;

/** As long as a datagram can be. */
const DATAGRAM_BYTES_MAX = 65_535;

/** Longer lines are dropped and counted. */
const LINE_BYTES_MAX = 1_048_576;

/** How long peers of a unix socket have to close at a stop. */
const UNIX_SHUTDOWN_SECS = 1;

export const source = defineSource({
  type: 'statsd',
  status: 'stable',
  summary: 'Collect metrics emitted by the StatsD aggregator.',
  options,
  examples: [
    { title: 'Datagrams', config: 'mode: udp\naddress: 127.0.0.1:8125' },
    {
      title: 'Lines over TCP, times as they are',
      config: 'mode: tcp\naddress: 0.0.0.0:8125\nconvert_to: milliseconds',
    },
    { title: 'Lines over a unix socket', config: 'mode: unix\npath: /run/statsd.sock' },
  ],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  resources,
  acknowledges: false,
  build(config, context): Promise<Source> {
    switch (config.mode) {
      case 'tcp':
        return tcpSource(config, context);
      case 'udp':
        return udpSource(config, context);
      case 'unix':
        return unixSource(config, context);
    }
  },
});

function resources(config: Config): readonly Resource[] {
  if (config.mode === 'unix') return [`unix:${config.path}`];
  return [`${config.mode}:${formatListenAddress(config.address)}`];
}

async function tcpSource(config: Case<'tcp'>, context: SourceContext): Promise<Source> {
  const bytes = config.receive_buffer_bytes;
  const libc = bytes === undefined ? undefined : await loadLibc();
  if (bytes !== undefined && !libc) context.log.warn('`receive_buffer_bytes` cannot be set on this system');
  return connectionSource(context, {
    mode: 'tcp',
    codec: statsdCodec(config, context),
    server: {
      listen: { kind: 'tcp', address: config.address },
      connectionLimit: config.connection_limit,
      permitOrigin: config.permit_origin,
      keepalive: config.keepalive,
      receiveBuffer: bytes !== undefined && libc ? { bytes, libc } : undefined,
      tls: config.tls?.enabled ? serverTls(config.tls) : undefined,
      handshakeTimeoutSecs: config.tls_handshake_timeout_secs,
    },
    fields: () => [],
    onListening: (port) => listening(context, { address: formatListenAddress(config.address), port }),
    shutdownTimeoutSecs: config.shutdown_timeout_secs,
  });
}

function udpSource(config: Case<'udp'>, context: SourceContext): Promise<Source> {
  return udpDatagramSource(context, {
    codec: statsdCodec(config, context),
    maxLength: DATAGRAM_BYTES_MAX,
    udp: { address: config.address, receiveBufferBytes: config.receive_buffer_bytes, multicastGroups: [] },
    fields: () => [],
    onListening: (port) => listening(context, { address: formatListenAddress(config.address), port }),
  });
}

function unixSource(config: Case<'unix'>, context: SourceContext): Promise<Source> {
  return connectionSource(context, {
    mode: 'unix',
    codec: statsdCodec(config, context),
    server: { listen: { kind: 'unix', path: config.path, mode: undefined } },
    fields: () => [],
    onListening: () => listening(context, { path: config.path }),
    shutdownTimeoutSecs: UNIX_SHUTDOWN_SECS,
  });
}

const LINES: FramingConfig = {
  method: 'newline_delimited',
  newline_delimited: { max_length: LINE_BYTES_MAX, oversized_action: 'drop' },
};

/** Lines, each a metric. */
function statsdCodec(config: Config, context: SourceContext): StreamCodec {
  const { id: sourceId, type: sourceType, clock, log } = context;
  const metadata = { value: {}, sourceId, sourceType };
  return {
    delimited: undefined,
    frames: (onDiscard) =>
      buildFrameDecoder(LINES, {
        onDiscard,
        onTruncate: (length) => log.warn('Frame cut off at its longest allowed length', { length }),
        clock,
      }),
    decoder: {
      decode(frame) {
        if (frame.length === 0) return [];
        const line = textOf(frame, false);
        return [{ type: 'metric', event: parseStatsd(line, config, metadata) }];
      },
    },
  };
}

function listening(context: SourceContext, fields: Record<string, string | number>): void {
  context.log.info('Listening.', fields);
}
