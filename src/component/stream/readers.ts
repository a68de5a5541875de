// The readers of all streams of one source.

import { Intake } from '../../engine/arena/intake.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter, Labels } from '../../telemetry/telemetry.ts';
import type { SourceContext } from '../context.ts';
import type { Output } from '../define.ts';
import { jsonLayout, textLayout } from '../source_fields.ts';
import { DecodingReader } from './decoding_reader.ts';
import { RawReader } from './raw_reader.ts';
import { identityOf } from './shared.ts';
import type { StreamCodec, StreamOptions, StreamReader } from './stream.ts';

/** What the streams of one source share. */
export class StreamReaders {
  readonly #context: SourceContext;
  readonly #codec: StreamCodec;
  readonly #intake: Intake;
  readonly #protocol: string;
  readonly #receivedLabels: Labels;
  /** For streams that are not counted elsewhere. */
  #received: Throughput | undefined;
  #receivedBytes: Counter | undefined;

  /**
   * @param protocol the label of `component_received_bytes_total`: `tcp`, `file`, `none`, …
   * @param receivedLabels what received events have beside it
   */
  constructor(context: SourceContext, codec: StreamCodec, protocol: string, receivedLabels: Labels = {}) {
    this.#context = context;
    this.#codec = codec;
    this.#intake = new Intake(context.arena, context.id);
    this.#protocol = protocol;
    this.#receivedLabels = receivedLabels;
  }

  /** A reader for one stream. */
  open(output: Output, options: StreamOptions): StreamReader {
    const shared = {
      context: this.#context,
      codec: this.#codec,
      intake: this.#intake,
      received: options.received ?? (this.#received ??= Throughput.received(this.#context, this.#receivedLabels)),
      receivedBytes: options.receivedBytes ?? this.#ownBytes(),
    };
    const { delimited, isJson } = this.#codec;
    const layout = (isJson ? jsonLayout : textLayout)(identityOf(this.#context), options.fields);
    return delimited && layout
      ? new RawReader(shared, delimited, layout, output, options)
      : new DecodingReader(shared, output, options);
  }

  #ownBytes(): Counter {
    this.#receivedBytes ??= this.#context.counter(componentReceivedBytes, { protocol: this.#protocol });
    return this.#receivedBytes;
  }

  /** Resolves when the arena has room again. */
  available(): Promise<void> {
    return this.#intake.available();
  }

  /**
   * An intake for one busy stream alone, which it closes when it is busy no more; undefined while slots are scarce, as
   * it holds one even when its stream falls silent.
   */
  ownIntake(): Intake | undefined {
    const { arena } = this.#context;
    return arena.freeSlots * 2 > arena.slotCount ? new Intake(arena, this.#context.id) : undefined;
  }

  /** Lets go of the slot that is being filled. */
  close(): void {
    this.#intake.close();
  }
}
