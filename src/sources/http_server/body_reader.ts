// Makes events of request bodies. A body is taken whole or not at all: with one frame that cannot be decoded, nothing of
// it is sent. Only a body of very many events is sent in parts, since small events take far more memory than their text.
// Bodies are read one after the other, so that one at a time is in memory as events.

import { buildDecoder, DecodeError, type Decoder, type DecodingConfig } from '../../codecs/decoding/decoding.ts';
import {
  buildFrameDecoder,
  defaultFraming,
  delimiterOf,
  type FrameContext,
  type FramingConfig,
  FramingError,
} from '../../codecs/framing/framing.ts';
import type { SourceContext } from '../../component/context.ts';
import type { Output } from '../../component/define.ts';
import type { ReceivedAt } from '../../component/received_by_path.ts';
import { fieldWriter, type SourceField } from '../../component/source_fields.ts';
import { decodingCompiler } from '../../component/source_programs.ts';
import { decodedBatch } from '../../event/batch.ts';
import type { Event, EventType, TypedEvent } from '../../event/event.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import { HttpRejection } from '../../net/http/rejection.ts';
import { RawBodies } from './raw_bodies.ts';

/** Events of a body that are in memory together, give or take those of one slice. */
const EVENTS_MAX = 100_000;

/** Bytes of a body that are decoded at a time. */
const SLICE_BYTES = 65_536;

/** A body with what the request tells about its events. */
export interface Body {
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  readonly fields: readonly SourceField[];
  readonly received: ReceivedAt;
  readonly output: Output;
  /** Where somebody asks what became of the events: each batch gets a hold. */
  readonly finalizer: Finalizer | undefined;
}

export class BodyReader {
  readonly #context: SourceContext;
  readonly #framing: FramingConfig;
  readonly #decoder: Decoder;
  readonly #frameContext: FrameContext;
  /** For bodies whose frames are text and end in one byte. */
  readonly #raw: RawBodies | undefined;
  #turn: Promise<void> = Promise.resolve();
  /** Bodies that wait for their turn, or have it. */
  #queued = 0;

  constructor(context: SourceContext, framing: FramingConfig | undefined, decoding: DecodingConfig) {
    const { globals, logNamespace, clock, faults } = context;
    const { logSchema, timezone } = globals;
    this.#context = context;
    this.#framing = framing ?? defaultFraming(decoding.codec, 'stream');
    this.#decoder = buildDecoder(decoding, {
      logSchema,
      logNamespace,
      clock,
      timezone,
      compile: decodingCompiler(context),
    });
    // Bodies have a limit of their own, so frames need none.
    const frameBytesMax = globals.maxDecompressedBytes;
    const onDiscard = (reason: string, length: number): void => faults.discarded(1, reason, false, { length });
    this.#frameContext = { clock, onDiscard, frameBytesMax };
    const delimited = decoding.codec === 'bytes' ? delimiterOf(this.#framing, frameBytesMax) : undefined;
    // Bodies of JSON are decoded at once: a peer is told of a line that is none.
    const codec = { delimited, isJson: false, frames: () => this.#frames(), decoder: this.#decoder };
    this.#raw = delimited && new RawBodies(context, codec, delimited.byte);
  }

  /** Sends a body within the call where that is possible, and calls `sent` when it went on. False: use `send`. */
  offer(body: Body, sent: () => void): boolean {
    if (this.#queued > 0 || !this.#raw?.offer(body, sent)) return false;
    body.received.bytes.add(body.bytes);
    return true;
  }

  /**
   * Sends the events of a body once those before it are sent; resolves when all were taken. Rejects with
   * `HttpRejection` when the body cannot be decoded.
   */
  send(body: Body): Promise<void> {
    this.#queued += 1;
    const { promise: sent, resolve } = Promise.withResolvers<void>();
    const taken = this.#turn.then(async () => {
      body.received.bytes.add(body.bytes);
      // Small bodies that waited go on together: the next one comes before this one is sent.
      if (this.#raw) return this.#raw.send(body, resolve);
      await this.#sendDecoded(body);
      resolve();
    });
    this.#turn = taken
      .catch(() => {})
      .then(() => {
        this.#queued -= 1;
      });
    return taken.then(() => sent);
  }

  /** No body comes any more. */
  close(): void {
    this.#raw?.close();
  }

  async #sendDecoded({ pieces, ...body }: Body): Promise<void> {
    const frames = this.#frames();
    let events: TypedEvent[] = [];
    const onFrame = (frame: Buffer): void => {
      for (const event of this.#decoder.decode(frame)) events.push(event);
    };
    for (const slice of slices(pieces)) {
      this.#decode(() => frames.push(slice, onFrame));
      if (events.length < EVENTS_MAX) continue;
      await this.#sendEvents(events, body);
      events = [];
    }
    this.#decode(() => frames.end(onFrame));
    await this.#sendEvents(events, body);
  }

  async #sendEvents(
    decoded: readonly TypedEvent[],
    { fields, received, output, finalizer }: Omit<Body, 'pieces'>,
  ): Promise<void> {
    const { id, type, globals, logNamespace, clock } = this.#context;
    const writer = fieldWriter({ id, type, logSchema: globals.logSchema, logNamespace }, fields);
    const now = clock.now();
    for (const typed of decoded) if (typed.type === 'log') writer.enrich(typed.event, now, 0);
    for (const [kind, events] of grouped(decoded, globals.chunkSizeEvents)) {
      const batch = decodedBatch(kind, events, finalizer?.retain());
      received.events.add(batch.count, batch.sizeBytes);
      await output.send(batch);
    }
  }

  /** Runs a step of decoding; what goes wrong in it is counted, and the peer told. */
  #decode(step: () => void): void {
    try {
      step();
    } catch (error) {
      const framing = error instanceof FramingError;
      if (!framing && !(error instanceof DecodeError)) throw error;
      this.#context.faults.error(framing ? 'Failed framing bytes.' : 'Failed deserializing frame.', {
        type: 'parser_failed',
        stage: 'processing',
        code: framing ? 'decoder_frame' : 'decoder_deserialize',
        fields: { error: error.message },
      });
      throw new HttpRejection(
        400,
        `Failed decoding body: ${framing ? 'FramingError' : 'ParsingError'}(${error.message})`,
      );
    }
  }

  #frames() {
    return buildFrameDecoder(this.#framing, this.#frameContext);
  }
}

function* slices(pieces: readonly Buffer[]): Generator<Buffer> {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += SLICE_BYTES) yield piece.subarray(at, at + SLICE_BYTES);
}

/** Events of one type in a row, as many as a batch may hold. */
function grouped(decoded: readonly TypedEvent[], eventsMax: number): [EventType, Event[]][] {
  const groups: [EventType, Event[]][] = [];
  for (const { type, event } of decoded) {
    const last = groups.at(-1);
    if (last && last[0] === type && last[1].length < eventsMax) last[1].push(event);
    else groups.push([type, [event]]);
  }
  return groups;
}
