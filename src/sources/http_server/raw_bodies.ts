// Bodies whose frames are text and end in one byte: copied into a slot of the arena, they go on as they are.
//
//   body ─► room of the slot ─► body ─► … ─► end of the turn of the event loop ─► one batch ─► all their requests answered
//
// Small bodies share a batch where nobody asks what became of each: a slot, a frame table and a batch for every 10 KB
// would cost as much as receiving them. A body that must wait, or is large, waits in line with those after it.

import type { SourceContext } from '../../component/context.ts';
import type { Output } from '../../component/define.ts';
import type { ReceivedAt } from '../../component/received_by_path.ts';
import type { SourceField } from '../../component/source_fields.ts';
import { StreamReaders } from '../../component/stream/readers.ts';
import type { StreamCodec, StreamReader } from '../../component/stream/stream.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { Repeats } from '../../std/repeats.ts';
import type { Counter } from '../../telemetry/telemetry.ts';

/** A longer body goes through several rooms. */
const SMALL_BYTES = 65_536;

/** Combinations of fields (paths, and headers or parameters where these become fields) that have their reader kept. */
const READERS_MAX = 100;

/** Bytes are counted once per body, before they are copied. */
const UNCOUNTED: Counter = { add() {} };

export interface RawBody {
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  readonly fields: readonly SourceField[];
  readonly output: Output;
  /** Where somebody asks what became of it: each batch gets a hold. */
  readonly finalizer: Finalizer | undefined;
  readonly received: ReceivedAt;
}

interface Gathering {
  readonly reader: StreamReader;
  readonly room: Buffer;
  readonly finalizer: Finalizer | undefined;
  used: number;
  /** Called once the bodies are sent. */
  readonly sent: (() => void)[];
}

export class RawBodies {
  readonly #readers: StreamReaders;
  readonly #delimiter: number;
  readonly #kept = new Repeats<string, { readonly reader: StreamReader; readonly received: ReceivedAt }>(READERS_MAX);
  #gathering: Gathering | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** Set while the output wants us to wait. */
  #busy: Promise<void> | undefined;
  /** That of the body being sent. */
  #finalizer: Finalizer | undefined;

  constructor(context: SourceContext, codec: StreamCodec, delimiter: number) {
    this.#readers = new StreamReaders(context, codec, 'http');
    this.#delimiter = delimiter;
  }

  /** Takes a body when it is small and nothing has to wait, and calls `sent` when it went on. False: use `send`. */
  offer(body: RawBody, sent: () => void): boolean {
    if (body.bytes >= SMALL_BYTES) return false;
    if (body.bytes === 0) {
      sent();
      return true;
    }
    const reader = this.#readerOf(body);
    const before = this.#gathering;
    if (before && (before.reader !== reader || before.room.length - before.used <= body.bytes)) this.#flush();
    if (this.#busy) return false;
    const gathering = (this.#gathering ??= this.#gather(reader, body));
    if (!gathering) return false;
    for (const piece of body.pieces) gathering.used += piece.copy(gathering.room, gathering.used);
    if (gathering.room[gathering.used - 1] !== this.#delimiter) gathering.room[gathering.used++] = this.#delimiter;
    gathering.sent.push(sent);
    if (body.finalizer) this.#flush();
    else this.#immediate ??= setImmediate(() => this.#flush());
    return true;
  }

  /**
   * Takes a body of any size once that is possible, and calls `sent` when it went on; resolves when the next one may
   * come. One at a time, and nothing is offered meanwhile.
   */
  async send(body: RawBody, sent: () => void): Promise<void> {
    while (this.#busy) await this.#busy;
    if (this.offer(body, sent)) return;
    this.#flush();
    while (this.#busy) await this.#busy;
    this.#finalizer = body.finalizer;
    const reader = this.#readerOf(body);
    const from = { pieces: body.pieces, piece: 0, offset: 0 };
    let isDelimited = body.pieces.at(-1)?.at(-1) === this.#delimiter;
    while (from.piece < body.pieces.length) {
      const room = reader.room();
      if (!room) {
        await this.#readers.available();
        continue;
      }
      let count = copy(from, room);
      // With a delimiter behind the last frame too, all of them make one batch.
      if (from.piece === body.pieces.length && !isDelimited && count < room.length) {
        room[count++] = this.#delimiter;
        isDelimited = true;
      }
      await reader.filled(count);
    }
    await reader.end();
    this.#finalizer = undefined;
    sent();
  }

  /** Lets go of the slot that is being filled. */
  close(): void {
    this.#flush();
    this.#readers.close();
  }

  #gather(reader: StreamReader, { bytes, finalizer }: RawBody): Gathering | undefined {
    const room = reader.room();
    if (room && room.length > bytes) return { reader, room, finalizer, used: 0, sent: [] };
    if (room) reader.filled(0);
    return undefined;
  }

  /** Sends what was gathered. */
  #flush(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const gathering = this.#gathering;
    if (!gathering) return;
    this.#gathering = undefined;
    this.#finalizer = gathering.finalizer;
    const wait = gathering.reader.filled(gathering.used);
    const done = (): void => {
      this.#finalizer = undefined;
      for (const sent of gathering.sent) sent();
    };
    if (!wait) {
      done();
      return;
    }
    this.#busy = wait.then(() => {
      this.#busy = undefined;
      done();
    });
  }

  /** The reader for the fields of a body. */
  #readerOf({ fields, output, received }: RawBody): StreamReader {
    const key = keyOf(fields);
    const known = key === undefined ? undefined : this.#kept.get(key);
    if (known?.received === received) return known.reader;
    const reader = this.#readers.open(output, {
      fields,
      received: received.events,
      receivedBytes: UNCOUNTED,
      finalizer: () => this.#finalizer?.retain() ?? new Finalizer(),
    });
    if (key === undefined) return reader;
    this.#kept.add(key, { reader, received });
    return reader;
  }
}

/** Equal for equal fields; undefined for fields that are not worth comparing. */
function keyOf(fields: readonly SourceField[]): string | undefined {
  const [first] = fields;
  if (fields.length === 1 && typeof first!.value === 'string' && first!.value.length <= KEY_LENGTH_MAX)
    return first!.value;
  let key = '';
  for (const { name, value } of fields) {
    if (value !== null && typeof value !== 'string') return undefined;
    key += `${name.join('.')} ${value === null ? 'n' : `${value.length} ${value}`} `;
    if (key.length > KEY_LENGTH_MAX) return undefined;
  }
  return key;
}

const KEY_LENGTH_MAX = 4096;

interface Position {
  readonly pieces: readonly Buffer[];
  piece: number;
  offset: number;
}

/** Copies as much as `room` takes and moves on; the number of bytes. */
function copy(from: Position, room: Buffer): number {
  let count = 0;
  while (count < room.length && from.piece < from.pieces.length) {
    const piece = from.pieces[from.piece]!;
    const copied = piece.copy(room, count, from.offset);
    count += copied;
    from.offset += copied;
    if (from.offset < piece.length) break;
    from.piece += 1;
    from.offset = 0;
  }
  return count;
}
