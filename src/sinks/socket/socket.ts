// Delivers events to a remote socket: TCP (with TLS), UDP, or a unix socket of streams or datagrams.

import { randomBytes } from 'node:crypto';
import { batchEncoder } from '../../codecs/encoding/encoding.ts';
import { gelfChunks } from '../../codecs/encoding/gelf.ts';
import { encoding } from '../../codecs/encoding/options.ts';
import { framing } from '../../codecs/framing_encode/options.ts';
import { acknowledgements } from '../../component/common_options.ts';
import { connectionWriter } from '../../component/connection_writer.ts';
import type { SinkContext } from '../../component/context.ts';
import { datagramSink } from '../../component/datagram_sink.ts';
import { unixDatagramsMissing } from '../../component/datagram_source.ts';
import { defineSink, type Sink } from '../../component/define.ts';
import { streamSink } from '../../component/stream_sink.ts';
import { type PeerAddress, peerAddress } from '../../net/address.ts';
import { loadLibc } from '../../net/libc.ts';
import { type DialOptions, dial } from '../../net/stream/dial.ts';
import { keepalive } from '../../net/tcp/options.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { clientTls } from '../../net/tls/tls.ts';
import { UdpSender } from '../../net/udp/send.ts';
import { connectUnixDatagram } from '../../net/unix/datagram.ts';
import { type ConfigOf, string, uint, variants } from '../../schema/schema.ts';

const address = () => peerAddress('The address to connect to, as host and port.');

const sendBufferBytes = () =>
  uint('Size of the kernel’s buffer of the socket.', { optional: true, unit: 'bytes', examples: [65_536] });

const path = () => string('The path of the unix socket.', { syntax: 'path', examples: ['/path/to/socket'] });

const options = variants(
  'Deliver logs to a remote socket endpoint.',
  'mode',
  {
    tcp: {
      address: address(),
      framing: framing(),
      keepalive: keepalive(),
      send_buffer_bytes: sendBufferBytes(),
      tls: tlsEnableable(),
    },
    udp: { address: address(), send_buffer_bytes: sendBufferBytes() },
    unix_datagram: { path: path(), framing: framing() },
    unix_stream: { path: path(), framing: framing() },
  },
  { acknowledgements: acknowledgements(), encoding: encoding() },
  { tagDoc: 'The type of socket.', tagAliases: { unix: 'unix_stream' }, unknown: 'warn' },
);

type Config = ConfigOf<typeof options>;
type Case<M extends Config['mode']> = Extract<Config, { readonly mode: M }>;

export const sink = defineSink({
  type: 'socket',
  status: 'stable',
  summary: 'Deliver logs to a remote socket endpoint.',
  options,
  examples: [
    { title: 'Send messages as lines', config: 'mode: tcp\naddress: logs.example.com:5000\nencoding:\n  codec: text' },
    {
      title: 'Send JSON lines over TLS',
      config: 'mode: tcp\naddress: logs.example.com:5000\nencoding:\n  codec: json\ntls:\n  enabled: true',
    },
    { title: 'Send each event as a datagram', config: 'mode: udp\naddress: 127.0.0.1:5000\nencoding:\n  codec: json' },
    { title: 'Send to a local program', config: 'mode: unix_stream\npath: /run/app.sock\nencoding:\n  codec: json' },
  ],
  inputs: () => ['log', 'metric', 'trace'],
  build(config, context) {
    switch (config.mode) {
      case 'tcp':
        return tcpSink(config, context);
      case 'unix_stream':
        return streamTo({ to: { path: config.path } }, config, 'unix', context);
      case 'udp':
        return udpSink(config, context);
      case 'unix_datagram':
        return unixDatagramSink(config, context);
    }
  },
});

async function tcpSink(config: Case<'tcp'>, context: SinkContext): Promise<Sink> {
  const bytes = config.send_buffer_bytes;
  const libc = bytes === undefined ? undefined : await loadLibc();
  if (bytes !== undefined && !libc) context.log.warn('`send_buffer_bytes` cannot be set on this system');
  const options: DialOptions = {
    to: config.address,
    keepalive: config.keepalive,
    tls: config.tls?.enabled ? clientTls(config.tls, context.log) : undefined,
    sendBuffer: bytes !== undefined && libc ? { bytes, libc } : undefined,
  };
  return streamTo(options, config, 'tcp', context);
}

function streamTo(
  options: DialOptions,
  config: Case<'tcp' | 'unix_stream'>,
  mode: 'tcp' | 'unix',
  context: SinkContext,
): Sink {
  const encoder = batchEncoder(config.encoding, config.framing, 'stream', encodingContext(context));
  const writer = connectionWriter(context, mode, (stop) => dial(options, stop));
  return {
    ...streamSink(context, encoder, writer, mode),
    async healthcheck(stop) {
      (await dial(options, stop)).destroy();
    },
  };
}

/** Datagrams on their way to the kernel at once. */
const UDP_IN_FLIGHT = 128;

function udpSink(config: Case<'udp'>, context: SinkContext): Sink {
  const { encoding: codec, send_buffer_bytes: bufferBytes } = config;
  const to: PeerAddress = config.address;
  return datagramSink(context, {
    mode: 'udp',
    encoder: batchEncoder(codec, { method: 'bytes' }, 'message', encodingContext(context)),
    connect: () => UdpSender.connect(to, bufferBytes),
    framed: false,
    inFlightMax: UDP_IN_FLIGHT,
    ...(codec.codec === 'gelf'
      ? { split: (message: Buffer) => gelfChunks(message, codec.gelf.max_chunk_size, () => randomBytes(8)) }
      : {}),
  });
}

async function unixDatagramSink(config: Case<'unix_datagram'>, context: SinkContext): Promise<Sink> {
  const libc = await loadLibc();
  if (!libc) throw new Error(await unixDatagramsMissing());
  return datagramSink(context, {
    mode: 'unix',
    encoder: batchEncoder(config.encoding, config.framing, 'stream', encodingContext(context)),
    async connect() {
      const socket = connectUnixDatagram(libc, config.path);
      socket.on('error', () => {});
      return {
        send: (bytes) =>
          new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve()))),
        close: () => socket.destroy(),
      };
    },
    framed: true,
    inFlightMax: 1,
  });
}

function encodingContext({ globals, clock }: SinkContext) {
  return { logSchema: globals.logSchema, clock };
}
