// Batches of events as bytes: the one encoder all sinks use. A codec makes text of each event, the framing sets events
// apart; lines of a raw batch that nobody looks into go out as the range of bytes they came in.

import { type Batch, frameOf, type RawBatch, type RawLayout } from '../../event/batch.ts';
import type { Event, EventType, LogEvent } from '../../event/event.ts';
import type { LogSchema } from '../../event/log_schema.ts';
import type { TagValues } from '../../event/metric_json.ts';
import type { Path } from '../../event/path.ts';
import { asBuffer } from '../../std/bytes.ts';
import type { Clock } from '../../std/clock.ts';
import {
  contentTypeOf,
  defaultFraming,
  type Framer,
  type FramingConfig,
  framer,
  requestContentTypeOf,
  type SinkStyle,
  type Wrapper,
  wrapperOf,
} from '../framing_encode/framing.ts';
import { ByteSink } from './byte_sink.ts';
import { type CefOptions, cefCodec } from './cef.ts';
import { type Codec, type CodecName, EncodeError } from './codec.ts';
import { type CsvOptions, csvCodec } from './csv.ts';
import { type FieldRules, keepsAll, type Shape, shapeOf } from './fields.ts';
import { gelfCodec } from './gelf.ts';
import { jsonCodec, nativeJsonCodec } from './json.ts';
import { logfmtCodec } from './logfmt.ts';
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
        readonly metric_tag_values: TagValues;
      }
    | { readonly codec: 'logfmt' }
    | { readonly codec: 'native_json' }
    | { readonly codec: 'raw_message' }
    | { readonly codec: 'syslog'; readonly syslog: SyslogOptions }
    | { readonly codec: 'text'; readonly metric_tag_values: TagValues }
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
  /** Appends one event with its framing. Throws `EncodeError`, having appended nothing. */
  append(event: Event, type: EventType, out: ByteSink): void;
  /** Whether the frames of a raw batch already are what its events are encoded to: then `appendFrame` stands for `append`. */
  copiesFramesOf(batch: RawBatch): boolean;
  /** What a segment may do in place of this encoder, see `FrameForm`; undefined when nothing. */
  readonly frameForm: FrameForm | undefined;
  appendFrame(frame: Uint8Array, out: ByteSink): void;
  /** One event without framing, for datagrams and records. Throws `EncodeError`. */
  encodeMessage(event: Event, type: EventType): Buffer;
  /**
   * Appends the events of all batches as one request body: separators between events, the wrapper of the framing
   * around. Indexes told to `onError` count through all batches.
   * @returns how many events were written.
   */
  encodeBody(batches: readonly Batch[], out: ByteSink, onError: OnEncodeError): number;
}

/**
 * How events may be encoded before they reach the sink, so that it copies ranges: the form of a raw batch that this
 * encoder passes through, and the byte that follows each frame in it.
 */
export interface FrameForm {
  readonly form: RawLayout['form'];
  readonly delimiter: number;
  /** Where the message is, for the form `text`. */
  readonly message: Path | undefined;
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
  readonly #shape: Shape | undefined;
  /** The form of frames that already are what their events are encoded to. */
  readonly #passes: RawLayout['form'] | undefined;
  readonly #wrapper: Wrapper;
  readonly #message: Path | undefined;
  readonly #scratch = new ByteSink();

  constructor(codec: Codec, framing: Framer, rules: FieldRules, logSchema: LogSchema) {
    this.codec = codec.name;
    this.accepts = codec.accepts;
    this.contentType = contentTypeOf(codec.name, framing);
    this.requestContentType = requestContentTypeOf(codec.name, framing);
    this.#codec = codec;
    this.#framer = framing;
    this.#shape = shapeOf(rules);
    this.#passes = passedForm(codec, rules, logSchema);
    this.#wrapper = wrapperOf(codec.name, framing);
    this.#message = logSchema.message;
  }

  passThrough(batch: Batch): Buffer | undefined {
    if (batch.kind !== 'raw' || batch.layout.form !== this.#passes || batch.count === 0) return undefined;
    const delimiter = this.#framer.delimiter;
    if (delimiter < 0 || delimiter !== batch.delimiter) return undefined;
    const last = 2 * (batch.count - 1);
    return batch.hold.bytes.subarray(batch.frames[0], batch.frames[last]! + batch.frames[last + 1]! + 1);
  }

  encode(batch: Batch, out: ByteSink, onError: OnEncodeError): number {
    const progress = { index: 0, written: 0 };
    this.#append(batch, out, 'stream', progress, onError);
    return progress.written;
  }

  encodeOne(event: Event, type: EventType): Buffer {
    const piece = this.#encode(event, type);
    const { head, delimiter } = this.#framer;
    this.#scratch.clear();
    head?.(this.#scratch, byteLength(piece));
    this.#scratch.append(piece);
    if (delimiter >= 0) this.#scratch.byte(delimiter);
    return this.#scratch.take();
  }

  copiesFramesOf({ layout }: RawBatch): boolean {
    return layout.form === this.#passes;
  }

  get frameForm(): FrameForm | undefined {
    const { delimiter } = this.#framer;
    return this.#passes !== undefined && delimiter >= 0
      ? { form: this.#passes, delimiter, message: this.#message }
      : undefined;
  }

  append(event: Event, type: EventType, out: ByteSink): void {
    this.#appendPiece(this.#encode(event, type), out);
  }

  appendFrame(frame: Uint8Array, out: ByteSink): void {
    this.#appendPiece(frame, out);
  }

  #appendPiece(piece: string | Uint8Array, out: ByteSink): void {
    const { head, delimiter } = this.#framer;
    const start = out.length;
    try {
      head?.(out, byteLength(piece));
      out.append(piece);
      if (delimiter >= 0) out.byte(delimiter);
    } catch (error) {
      out.truncate(start);
      throw encodeError(error);
    }
  }

  encodeMessage(event: Event, type: EventType): Buffer {
    const piece = this.#encode(event, type);
    return typeof piece === 'string' ? Buffer.from(piece) : asBuffer(piece);
  }

  encodeBody(batches: readonly Batch[], out: ByteSink, onError: OnEncodeError): number {
    this.#codec.reset?.();
    const progress = { index: 0, written: 0 };
    out.text(this.#wrapper.prefix);
    for (const batch of batches) this.#append(batch, out, 'body', progress, onError);
    if (progress.written > 0 || this.#wrapper.prefix !== '') out.text(this.#wrapper.suffix);
    return progress.written;
  }

  /** In a stream the delimiter follows every event, in a body it stands between them. */
  #append(batch: Batch, out: ByteSink, style: 'stream' | 'body', progress: Progress, onError: OnEncodeError): void {
    const { delimiter, head } = this.#framer;
    const between = style === 'body' ? delimiter : -1;
    const behind = style === 'stream' ? delimiter : -1;
    if (this.#appendRange(batch, out, between, progress)) return;
    const pieces = this.#pieces(batch);
    for (let i = 0; i < batch.count; i++) {
      const start = out.length;
      try {
        const piece = pieces(i);
        if (between >= 0 && progress.written > 0) out.byte(between);
        head?.(out, byteLength(piece));
        out.append(piece);
        if (behind >= 0) out.byte(behind);
        progress.written += 1;
      } catch (error) {
        out.truncate(start);
        onError(progress.index, encodeError(error));
      }
      progress.index += 1;
    }
  }

  /** Copies all frames at once where nothing stands in the way. */
  #appendRange(batch: Batch, out: ByteSink, between: number, progress: Progress): boolean {
    const range = this.passThrough(batch);
    if (!range || range.length + 1 > out.room) return false;
    if (between >= 0 && progress.written > 0) out.byte(between);
    out.bytes(between >= 0 ? range.subarray(0, -1) : range);
    progress.index += batch.count;
    progress.written += batch.count;
    return true;
  }

  /** What is written of event `index`, without framing. */
  #pieces(batch: Batch): (index: number) => string | Uint8Array {
    if (batch.kind === 'raw' && this.copiesFramesOf(batch)) return (index) => frameOf(batch, index);
    const events: readonly Event[] = batch.kind === 'raw' ? batch.layout.decode(batch) : batch.events;
    return (index) => this.#encode(events[index]!, batch.type);
  }

  #encode(event: Event, type: EventType): string | Uint8Array {
    if (!this.accepts.includes(type))
      throw new EncodeError(`the codec \`${this.codec}\` does not write ${type} events`);
    try {
      return this.#codec.encode(type === 'log' && this.#shape ? shaped(event as LogEvent, this.#shape) : event, type);
    } catch (error) {
      throw encodeError(error);
    }
  }
}

function passedForm(
  { name, isPlainJson }: Codec,
  rules: FieldRules,
  logSchema: LogSchema,
): RawLayout['form'] | undefined {
  if (isPlainJson) return shapeOf(rules) ? undefined : 'json';
  const isMessage = name === 'text' || name === 'raw_message';
  return isMessage && keepsAll(rules) && logSchema.message !== undefined ? 'text' : undefined;
}

/** Where in the events given an encoder is, and how many it has written. */
interface Progress {
  index: number;
  written: number;
}

function shaped(event: LogEvent, shape: Shape): LogEvent {
  return { value: shape(event.value), metadata: event.metadata };
}

function byteLength(piece: string | Uint8Array): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
}

/** Any failure while encoding costs its event and nothing more: too deep for the stack, too long for a string. */
function encodeError(cause: unknown): EncodeError {
  if (cause instanceof EncodeError) return cause;
  return new EncodeError(cause instanceof Error ? cause.message : String(cause), { cause });
}
