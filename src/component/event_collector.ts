// Decodes the frames of a stream and gathers what comes of them into batches of one type.

import type { Decoder } from '../codecs/decoding/decoding.ts';
import { type DecodedBatch, decodedBatch } from '../event/batch.ts';
import type { Event, EventType, TypedEvent } from '../event/event.ts';
import type { Finalizer } from '../event/finalizer.ts';
import type { SourceContext } from './context.ts';
import type { FieldWriter } from './source_fields.ts';

/** Decoded events of a batch: those of a whole read at once would outlive V8's young generation, twice the work in all. */
const EVENTS_AT_ONCE = 32;

/** Decodes frames, adds the source's fields to logs, and gathers events of one type into batches. */
export class EventCollector {
  readonly #context: SourceContext;
  readonly #decoder: Decoder;
  readonly #writer: FieldWriter;
  readonly #eventsMax: number;
  #groups: { type: EventType; events: Event[] }[] = [];

  constructor(context: SourceContext, decoder: Decoder, writer: FieldWriter) {
    this.#context = context;
    this.#eventsMax = Math.min(EVENTS_AT_ONCE, context.globals.chunkSizeEvents);
    this.#decoder = decoder;
    this.#writer = writer;
  }

  /** Decodes one frame; what cannot be decoded is an error counted and said, and nothing more. */
  frame(frame: Buffer, streamOffset: number): boolean {
    let decoded: TypedEvent[];
    try {
      decoded = this.#decoder.decode(frame);
    } catch (error) {
      this.#context.faults.error('Failed deserializing frame.', {
        type: 'parser_failed',
        stage: 'processing',
        code: 'decoder_deserialize',
        fields: { error: error instanceof Error ? error.message : String(error) },
      });
      return false;
    }
    const now = this.#context.clock.now();
    for (const { type, event } of decoded) {
      if (type === 'log') this.#writer.enrich(event, now, streamOffset);
      this.#add(type, event);
    }
    return true;
  }

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** Whether there are events enough for a batch. */
  get isFull(): boolean {
    const { length } = this.#groups;
    return length > 1 || (length === 1 && this.#groups[0]!.events.length >= this.#eventsMax);
  }

  /** The batches gathered since the last call; the finalizer is asked for once each. */
  take(finalizer: () => Finalizer): DecodedBatch[] {
    const groups = this.#groups;
    this.#groups = [];
    return groups.map(({ type, events }) => decodedBatch(type, events, finalizer()));
  }

  #add(type: EventType, event: Event): void {
    let group = this.#groups.at(-1);
    if (!group || group.type !== type || group.events.length >= this.#eventsMax) {
      group = { type, events: [] };
      this.#groups.push(group);
    }
    group.events.push(event);
  }
}
