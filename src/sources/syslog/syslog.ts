// Receives syslog messages: over TCP (with TLS) or a unix socket as lines or behind their length, over UDP one each.

import { syslogSourceDecoder } from '../../codecs/decoding/decoding.ts';
import { buildFrameDecoder, type FramingConfig } from '../../codecs/framing/framing.ts';
import { connectionSource } from '../../component/connection_source.ts';
import type { SourceContext } from '../../component/context.ts';
import { udpDatagramSource } from '../../component/datagram_source.ts';
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
import type { SourceField } from '../../component/source_fields.ts';
import { fieldKey, keyOrElse } from '../../component/source_keys.ts';
import type { StreamCodec } from '../../component/stream/stream.ts';
import type { LogEvent } from '../../event/event.ts';
import { getField } from '../../event/object.ts';
import { isObject, type Value } from '../../event/value.ts';
import { type ConfigOf, uint, variants } from '../../schema/schema.ts';

import { messageFrames } from './frames.ts';

const TYPE = 'syslog';

const options = variants(
  'Collect logs sent via Syslog.',
  'mode',
  {
    tcp: tcpOptions(),
    udp: { address: socketAddress(), receive_buffer_bytes: receiveBufferBytes() },
    unix: unixOptions(),
  },
  {
    host_key: fieldKey(
      'The field that gets the host of the message, or the address of the peer where the message names none; `log_schema.host_key` by default. An empty name keeps it out.',
    ),
    max_length: uint(
      'Longest message of a stream. Longer ones are dropped. Datagrams have the limit of their protocol.',
      { default: 102_400, unit: 'bytes' },
    ),
  },
  { tagDoc: 'The type of socket.', unknown: 'warn' },
);

type Config = ConfigOf<typeof options>;
type Case<M extends Config['mode']> = Extract<Config, { readonly mode: M }>;

/** How long peers have, once told, to close their connections at a stop. */
const TCP_SHUTDOWN_SECS = 30;

/** As long as a datagram can be. */
const DATAGRAM_BYTES_MAX = 65_535;

export const source = defineSource({
  type: TYPE,
  status: 'stable',
  summary: 'Collect logs sent via Syslog.',
  options,
  examples: [
    { title: 'Messages over TCP', config: 'mode: tcp\naddress: 0.0.0.0:514' },
    { title: 'Messages over UDP', config: 'mode: udp\naddress: 0.0.0.0:514' },
    { title: 'Messages over a unix socket', config: 'mode: unix\npath: /run/sluice/log.sock' },
  ],
  outputs: () => [{ port: undefined, types: ['log'] }],
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
    codec: syslogCodec(config, context, 'stream'),
    server: await tcpServer(config, context),
    fields: ({ host, subject }) => [
      ...originFields(config, context, () => host),
      ...(subject === undefined ? [] : [certificateField(config, subject)]),
    ],
    onListening: saysItListens(context, config.address),
    shutdownTimeoutSecs: TCP_SHUTDOWN_SECS,
  });
}

function udpSource(config: Case<'udp'>, context: SourceContext): Promise<Source> {
  return udpDatagramSource(context, {
    codec: syslogCodec(config, context, 'message'),
    maxLength: DATAGRAM_BYTES_MAX,
    udp: { address: config.address, receiveBufferBytes: config.receive_buffer_bytes, multicastGroups: [] },
    fields: (peer) => originFields(config, context, () => peer.host),
    onListening: saysItListens(context, config.address),
  });
}

function unixSource(config: Case<'unix'>, context: SourceContext): Promise<Source> {
  return connectionSource(context, {
    mode: 'unix',
    codec: syslogCodec(config, context, 'stream'),
    server: { listen: { kind: 'unix', path: config.path, mode: config.socket_file_mode } },
    fields: () => originFields(config, context, () => UNNAMED_PEER),
    onListening: () => context.log.info('Listening.', { path: config.path }),
    shutdownTimeoutSecs: UNIX_SHUTDOWN_SECS,
  });
}

function syslogCodec(config: Config, context: SourceContext, style: 'stream' | 'message'): StreamCodec {
  const { clock, globals, logNamespace } = context;
  const { max_length } = config;
  const framing: FramingConfig =
    style === 'stream' ? { method: 'octet_counting', octet_counting: { max_length } } : { method: 'bytes' };
  const { logSchema, timezone } = globals;
  const decoder = syslogSourceDecoder(TYPE, { logSchema, logNamespace, clock, timezone });
  return {
    delimited: undefined,
    frames: (onDiscard) => buildFrameDecoder(framing, { onDiscard, clock }),
    decoder,
    asTheyAre(fields) {
      const peer = fields.find((field): field is PeerField => field instanceof PeerField)!.value();
      const source = { id: context.id, type: context.type, logSchema, logNamespace };
      const { bytes } = context.arena;
      return messageFrames({ source, bytes, decoder, hostKey: hostKeyOf(config, context), peer, fields });
    },
  };
}

/** The address that a message came from. */
class PeerField implements SourceField {
  readonly name = ['source_ip'];
  readonly legacyKey = { target: 'event', segments: ['source_ip'] } as const;
  readonly mode = 'overwrite';
  readonly value: () => string;

  constructor(peer: () => string) {
    this.value = peer;
  }
}

function hostKeyOf(config: Config, { globals }: SourceContext) {
  return keyOrElse(config.host_key, globals.logSchema.host);
}

/** Who sent a message: the address that it came from, and the host that it names, or else that address. */
function originFields(config: Config, context: SourceContext, peer: () => string): readonly SourceField[] {
  return [
    new PeerField(peer),
    {
      name: ['host'],
      legacyKey: hostKeyOf(config, context),
      mode: 'overwrite',
      value: (_, event) => hostNamed(event, context) ?? peer(),
    },
  ];
}

/** The host that the message names. */
function hostNamed({ value, metadata }: LogEvent, { logNamespace }: SourceContext): Value | undefined {
  const details = logNamespace === 'vector' ? getField(metadata.value, TYPE) : value;
  return isObject(details) ? getField(details, 'hostname') : undefined;
}

function certificateField(config: Case<'tcp'>, subject: string): SourceField {
  const legacyKey = config.tls?.client_metadata_key;
  return { name: ['tls_client_metadata'], legacyKey, mode: 'overwrite', value: { subject } };
}
