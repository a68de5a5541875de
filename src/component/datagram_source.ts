// What sources of datagrams share: each datagram is framed and decoded by itself, and the events of those that came
// together go on together.
//
// A sender of UDP cannot be told to wait. While the output is busy, datagrams queue up to QUEUED_BYTES_MAX; beyond it
// they are dropped and counted. Unix datagrams are not received meanwhile, so their senders wait.

import { type FrameDecoder, FramingError } from '../codecs/framing/framing.ts';
import type { DecodedBatch } from '../event/batch.ts';
import { Finalizer } from '../event/finalizer.ts';
import { loadLibc } from '../net/libc.ts';
import { MulticastError, type UdpOptions, UdpReceiver } from '../net/udp/receive.ts';
import { UnixDatagramReceiver } from '../net/unix/datagram.ts';
import { componentReceivedBytes, Throughput } from '../telemetry/component_metrics.ts';
import type { Counter, Histogram } from '../telemetry/telemetry.ts';
import { receivedMessageBytes } from './connection_source.ts';
import type { SourceContext } from './context.ts';
import type { Output, Source } from './define.ts';
import { EventCollector } from './event_collector.ts';
import { aborted, LateOutput } from './late_output.ts';
import { fieldWriter, type SourceField } from './source_fields.ts';
import type { StreamCodec } from './stream/stream.ts';

const QUEUED_BYTES_MAX = 4_194_304;

/** What a queued datagram takes beside its bytes. */
const ENTRY_BYTES = 256;

/** Datagrams taken before their events are sent at the latest. */
const GATHERED_MAX = 1000;

/** Who sent the datagram that is being decoded. */
export interface DatagramPeer {
  /** IP address, or the path of the sender's own unix socket; empty when it has none. */
  host: string;
  port: number;
}

export interface DatagramOptions {
  readonly codec: StreamCodec;
  /** What is known about the events; values that differ between datagrams are read from `peer` when asked for. */
  readonly fields: (peer: Readonly<DatagramPeer>) => readonly SourceField[];
  /** Longest datagram. */
  readonly maxLength: number;
}

/** A source that is bound already: what comes before it runs is queued. Rejects when the address cannot be bound. */
export async function udpDatagramSource(
  context: SourceContext,
  options: DatagramOptions & { readonly udp: UdpOptions; readonly onListening?: (port: number) => void },
): Promise<Source> {
  const late = new LateOutput();
  const intake = new DatagramIntake(context, options, 'udp', late);
  let receiver: UdpReceiver;
  try {
    receiver = await UdpReceiver.bind(options.udp, {
      datagram: (bytes, host, port) => intake.take(bytes, bytes.length, host, port),
      failed: (error) => receiveFailed(context, 'udp', error),
    });
  } catch (error) {
    if (error instanceof MulticastError)
      context.faults.error('Joining a multicast group failed.', {
        type: 'io_failed',
        stage: 'initializing',
        code: 'socket_multicast_group_join',
        fields: { error: error.message, group_addr: error.group, interface: error.interface },
      });
    else bindFailed(context, 'udp', error);
    throw error;
  }
  options.onListening?.(receiver.port);
  return {
    async run(output, stop) {
      late.give(output);
      await aborted(stop);
      receiver.close();
      await intake.end();
    },
  };
}

/** Why unix datagram sockets cannot be used here, or undefined when they can. */
export async function unixDatagramsMissing(): Promise<string | undefined> {
  if (await loadLibc()) return undefined;
  return process.platform === 'linux'
    ? 'unix datagram sockets need the optional package `koffi`, which is not installed for this platform'
    : 'unix datagram sockets are available on Linux only';
}

/** The same for a unix datagram socket. */
export async function unixDatagramSource(
  context: SourceContext,
  options: DatagramOptions & { readonly path: string; readonly mode: number | undefined },
): Promise<Source> {
  const libc = await loadLibc();
  if (!libc) throw new Error(await unixDatagramsMissing());
  const late = new LateOutput();
  let receiver: UnixDatagramReceiver | undefined;
  const intake = new DatagramIntake(
    context,
    options,
    'unix',
    late,
    () => receiver?.pause(),
    () => receiver?.resume(),
  );
  try {
    receiver = new UnixDatagramReceiver(libc, options.path, options.mode, options.maxLength, {
      datagram: (bytes, length, path) => intake.take(bytes, length, path, 0),
      failed: (error) => receiveFailed(context, 'unix', error),
    });
  } catch (error) {
    bindFailed(context, 'unix', error);
    throw error;
  }
  return {
    async run(output, stop) {
      late.give(output);
      await aborted(stop);
      const last = receiver;
      receiver = undefined;
      last?.close();
      await intake.end();
    },
  };
}

interface Datagram {
  readonly bytes: Buffer;
  readonly length: number;
  readonly host: string;
  readonly port: number;
}

class DatagramIntake {
  readonly #context: SourceContext;
  readonly #options: DatagramOptions;
  readonly #mode: 'udp' | 'unix';
  readonly #output: Output;
  readonly #collector: EventCollector;
  readonly #peer: DatagramPeer = { host: '', port: 0 };
  readonly #received: Throughput;
  readonly #receivedBytes: Counter;
  readonly #sizes: Histogram;
  readonly #pause: (() => void) | undefined;
  readonly #resume: (() => void) | undefined;
  #frames: FrameDecoder;
  #queue: Datagram[] = [];
  #queuedBytes = 0;
  #gathered = 0;
  #flush: NodeJS.Immediate | undefined;
  /** What is being sent, while the output is busy. */
  #sending: Promise<void> | undefined;

  /** With `pause`, whoever sends can be made to wait, and nothing is queued. */
  constructor(
    context: SourceContext,
    options: DatagramOptions,
    mode: 'udp' | 'unix',
    output: Output,
    pause?: () => void,
    resume?: () => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#mode = mode;
    this.#output = output;
    this.#pause = pause;
    this.#resume = resume;
    this.#frames = this.#newFrames();
    const identity = {
      id: context.id,
      type: context.type,
      logSchema: context.globals.logSchema,
      logNamespace: context.logNamespace,
    };
    this.#collector = new EventCollector(
      context,
      options.codec.decoder,
      fieldWriter(identity, options.fields(this.#peer)),
    );
    this.#received = Throughput.received(context, { mode });
    this.#receivedBytes = context.counter(componentReceivedBytes, { protocol: mode });
    this.#sizes = context.histogram(receivedMessageBytes, { mode });
  }

  /** `bytes` is what is there of a datagram of `length` bytes; it is copied where it is kept. */
  take(bytes: Buffer, length: number, host: string, port: number): void {
    this.#receivedBytes.add(bytes.length);
    this.#sizes.record(bytes.length);
    if (!this.#sending) {
      this.#decode(bytes, length, host, port);
      return;
    }
    if (this.#queuedBytes + bytes.length + ENTRY_BYTES > QUEUED_BYTES_MAX) {
      this.#context.faults.discarded(1, 'The pipeline is busy and the queue of datagrams is full.', false);
      return;
    }
    this.#queue.push({ bytes: this.#pause ? Buffer.from(bytes) : bytes, length, host, port });
    this.#queuedBytes += bytes.length + ENTRY_BYTES;
  }

  /** Sends what is left. */
  async end(): Promise<void> {
    for (;;) {
      if (this.#sending) await this.#sending;
      else {
        this.#send();
        if (!this.#sending) return;
      }
    }
  }

  #decode(bytes: Buffer, length: number, host: string, port: number): void {
    const { maxLength } = this.#options;
    this.#peer.host = host;
    this.#peer.port = port;
    const onFrame = (frame: Buffer): void => void this.#collector.frame(frame, -1);
    try {
      if (length > maxLength && this.#mode === 'udp') {
        // What is whole of it counts; its last frame is cut off and does not.
        this.#frames.push(bytes.subarray(0, maxLength + 1), onFrame);
        this.#frames.end(() => {});
        this.#context.faults.discarded(1, 'Discarding frame larger than max_length.', false, {
          length,
          max_length: maxLength,
        });
      } else if (length > 0) {
        if (length > maxLength) this.#cutOff(length);
        this.#frames.push(bytes, onFrame);
        this.#frames.end(onFrame);
      }
    } catch (error) {
      this.#frames = this.#newFrames();
      const framing = error instanceof FramingError;
      this.#context.faults.error(framing ? 'Failed framing bytes.' : 'Failed to handle received data.', {
        type: framing ? 'parser_failed' : 'reader_failed',
        stage: framing ? 'processing' : 'receiving',
        code: framing ? 'decoder_frame' : 'socket_receive',
        fields: { error: (error as Error).message, mode: this.#mode },
      });
    }
    this.#gathered += 1;
    if (this.#gathered >= GATHERED_MAX) this.#send();
    else this.#flush ??= setImmediate(() => this.#send());
  }

  /** Unix datagrams come cut off, as in Vector, and it is said. */
  #cutOff(length: number): void {
    this.#context.faults.error('A datagram was longer than allowed and is cut off.', {
      type: 'reader_failed',
      stage: 'receiving',
      code: 'message_too_long',
      fields: { length, max_length: this.#options.maxLength, mode: this.#mode },
    });
  }

  #send(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    this.#gathered = 0;
    const batches = this.#collector.take(() => new Finalizer());
    for (let i = 0; i < batches.length; i++) {
      const wait = this.#sendOne(batches[i]!);
      if (!wait) continue;
      this.#pause?.();
      this.#sending = this.#sendRest(wait, batches.slice(i + 1));
      return;
    }
  }

  #sendOne(batch: DecodedBatch): Promise<void> | undefined {
    this.#received.add(batch.count, batch.sizeBytes);
    return this.#output.send(batch);
  }

  async #sendRest(first: Promise<void>, rest: readonly DecodedBatch[]): Promise<void> {
    await first;
    for (const batch of rest) await this.#sendOne(batch);
    this.#sending = undefined;
    this.#drain();
  }

  /** Decodes what came meanwhile. */
  #drain(): void {
    const queue = this.#queue;
    let next = 0;
    for (; next < queue.length && !this.#sending; next++) {
      const { bytes, length, host, port } = queue[next]!;
      this.#queuedBytes -= bytes.length + ENTRY_BYTES;
      this.#decode(bytes, length, host, port);
    }
    this.#queue = queue.slice(next);
    if (!this.#sending) this.#resume?.();
  }

  #newFrames(): FrameDecoder {
    return this.#options.codec.frames((reason, length) => {
      this.#context.faults.discarded(1, reason, false, { length });
    });
  }
}

function bindFailed(context: SourceContext, mode: string, error: unknown): void {
  context.faults.error('Error binding socket.', {
    type: 'io_failed',
    stage: 'initializing',
    code: 'socket_bind',
    fields: { error: (error as Error).message, mode },
  });
}

function receiveFailed(context: SourceContext, mode: string, error: Error): void {
  context.faults.error('Error receiving data.', {
    type: 'reader_failed',
    stage: 'receiving',
    code: 'socket_receive',
    fields: { error: error.message, mode },
  });
}
