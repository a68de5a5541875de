// Batches of events as bytes: the one encoder all sinks use. A codec makes text of each event, the framing sets events
// apart; lines of a raw batch that nobody looks into go out as the range of bytes they came in.

import { type Batch, frameOf, type RawBatch } from '../../event/batch.ts';
import type { Event, EventType, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { Clock } from '../../std/clock.ts';
import {
  contentTypeOf,
  defaultFraming,
  type Framer,
  type FramingConfig,
  framer,
  requestContentTypeOf,
  type SinkStyle,
  wrapperOf,
} from '../framing_encode/framing.ts';
import { ByteSink } from './byte_sink.ts';
import { type CefOptions, cefCodec } from './cef.ts';
import { type Codec, type CodecName, EncodeError } from './codec.ts';
import { type CsvOptions, csvCodec } from './csv.ts';
import { type FieldRules, keepsAll, shapeOf } from './fields.ts';
import { gelfCodec } from './gelf.ts';
import { jsonCodec, nativeJsonCodec } from './json.ts';
import { logfmtCodec } from './logfmt.ts';
import type { MetricTagValues } from './metric_text.ts';
import { type SyslogOptions, syslogCodec } from './syslog.ts';
import { rawMessageCodec, textCodec } from './text.ts';

export { EncodeError } from './codec.ts';

export type EncodingConfig = FieldRules &
  (
    | { readonly codec: 'cef'; readonly cef: CefOptions }
    | { readonly codec: 'csv'; readonly csv: CsvOptions }
    | { readonly codec: 'gelf'; readonly gelf: { readonly max_chunk_size: number } }
    | {
        readonly codec: 'json';
        readonly json: { readonly pretty: boolean };
        readonly metric_tag_values: MetricTagValues;
      }
    | { readonly codec: 'logfmt' }
    | { readonly codec: 'native_json' }
    | { readonly codec: 'raw_message' }
    | { readonly codec: 'syslog'; readonly syslog: SyslogOptions }
    | { readonly codec: 'text'; readonly metric_tag_values: MetricTagValues }
  );

export interface EncodingContext {
  readonly logSchema: LogSchema;
  readonly clock: Clock;
}

/** Told of an event that could not be encoded: its place in what was given, and why. */
export type OnEncodeError = (index: number, error: EncodeError) => void;

export interface BatchEncoder {
  readonly codec: CodecName;
  readonly contentType: string;
  /** What an HTTP request announces; undefined where Vector announces nothing. */
  readonly requestContentType: string | undefined;
  readonly accepts: readonly EventType[];
  /**
   * The one range of the slot that already is what `encode` would append, or undefined. Valid until the batch is
   * finished.
   */
  passThrough(batch: Batch): Buffer | undefined;
  /**
   * Appends the encoded, framed events of a batch. Events that cannot be encoded are skipped and told to `onError`. The
   * batch is not finished.
   * @returns how many events were written.
   */
  encode(batch: Batch, out: ByteSink, onError: OnEncodeError): number;
  /** One event with its framing. Throws `EncodeError`. */
  encodeOne(event: Event, type: EventType): Buffer;
  /** One event without framing, for datagrams and records. Throws `EncodeError`. */
  encodeMessage(event: Event, type: EventType): Buffer;
  /**
   * Appends the events of all batches as one request body: separators between events, the wrapper of the framing
   * around. Indexes told to `onError` count through all batches.
   * @returns how many events were written.
   */
  encodeBody(batches: readonly Batch[], out: ByteSink, onError: OnEncodeError): number;
}

/** The encoder of a sink's `encoding` and `framing` options. */
export function batchEncoder(
  encoding: EncodingConfig,
  framing: FramingConfig | undefined,
  style: SinkStyle,
  context: EncodingContext,
): BatchEncoder {
  const codec = codecOf(encoding, context);
  return new Encoder(codec, framer(framing ?? defaultFraming(codec.name, style)), encoding, context.logSchema);
}

function codecOf(encoding: EncodingConfig, context: EncodingContext): Codec {
  switch (encoding.codec) {
    case 'cef':
      return cefCodec(encoding.cef);
    case 'csv':
      return csvCodec(encoding.csv);
    case 'gelf':
      return gelfCodec(context.logSchema);
    case 'json':
      return jsonCodec({ pretty: encoding.json.pretty, tagValues: encoding.metric_tag_values });
    case 'logfmt':
      return logfmtCodec();
    case 'native_json':
      return nativeJsonCodec();
    case 'raw_message':
      return rawMessageCodec(context.logSchema);
    case 'syslog':
      return syslogCodec(encoding.syslog, context);
    case 'text':
      return textCodec(context.logSchema, encoding.metric_tag_values);
  }
}

class Encoder implements BatchEncoder {
  readonly codec: CodecName;
  readonly contentType: string;
  readonly requestContentType: string | undefined;
  readonly accepts: readonly EventType[];
  readonly #codec: Codec;
  readonly #framer: Framer;
  readonly #shape: ReturnType<typeof shapeOf>;
  /** Whether the message alone is written, so that a raw frame already is the text of its event. */
  readonly #copiesFrames: boolean;
  readonly #wrapper: ReturnType<typeof wrapperOf>;

  constructor(codec: Codec, framing: Framer, rules: FieldRules, logSchema: LogSchema) {
    this.codec = codec.name;
    this.accepts = codec.accepts;
    this.contentType = contentTypeOf(codec.name, framing);
    this.requestContentType = requestContentTypeOf(codec.name, framing);
    this.#codec = codec;
    this.#framer = framing;
    this.#shape = shapeOf(rules);
    const message = codec.name === 'text' || codec.name === 'raw_message';
    this.#copiesFrames = message && keepsAll(rules) && logSchema.message !== undefined;
    this.#wrapper = wrapperOf(codec.name, framing);
  }

  passThrough(batch: Batch): Buffer | undefined {
    if (batch.kind !== 'raw' || !this.#copiesFrames || batch.count === 0) return undefined;
    const delimiter = this.#framer.delimiter;
    if (delimiter < 0 || delimiter !== batch.delimiter) return undefined;
    const last = 2 * (batch.count - 1);
    return batch.hold.bytes.subarray(batch.frames[0], batch.frames[last]! + batch.frames[last + 1]! + 1);
  }

  encode(batch: Batch, out: ByteSink, onError: OnEncodeError): number {
    const range = this.passThrough(batch);
    if (range && attempt(() => out.bytes(range), 0, batch.count, onError)) return batch.count;
    if (range) return 0;
    const { delimiter } = this.#framer;
    return this.#each(batch, 0, onError, (text) => {
      this.#frame(text, out);
      if (delimiter >= 0) out.byte(delimiter);
    }, out);
  }

  encodeOne(event: Event, type: EventType): Buffer {
    const out = new ByteSink();
    this.#frame(this.#encode(event, type), out);
    if (this.#framer.delimiter >= 0) out.byte(this.#framer.delimiter);
    return out.take();
  }

  encodeMessage(event: Event, type: EventType): Buffer {
    return Buffer.from(this.#encode(event, type) as string);
  }

  encodeBody(batches: readonly Batch[], out: ByteSink, onError: OnEncodeError): number {
    this.#codec.reset?.();
    return 0;
  }
}
