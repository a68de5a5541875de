// Collects metrics that programs send in the StatsD protocol: over TCP, UDP or a unix socket, a line each.
//
// Nothing is kept between lines. A line that is no metric is an error counted, and the next one is read; a line longer
// than LINE_BYTES_MAX is dropped and counted.

import { textOf } from '../../codecs/decoding/decoder.ts';
import { buildFrameDecoder, type FramingConfig } from '../../codecs/framing/framing.ts';
import { connectionSource } from '../../component/connection_source.ts';
import type { SourceContext } from '../../component/context.ts';
import { udpDatagramSource } from '../../component/datagram_source.ts';
import { defineSource, type Source } from '../../component/define.ts';
import {
  receiveBufferBytes,
  saysItListens,
  socketAddress,
  socketPath,
  socketResources,
  tcpOptions,
  tcpServer,
  UNIX_SHUTDOWN_SECS,
} from '../../component/socket_options.ts';
import type { StreamCodec } from '../../component/stream/stream.ts';
import { bool, type ConfigOf, oneOf, uint, variants } from '../../schema/schema.ts';
import { parseStatsd } from './parse.ts';

const options = variants(
  'Collect metrics emitted by the StatsD aggregator.',
  'mode',
  {
    tcp: {
      ...tcpOptions(),
      shutdown_timeout_secs: uint('How long peers have, once told, to close their connections at a stop.', {
        default: 30,
        unit: 'seconds',
      }),
    },
    udp: { address: socketAddress(), receive_buffer_bytes: receiveBufferBytes() },
    unix: { path: socketPath() },
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
  resources: socketResources,
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

async function tcpSource(config: Case<'tcp'>, context: SourceContext): Promise<Source> {
  return connectionSource(context, {
    mode: 'tcp',
    codec: statsdCodec(config, context),
    server: await tcpServer(config, context),
    fields: () => [],
    onListening: saysItListens(context, config.address),
    shutdownTimeoutSecs: config.shutdown_timeout_secs,
  });
}

function udpSource(config: Case<'udp'>, context: SourceContext): Promise<Source> {
  return udpDatagramSource(context, {
    codec: statsdCodec(config, context),
    maxLength: DATAGRAM_BYTES_MAX,
    udp: { address: config.address, receiveBufferBytes: config.receive_buffer_bytes, multicastGroups: [] },
    fields: () => [],
    onListening: saysItListens(context, config.address),
  });
}

function unixSource(config: Case<'unix'>, context: SourceContext): Promise<Source> {
  return connectionSource(context, {
    mode: 'unix',
    codec: statsdCodec(config, context),
    server: { listen: { kind: 'unix', path: config.path, mode: undefined } },
    fields: () => [],
    onListening: () => context.log.info('Listening.', { path: config.path }),
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
