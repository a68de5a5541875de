// Collects logs from a socket it listens on: TCP (with TLS), UDP, or a unix socket of streams or datagrams.

import { decoding } from '../../codecs/decoding/options.ts';
import { framing } from '../../codecs/framing/options.ts';
import { connectionSource } from '../../component/connection_source.ts';
import type { SourceContext } from '../../component/context.ts';
import { udpDatagramSource, unixDatagramSource, unixDatagramsMissing } from '../../component/datagram_source.ts';
import { defineSource, type Source } from '../../component/define.ts';
import {
  receiveBufferBytes,
  saysItListens,
  socketAddress,
  socketResources,
  tcpOptions,
  tcpServer,
  UNIX_SHUTDOWN_SECS,
  UNNAMED_PEER,
  unixOptions,
} from '../../component/socket_options.ts';
import { decodedTypes, sourceCodec } from '../../component/source_codec.ts';
import type { SourceField } from '../../component/source_fields.ts';
import { fieldKey, fieldKeyOr, keyOrElse } from '../../component/source_keys.ts';
import { array, type ConfigOf, ParseProblem, parsed, string, uint, variants } from '../../schema/schema.ts';

const portKey = () =>
  fieldKeyOr('port', 'The field that gets the port of the peer. An empty name keeps it out of events.');

const options = variants(
  'Collect logs using the socket client.',
  'mode',
  {
    tcp: {
      ...tcpOptions(),
      max_connection_duration_secs: uint(
        'How long a connection may stay open. Closing old ones spreads long-lived peers over several instances.',
        { optional: true, unit: 'seconds' },
      ),
      port_key: portKey(),
      shutdown_timeout_secs: uint('How long peers have, once told, to close their connections at a stop.', {
        default: 30,
        unit: 'seconds',
      }),
    },
    udp: {
      address: socketAddress(),
      max_length: uint('Longest datagram. Longer ones are dropped.', { default: 102_400, unit: 'bytes' }),
      multicast_groups: array(ipv4('An IPv4 multicast address.'), 'Multicast groups to join.', {
        default: [],
        examples: [['224.0.0.2', '224.0.0.4']],
      }),
      multicast_interface: ipv4Optional('The IPv4 address of the interface that groups are joined on.'),
      port_key: portKey(),
      receive_buffer_bytes: receiveBufferBytes(),
    },
    unix_datagram: unixOptions(),
    unix_stream: unixOptions(),
  },
  {
    decoding: decoding(),
    framing: framing(),
    host_key: fieldKey(
      'The field that gets the address of the peer, `log_schema.host_key` by default. An empty name keeps it out.',
    ),
  },
  { tagDoc: 'The type of socket.', tagAliases: { unix: 'unix_stream' }, unknown: 'warn' },
);

type Config = ConfigOf<typeof options>;
type Case<M extends Config['mode']> = Extract<Config, { readonly mode: M }>;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

function ipv4(doc: string) {
  return parsed(string(doc), (text) => (IPV4.test(text) ? text : new ParseProblem(`\`${text}\` is no IPv4 address`)));
}

function ipv4Optional(doc: string) {
  return parsed(string(doc, { optional: true }), (text) =>
    IPV4.test(text) ? text : new ParseProblem(`\`${text}\` is no IPv4 address`),
  );
}

/** Longest unix datagram that is received whole. */
const UNIX_DATAGRAM_BYTES_MAX = 102_400;

export const source = defineSource({
  type: 'socket',
  status: 'stable',
  summary: 'Collect logs using the socket client.',
  options,
  examples: [
    { title: 'Lines over TCP', config: 'mode: tcp\naddress: 0.0.0.0:9000' },
    { title: 'JSON datagrams over UDP', config: 'mode: udp\naddress: 0.0.0.0:9000\ndecoding:\n  codec: json' },
    { title: 'Lines over a unix socket', config: 'mode: unix_stream\npath: /run/sluice.sock' },
  ],
  outputs: (config) => [{ port: undefined, types: decodedTypes(config.decoding) }],
  resources: socketResources,
  acknowledges: false,
  build(config, context): Promise<Source> {
    switch (config.mode) {
      case 'tcp':
        return tcpSource(config, context);
      case 'udp':
        return udpSource(config, context);
      case 'unix_stream':
        return unixStreamSource(config, context);
      case 'unix_datagram':
        return unixDatagrams(config, context);
    }
  },
});

async function tcpSource(config: Case<'tcp'>, context: SourceContext): Promise<Source> {
  const codec = sourceCodec(config.decoding, config.framing, 'stream', context);
  return connectionSource(context, {
    mode: 'tcp',
    codec,
    server: await tcpServer(config, context),
    fields: ({ host, port, subject }) => [
      hostField(config, context, host),
      portField(config, port),
      ...(subject === undefined ? [] : [metadataField(config, subject)]),
    ],
    onListening: saysItListens(context, config.address),
    maxConnectionDurationSecs: config.max_connection_duration_secs,
    shutdownTimeoutSecs: config.shutdown_timeout_secs,
  });
}

function udpSource(config: Case<'udp'>, context: SourceContext): Promise<Source> {
  const codec = sourceCodec(config.decoding, config.framing, 'message', context);
  return udpDatagramSource(context, {
    codec,
    maxLength: Math.min(config.max_length, config.receive_buffer_bytes ?? Number.POSITIVE_INFINITY),
    udp: {
      address: config.address,
      receiveBufferBytes: config.receive_buffer_bytes,
      multicastGroups: config.multicast_groups,
      multicastInterface: config.multicast_interface,
    },
    fields: (peer) => [hostField(config, context, () => peer.host), portField(config, () => peer.port)],
    onListening: saysItListens(context, config.address),
  });
}

function unixStreamSource(config: Case<'unix_stream'>, context: SourceContext): Promise<Source> {
  const codec = sourceCodec(config.decoding, config.framing, 'stream', context);
  return connectionSource(context, {
    mode: 'unix',
    codec,
    server: { listen: { kind: 'unix', path: config.path, mode: config.socket_file_mode } },
    fields: () => [hostField(config, context, UNNAMED_PEER)],
    onListening: () => context.log.info('Listening.', { path: config.path }),
    shutdownTimeoutSecs: UNIX_SHUTDOWN_SECS,
  });
}

async function unixDatagrams(config: Case<'unix_datagram'>, context: SourceContext): Promise<Source> {
  const missing = await unixDatagramsMissing();
  if (missing !== undefined) throw new Error(missing);
  const codec = sourceCodec(config.decoding, config.framing, 'message', context);
  return unixDatagramSource(context, {
    codec,
    path: config.path,
    mode: config.socket_file_mode,
    maxLength: UNIX_DATAGRAM_BYTES_MAX,
    fields: (peer) => [hostField(config, context, () => peer.host || UNNAMED_PEER)],
  });
}

function hostField(config: Config, context: SourceContext, value: string | (() => string)): SourceField {
  const legacyKey = keyOrElse(config.host_key, context.globals.logSchema.host);
  return { name: ['host'], legacyKey, mode: 'insert_if_empty', value };
}

function portField(config: Case<'tcp' | 'udp'>, value: number | (() => number)): SourceField {
  return { name: ['port'], legacyKey: keyOrElse(config.port_key, undefined), mode: 'insert_if_empty', value };
}

function metadataField(config: Case<'tcp'>, subject: string): SourceField {
  const legacyKey = config.tls?.client_metadata_key;
  return { name: ['tls_client_metadata'], legacyKey, mode: 'overwrite', value: { subject } };
}
