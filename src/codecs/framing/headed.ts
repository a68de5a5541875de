// Frames that say their length in front: `length_delimited` and `varint_length_delimited`.

import { Carry } from './carry.ts';
import { type FrameContext, type FrameDecoder, FramingError, frameLimit, type OnFrame } from './frame_decoder.ts';

interface Head {
  /** Bytes in front of the frame. */
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** Reads the head that begins at `from`; undefined when it is not there to the end. */
type ReadHead = (bytes: Buffer, from: number) => Head | undefined;

export interface LengthDelimited {
  readonly length_field_is_big_endian: boolean;
  /** Bytes of the length, 1 to 8. */
  readonly length_field_length: number;
  /** Bytes in front of the length; they are not part of the frame. */
  readonly length_field_offset: number;
  readonly max_frame_length: number;
}

export function lengthDelimitedDecoder(options: LengthDelimited, context: FrameContext): FrameDecoder {
  const { length_field_offset: offset, length_field_length: size, length_field_is_big_endian: bigEndian } = options;
  const max = frameLimit(options.max_frame_length, context);
  const headBytes = offset + size;
  return new HeadedDecoder((bytes, from) => {
    if (bytes.length - from < headBytes) return undefined;
    let bodyBytes = 0;
    for (let i = 0; i < size; i++) {
      const at = from + offset + (bigEndian ? i : size - 1 - i);
      bodyBytes = bodyBytes * 256 + bytes[at]!;
    }
    return { headBytes, bodyBytes: withinLimit(bodyBytes, max) };
  });
}

/** Seven bits a byte, low ones first; 64 bits take ten bytes. */
const VARINT_BYTES_MAX = 10;

export function varintDelimitedDecoder(maxFrameLength: number, context: FrameContext): FrameDecoder {
  const max = frameLimit(maxFrameLength, context);
  return new HeadedDecoder((bytes, from) => {
    let bodyBytes = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = bytes[from + i];
      if (byte === undefined) return undefined;
      bodyBytes += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return { headBytes: i + 1, bodyBytes: withinLimit(bodyBytes, max) };
    }
    throw new FramingError(`the length of a frame takes more than ${VARINT_BYTES_MAX} bytes`);
  });
}

/** Without its length nobody can say where the frame behind an oversized one begins, so the stream ends there. */
function withinLimit(bodyBytes: number, max: number): number {
  if (bodyBytes <= max) return bodyBytes;
  throw new FramingError(`a frame of ${bodyBytes} bytes is larger than max_frame_length, which is ${max}`);
}

class HeadedDecoder implements FrameDecoder {
  readonly #readHead: ReadHead;
  readonly #carry = new Carry();
  /** The head of the partial frame in the carry, once it is there to the end. */
  #head: Head | undefined;

  constructor(readHead: ReadHead) {
    this.#readHead = readHead;
  }

  push(chunk: Buffer, onFrame: OnFrame): void {
    let at = this.#carry.length > 0 ? this.#complete(chunk, onFrame) : 0;
    while (at < chunk.length) {
      const head = this.#readHead(chunk, at);
      const start = at + (head?.headBytes ?? 0);
      if (!head || chunk.length - start < head.bodyBytes) {
        this.#head = head;
        this.#carry.append(chunk, at, chunk.length);
        return;
      }
      at = start + head.bodyBytes;
      onFrame(chunk.subarray(start, at));
    }
  }

  end(): void {
    const { length } = this.#carry;
    this.#carry.clear();
    this.#head = undefined;
    if (length > 0) throw new FramingError(`the stream ends inside a frame, ${length} bytes after its begin`);
  }

  /** Takes from `chunk` what the frame in the carry lacks, and says how much that was. */
  #complete(chunk: Buffer, onFrame: OnFrame): number {
    let at = 0;
    while (!this.#head && at < chunk.length) {
      // Byte by byte, as only the last byte of a head says that it is complete.
      this.#carry.append(chunk, at, at + 1);
      at += 1;
      this.#head = this.#readHead(this.#carry.bytes, 0);
    }
    if (!this.#head) return at;
    const { headBytes, bodyBytes } = this.#head;
    const missing = headBytes + bodyBytes - this.#carry.length;
    const end = Math.min(at + missing, chunk.length);
    this.#carry.append(chunk, at, end);
    if (end - at === missing) {
      onFrame(this.#carry.bytes.subarray(headBytes));
      this.#carry.clear();
      this.#head = undefined;
    }
    return end;
  }
}
