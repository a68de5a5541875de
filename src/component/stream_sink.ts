// Sinks that write a stream of framed events: to a connection, to standard output.
//
// A batch that nobody looked into goes out as the range of bytes it came in, straight from its slot; any other is
// encoded into a buffer of its own, and its slot is free from then on.

import { ByteSink } from '../codecs/encoding/byte_sink.ts';
import type { BatchEncoder, EncodeError } from '../codecs/encoding/encoding.ts';
import { type Batch, estimatedBytes, finish } from '../event/batch.ts';
import type { Status } from '../event/finalizer.ts';
import type { Piece } from '../net/stream/writer.ts';
import { componentSentBytes, Throughput } from '../telemetry/component_metrics.ts';
import type { ComponentContext, SinkContext } from './context.ts';
import type { Sink } from './define.ts';

/** Takes pieces of the stream, in order. */
export interface ByteWriter {
  /** A returned promise is backpressure. Calls the piece's `done` in any case. */
  write(piece: Piece): Promise<void> | undefined;
  end(abort?: AbortSignal): Promise<void>;
}

/** A sink that encodes batches and hands them to `writer`. `protocol` is the label of `component_sent_bytes_total`. */
export function streamSink(context: SinkContext, encoder: BatchEncoder, writer: ByteWriter, protocol: string): Sink {
  const sent = Throughput.sent(context);
  const sentBytes = context.counter(componentSentBytes, { protocol });
  const done = (piece: Encoded, written: boolean): void => {
    if (written) {
      sent.add(piece.events, piece.estimatedBytes);
      sentBytes.add(piece.bytes.length);
    } else context.faults.discarded(piece.events, 'It could not be written any more.', false);
    piece.finish(written ? 'delivered' : 'errored');
  };
  return {
    frameForm: encoder.frameForm,
    write(batch) {
      const piece = encode(context, encoder, batch);
      if (piece.bytes.length > 0) return writer.write({ bytes: piece.bytes, done: (written) => done(piece, written) });
      piece.finish('delivered');
      return undefined;
    },
    end: (abort) => writer.end(abort),
  };
}

interface Encoded {
  readonly bytes: Buffer;
  /** Events in it; those that cannot be encoded are counted already. */
  readonly events: number;
  readonly estimatedBytes: number;
  /** Ends the hold on the batch. */
  readonly finish: (status: Status) => void;
}

function encode(context: ComponentContext, encoder: BatchEncoder, batch: Batch): Encoded {
  const { count } = batch;
  const size = estimatedBytes(batch);
  const range = encoder.passThrough(batch);
  if (range) return { bytes: range, events: count, estimatedBytes: size, finish: (status) => finish(batch, status) };
  const out = new ByteSink();
  const events = encoder.encode(batch, out, (_index, error) => encodeFailed(context, error));
  const { finalizer } = batch;
  if (batch.kind === 'raw') batch.hold.release();
  if (events < count) finalizer.update('rejected');
  return {
    bytes: out.take(),
    events,
    estimatedBytes: count === 0 ? 0 : Math.round((size * events) / count),
    finish: (status) => finalizer.release(status),
  };
}

/** Counts an event that cannot be encoded and goes no further. */
export function encodeFailed({ faults }: Pick<ComponentContext, 'faults'>, error: Pick<EncodeError, 'message'>): void {
  faults.error('Failed serializing frame.', {
    type: 'encoder_failed',
    stage: 'sending',
    code: 'encoder_serialize',
    fields: { error: error.message },
  });
  faults.discarded(1, 'Failed serializing frame.', false);
}
