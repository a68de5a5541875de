// Sends metrics to a StatsD server, over TCP, UDP or a unix socket.
//
//   batch ──► increments ──► lines gathered up to `batch.max_bytes` ──┬─► a datagram each
//                                                                     └─► a piece of the stream
//
// Absolute counters, sets and distributions become increments, since the protocol has no others; the state for that is
// bounded in `metric_increments`. The first value of such a series is what later ones are compared with, and counts as
// delivered. Gauges go out as they are: absolute ones as a value, incremental ones with a sign.

import { acknowledgements } from '../../component/common_options.ts';
import { connectionWriter } from '../../component/connection_writer.ts';
import type { SinkContext } from '../../component/context.ts';
import { DatagramConnection } from '../../component/datagram_connection.ts';
import type { DatagramSocket } from '../../component/datagram_sink.ts';
import { unixDatagramsMissing } from '../../component/datagram_source.ts';
import { defineSink } from '../../component/define.ts';
import { MetricIncrements } from '../../component/metric_increments.ts';
import { batching, type RequestLimits, UNLIMITED } from '../../component/request_options.ts';
import { requestSink, type Verdict } from '../../component/request_sink.ts';
import { type Batch, type MetricBatch, metricBatch } from '../../event/batch.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { peerAddress } from '../../net/address.ts';
import { type Libc, loadLibc } from '../../net/libc.ts';
import { type DialOptions, dial } from '../../net/stream/dial.ts';
import { keepalive } from '../../net/tcp/options.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { clientTls } from '../../net/tls/tls.ts';
import { UdpSender } from '../../net/udp/send.ts';
import { connectUnixDatagram } from '../../net/unix/datagram.ts';
import { type ConfigOf, oneOf, string, uint, variants } from '../../schema/schema.ts';
import { assert } from '../../std/assert.ts';
import { appendStatsd, datagramsOf, isSendable } from './encode.ts';

const address = () => peerAddress('The address to connect to, as host and port.');

const options = variants(
  'Deliver metric data to a StatsD aggregator.',
  'mode',
  {
    tcp: { address: address(), keepalive: keepalive(), tls: tlsEnableable() },
    udp: { address: address() },
    unix: {
      path: string('The path of the unix socket.', { syntax: 'path', examples: ['/path/to/socket'] }),
      unix_mode: oneOf(['Stream', 'Datagram'], 'The kind of unix socket.', { default: 'Stream' }),
    },
  },
  {
    acknowledgements: acknowledgements(),
    batch: batching({ max_bytes: 1300, max_events: 1000, timeout_secs: 1 }),
    default_namespace: string('The namespace of metrics that have none. It stands before the name, with a dot.', {
      optional: true,
      aliases: ['namespace'],
      examples: ['service'],
    }),
    send_buffer_size: uint('Size of the kernel’s buffer of the socket.', {
      optional: true,
      unit: 'bytes',
      examples: [65_536],
    }),
  },
  { tagDoc: 'The type of socket.', unknown: 'warn' },
);

type Config = ConfigOf<typeof options>;

/** Sends payloads, in order. */
interface Carrier {
  /** The label of `component_sent_bytes_total`. */
  readonly protocol: 'tcp' | 'udp' | 'unix';
  /** Payloads under way at a time. */
  readonly concurrency: number;
  send(bytes: Buffer, stop: AbortSignal): Promise<Verdict>;
  healthcheck(stop: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export const sink = defineSink({
  type: 'statsd',
  status: 'stable',
  summary: 'Deliver metric data to a StatsD aggregator.',
  options,
  examples: [
    { title: 'Datagrams to an agent on this machine', config: 'mode: udp\naddress: 127.0.0.1:8125' },
    {
      title: 'A stream over TLS',
      config: 'mode: tcp\naddress: statsd.example.com:8125\ndefault_namespace: service\ntls:\n  enabled: true',
    },
    { title: 'Datagrams over a unix socket', config: 'mode: unix\npath: /run/statsd.sock\nunix_mode: Datagram' },
  ],
  inputs: () => ['metric'],
  async build(config, context) {
    const carrier = await carrierOf(config, context);
    const increments = new MetricIncrements(context);
    const inner = requestSink(context, {
      batch: config.batch,
      request: limitsOf(carrier.concurrency),
      measure: 'encoded',
      route: { key: '', value: undefined },
      encoder: () => ({
        append: (event, _type, out) => appendStatsd(event as MetricEvent, config.default_namespace, out),
        copiesFramesOf: () => false,
        appendFrame: () => {},
        frameForm: undefined,
      }),
      finishBody: (body) => body,
      send: ({ body }, stop) => carrier.send(body, stop),
      protocol: carrier.protocol,
      healthcheck: (stop) => carrier.healthcheck(stop),
      close: () => carrier.close(),
    });
    return { ...inner, write: (batch) => inner.write(sendable(batch, increments, context)) };
  },
});

/** What is sent is not sent again: the protocol knows no answers, and what connects tries for as long as it takes. */
function limitsOf(concurrency: number): RequestLimits {
  return {
    concurrency,
    adaptive_concurrency: {
      initial_concurrency: 1,
      max_concurrency_limit: 1,
      decrease_ratio: 0.9,
      ewma_alpha: 0.4,
      rtt_deviation_scale: 2.5,
    },
    rate_limit_num: UNLIMITED,
    rate_limit_duration_secs: 1,
    retry_attempts: 0,
    retry_initial_backoff_secs: 1,
    retry_max_duration_secs: 1,
    retry_jitter_mode: 'None',
    timeout_secs: UNLIMITED,
  };
}

/** The events of a batch that are sent, in the form that they are sent in, under the same hold. */
function sendable(batch: Batch, increments: MetricIncrements, { faults }: SinkContext): MetricBatch {
  assert(batch.kind === 'decoded' && batch.type === 'metric', 'the sink is given metrics only');
  const events: MetricEvent[] = [];
  for (const event of batch.events) {
    if (!isSendable(event)) {
      faults.error('Invalid metric type received; dropping event.', {
        type: 'encoder_failed',
        stage: 'processing',
        code: 'invalid_metric',
        fields: { metric_type: event.value.type, kind: event.kind },
      });
      faults.discarded(1, 'Invalid metric type received.', false);
      batch.finalizer.update('rejected');
      continue;
    }
    const ready = event.value.type === 'gauge' ? event : increments.next(event);
    if (ready) events.push(ready);
  }
  const isSame = events.length === batch.count && events.every((event, index) => event === batch.events[index]);
  return isSame ? batch : metricBatch(events, batch.finalizer);
}

async function carrierOf(config: Config, context: SinkContext): Promise<Carrier> {
  const bytes = config.send_buffer_size;
  const libc = await loadLibc();
  const sendBuffer = bytes !== undefined && libc ? { bytes, libc } : undefined;
  const isSettable = config.mode === 'udp' || sendBuffer !== undefined;
  if (bytes !== undefined && !isSettable) context.log.warn('`send_buffer_size` cannot be set on this system');
  if (config.mode === 'udp') return datagrams(config, context, 'udp', () => UdpSender.connect(config.address, bytes));
  if (config.mode === 'tcp')
    return stream(context, 'tcp', {
      to: config.address,
      keepalive: config.keepalive,
      tls: config.tls?.enabled ? clientTls(config.tls, context.log) : undefined,
      sendBuffer,
    });
  if (config.unix_mode === 'Stream') return stream(context, 'unix', { to: { path: config.path }, sendBuffer });
  if (!libc) throw new Error(await unixDatagramsMissing());
  return datagrams(config, context, 'unix', async () => unixDatagrams(libc, config.path));
}

/** Pieces of a stream that are written and not confirmed by the kernel yet. */
const STREAM_IN_FLIGHT = 64;

function stream(context: SinkContext, protocol: 'tcp' | 'unix', to: DialOptions): Carrier {
  const writer = connectionWriter(context, protocol, (stop) => dial(to, stop));
  const ending = new AbortController();
  return {
    protocol,
    concurrency: STREAM_IN_FLIGHT,
    send(bytes, stop) {
      if (bytes.length === 0) return Promise.resolve({ outcome: 'delivered' });
      // Only the sink's own end stops a payload: then all that is pending is given up.
      stop.addEventListener('abort', () => ending.abort(), { once: true });
      return new Promise((resolve) => {
        void writer.write({
          bytes,
          done: (written) =>
            resolve(
              written
                ? { outcome: 'delivered' }
                : { outcome: 'retry', reason: 'it could not be written any more', afterMs: 0 },
            ),
        });
      });
    },
    async healthcheck(stop) {
      (await dial(to, stop)).destroy();
    },
    close: () => writer.end(ending.signal),
  };
}

/** What a UDP datagram can hold. */
const DATAGRAM_BYTES_MAX = 65_507;

function datagrams(
  { batch }: Config,
  context: SinkContext,
  protocol: 'udp' | 'unix',
  connect: () => Promise<DatagramSocket>,
): Carrier {
  const connection = new DatagramConnection(context, protocol, connect);
  const bytesMax = Math.min(batch.max_bytes ?? DATAGRAM_BYTES_MAX, DATAGRAM_BYTES_MAX);
  return {
    protocol,
    // Each has left before the next one comes, so that the order is kept.
    concurrency: 1,
    async send(bytes, stop) {
      // One metric may have more lines than fit into a datagram.
      for (const datagram of datagramsOf(bytes, bytesMax)) {
        const end = await connection.send(datagram, stop);
        if (end.outcome === 'sent') continue;
        const reason = end.error.message;
        return end.isFinal ? { outcome: 'rejected', reason } : { outcome: 'retry', reason, afterMs: 0 };
      }
      return { outcome: 'delivered' };
    },
    async healthcheck() {
      (await connect()).close();
    },
    async close() {
      connection.close();
    },
  };
}

function unixDatagrams(libc: Libc, path: string): DatagramSocket {
  const socket = connectUnixDatagram(libc, path);
  socket.on('error', () => {});
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve()))),
    close: () => socket.destroy(),
  };
}
