// GELF over datagrams: each push is one datagram, which holds a whole message or one of up to 128 chunks.
//
//   1e 0f │ message id (8) │ sequence number (1) │ number of chunks (1) │ payload
//
// Chunks come in any order; a message whose chunks are not all there in time is dropped. Messages may be compressed.
// Whatever a peer sends costs a counted discard: no datagram ends the stream.

import { latin1Text } from '../../std/bytes.ts';
import type { Clock, Timer } from '../../std/clock.ts';
import { type FrameContext, type FrameDecoder, frameLimit, type OnFrame, OVERSIZED } from './frame_decoder.ts';
import { inflateMessage, MessageError } from './inflate_message.ts';

export interface ChunkedGelf {
  readonly decompression: 'Auto' | 'Gzip' | 'None' | 'Zlib';
  /** Longest message in bytes as sent, chunk headers not counted. */
  readonly max_length?: number | undefined;
  readonly pending_messages_limit?: number | undefined;
  readonly timeout_secs: number;
}

const MAGIC_0 = 0x1e;
const MAGIC_1 = 0x0f;
const HEADER_BYTES = 12;
const CHUNKS_MAX = 128;

/** Messages that wait for chunks where the configuration sets no limit. */
const PENDING_MESSAGES_MAX = 1024;

/** Bytes of all chunks that wait. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;

const INCOMPLETE = 'Not all chunks of the message came in time.';
const BAD_HEADER = 'The header of a chunk is not valid.';
const TOO_MANY_PENDING = 'pending_messages_limit is reached.';

interface Pending {
  readonly chunks: (Buffer | undefined)[];
  readonly dueMs: number;
  missing: number;
  sizeBytes: number;
}

export class ChunkedGelfDecoder implements FrameDecoder {
  readonly #options: ChunkedGelf;
  readonly #context: FrameContext;
  readonly #clock: Clock;
  readonly #maxLength: number;
  /** `max_length` is about what is sent. */
  readonly #inflatedMax: number;
  readonly #pendingMax: number;
  /** By message id, oldest first: all wait equally long, so the first is the first to be dropped. */
  readonly #pending = new Map<string, Pending>();
  #pendingBytes = 0;
  #timer: Timer | undefined;

  constructor(options: ChunkedGelf, context: FrameContext) {
    this.#options = options;
    this.#context = context;
    this.#clock = context.clock;
    this.#maxLength = frameLimit(options.max_length, context);
    this.#inflatedMax = Math.max(this.#maxLength, frameLimit(undefined, context));
    this.#pendingMax = options.pending_messages_limit ?? PENDING_MESSAGES_MAX;
  }

  push(datagram: Buffer, onFrame: OnFrame): void {
    if (datagram.length === 0) return;
    const isChunk = datagram[0] === MAGIC_0 && datagram[1] === MAGIC_1;
    const message = isChunk ? this.#chunk(datagram) : datagram;
    if (message) this.#message(message, onFrame);
  }

  /** Nothing: the chunks of a message come in several datagrams, and each of those ends. */
  end(): void {}

  #message(message: Buffer, onFrame: OnFrame): void {
    try {
      if (message.length > this.#maxLength) throw new MessageError(OVERSIZED);
      onFrame(inflateMessage(message, this.#options.decompression, this.#inflatedMax));
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#context.onDiscard(error.message, message.length);
    }
  }

  /** Takes a chunk in; the whole message when it was the last one missing. */
  #chunk(datagram: Buffer): Buffer | undefined {
    const sequence = datagram[10] ?? 0;
    const total = datagram[11] ?? 0;
    const size = datagram.length - HEADER_BYTES;
    if (size < 0 || total === 0 || total > CHUNKS_MAX || sequence >= total) return this.#refuse(BAD_HEADER, datagram);
    const id = latin1Text(datagram, 2, 10);
    const known = this.#pending.get(id);
    if (known && known.chunks.length !== total) return this.#refuse(BAD_HEADER, datagram);
    // Networks may deliver a datagram twice.
    if (known?.chunks[sequence]) return undefined;
    if (!known && this.#pending.size >= this.#pendingMax) return this.#refuse(TOO_MANY_PENDING, datagram);
    if (this.#pendingBytes + size > PENDING_BYTES_MAX) return this.#refuse(TOO_MANY_PENDING, datagram);
    const pending = known ?? this.#begin(id, total);
    if (pending.sizeBytes + size > this.#maxLength) {
      this.#drop(id, pending);
      this.#context.onDiscard(OVERSIZED, pending.sizeBytes + size);
      return undefined;
    }
    pending.chunks[sequence] = copyOf(datagram);
    pending.missing -= 1;
    pending.sizeBytes += size;
    this.#pendingBytes += size;
    if (pending.missing > 0) return undefined;
    this.#drop(id, pending);
    return Buffer.concat(pending.chunks as Buffer[]);
  }

  #begin(id: string, total: number): Pending {
    const timeoutMs = this.#options.timeout_secs * 1000;
    const chunks = new Array<Buffer | undefined>(total).fill(undefined);
    const pending = { chunks, dueMs: this.#clock.monotonic() + timeoutMs, missing: total, sizeBytes: 0 };
    this.#pending.set(id, pending);
    this.#timer ??= this.#clock.after(timeoutMs, () => this.#expire());
    return pending;
  }

  #drop(id: string, pending: Pending): void {
    this.#pending.delete(id);
    this.#pendingBytes -= pending.sizeBytes;
    if (this.#pending.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const [id, pending] of this.#pending) {
      if (pending.dueMs > now) {
        this.#timer = this.#clock.after(pending.dueMs - now, () => this.#expire());
        return;
      }
      this.#drop(id, pending);
      this.#context.onDiscard(INCOMPLETE, pending.sizeBytes);
    }
  }

  #refuse(reason: string, datagram: Buffer): undefined {
    this.#context.onDiscard(reason, datagram.length);
  }
}

function copyOf(datagram: Buffer): Buffer {
  // Not from the shared pool: a slice of that would keep all of it.
  const copy = Buffer.allocUnsafeSlow(datagram.length - HEADER_BYTES);
  datagram.copy(copy, 0, HEADER_BYTES);
  return copy;
}
